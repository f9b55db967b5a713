"""Where the packaged data lies: inside an installed wheel, or beside an editable install."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from supplychain_screen.errors import ReportError

__all__ = ["packaged_data"]


def packaged_data() -> Traversable:
    """The folder of the data that this package ships.

    Returns
    -------
    Traversable
        Holds the packaged report and what every report needs: scales, the ledger of listings.

    Raises
    ------
    ReportError
        When the installation lost it.

    Examples
    --------
    >>> packaged_data().joinpath("report.toml").is_file()
    True
    """
    # The wheel carries the folder inside the package; in a checkout it stands at the top only.
    inside = files("supplychain_screen").joinpath("data")
    if inside.joinpath("report.toml").is_file():
        return inside
    checkout = Path(__file__).resolve().parents[3] / "data"
    if checkout.joinpath("report.toml").is_file():
        return checkout
    raise ReportError("the packaged report is not installed; reinstall supplychain-screen")
