"""Results in words: a table as wide as a terminal, a verdict, and the files."""

import textwrap
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import typer

from bayesfit.cli.reporting import unwritten
from bayesfit.diagnostics import Diagnostics
from bayesfit.errors import BayesfitWarning
from bayesfit.posterior import Posterior

__all__ = ["Printer", "aligned", "files_text", "summary_text", "verdict_text"]

_WIDTH = 79


class Printer:
    """Prints paragraphs, each followed by an empty line, or nothing at all.

    Parameters
    ----------
    quiet : bool
    """

    def __init__(self, quiet: bool):
        self.quiet = quiet

    def text(self, text: str):
        """Print prose, wrapped."""
        self.block(textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False))

    def block(self, lines: str):
        """Print lines as they are."""
        if not self.quiet:
            self.raw(f"{lines}\n\n")

    def verdict(self, text: str, good: bool):
        """Print a verdict; one that is not good is a warning where nothing else is printed."""
        if self.quiet and not good:
            warnings.warn(text, BayesfitWarning, stacklevel=2)
        self.text(text)

    def raw(self, text: str):
        """Print text that is itself the result, such as a table for another program.

        Raises
        ------
        ResultFileError
            If standard output cannot be written to.
        """
        try:
            typer.echo(text, nl=False)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise unwritten(error) from error


def summary_text(posterior: Posterior, title: str = "parameter") -> str:
    """Return a plain table of the parameters: mean, sd, 90 % interval, effective samples and R-hat."""
    table = posterior.summary(ci_prob=0.9)
    numbers = table[["mean", "sd", "eti90_lb", "eti90_ub"]].map(lambda value: f"{value:.4g}").to_numpy()
    checks = zip(table["ess_bulk"], table["r_hat"], strict=True)
    rows = [
        (name, *row, f"{ess:.0f}", f"{rhat:.3f}")
        for name, row, (ess, rhat) in zip(table.index, numbers, checks, strict=True)
    ]
    return aligned([(title, "mean", "sd", "5 %", "95 %", "ess", "r_hat"), *rows])


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return rows of text with the first column to the left and numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *others in rows:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells]))
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def verdict_text(diagnostics: Diagnostics) -> str:
    """Return the verdict on convergence as a sentence."""
    text = str(diagnostics).rstrip(".")
    return f"{text[0].upper()}{text[1:]}."


def files_text(folder: Path, files: Mapping[str, str], of: str = "") -> str:
    """Return the list of the files written, with a word on each."""
    width = max(map(len, files))
    head = f"Results of {of} in {folder}:" if of else f"Results in {folder}:"
    return "\n".join([head, *(f"  {name.ljust(width)}  {what}" for name, what in files.items())])
