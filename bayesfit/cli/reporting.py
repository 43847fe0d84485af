"""Errors and warnings as one line each on standard error, with exit codes; never a bare traceback."""

import sys
import traceback
import warnings
from collections.abc import Sequence
from typing import Any, TextIO, cast

import typer
from typer.core import TyperGroup

from bayesfit.errors import BayesfitError, ResultFileError

__all__ = ["FINISHED", "INTERRUPTED", "NOT_CONVERGED", "ReportingGroup", "set_debug", "unwritten"]

FINISHED, UNEXPECTED, UNUSABLE, NOT_CONVERGED, INTERRUPTED = 0, 1, 2, 3, 130

_DEBUG = "bayesfit.debug"
#: the root of everything wrong with the words of a command, which typer does not name itself
_UsageError = cast("type[Exception]", typer.BadParameter.__mro__[1])


def set_debug(context: typer.Context, wanted: bool) -> bool:
    """Note that tracebacks are wanted; the callback of ``--debug``."""
    context.meta[_DEBUG] = wanted
    return wanted


class ReportingGroup(TyperGroup):
    """A group of commands that ends in a sentence and an exit code whatever happens."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run, and return (or, standing alone, exit with) the exit code."""
        try:
            status = super().main(args, prog_name or self.name, complete_var, False, windows_expand_args, **extra)
        except _UsageError as error:
            status = _refuse_usage(error)
        except typer.Abort:
            status = INTERRUPTED
        except OSError as error:  # of help and version: those of commands have become exit codes
            status = _report(unwritten(error))
        status = status if isinstance(status, int) else FINISHED
        if standalone_mode:
            raise SystemExit(status)
        return status

    def invoke(self, ctx):
        """Run a command; what goes wrong in it becomes a line and an exit code."""
        with warnings.catch_warnings():
            # the documented way to choose how warnings look
            warnings.showwarning = _show_warning  # ty: ignore[invalid-assignment]
            try:
                return super().invoke(ctx)
            except (_UsageError, typer.Exit, typer.Abort, BrokenPipeError):
                raise
            except Exception as error:
                if ctx.meta.get(_DEBUG):
                    traceback.print_exc()
                raise typer.Exit(_report(error)) from error


def unwritten(error: OSError) -> ResultFileError:
    """Return the error of words that standard output does not take; they are not tried again at the end."""
    sys.stdout = None
    return ResultFileError(f"cannot write to standard output: {error.strerror or error}; send it elsewhere")


def _report(error: Exception) -> int:
    if isinstance(error, BayesfitError):
        _say(f"error: {error}")
        return UNUSABLE
    _say(f"error: unexpected {type(error).__name__}: {error}; add --debug to see where it arose")
    return UNEXPECTED


def _refuse_usage(error: Any) -> int:
    path = error.ctx.command_path if error.ctx else "bayesfit"
    _say(f"error: {error.format_message().rstrip('.')}; see {path} --help")
    return UNUSABLE


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    _say(f"warning: {message}")


def _say(text):
    typer.echo(f"bayesfit: {' '.join(text.split())}", err=True)
