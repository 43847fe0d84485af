"""The page of a fit: what it says, what it leaves out, and that it stands alone."""

import html.parser
import itertools
import re
import shutil
import subprocess

import numpy as np
import pytest

import bayesfit as bf

QUICK = bf.sampling.Ensemble(target_ess=200)
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
NASTY = "<b>x</b> & $y"


class Page(html.parser.HTMLParser):
    """What a page holds: tags with their attributes, headings, and text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.text, self.headings = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if "style" not in self.open:
            self.text.append(data)

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def words_of(page):
    return " ".join(" ".join(page.text).split())


def fit(model, data, sampler=QUICK):
    return model.fit(data, sampler=sampler, seed=1, progress=False)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A folder with a page for each kind of fit."""
    home = tmp_path_factory.mktemp("pages")
    rng = np.random.default_rng(4)
    x = np.linspace(0.0, 9.0, 25)
    data = bf.Data(
        x, 1 + 2 * x + 0.5 * np.sin(40 * x), y_err=0.3, names=[NASTY], label="y", units={NASTY: "s", "y": "m"}
    )
    noise = bf.likelihoods.Gaussian(scatter=True)
    line = fit(bf.Model(bf.predictors.Linear(), noise), data)
    constant = fit(bf.Model(bf.predictors.Polynomial(0), noise), data)
    line.report(home / "line.html", comparison=bf.compare({"line": line, NASTY: constant}))
    stuck = bf.sampling.Ensemble(steps=6, burn_in=2)
    bf.report(fit(bf.Model(bf.predictors.Linear(), noise), data, stuck), home / "stuck.html")
    features = rng.normal(size=(60, 2))
    kinds = np.where(features @ [1.5, 0.5] + rng.logistic(size=60) > 0, "<i>star", "galaxy")
    classes = bf.Data(features, kinds, names=["colour", "size"])
    bf.report(fit(bf.Model(bf.predictors.Linear(), bf.likelihoods.Bernoulli()), classes), home / "classes.html")
    groups = np.concatenate([rng.normal(0, 1, 30), rng.normal(8, 1, 30)])
    bf.report(fit(bf.MixtureModel(2), bf.Data(groups)), home / "mixture.html")
    censored = bf.Data(x, np.maximum(2 * x, 5.0), y_err=0.3, limits=np.where(2 * x < 5, "<", ""))
    bf.report(fit(bf.Model(bf.predictors.Linear(), bf.likelihoods.Gaussian()), censored), home / "limits.html")
    return home


NAMES = ["line", "stuck", "classes", "mixture", "limits"]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_stands_alone_and_is_well_made(pages, name):
    text = (pages / f"{name}.html").read_text(encoding="utf-8")
    page = Page(text)
    assert len(text) < 1_500_000
    assert page.all("html") == [{"lang": "en"}]
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in page.tags}
    # by chance the letters of an image spell any word, but no address
    assert "://" not in text
    assert re.findall(r"url\(|@import", text) == []
    for image in page.all("img"):
        assert image["src"].startswith("data:image/png;base64,iVBOR")
        assert re.search(r"\d", image["alt"])
        assert "nan" not in image["alt"]
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert "@media print" in text


@pytest.mark.parametrize("name", NAMES)
def test_names_of_the_users_are_text(pages, name):
    text = (pages / f"{name}.html").read_text(encoding="utf-8")
    assert "<b>" not in text
    assert "<i>star" not in text


def test_a_line_has_all_there_is(pages):
    page = Page((pages / "line.html").read_text(encoding="utf-8"))
    words = words_of(page)
    assert f"slope · {NASTY}" in words
    for part in ("green light", "m / s", "Normal(0, ", "elpd = ", f"line predicts better than {NASTY}", "Seed 1"):
        assert part in words
    assert "Not on this page" not in words
    alternatives = " ".join(image["alt"] for image in page.all("img"))
    found = re.search(r"slope (\d\.\d+) \((\d\.\d+) to", alternatives)
    x = np.linspace(0.0, 9.0, 25)
    least_squares = np.polyfit(x, 1 + 2 * x + 0.5 * np.sin(40 * x), 1)[0]
    assert float(found[1]) == pytest.approx(least_squares, abs=0.02)
    assert len(page.all("img")) == 9


def test_readings_claim_no_more_than_is_so(pages):
    """Rows may differ in errors and exposure, a small sample has its largest residual, and limits may be doubtful."""
    words = words_of(Page((pages / "line.html").read_text(encoding="utf-8")))
    for part in (
        "of a row with the median error, exposure",
        "more than one in 370 beyond three",
        "A limit that says next",
    ):
        assert part in words
    for part in ("nine in ten points", "decides the fit by itself", "three hundred", "lie between 0.3 and 0.3"):
        assert part not in words


@pytest.mark.parametrize("name", NAMES)
def test_a_page_says_what_its_rhat_is(pages, name):
    words = words_of(Page((pages / f"{name}.html").read_text(encoding="utf-8")))
    assert "R-hat is the larger of two" in words
    assert "below 1.05 (1.02 from 200 autocorrelation times on, and 1 + 2.5 / their number" in words


def test_without_convergence_the_light_is_red_and_says_what_to_do(pages):
    words = words_of(Page((pages / "stuck.html").read_text(encoding="utf-8")))
    assert "Not converged (red light)" in words
    assert "Do not use these numbers" in words
    assert "raise steps" in words


def test_labels_with_limits_are_judged_by_what_the_other_rows_predict(pages):
    page = Page((pages / "limits.html").read_text(encoding="utf-8"))
    assert "Labels among what the other rows predict" in words_of(page)
    assert "Replicated labels" not in words_of(page)
    assert any("Shares of LOO-PIT below" in image["alt"] for image in page.all("img"))


def test_classes_have_their_own_pictures(pages):
    words = words_of(Page((pages / "classes.html").read_text(encoding="utf-8")))
    for part in ("Classes over the features", "Calibration of galaxy", "Finding galaxy", "there are no residuals"):
        assert part in words


def test_a_mixture_says_what_it_does_not_have(pages):
    words = words_of(Page((pages / "mixture.html").read_text(encoding="utf-8")))
    assert "The rows have no labels" in words
    assert "two features only; there are 1" in words


def test_other_arguments_are_refused(tmp_path):
    with pytest.raises(bf.ModelError, match="should be a Posterior, got str"):
        bf.report("posterior", tmp_path / "r.html")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
@pytest.mark.parametrize("width", [1280, 390])
def test_a_browser_shows_it_without_overflow(pages, tmp_path, width):
    """Each page in a frame of that width; a script beside it, none in the page, reads how wide it became."""
    frames = "".join(
        f'<iframe src="{(pages / name).as_uri()}.html" width={width} height=900></iframe>' for name in NAMES
    )
    script = (
        "onload = () => { document.body.dataset.found = [...document.querySelectorAll('iframe')].map(f => "
        "f.contentDocument.documentElement.scrollWidth - f.contentDocument.documentElement.clientWidth + ':' + "
        "[...f.contentDocument.images].every(i => i.naturalWidth > 0)).join(' '); }"
    )
    wrapper = tmp_path / "wrapper.html"
    wrapper.write_text(f"<!DOCTYPE html><body><script>{script}</script>{frames}</body>")
    settings = ["--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--dump-dom"]
    private = [f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr", "--virtual-time-budget=5000"]
    done = subprocess.run(
        [CHROMIUM, *settings, *private, wrapper.as_uri()], capture_output=True, text=True, check=False, timeout=120
    )
    assert 'data-found="0:true 0:true 0:true 0:true"' in done.stdout
    assert "CONSOLE" not in done.stderr
