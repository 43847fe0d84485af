"""Make the picture at the top of the README: uv run python examples/readme_figure.py."""

from pathlib import Path

import matplotlib.pyplot as plt

import bayesfit as bf

data = bf.datasets.hogg2010(x_errors=False)
predictors = {"a straight line": bf.predictors.Linear(), "a parabola": bf.predictors.Polynomial(2)}

figure, panels = plt.subplots(1, 2, figsize=(9, 3.8), sharex=True, sharey=True, layout="constrained")
for (name, predictor), panel in zip(predictors.items(), panels, strict=True):
    model = bf.Model(predictor, bf.likelihoods.Gaussian(scatter=True))
    posterior = model.fit(data, seed=1)
    bf.plots.predictive(posterior, ax=panel, observed=True)
    panel.set_title(name)
panels[0].legend(loc="lower right", ncols=2, fontsize="small")
panels[1].set_ylabel("")
panels[1].get_legend().remove()
figure.savefig(Path(__file__).parent / "figures" / "hogg2010.png", dpi=110)
