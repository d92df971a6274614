#!/usr/bin/python3
"""Repeats the trainings that `training_cases` prints with PyTorch, double precision, and compares the final weights.

usage: check_training.py PATH_OF_TRAINING_CASES        exit status: 0 they agree, 1 they do not, 77 no PyTorch
"""
import json
import subprocess
import sys

try:
    import torch
except ImportError:
    print("PyTorch is not installed (Debian: python3-torch)")
    sys.exit(77)

TOLERANCE = 1e-9  # of the largest weight; the issue's own bound for gradients is 1e-6

ACTIVATIONS = {
    "linear": lambda z: z,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "gelu": lambda z: torch.nn.functional.gelu(z, approximate="tanh"),
    "sigmoid": torch.sigmoid,
}


def unpack(case):
    """Weights and biases of every layer from driftwood's parameter vector; a tied decoder's weights are None."""
    weights, biases, at = [], [], 0
    widths = [int(n) for n in case["widths"]]
    row = torch.tensor(case["start"], dtype=torch.float64)
    n_layers = len(widths) - 1
    for layer in range(1, n_layers + 1):
        n_in, n_out = widths[layer - 1], widths[layer]
        weight = row[at:at + n_in * n_out].reshape(n_out, n_in).clone().requires_grad_()
        at += n_in * n_out
        is_copy = case["tied"] and layer > n_layers + 1 - layer
        weights.append(None if is_copy else weight)
        if case["biases"]:
            biases.append(row[at:at + n_out].clone().requires_grad_())
            at += n_out
    return weights, biases


def full_weights(weights):
    n = len(weights)
    return [weights[n - 1 - k].t() if w is None else w for k, w in enumerate(weights)]


def forward(case, weights, biases, x):
    phi = ACTIVATIONS[case["activation"]]
    every = full_weights(weights)
    for k, weight in enumerate(every):
        x = x @ weight.t() + (biases[k] if biases else 0)
        if k + 1 < len(every):
            x = phi(x)
    return x


def optimiser(case, parameters):
    rate, decay = case["learning_rate"], case["weight_decay"]
    if case["rule"] == "sgd":
        return torch.optim.SGD(parameters, lr=rate, weight_decay=decay)
    if case["rule"] == "momentum":
        return torch.optim.SGD(parameters, lr=rate, momentum=case["momentum"], weight_decay=decay)
    if case["rule"] == "rmsprop":
        return torch.optim.RMSprop(parameters, lr=rate, alpha=case["square_decay"], eps=case["epsilon"],
                                   weight_decay=decay)
    return torch.optim.Adam(parameters, lr=rate, betas=(case["momentum"], case["square_decay"]), eps=case["epsilon"],
                            weight_decay=decay)


def trained(case):
    weights, biases = unpack(case)
    data = torch.tensor(case["data"], dtype=torch.float64).reshape(-1, int(case["widths"][0]))
    rule = optimiser(case, [w for w in weights if w is not None] + biases)
    batches = torch.tensor(case["batches"], dtype=torch.int64).reshape(int(case["steps"]), -1)
    for batch in batches:
        x = data[batch]
        rule.zero_grad()
        loss = 0.5 * ((forward(case, weights, biases, x) - x) ** 2).sum(1).mean()
        loss.backward()
        rule.step()
    parts = []
    for k, weight in enumerate(full_weights(weights)):
        parts.append(weight.detach().reshape(-1))
        if biases:
            parts.append(biases[k].detach())
    return torch.cat(parts)


def main():
    torch.set_num_threads(1)
    lines = subprocess.run([sys.argv[1]], check=True, capture_output=True, text=True).stdout.splitlines()
    worst, failures = 0.0, 0
    for line in lines:
        case = json.loads(line)
        end = torch.tensor(case["end"], dtype=torch.float64)
        moved = (end - torch.tensor(case["start"], dtype=torch.float64)).abs().max().item()
        error = (trained(case) - end).abs().max().item() / end.abs().max().item()
        worst = max(worst, error)
        if not error < TOLERANCE or not moved > 1e-3:
            failures += 1
            print(f"{case['widths']} {case['activation']} {case['rule']} biases {case['biases']} tied {case['tied']}: "
                  f"relative difference {error:.2e}, the weights moved by {moved:.2e}")
    print(f"{len(lines)} trainings, {failures} differ; largest relative difference {worst:.2e}")
    return 1 if failures or not lines else 0


if __name__ == "__main__":
    sys.exit(main())
