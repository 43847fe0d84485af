"""Bayesian modelling for people who measure things.

>>> import bayesfit as bf
>>> data = bf.Data([0.0, 1.0, 2.0, 3.0], [0.9, 3.2, 5.1, 6.8], y_err=0.2)
>>> model = bf.Model(bf.predictors.Linear(), bf.likelihoods.Gaussian())
>>> posterior = model.fit(data, seed=1, progress=False)
>>> posterior.diagnostics.converged
True
"""

from importlib import import_module
from importlib.metadata import version

__version__ = version("bayesfit-toolkit")

# Names are loaded when first used: `import bayesfit` alone costs next to nothing.
_HOME = {
    "BayesfitError": "errors",
    "BayesfitWarning": "errors",
    "ClassModel": "models",
    "ComparisonError": "errors",
    "Data": "data",
    "DataError": "errors",
    "MixtureModel": "models",
    "Model": "models",
    "ModelError": "errors",
    "Posterior": "posterior",
    "PriorError": "errors",
    "ResultFileError": "errors",
    "SamplingError": "errors",
    "compare": "comparison",
    "cross_validate": "cross_validation",
    "fit_many": "catalog",
    "load": "storage",
    "report": "reports",
    "select": "selection",
}
_MODULES = ("datasets", "likelihoods", "metrics", "plots", "populations", "predictors", "priors", "sampling")

# not in __all__, since it needs an extra: scikit-learn
_OPTIONAL = ("estimators",)

__all__ = sorted([*_HOME, *_MODULES])


def __getattr__(name):
    if name in _HOME:
        value = getattr(import_module(f"bayesfit.{_HOME[name]}"), name)
    elif name in _MODULES or name in _OPTIONAL:
        value = import_module(f"bayesfit.{name}")
    else:
        raise AttributeError(f"module 'bayesfit' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__():
    return [*globals(), *__all__]
