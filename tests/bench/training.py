#!/usr/bin/python3
"""Replica-steps per second of driftwood and of the ways to do the same with NumPy and PyTorch, one core, in one run.

usage: training.py BENCH_TRAINING [--nets ABCD] [--rounds N] [--seconds S]

BENCH_TRAINING is the executable of tests/bench (build/release/tests/bench/bench_training). Every replica draws its own
minibatch with replacement from 1024 samples at every step, and the gather is part of the time. A round runs driftwood, then
each peer; the best of the rounds counts, and only ratios within one run mean anything. PyTorch is left out where it is
not installed. driftwood trains 64 replicas; then one alone (R = 1), and 64 with Langevin noise, whose speed is given relative to that
without. The last columns are multiply-adds per second (two operations each) as a fraction of the core's peak, and that peak,
measured by the same executable.
"""
import argparse
import os
import subprocess
import sys
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy  # noqa: E402  (after the number of threads)

try:
    import torch

    torch.set_num_threads(1)
except ImportError:
    torch = None

N_SAMPLES, RATE = 1024, 0.01
NETS = {
    "A": ([4, 1, 1, 4], False, 8, False),
    "B": ([8, 2, 2, 8], True, 16, False),
    "C": ([16, 8, 2, 2, 8, 16], True, 32, False),
    "D": ([64, 32, 2, 2, 32, 64], True, 64, True),
}
REPLICAS = {"A": (1024, 8192), "B": (512, 4096), "C": (128, 1024), "D": (16, 64)}  # the peers' best sizes


def multiply_adds(net):
    """Of one step of one replica: forward, backward, gradient."""
    widths, _, batch, _ = NETS[net]
    products = [a * b for a, b in zip(widths, widths[1:])]
    return batch * (2 * sum(products) + sum(products[1:]))


class NumpyTrainer:
    """Stacked weights, matmul over (replica, sample, unit), backward by hand."""

    def __init__(self, net, dtype, replicas):
        self.widths, self.tanh, self.batch, has_bias = NETS[net]
        self.replicas, self.scale = replicas, dtype(RATE / self.batch)
        self.random = numpy.random.Generator(numpy.random.Philox(1))
        self.data = (0.5 * self.random.standard_normal((N_SAMPLES, self.widths[0]))).astype(dtype)
        pairs = list(zip(self.widths, self.widths[1:]))
        self.weights = [(self.random.standard_normal((replicas, a, b)) / a**0.5).astype(dtype) for a, b in pairs]
        self.biases = [numpy.zeros((replicas, 1, b), dtype) for _, b in pairs] if has_bias else None

    def step(self):
        x = self.data[self.random.integers(0, N_SAMPLES, (self.replicas, self.batch))]
        values = [x]
        for k, weight in enumerate(self.weights):
            z = numpy.matmul(values[-1], weight)
            if self.biases:
                z += self.biases[k]
            if self.tanh and k + 1 < len(self.weights):
                numpy.tanh(z, out=z)
            values.append(z)
        delta = values[-1] - x
        for k in reversed(range(len(self.weights))):
            below = numpy.matmul(delta, self.weights[k].transpose(0, 2, 1)) if k else None
            self.weights[k] -= self.scale * numpy.matmul(values[k].transpose(0, 2, 1), delta)
            if self.biases:
                self.biases[k] -= self.scale * delta.sum(1, keepdims=True)
            if k:
                delta = below * (1 - values[k] * values[k]) if self.tanh else below


