"""Every command, put together."""

from __future__ import annotations

from inspect import get_annotations
from typing import Annotated

import typer

from supplychain_screen.cli import doctor, prices, record, report, screen, universe, weekly

__all__ = ["app"]

app = typer.Typer(
    name="supplychain-screen",
    help="Measures the related stocks a research report printed by the report's own rating "
    "standard. It measures the past and never advises.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(asked: bool) -> None:
    if asked:
        # Half of what `--help` costs, were it above.
        from importlib.metadata import version as installed

        print(installed("supplychain-screen"))
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Print the version and leave.",
            callback=_print_version,
            is_eager=True,
        ),
    ] = False,
) -> None:
    pass


screen.register(app)
record.register(app)
report.register(app)
prices.register(app)
universe.register(app)
weekly.register(app)
doctor.register(app)


def _read_annotations(program: typer.Typer) -> None:
    """Evaluate each command's annotations once, where Typer would four times at every start."""
    for command in program.registered_commands:
        if command.callback is not None:
            read = get_annotations(command.callback, eval_str=True)
            command.callback.__annotations__ = read
    for group in program.registered_groups:
        if group.typer_instance is not None:
            _read_annotations(group.typer_instance)


_read_annotations(app)
