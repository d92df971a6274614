#!/usr/bin/env python3
"""Checks what a run says about theory and experiment.

usage: check_theory.py RUN bounded CLOSURE LIMIT     every snapshot's ratio to the sampling floor of CLOSURE <= LIMIT
       check_theory.py RUN best CLOSURE FACTOR       CLOSURE's median ratio is smaller than every other's by FACTOR
       check_theory.py RUN collapsed CLOSURE FACTOR  CLOSURE's last standard deviation is below the ensemble's by FACTOR
       check_theory.py RUN wider CLOSURE OTHER FACTOR  CLOSURE's last standard deviation is above OTHER's by FACTOR
       check_theory.py RUN agree CLOSURE OTHER PART  means and standard deviations of both agree at every snapshot to PART of a
                                                     standard deviation
       check_theory.py RUN alike CLOSURE PART        CLOSURE's means and standard deviations are the same in all points of the run
                                                     to PART of a standard deviation, and there are several
       check_theory.py RUN minority CLOSURE W        CLOSURE's last density has the ensemble's share of weights below W (to 4
                                                     standard errors), and there is one
       check_theory.py RUN sound                     mass to 1e-12, no negative density, walls untouched, nothing failed"""
import glob
import sys

import h5py
import numpy


def text(values):
    return [v.decode() if isinstance(v, bytes) else str(v) for v in values]


def ratios(file, closure):
    i = text(file["closure"][()]).index(closure)
    return file["weights_wasserstein1"][i] / file["weights_wasserstein1_floor"][i]


def bounded(file, closure, limit):
    worst = numpy.max(ratios(file, closure))
    return worst <= limit, f"{closure}: largest ratio {worst:.2f}, limit {limit}"


def best(file, closure, factor):
    medians = {name: float(numpy.median(ratios(file, name))) for name in text(file["closure"][()])}
    others = min(value for name, value in medians.items() if name != closure)
    return medians[closure] * factor <= others, f"median ratios {medians}"


def collapsed(file, closure, factor):
    i = text(file["closure"][()]).index(closure)
    theory, ensemble = file["theory_std"][i, -1, 0], file["ensemble_std"][-1, 0]
    return theory * factor <= ensemble, f"{closure}: last std {theory:.4f}, ensemble {ensemble:.4f}"


def deviations(file, closure):
    return file["theory_std"][text(file["closure"][()]).index(closure)]


def wider(file, closure, other, factor):
    own, others = (float(deviations(file, name)[-1, 0]) for name in (closure, other))
    return own >= factor * others, f"last std of {closure} {own:.4f}, of {other} {others:.4f}"


def agree(file, closure, other, part):
    own, others = deviations(file, closure), deviations(file, other)
    means = [file["theory_mean"][text(file["closure"][()]).index(name)] for name in (closure, other)]
    worst = max(numpy.max(abs(own - others) / own), numpy.max(abs(means[0] - means[1]) / own))
    return worst <= part, f"{closure} and {other} differ by {worst:.1e} standard deviations, allowed {part:g}"


def alike(files, closure, part):
    laws = []
    for file in files:
        i = text(file["closure"][()]).index(closure)
        laws.append((file["theory_mean"][i], file["theory_std"][i]))
    worst = max((numpy.max(abs(one[k] - laws[0][k]) / laws[0][1]) for one in laws for k in (0, 1)), default=0)
    return len(files) > 1 and worst <= part, f"{len(files)} points differ by {worst:.1e} standard deviations, allowed {part:g}"


def minority(file, closure, w):
    i = text(file["closure"][()]).index(closure)
    masses = file["density"][i, -1] / file["density"][i, -1].sum()
    theory = float(masses[file["w1_centre"][i, -1] < w].sum())
    weights = file["weights"][-1, :, 0]
    share = float((weights < w).mean())
    error = (max(share, 1e-9) / len(weights)) ** 0.5
    return share > 0 and abs(theory - share) <= 4 * error, f"{closure}: mass below {w}: {theory:.5f}, ensemble {share:.5f}"


def sound(file):
    mass = float(numpy.max(file["max_mass_error"][()]))
    lowest = float(numpy.nanmin(file["density"][()]))
    wall = float(numpy.max(file["max_wall_mass"][()]))
    states = text(file["closure_status"][()])
    good = mass <= 1e-12 and lowest >= 0 and wall <= 1e-6 and all(s == "ok" for s in states)
    return good, f"mass error {mass:.1e}, smallest density {lowest:.1e}, wall mass {wall:.1e}, closures {states}"


def main():
    run, check, rest = sys.argv[1], sys.argv[2], sys.argv[3:]
    checks = {"bounded": bounded, "best": best, "collapsed": collapsed, "minority": minority, "sound": sound, "wider": wider,
              "agree": agree}
    arguments = [*rest[:-1], float(rest[-1])] if rest else []
    files = sorted(glob.glob(f"{run}/points/*.h5"))
    failed = 0 if files else 1
    if check == "alike":
        good, message = alike([h5py.File(path) for path in files], *arguments)
        print(("ok      " if good else "FAILED  ") + message)
        return 0 if good else 1
    for path in files:
        with h5py.File(path) as file:
            good, message = checks[check](file, *arguments)
        print(("ok      " if good else "FAILED  ") + message)
        failed += not good
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
