"""Printed companies over the whole ledger: this package beside rapidfuzz's ``extractOne``.

    python benchmarks/names.py [--rounds 5] [--names 600] [--cutoff 90] [--labelled FILE]
                               [--json FILE]

The names asked are those of the ledger itself as print varies them (full width, a marker, a legal
form, spaces, case), and names of nobody, made by changing one character of a real one. Both look
through the same spellings; ``extractOne`` is given them folded, answers its best match from
``--cutoff`` on, and its answer is wrong where the name belongs to another company, to nobody, or to
several lines of one company, of which it names one. Times are CPU seconds of both in turn, on the
same names, and their ratio. ``--labelled`` asks the names of a file too (columns name and listing).
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from rapidfuzz import fuzz, process

from supplychain_screen.identity import Ledger, NameIndex, fold_names, load_ledger

Answer = Callable[[str], str | None]


def spellings(ledger: Ledger) -> tuple[list[str], list[str]]:
    """Every name of the ledger, and the listing it belongs to."""
    rows = ledger.listings
    ids = (rows["mic"] + ":" + rows["code"]).tolist()
    names, owners = [], []
    for column in ("name_zh", "name_zh_hant", "name_en"):
        for name, listing in zip(rows[column].tolist(), ids, strict=True):
            if name:
                names.append(name)
                owners.append(listing)
    aliases = ledger.aliases
    names += aliases["alias"].tolist()
    owners += (aliases["mic"] + ":" + aliases["code"]).tolist()
    return names, owners


def varied(name: str, chance: random.Random) -> str:
    """The name as print may write it."""
    if name.isascii():
        return chance.choice([name, name.upper(), name.lower(), f"{name} Inc.", f" {name} "])
    wide = "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in name)
    return chance.choice([name, wide, f"{name}-W", f"{name}股份有限公司", f"*ST{name}", f" {name}"])


def nobody(name: str, known: set[str], chance: random.Random) -> str | None:
    """A name with one character changed that is nobody's; None where it is somebody's."""
    at = chance.randrange(len(name))
    other = chance.choice("abcdefghij" if name.isascii() else "桐澈岚屿珩沅樾昱琛霁")
    changed = name[:at] + other + name[at + 1 :]
    return None if fold_names([changed])[0] in known else changed


def questions(
    names: Sequence[str], owners: Sequence[str], company: dict[str, str], n: int
) -> list[tuple[str, frozenset[str]]]:
    """What is asked, and the listings that have the name: none for nobody's."""
    chance = random.Random(20260102)
    folded = fold_names(names)
    holders: dict[str, set[str]] = {}
    for key, owner in zip(folded, owners, strict=True):
        holders.setdefault(key, set()).add(owner)
    lines: dict[str, set[str]] = {}
    for listing, one in company.items():
        lines.setdefault(one, set()).add(listing)
    asked: list[tuple[str, frozenset[str]]] = []
    while len(asked) < n:
        place = chance.randrange(len(names))
        if len(folded[place]) < 3 or not holders[folded[place]] <= company.keys():
            continue
        if len(asked) % 3 == 2:
            made = nobody(names[place], set(holders), chance)
            if made is not None:
                asked.append((made, frozenset()))
            continue
        meant = {line for one in holders[folded[place]] for line in lines[company[one]]}
        asked.append((varied(names[place], chance), frozenset(meant)))
    return asked


def count(
    answers: Sequence[str | None], asked: Sequence[tuple[str, frozenset[str]]]
) -> Counter[str]:
    """How many answers are right, wrong, or left open."""
    found: Counter[str] = Counter()
    for answer, (_, meant) in zip(answers, asked, strict=True):
        if answer is None:
            found["open"] += 1
        else:
            found["right" if meant == {answer} else "wrong"] += 1
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--names", type=int, default=600)
    parser.add_argument("--cutoff", type=float, default=90.0, help="of extractOne, in percent")
    parser.add_argument("--labelled", type=Path, help="CSV with the columns name and listing")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    asked_for = parser.parse_args()
    ledger = load_ledger()
    if ledger.listings.empty:
        print("the ledger that is installed has no listings", file=sys.stderr)
        return 1
    built = []
    for _ in range(asked_for.rounds):
        start = time.process_time()
        index = NameIndex(ledger)
        built.append(time.process_time() - start)
    names, owners = spellings(ledger)
    rows = ledger.listings
    # Counters of another currency are not told apart in print, and who was delisted is not meant.
    counters = rows["mic"].eq("XHKG") & rows["code"].str.fullmatch("8[0-9]{4}")
    living = rows[~counters & rows["status"].ne("delisted")]
    ids = (living["mic"] + ":" + living["code"]).tolist()
    company = dict(zip(ids, living["company"].tolist(), strict=True))
    choices = fold_names(names)

    def ours(name: str) -> str | None:
        return index.resolve(name).listing

    def theirs(name: str) -> str | None:
        found = process.extractOne(
            fold_names([name])[0], choices, scorer=fuzz.ratio, score_cutoff=asked_for.cutoff
        )
        return None if found is None else owners[found[2]]

    asked = questions(names, owners, company, asked_for.names)
    groups = {"ledger's own and nobody's": asked}
    if asked_for.labelled:
        with asked_for.labelled.open(encoding="utf-8", newline="") as stream:
            groups["labelled"] = [
                (row["name"], frozenset([row["listing"]])) for row in csv.DictReader(stream)
            ]
    figures: dict[str, object] = {"index_cpu_seconds": median(built)}
    print(f"{len(rows)} listings, {len(names)} names; load {os.getloadavg()[0]:.1f}")
    print(f"index: {median(built):.3f} CPU seconds")
    contenders: dict[str, Answer] = {"ours": ours, f"extractOne {asked_for.cutoff:g}": theirs}
    for group, some in groups.items():
        spent: dict[str, list[float]] = {name: [] for name in contenders}
        answers: dict[str, list[str | None]] = {}
        for _ in range(asked_for.rounds):
            for name, answer in contenders.items():
                start = time.process_time()
                answers[name] = [answer(one) for one, _ in some]
                spent[name].append((time.process_time() - start) / len(some))
        base = median(spent["ours"])
        print(f"\n{group}: {len(some)} names")
        print(f"{'':16}{'ms a name':>10}{'x ours':>8}{'right':>8}{'wrong':>8}{'open':>8}")
        for name, times in spent.items():
            found, each = count(answers[name], some), median(times)
            cells = "".join(f"{found[kind]:8}" for kind in ("right", "wrong", "open"))
            print(f"{name:16}{each * 1e3:10.3f}{each / base:8.1f}{cells}")
            figures[f"{group}: {name}"] = {"seconds": each, **found}
    if asked_for.json:
        asked_for.json.write_text(json.dumps(figures, indent=1, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
