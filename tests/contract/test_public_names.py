"""What ``import supplychain_screen`` offers, and what it costs."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import supplychain_screen

HEAVY = {
    "akshare",
    "altair",
    "arch",
    "deltalake",
    "exchange_calendars",
    "jinja2",
    "numba",
    "opencc",
    "pyspark",
    "rapidfuzz",
    "rich",
    "scipy",
    "typer",
    "vl_convert",
    "xlsxwriter",
    "yfinance",
}

# Names that a user of the library, not of one command, fetches first.
EVERYDAY = ["ResearchReport", "Screening", "load_report", "screen", "score_calls", "PricePanel"]


@pytest.mark.parametrize("name", supplychain_screen.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(supplychain_screen, name).__doc__
    assert name in dir(supplychain_screen)


def test_all_is_sorted_and_without_duplicates() -> None:
    assert supplychain_screen.__all__ == sorted(set(supplychain_screen.__all__))


def test_dir_shows_the_public_names_only() -> None:
    assert dir(supplychain_screen) == supplychain_screen.__all__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'screem'"):
        _ = supplychain_screen.screem  # type: ignore[attr-defined]


def loaded_after(code: str) -> set[str]:
    """Top-level packages that a fresh interpreter holds after ``code``."""
    script = f"{code}\nimport sys, json\nprint(json.dumps(sorted(sys.modules)))"
    child = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    modules: list[str] = json.loads(child.stdout.splitlines()[-1])
    return {module.split(".")[0] for module in modules}


def test_the_probe_sees_what_is_loaded() -> None:
    assert "jinja2" in loaded_after("import jinja2")


@pytest.mark.parametrize(
    "code",
    [
        "import supplychain_screen",
        *(f"import supplychain_screen as s; s.{name}" for name in EVERYDAY),
    ],
)
def test_nothing_heavy_is_loaded_before_it_is_used(code: str) -> None:
    assert not loaded_after(code) & HEAVY


def test_help_loads_what_it_prints_with() -> None:
    """What a command computes with comes when it computes; a version when it is asked for."""
    run = "from supplychain_screen.cli import main\nsys.argv[1:] = ['--help']\n"
    seen = loaded_after(f"import sys\n{run}try: main()\nexcept SystemExit: pass")
    assert "typer" in seen
    assert not seen & {*HEAVY - {"typer"}, "numpy", "pandas", "pydantic", "email", "zipfile"}


def test_the_bare_import_does_not_even_load_pandas() -> None:
    assert not loaded_after("import supplychain_screen") & {"numpy", "pandas", "pydantic"}


QUANTILES = """
import sys
from supplychain_screen.own_process import owning
from supplychain_screen.scoring.inference.quantiles import beta_quantile, student_t_quantile
shares = (0.025, 0.05, 0.5, 0.95, 0.975)
with owning():
    t = {(n, p): student_t_quantile(n, p) for n in range(1, 90) for p in shares}
beta = {(a, b, p): beta_quantile(a, b, p) for a in range(1, 35) for b in (1, 300) for p in shares}
wrapped = "numpy.f2py" in sys.modules or "scipy.special" in sys.modules
import scipy.special, scipy.stats
assert all(scipy.special.stdtrit(*key) == found for key, found in t.items())
assert all(scipy.special.betaincinv(*key) == found for key, found in beta.items())
assert scipy.stats.t.ppf(0.95, 16) == t[16, 0.95]
print(wrapped, len(t) + len(beta))
"""


def test_two_functions_of_scipy_come_without_its_package_and_are_the_same() -> None:
    child = subprocess.run(
        [sys.executable, "-c", QUANTILES], capture_output=True, text=True, check=True
    )
    assert child.stdout.split() == ["False", "785"]


def test_in_a_process_of_others_scipy_stays_whole() -> None:
    quantile = "from supplychain_screen.scoring.inference.quantiles import student_t_quantile as t"
    later = "import scipy.special\nwith scipy.special.errstate(all='raise'): pass"
    subprocess.run([sys.executable, "-c", f"{quantile}; t(16, 0.95)\n{later}"], check=True)


def test_beside_another_thread_scipy_is_imported_as_everybody_does() -> None:
    quantile = "from supplychain_screen.scoring.inference.quantiles import student_t_quantile as t"
    own = "from supplychain_screen.own_process import owning; own = owning(); own.__enter__()"
    beside = (
        f"import threading; {quantile}; {own}; threading.Timer(0.5, print).start(); t(16, 0.95)"
    )
    child = subprocess.run(
        [sys.executable, "-c", f"{beside}; import sys; print('scipy.special' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert child.stdout.split() == ["True"]
