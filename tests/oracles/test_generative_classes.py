"""Gaussian classes against discriminant analysis, deconvolution by EM, and a published mixture."""

import numpy as np
import pytest
from class_fits import check_moments, gaussian_theta, log_score, peak
from scipy.stats import kstest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis

from bayesfit import ClassModel, Data, MixtureModel
from bayesfit.priors import Dirichlet, Flat, HalfNormal, Normal, Ordered
from bayesfit.sampling import Ensemble

MEASURES = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
SPECIES = ("Adelie", "Chinstrap", "Gentoo")
#: log_prob then differs from ln p(x̂, k | θ) by a constant
LIKELIHOOD_ONLY = {"x_mean": Flat(), "x_sd": Flat(0, np.inf)}
QUADRATIC, SHARED = ClassModel(priors=LIKELIHOOD_ONLY), ClassModel(shared_covariance=True, priors=LIKELIHOOD_ONLY)


def birds(reference, name="penguins"):
    """Return the published answers, and training and test rows."""
    found = reference(f"classification/{name}")
    table = found.table if name == "penguins_missing" else found.table.dropna(subset=MEASURES)

    def data(rows):
        errors = [f"{name}_err" for name in MEASURES]
        x_err = rows[errors].to_numpy(float) if errors[0] in rows else None
        return Data(rows[MEASURES].to_numpy(float), rows["species"].to_numpy(object), x_err=x_err, names=MEASURES)

    return found, data(table[table["test"] == 0]), data(table[table["test"] == 1])


def moments(data, classes, ddof=0):
    codes = np.array([classes.index(label) for label in data.labels])
    groups = [data.x[codes == k] for k in range(len(classes))]
    shares = np.array([len(group) for group in groups]) / len(data)
    return [g.mean(axis=0) for g in groups], [np.cov(g.T, ddof=ddof) for g in groups], shares


@pytest.mark.parametrize("shared", [False, True])
def test_the_maximum_is_discriminant_analysis(reference, shared):
    """The gradient vanishes at the closed form, and its scores are the published ones."""
    found, train, test = birds(reference)
    target = (SHARED if shared else QUADRATIC).target(train)
    means, covs, shares = moments(train, target.classes)
    covariances = np.tensordot(shares, covs, axes=1) if shared else covs
    theta = gaussian_theta(target, means, covariances, shares)
    best = peak(target, theta * (1 + 1e-4))
    np.testing.assert_allclose(best, theta, rtol=1e-6, atol=1e-7)
    expected = found.target("generative_lda" if shared else "generative_qda")["test"]
    assert log_score(target, theta, test) == pytest.approx((expected["accuracy"], expected["mean_log_score"]), abs=1e-6)


