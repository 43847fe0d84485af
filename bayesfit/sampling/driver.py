"""The course of a run: search, adapt, settle, keep until the stopping rule is content."""

import time

import numpy as np

from bayesfit.diagnostics import Diagnostics, Estimates, judge
from bayesfit.errors import SamplingError
from bayesfit.sampling import stopping
from bayesfit.sampling.adaptation import Adapted, adapt, relearn, settle, warm_up
from bayesfit.sampling.bar import Bar
from bayesfit.sampling.checkpoint import Checkpoint
from bayesfit.sampling.course import Block, Course
from bayesfit.sampling.crosscheck import DRAWS, doubt
from bayesfit.sampling.edges import cost, restless
from bayesfit.sampling.given import given_start
from bayesfit.sampling.run import Run, completed
from bayesfit.sampling.start import scatter, search
from bayesfit.sampling.walk import Position
from bayesfit.sampling.witness import DRAWS as WITNESSED
from bayesfit.sampling.witness import confirmed
from bayesfit.sampling.workers import Workers

__all__ = ["drive"]


def drive(settings, target, *, seed=None, progress=True, checkpoint=None, executor=None) -> Run:
    """Sample ``target`` as `Ensemble.run` describes."""
    clock = time.perf_counter(), time.process_time()
    settings.check_dimension(target.n_walked)
    seed = _checked_seed(seed)
    workers = Workers(target, executor)
    store = Checkpoint(checkpoint, settings, target) if checkpoint is not None else None
    course = store.load(seed) if store else None
    interrupted = False
    with Bar(progress) as bar:
        if course is None:
            course = _begin(settings, workers.density, workers, np.random.SeedSequence(seed), bar)
        elif course.confirmed and course.plan is not None and not course.finished:
            workers.stand_in(course.plan.proposal)
        try:
            diagnostics, chains = _go_on(settings, workers.density, workers, course, bar, store)
        except KeyboardInterrupt:
            if not course.blocks:
                raise
            estimates = _estimates(target, course)
            interrupted, chains = True, estimates.chains
            diagnostics = _judged(course, estimates).with_message("The run was interrupted: what is here is partial.")
    if course.unseen:
        # however long the chains are: no reason to make them longer
        diagnostics = diagnostics.with_message(course.unseen)
    if store:
        store.save(course)
    kept = course.joined()
    return Run(
        z=kept.z,
        chains=chains,
        log_density=kept.log_density,
        acceptance=kept.accepted / course.n_steps,
        burn_in=course.burn_in,
        n_evaluations=course.n_evaluations,
        seed=course.entropy,
        diagnostics=diagnostics,
        searched=course.sentence,
        thin=course.thin,
        interrupted=interrupted,
        seconds={"wall": time.perf_counter() - clock[0], "cpu": time.process_time() - clock[1]},
        settings=settings.described(),
        faults=workers.faults,
    )


def _checked_seed(seed):
    if seed is None:
        return None
    if isinstance(seed, bool | np.bool_) or not isinstance(seed, int | np.integer) or seed < 0:
        raise SamplingError(f"seed={seed!r} is not a non-negative whole number")
    return int(seed)


def _begin(settings, target, workers, sequence, bar) -> Course:
    """Search, start, and burn in."""
    search_seed, fit_seed, *streams = sequence.spawn(2 + settings.n_ensembles)
    n_walkers = settings.walkers(target.n_walked)
    found, coords, log_prob, cost = _starts(settings, target, n_walkers, np.random.default_rng(search_seed))
    states = [np.random.RandomState(np.random.MT19937(stream)).get_state() for stream in streams]
    positions = [Position(*each) for each in zip(coords, log_prob, states, strict=True)]
    bar.say("burn-in")
    adapted = _burn_in(settings, workers, positions, found, np.random.default_rng(fit_seed))
    bar.advance(adapted.n_steps)
    return Course(
        entropy=int(sequence.entropy),
        sentence=found.sentence,
        plan=adapted.plan,
        positions=tuple(adapted.positions),
        burn_in=adapted.n_steps,
        n_evaluations=cost + workers.n_evaluations,
        confirmed=adapted.confirmed,
        covered=adapted.covered,
        unseen=found.unseen,
    )


def _burn_in(settings, workers, positions, found, rng) -> Adapted:
    """Let walkers forget where they started, and learn which moves to make where there is something to learn."""
    # at least half of the steps are kept, or there would be nothing to judge
    most = settings.longest // 2
    if settings.moves is not None:
        return warm_up(workers, positions, settings.moves, settings.burn_in, most)
    if settings.burn_in is None and not found.given:
        proposal = confirmed(workers.density, found.modes, rng)
        workers.n_evaluations += WITNESSED
        if proposal is not None:
            workers.stand_in(proposal)
            return settle(workers, positions, proposal, found.modes, most)
    return adapt(workers, positions, found.modes, rng, settings.burn_in, most, given=found.given)


