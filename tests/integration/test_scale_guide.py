"""The blocks of the guide to many calls run in order, on the files that it speaks of."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from supplychain_screen import SimulatedSource, load_report

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "scale.md"


def test_the_guides_blocks_run_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    report = load_report()
    loaded = SimulatedSource().load(
        [*report.listings, *report.standard.indices], date(2023, 1, 2), date(2025, 12, 31), "price"
    )
    pd.concat(
        [
            pd.DataFrame({"listing": one.listing, "date": one.sessions, "close": one.close})
            for one in loaded.series.values()
        ]
    ).to_parquet("prices.parquet", index=False)
    chance = np.random.default_rng(5)
    days = np.datetime64("2023-06-01") + chance.integers(0, 300, 500).astype("timedelta64[D]")
    calls = pd.DataFrame(
        {"listing": chance.choice([one.id for one in report.listings], 500), "published": days}
    )
    known: dict[str, Any] = {"calls": calls, "segments": np.arange(500, dtype=np.int32) % 11}
    blocks = re.findall(r"^```python\n(.*?)^```$", GUIDE.read_text("utf-8"), re.M | re.S)
    assert len(blocks) == 2
    for block in blocks:
        exec(compile(block, str(GUIDE), "exec"), known)
    assert len(known["scored"]) == len(known["figures"]) == 500
    assert known["scored"]["12m_rating"].notna().sum() > 300
    assert known["means"].mean.shape[0] == 11