def test_probabilities_are_those_of_scikit_learn(reference):
    _, train, test = birds(reference)
    labels = train.labels.astype(str)
    means, covs, shares = moments(train, SPECIES)
    target = SHARED.target(train)
    theta = gaussian_theta(target, means, np.tensordot(shares, covs, axes=1), shares)
    linear = LinearDiscriminantAnalysis(solver="lsqr").fit(train.x, labels)
    found = target.class_probabilities(theta[None], test)[0]
    np.testing.assert_allclose(found, linear.predict_proba(test.x), rtol=1e-7, atol=1e-10)
    target = QUADRATIC.target(train)
    # which denominator its covariances have depends on the version
    quadratic = QuadraticDiscriminantAnalysis(store_covariance=True).fit(train.x, labels)
    theta = gaussian_theta(target, means, quadratic.covariance_, shares)
    found = target.class_probabilities(theta[None], test)[0]
    np.testing.assert_allclose(found, quadratic.predict_proba(test.x), rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize(("shared", "ddof", "key"), [(True, 0, "lda"), (False, 1, "qda")])
def test_iris_left_out_one_by_one(reference, shared, ddof, key):
    """Three errors of 150 by the linear rule, four by the quadratic one."""
    found = reference("classification/iris")
    data = Data(found.table.iloc[:, :4].to_numpy(float), found.table["species"].to_numpy(object))
    target, right = (SHARED if shared else QUADRATIC).target(data), 0.0
    for i in range(len(data)):
        means, covs, shares = moments(data[np.delete(np.arange(len(data)), i)], target.classes, ddof)
        theta = gaussian_theta(target, means, np.tensordot(shares, covs, axes=1) if shared else covs, shares)
        right += log_score(target, theta, data[[i]])[0]
    assert right / len(data) == pytest.approx(found.target("lda_loo")["test"][f"{key}_loo_accuracy"], abs=1e-9)


def test_noisy_penguins_are_deconvolved(reference):
    """The published means are at the maximum to 0.1 sd, scores are as printed and better than without errors."""
    found, train, test = birds(reference, "penguins_noisy")
    known, naive = found.target("deconvolved_qda"), found.target("naive_qda")["test"]
    target = QUADRATIC.target(train)
    shares = moments(train, SPECIES)[2]
    theta = gaussian_theta(
        target, [known["means"][k] for k in SPECIES], [known["covariances"][k] for k in SPECIES], shares
    )
    accuracy, score = log_score(target, theta, test)
    assert accuracy == pytest.approx(known["test"]["accuracy"], abs=1e-6)
    assert score == pytest.approx(known["test"]["mean_log_score"], abs=1e-5)
    exact = Data(test.x, test.labels, names=MEASURES)
    means, covs, _ = moments(train, SPECIES)
    ignoring = log_score(target, gaussian_theta(target, means, covs, shares), exact)
    assert ignoring == pytest.approx((naive["accuracy"], naive["mean_log_score"]), abs=1e-6)
    for part in target.factors():  # of correlations near one EM had not reached the end
        own = theta[[target.names.index(name) for name in part.names]]
        steps = np.eye(4, len(own)) * 0.1 * own[4:8, None]
        assert (part.log_prob(own + steps) < part.log_prob(own)).all()
        assert (part.log_prob(own - steps) < part.log_prob(own)).all()


def test_penguins_with_gaps(reference):
    """Fitted by Newton from the rows that are complete, against the means that EM found."""
    found, train, test = birds(reference, "penguins_missing")
    known = found.target("lda_missing_em")
    target = SHARED.target(train)
    complete = train[~train.missing.any(axis=1)]
    _, covs, shares = moments(complete, SPECIES)
    counts = np.array([np.sum(train.labels == label) for label in SPECIES]) / len(train)
    start = gaussian_theta(target, [known["means"][k] for k in SPECIES], np.tensordot(shares, covs, axes=1), counts)
    theta = peak(target, start)
    for label in SPECIES:
        for j, name in enumerate(MEASURES):
            ours, sd = (theta[target.names.index(n)] for n in (f"x_mean[{label}, {name}]", f"x_sd[{name}]"))
            assert abs(ours - known["means"][label][j]) < 1e-3 * sd
    accuracy, score = log_score(target, theta, test)
    assert accuracy == pytest.approx(known["test"]["accuracy"], abs=1e-6)
    assert score == pytest.approx(known["test"]["mean_log_score"], abs=1e-4)


def test_a_published_mixture(reference):
    """Two well separated components, a thousand rows, ten chains of reference draws."""
    found = reference("posteriordb/low_dim_gauss_mix__low_dim_gauss_mix")
    priors = {
        ("x_mean[0]", "x_mean[1]"): Ordered(Normal(0, 2), 2),
        "x_sd": HalfNormal(2),
        ("x_weight[0]", "x_weight[1]"): Dirichlet((5.0, 5.0)),
    }
    target = MixtureModel(2, priors=priors).target(Data(found.table["y"].to_numpy()))
    names = {"x_weight[0]": "theta"} | {f"x_mean[{k}]": f"mu[{k + 1}]" for k in (0, 1)}
    names |= {f"x_sd[{k}]": f"sigma[{k + 1}]" for k in (0, 1)}
    check_moments(target, found.values("reference_posterior"), names)


def test_a_species_nobody_was_told_of_is_novel(reference):
    """Gentoo penguins left out: nearly all have tail probabilities below 0.01, those of known species uniform ones."""
    _, train, test = birds(reference)
    known = train[np.flatnonzero(train.labels != "Gentoo")]
    model = ClassModel().fit(
        Data(known.x, known.labels.astype(str), names=MEASURES),
        sampler=Ensemble(n_ensembles=2, burn_in=150, steps=300),
        seed=1,
        progress=False,
    )
    gentoo = np.concatenate([part.x[part.labels == "Gentoo"] for part in (train, test)])
    held_out = test.x[test.labels != "Gentoo"]
    assert np.mean(model.novelty(Data(gentoo, names=MEASURES)) < 0.01) >= 0.9
    assert kstest(model.novelty(Data(held_out, names=MEASURES)), "uniform").pvalue > 1e-3
