"""NumPyro's NUTS, compiled by JAX for this machine in double precision."""

import time
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
import ppl_names
from numpyro.infer import NUTS, init_to_value

numpyro.enable_x64()


def supports(problem) -> bool:
    """Return whether it is worth the time."""
    return problem.n_rows <= 100_000


def _normal(name, mean=0.0, sd=10.0, **shape):
    return numpyro.sample(name, dist.Normal(mean, sd).expand(**shape) if shape else dist.Normal(mean, sd))


def _labels(mean, sd, y):
    numpyro.sample("labels", dist.Normal(mean, sd), obs=y)


def _line(x, y, y_err):
    _labels(_normal("a") + _normal("b") * x, y_err, y)


def _noisy_line(x, y, x_err, y_err):
    slope, scatter = _normal("b"), numpyro.sample("s", dist.HalfNormal(2))
    _labels(_normal("a") + slope * x, jnp.sqrt(y_err**2 + (slope * x_err) ** 2 + scatter**2), y)


def _plane(x, y, y_err):
    mean = _normal("a") + x @ _normal("w", batch_shape=x.shape[1:])
    _labels(mean, jnp.sqrt(y_err**2 + numpyro.sample("s", dist.HalfNormal(2)) ** 2), y)


def _logistic(x, y):
    odds = _normal("a", sd=2.5) + x @ _normal("w", sd=2.5, batch_shape=x.shape[1:])
    numpyro.sample("labels", dist.Bernoulli(logits=odds), obs=y)


def _outliers(x, y, y_err):
    share, centre, log_v = numpyro.sample("q", dist.Uniform(0, 1)), _normal("centre"), _normal("ln_v", 2, 1.5)
    good = dist.Normal(_normal("a") + _normal("b") * x, y_err).log_prob(y)
    bad = dist.Normal(centre, jnp.sqrt(jnp.exp(log_v) + y_err**2)).log_prob(y)
    numpyro.factor("labels", jnp.logaddexp(jnp.log1p(-share) + good, jnp.log(share) + bad).sum())


def _peak(x, y, y_err):
    distance = (x - _normal("centre", 5, 1)) / jnp.exp(_normal("ln_width", 0, 0.5))
    _labels(_normal("height") * jnp.exp(-0.5 * distance**2) + _normal("level") + _normal("slope") * x, y_err, y)


MODELS = {
    "line": _line,
    "noisy line": _noisy_line,
    "plane": _plane,
    "logistic": _logistic,
    "outliers": _outliers,
    "peak": _peak,
}


def run(problem, seed, settings) -> dict:
    """Return draws and what they cost: four chains, one after the other.

    `numpyro.infer.MCMC` compiles its loop whenever it runs, which takes several seconds; here the loop is compiled once
    for all chains, and apart from sampling, so that neither hides the other.
    """
    columns = {name: jnp.asarray(column) for name, column in problem.columns.items()}
    kernel = NUTS(MODELS[problem.kind], init_strategy=init_to_value(values=ppl_names.start(problem)))
    tune, draws = 400, 500 if problem.n_rows <= 1000 else 250

    def step(state, _):
        state = kernel.sample(state, (), columns)
        return state, (state.z, state.num_steps)

    states = [kernel.init(key, tune, None, (), columns) for key in jax.random.split(jax.random.PRNGKey(seed), 4)]
    chain = jax.jit(partial(jax.lax.scan, step, length=tune + draws)).lower(states[0], None).compile()
    begun = time.process_time()
    chains = jax.block_until_ready([chain(state, None)[1] for state in states])
    spent = time.process_time() - begun
    z, n_steps = jax.tree.map(lambda *each: jnp.stack(each), *chains)
    named = jax.vmap(jax.vmap(kernel.postprocess_fn((), columns)))({name: each[:, tune:] for name, each in z.items()})
    gradients, kept = float(n_steps.sum()), float(n_steps[:, tune:].sum())
    return {
        "chain": ppl_names.coordinates(problem, {name: np.asarray(each) for name, each in named.items()}),
        "sampling": spent * kept / gradients,
        "evaluations": kept,
        "converged": True,
        "ensemble": False,
    }
