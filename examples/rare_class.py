"""A rare class needs no oversampling and no class weights: the likelihood knows how rare it is.

Run it: python examples/rare_class.py.  The comparison needs scikit-learn.
"""

import numpy as np

import bayesfit as bf

SHARE, FEATURES = 0.03, ["colour", "size"]
#: a missed object is as bad as ten false alarms
UTILITY = {"common": {"common": 0, "rare": -10}, "rare": {"common": -1, "rare": 0}}


def simulate(rng: np.random.Generator, n_rows: int) -> bf.Data:
    """Return two overlapping classes, one of them rare."""
    rare = rng.uniform(size=n_rows) < SHARE
    x = rng.normal(size=(n_rows, 2)) + np.outer(rare, [1.6, 1.2])
    return bf.Data(x, np.where(rare, "rare", "common"), names=FEATURES)


def weighted(train: bf.Data, test: bf.Data) -> np.ndarray | None:
    """Return the probabilities by logistic regression with balanced class weights."""
    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError:
        print("no scikit-learn here: pip install 'bayesfit-toolkit[sklearn]' to see the comparison")
        return None
    return LogisticRegression(class_weight="balanced").fit(train.x, train.y.astype(str)).predict_proba(test.x)[:, 1]


def show(name: str, probability: np.ndarray, taken: np.ndarray, rare: np.ndarray) -> None:
    """Print a line: objects expected and found, false alarms, and what it all costs."""
    false_alarms, missed = int((taken & ~rare).sum()), int((~taken & rare).sum())
    cost = false_alarms + 10 * missed
    print(f"{name:22s} {probability.sum():9.0f} {int((taken & rare).sum()):6d} {false_alarms:13d} {cost:6d}")


def main(n_rows: int = 1500) -> None:
    """Fit, and compare on new rows."""
    rng = np.random.default_rng(1)
    train, test = simulate(rng, n_rows), simulate(rng, 4 * n_rows)
    rare = test.y == "rare"
    posterior = bf.Model(bf.predictors.Linear(), bf.likelihoods.Bernoulli()).fit(train, seed=1, progress=False)
    print(f"{rare.sum()} of {len(test)} new objects are rare\n")
    print(f"{'':22s} {'expected':>9s} {'found':>6s} {'false alarms':>13s} {'cost':>6s}")
    decision = bf.metrics.decide(posterior, test.x, UTILITY)
    show("posterior and utility", posterior.predict_proba(test.x)[:, 1], decision.actions == "rare", rare)
    balanced = weighted(train, test)
    if balanced is not None:
        show("balanced weights", balanced, balanced > 0.5, rare)
    found = bf.metrics.classification(posterior, test, threshold=1 / 11)
    low, high = np.quantile(found["recall"], [0.05, 0.95])
    print(f"\nrecall {found.attrs['recall']:.2f}, between {low:.2f} and {high:.2f} with probability 0.9")


if __name__ == "__main__":
    main()
