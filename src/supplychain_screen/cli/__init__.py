"""The command line: it prints, exits and reads the clock; nothing else in the package does.

Exit codes::

      0  complete
      1  a fault of this program
      2  bad input: nothing was written
      3  partial: published, and marked as partial; or not all could be printed
      4  nothing: no prices, or a store or disk that cannot be used; nothing was published
      5  another run holds the lock
      6  complete, and nothing changed (weekly run)
    130  interrupted (Ctrl-C)
    141  whoever read standard output left before its end
"""

from __future__ import annotations

__all__ = ["app", "main"]


def __getattr__(name: str) -> object:
    # Late, so that an interrupt while the commands are imported finds main() in charge.
    if name == "app":
        from supplychain_screen.cli.program import app

        return app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def main() -> None:
    """Run the command line and leave with a documented exit code."""
    from supplychain_screen.cli.ending import end_well

    end_well(_run)


def _run() -> None:
    from supplychain_screen.cli.streams import open_streams

    open_streams()
    from supplychain_screen.cli.program import app
    from supplychain_screen.cli.terminal import fail
    from supplychain_screen.errors import ScreenError

    try:
        app()
    except ScreenError as error:
        raise SystemExit(fail(error)) from None