def _starts(settings, target, n_walkers, rng):
    """Return the search, walkers (E, W, d), their log densities, and the evaluations spent."""
    if settings.start is None:
        found = search(target, rng)
    else:
        z = given_start(target, settings.start, settings.n_ensembles, n_walkers)
        found = search(target, rng, z if z.ndim == 2 else z.reshape(-1, z.shape[-1])[:: max(1, z[..., 0].size // 4)])
        if z.ndim == 3:
            sentence = "Walkers started where start= said; no other modes were searched for."
            log_prob = target.log_density(z.reshape(-1, z.shape[-1])).reshape(z.shape[:2])
            return found.described(sentence, given=True), z, log_prob, found.n_evaluations + log_prob.size
        found = found.described("Walkers started around the maximum near start=; no other modes were searched for.")
    coords, log_prob, n_evaluations = scatter(target, found, rng, settings.n_ensembles, n_walkers)
    return found, coords, log_prob, found.n_evaluations + n_evaluations


def _go_on(settings, target, workers, course, bar, store) -> tuple[Diagnostics, np.ndarray]:
    """Keep steps until there are enough or no more are allowed; return the last verdict, and on what."""
    bar.say("sampling")
    if course.finished:
        # a finished run that is read back evaluates nothing
        estimates = _estimates(target, course)
        return _complained(settings, _judged(course, estimates)), estimates.chains
    while True:
        # a verdict that is due comes before anything else, so that a resumed run takes the same turns
        if course.n_steps >= _end(settings, course):
            estimates = _estimates(target, course)
            course.n_due = stopping.next_check(course.n_steps, estimates, course.is_witnessed)
            bar.judge(estimates)
            none_left = course.n_steps >= _most(settings, course)
            if none_left or not stopping.too_early(course.n_steps, estimates, course.is_witnessed, course.n_restarts):
                diagnostics = _verdict(target, course, estimates)
                course.finished = none_left or stopping.enough(diagnostics, settings.target_ess)
                if course.finished:
                    return _complained(settings, diagnostics), estimates.chains
                if _relearns(settings, course, diagnostics, estimates):
                    # what did not converge is no longer confirmed; a run that is resumed after this has no polynomial
                    workers.stand_in(None)
                    relearn(workers, course)
        n_steps = stopping.next_round(course.n_steps, _end(settings, course))
        moves = course.plan if course.plan is not None else settings.moves
        cost = workers.n_evaluations
        block = Block.of(workers.advance(course.now, moves, n_steps))
        course.keep(block, workers.n_evaluations - cost, len(target.names))
        bar.advance(n_steps)
        if store:
            store.save_if_due(course)


def _complained(settings, diagnostics) -> Diagnostics:
    """Add that the samples asked for were not reached, where a number of samples is what was asked for."""
    name, n = min(diagnostics.ess.items(), key=lambda item: item[1])
    if settings.steps is not None or not n < settings.target_ess:
        return diagnostics
    return diagnostics.with_message(
        f"{name} has {n:.0f} effective samples of the {settings.target_ess} asked for: raise max_steps."
    )


def _most(settings, course) -> int:
    """Return the kept steps beyond which nothing is allowed."""
    return settings.longest - course.burn_in if settings.steps is None else settings.steps


def _end(settings, course) -> int:
    """Return the kept steps at which the next verdict comes: those asked for, or when one is due or none are left."""
    most, first = _most(settings, course), stopping.FIRST_CHECK[course.is_witnessed]
    return most if settings.steps is not None else min(most, max(course.n_due, first))


def _relearns(settings, course, diagnostics, estimates) -> bool:
    """Learning again must leave room for as many kept steps as it discards, and be worth more than going on."""
    free = settings.moves is None and settings.burn_in is None
    return (
        free
        and not diagnostics.converged
        and stopping.may_relearn(course.n_steps, course.n_restarts)
        and _most(settings, course) > 3 * course.n_steps
        # what is merely short is soon long enough; what is doubted has parts that these moves hardly reach or leave
        and (bool(course.doubt) or not judge(estimates, 0.5 * stopping.LEAST_TIMES[course.is_witnessed]).converged)
    )


def _verdict(target, course, estimates) -> Diagnostics:
    """Judge the chains, and where they pass but the posterior is far from normal ask others than themselves."""
    course.doubt = ""
    diagnostics = _judged(course, estimates)
    if diagnostics.converged and course.plan is not None and course.plan.is_bent and not course.confirmed:
        kept, rng = course.joined(), np.random.default_rng([course.entropy, course.n_restarts, course.n_steps])
        z = kept.z.reshape(-1, target.n_walked)
        n_effective = len(z) / np.nanmax(estimates.slowest)
        course.doubt = doubt(target, course.plan.proposal, target.natural(z), n_effective, rng)
        course.n_evaluations += DRAWS
        if not course.doubt:
            course.doubt = restless(target, z, kept.log_density.ravel(), rng, course.covered)
            course.n_evaluations += cost(target.n_walked)
    return _judged(course, estimates)


def _judged(course, estimates) -> Diagnostics:
    """Return what the chains say of themselves, and the doubt about them that is known."""
    diagnostics = judge(estimates, stopping.LEAST_TIMES[course.is_witnessed])
    return diagnostics.with_message(course.doubt) if course.doubt else diagnostics


def _estimates(target, course) -> Estimates:
    """Return what a verdict is made of: the dear part of it."""
    kept = course.joined()
    theta = completed(target, kept.z, course.entropy)
    return Estimates(tuple(target.names), theta, kept.log_density, kept.accepted / course.n_steps, course.thin)
