"""A drawn plot as the content of a file."""

import io

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from bayesfit.errors import ModelError

__all__ = ["png"]


def png(drawn: Axes | Figure, *, dpi: float = 120, colours: int | None = None) -> bytes:
    r"""Return a Figure, or the one that holds the Axes, as a PNG file, and close it.

    Parameters
    ----------
    drawn : Axes or Figure
        As the plots of this package return them.
    dpi : float
        Pixels per inch.
    colours : int, optional
        Keep that many colours, 2 to 256, which makes a file of a third the size.

    Raises
    ------
    ModelError
        For anything else.

    Examples
    --------
    >>> png(plt.figure())[:4]
    b'\x89PNG'
    """
    figure = drawn.get_figure(root=True) if isinstance(drawn, Axes) else drawn
    if not isinstance(figure, Figure):
        raise ModelError(f"png takes a Figure or Axes, got {type(drawn).__name__}")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, bbox_inches="tight")
    plt.close(figure)
    if colours is None:
        return buffer.getvalue()
    smaller = io.BytesIO()
    with Image.open(buffer) as picture:
        picture.convert("RGB").quantize(colours, dither=Image.Dither.NONE).save(smaller, "png", optimize=True)
    return smaller.getvalue()
