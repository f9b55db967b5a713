"""Fill this environment with the locked versions, and put the working tree into it.

    python requirements/install.py [base | dev | bench]

``base`` runs the program, ``dev`` runs ``make test`` too, ``bench`` also ``make bench``. uv does
it in seconds; where uv cannot be had, pip installs the same files.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOCKS = ("base", "dev", "bench")
TREE = ["--no-deps", "--no-build-isolation", "--editable", str(HERE.parent)]
"""Beside hashes an installation in place is refused, so it comes last and on its own."""
PIP = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
FOR_UV = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE", "proxy": "ALL_PROXY"}
"""What uv does not read in pip's configuration, though it may be the only way out of a network."""


def main(lock: str) -> int:
    """Install ``lock`` and the working tree; 0 where both went well."""
    locked = ["--no-deps", "--require-hashes", "--requirement", str(HERE / f"{lock}.txt")]
    if with_uv(locked):
        return 0
    print("== uv cannot do it here; pip installs the same files, which takes minutes", flush=True)
    return int(not (run(*PIP, *locked) and run(*PIP, *TREE)))


def with_uv(locked: list[str]) -> bool:
    """Whether uv could be had and installed everything."""
    fetched = ["--require-hashes", "--only-binary", ":all:", "-r", str(HERE / "uv.txt")]
    if not run(*PIP, *fetched):
        return False
    environment = settings() | os.environ
    uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable]
    return run(*uv, *locked, environment=environment) and run(*uv, *TREE, environment=environment)


def settings() -> dict[str, str]:
    """pip's index, certificates and proxy, in the names that uv reads."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True).stdout
    # Of one setting the narrower comes later, and the environment's counts most.
    found = re.findall(r"^(global|install|:env:)\.([a-z-]+)='(.*)'$", listed, re.MULTILINE)
    ranked = sorted(found, key=lambda one: ("global", "install", ":env:").index(one[0]))
    return {FOR_UV[name]: value for _, name, value in ranked if name in FOR_UV}


def run(*command: str, environment: dict[str, str] | None = None) -> bool:
    """Whether a command went well; what it complains of is seen."""
    return subprocess.run(command, env=environment).returncode == 0


if __name__ == "__main__":
    if len(sys.argv) > 2 or not set(sys.argv[1:]) <= set(LOCKS):
        sys.exit(f"usage: python {sys.argv[0]} [{' | '.join(LOCKS)}]")
    if sys.prefix == sys.base_prefix:
        sys.exit("this installs into a virtual environment: make one with 'python -m venv .venv'")
    sys.exit(main(sys.argv[1] if sys.argv[1:] else "base"))
