"""``python -m supplychain_screen.cli``."""

from supplychain_screen.cli import main

main()
