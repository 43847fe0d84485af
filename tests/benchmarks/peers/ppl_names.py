"""What probabilistic programs call the problems' parameters: scatter, shares and slopes by names of their own."""

import numpy as np


def start(problem) -> dict:
    """Return the user's guess by the model's own names."""
    by_name = dict(zip(problem.names, problem.start, strict=True))
    guess = {name: value for name, value in by_name.items() if name in ("a", "b", "centre", "ln_v")}
    if problem.kind == "peak":
        guess = by_name
    if any(name == "b0" for name in problem.names):
        guess["w"] = np.array([by_name[name] for name in problem.names if name[0] == "b"])
    if "ln_s" in by_name:
        guess["s"] = float(np.exp(by_name["ln_s"]))
    if "logit_q" in by_name:
        guess["q"] = float(1 / (1 + np.exp(-by_name["logit_q"])))
    return guess


def coordinates(problem, draws) -> np.ndarray:
    """Return the problem's coordinates (chain, draw, d) of draws by the model's names."""
    columns = []
    for name in problem.names:
        if name == "ln_s":
            columns.append(np.log(draws["s"]))
        elif name == "logit_q":
            share = draws["q"]
            columns.append(np.log(share) - np.log1p(-share))
        elif name[0] == "b" and name[1:].isdigit():
            columns.append(draws["w"][..., int(name[1:])])
        else:
            columns.append(draws[name])
    return np.stack(columns, axis=-1)
