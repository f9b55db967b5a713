"""A configuration to start from, every setting explained."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

from supplychain_screen.drafts import draft
from supplychain_screen.errors import ConfigError, OutputError, Problem
from supplychain_screen.output import make_folder
from supplychain_screen.words import Lang

__all__ = ["example_config", "write_example"]

_TEXT = """\
# The weekly run of supplychain-screen. Try it:  supplychain-screen weekly run {name}
# Relative paths start at this file.

[archive]
folder = "weeks"              # one folder a week; never rewritten

[prices]
# store = "prices"            # the price store; where it is left out, its usual place
source = "yahoo"              # yahoo, akshare, simulated, none, or ./FILE of prices
# fallbacks = ["akshare"]     # asked for what the first one could not serve
# adjustment = "splits"       # of a price file: splits, splits+dividends, none
# allow_gaps = false          # of a price file: true takes it although sessions are missing

[output]
languages = [{languages}]      # the page opens in the first one and can be switched
formats = ["page", "workbook", "tables", "markdown"]    # also: static_page; result.json is always
# replayed = ["page"]         # the same for weeks that are replayed in bulk
# colours = "china"           # china: red is up; west: green is up; blue: blue is up

[run]
deadline_minutes = 30         # the update of prices stops then; what is there is marked partial

# [notify]                    # needs: pip install "supplychain-screen[notify]"
# on = ["changes", "partial", "failure"]      # or "always"
# The addresses are secrets and never stand here. They are read from an environment variable,
# or from a file that only its owner can read (chmod 600), one a line.
# environment = "SUPPLYCHAIN_SCREEN_NOTIFY"
# file = "notify-addresses.txt"
# language = "{lang}"

# One block a report and publication date; as many as you want.
[[screens]]
name = "xiaomi-ai"            # folder inside each week; keep it
# report = "my-report"        # folder of a report of yours; the packaged one where left out
{published}
# base_policy = "on_or_before"        # before, on_or_after, after
# basis = "price"                     # total: with dividends; the report's own where left out
# comparison = "difference"           # ratio; the report's own where left out
# include_pending = true              # false leaves out companies printed as pending
# max_stale_sessions = 5
# max_stale_benchmark = 3

# [screens.choices]                   # overrule the listing chosen for a company
# TCL = "1070.HK"
"""

_ASK = """\
# The day the report came out. The packaged report does not print it and it is never guessed:
# take the # away and write the day from your research terminal.
# published = 2024-12-31"""


def example_config(
    name: str = "weekly.toml", published: date | None = None, lang: Lang = "zh"
) -> str:
    """The text of a commented configuration.

    Parameters
    ----------
    name : str
        How the file will be called.
    published : date, optional
        Publication date of the packaged report; asked for in a comment where it is left out.
    lang : {"zh", "en"}
        Which language its pages open in; its comments are English.

    Examples
    --------
    >>> "published = 2024-12-30" in example_config(published=date(2024, 12, 30)).splitlines()
    True
    """
    day = _ASK if published is None else f"published = {published.isoformat()}"
    languages = ", ".join(f'"{one}"' for one in sorted(("zh", "en"), key=lang.__ne__))
    blanks = {"name": name, "published": day, "languages": languages, "lang": lang}
    text = _TEXT
    for blank, filled in blanks.items():
        text = text.replace(f"{{{blank}}}", filled)
    return text


def write_example(path: str | Path, published: date | None = None, lang: Lang = "zh") -> Path:
    """Write a commented configuration to a file that does not exist yet.

    Raises
    ------
    ConfigError
        There is a file already; it stays as it is.
    OutputError
        It cannot be written.
    """
    path = Path(path).expanduser()
    make_folder(path.parent)
    try:
        with draft(path.parent) as part:
            text = example_config(path.name, published, lang)
            part.write_text(text, encoding="utf-8", newline="\n")
            # A link fails where the name is taken; a rename would replace what is there.
            os.link(part, path)
    except FileExistsError:
        problem = Problem("is there already", "name another file", str(path))
        raise ConfigError(problem) from None
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error
    return path