class TorchTrainer:
    """Stacked weights, bmm, backward by hand, updates in place: the fastest way that PyTorch has."""

    def __init__(self, net, dtype, replicas):
        self.widths, self.tanh, self.batch, has_bias = NETS[net]
        self.replicas = replicas
        kind = torch.float32 if dtype == numpy.float32 else torch.float64
        self.data = 0.5 * torch.randn(N_SAMPLES, self.widths[0], dtype=kind)
        pairs = list(zip(self.widths, self.widths[1:]))
        self.weights = [torch.randn(replicas, a, b, dtype=kind) / a**0.5 for a, b in pairs]
        self.biases = [torch.zeros(replicas, 1, b, dtype=kind) for _, b in pairs] if has_bias else None
        self.one = torch.ones((), dtype=kind)

    def step(self):
        with torch.no_grad():
            self.step_without_graph()

    def step_without_graph(self):
        x = self.data[torch.randint(N_SAMPLES, (self.replicas, self.batch))]
        values = [x]
        for k, weight in enumerate(self.weights):
            last = values[-1]
            z = torch.baddbmm(self.biases[k], last, weight) if self.biases else torch.bmm(last, weight)
            values.append(torch.tanh_(z) if self.tanh and k + 1 < len(self.weights) else z)
        delta = values[-1].sub_(x)
        for k in reversed(range(len(self.weights))):
            below = torch.bmm(delta, self.weights[k].transpose(1, 2)) if k else None
            self.weights[k].add_(torch.bmm(values[k].transpose(1, 2), delta), alpha=-RATE / self.batch)
            if self.biases:
                self.biases[k].sub_(delta.sum(1, keepdim=True), alpha=RATE / self.batch)
            if k:
                slope = torch.addcmul(self.one, values[k], values[k], value=-1) if self.tanh else 1
                delta = below.mul_(slope)


def peer_rate(trainer, seconds):
    """Best replica-steps per processor second of chunks of about 30 ms."""
    trainer.step()
    start = time.process_time()
    trainer.step()
    n = max(1, int(0.03 / max(time.process_time() - start, 1e-6)))
    best, spent = 1e300, 0.0
    while spent < seconds:
        start = time.process_time()
        for _ in range(n):
            trainer.step()
        taken = time.process_time() - start
        best, spent = min(best, taken / n), spent + taken
    return trainer.replicas / best


def own_rate(executable, *arguments):
    words = [executable, *map(str, arguments)]
    return float(subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("executable")
    parser.add_argument("--nets", default="ABCD")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.3)
    arguments = parser.parse_args()
    peers = {"NumPy": NumpyTrainer}
    if torch:
        peers["PyTorch"] = TorchTrainer
    print(f"{'net':9}{'driftwood':>11}" + "".join(f"{name:>11}{'ratio':>8}" for name in peers)
          + f"{'R = 1':>11}{'noise':>8}{'of peak':>9}{'GFLOP/s':>9}")
    for precision, dtype in (("double", numpy.float64), ("float", numpy.float32)):
        for net in arguments.nets:
            print(f"{net} {precision:7}" + measured(arguments, net, precision, dtype, peers), flush=True)
    return 0


def measured(arguments, net, precision, dtype, peers):
    """One line of the table."""
    best = {}

    def note(name, rate):
        best[name] = max(best.get(name, 0.0), rate)

    def own(name, replicas, *more):
        note(name, own_rate(arguments.executable, net, precision, replicas, arguments.seconds, *more))

    for _ in range(arguments.rounds):
        note("peak", own_rate(arguments.executable, "peak", precision))
        own("own", 64)
        own("alone", 1)
        own("noisy", 64, "fastest", "automatic", 0.001)
        for name, trainer in peers.items():
            for replicas in REPLICAS[net]:
                note(name, peer_rate(trainer(net, dtype, replicas), arguments.seconds))
    return (f"{best['own']:11.3g}" + "".join(f"{best[name]:11.3g}{best['own'] / best[name]:8.1f}" for name in peers)
            + f"{best['alone']:11.3g}{best['noisy'] / best['own']:8.2f}"
            + f"{2 * multiply_adds(net) * best['own'] / best['peak']:9.2f}{best['peak'] / 1e9:9.0f}")


if __name__ == "__main__":
    sys.exit(main())
