"""Screen the packaged report and write a page and a workbook.

python examples/first_screen.py                     simulated prices, no network
python examples/first_screen.py --prices yahoo      real prices
python examples/first_screen.py --prices my.csv     your own file
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path

import supplychain_screen as scs
from supplychain_screen import open_source, terminal_table


def main() -> None:
    """Screen, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    # Our copy of the report does not print its date; use the one of your research terminal.
    parser.add_argument("--published", default="2024-12-31")
    parser.add_argument("--as-of", default="2026-01-09")
    parser.add_argument("--prices", default="simulated")
    parser.add_argument("--out", type=Path, default=Path("first_screen"))
    asked = parser.parse_args()

    report = scs.load_report()
    prices = open_source(asked.prices, now=lambda: datetime.now(UTC))
    result = scs.screen(report, asked.published, asked.as_of, prices=prices)

    print(terminal_table(result, "zh"))
    result.to_html(asked.out / "page.html")
    result.to_excel(asked.out / "book.xlsx")
    print(f"written to {asked.out}")


if __name__ == "__main__":
    main()
