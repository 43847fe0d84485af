"""Hashes by which models are told apart, the code of a user's functions included."""

import hashlib

from bayesfit.specification import exact_text

__all__ = ["digest", "model_fingerprint"]


def model_fingerprint(model) -> str:
    """Return the hash of a model's specification, the code of a user's functions included."""
    return digest(f"{exact_text(model)} {_code(model)}")


def digest(text: str) -> str:
    """Return the hash of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _code(model):
    """Return the compiled code of a user's functions: another body under the same name is another model."""
    predictor = getattr(model, "predictor", None)
    functions = (getattr(predictor, "f", None), *getattr(predictor, "functions", ()))
    codes = [getattr(function, "__code__", None) for function in functions]
    return " ".join(map(_code_text, filter(None, codes)))


def _code_text(code):
    constants = [c for c in code.co_consts if not hasattr(c, "co_code")]
    return f"{code.co_code!r} {code.co_names!r} {constants!r}"
