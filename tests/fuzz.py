"""Mutations of whole files, structure and all, over each reader that a user's file reaches.

``python -m tests.fuzz 20000`` tries so many over each reader.
"""

from __future__ import annotations

import random
import re
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from datetime import date
from pathlib import Path

from supplychain_screen import load_report
from supplychain_screen.errors import ScreenError
from supplychain_screen.identity import read_listings
from supplychain_screen.prices.sources.files import FileSource
from supplychain_screen.record.call_files import read_calls
from supplychain_screen.record.target_prices import read_splits
from supplychain_screen.research import (
    new_report,
    read_corrections,
    read_report,
    save_reading,
    validate_report,
)
from supplychain_screen.weekly import read_week
from supplychain_screen.weekly.config import parse_config

HOSTILE = (
    *("", " ", "nan", "inf", "-inf", "1e400", "-0", "0", "-1", "1e-320", "9" * 40, "0x1F", "1_000"),
    *("1,234.5", "1.234,5", "12.34%", "(5)", "--", "N/A", "停牌", "true", "None", "=1+1", "@x"),
    *("2024-02-30", "0001-01-01", "9999-12-31", "2024-W52-2", "20241231", "31/12/2024", "45291"),
    *(
        "\x00",
        "\x1b[2J",
        "\u202e",
        "\ufeff",
        "\ud800",
        "\r",
        "\n",
        "\n\n",
        '"',
        "'",
        '"""',
        "\\",
        "|",
    ),
    *(
        ",",
        ";",
        "\t",
        "[",
        "]",
        "[[",
        "{",
        "}",
        "(",
        ")",
        "（",
        "=",
        "#",
        ".",
        "..",
        "../x",
        "/dev/zero",
    ),
    *("XSHG:688111", "QCOM", "0285.HK", "INDEX:SPX", "é", "ß", "İ", "🚀", "𠮷", "a" * 3_000),
)
TOKENS = re.compile(r"[\w.:+-]+|\s+|[^\w\s]")

Reader = Callable[[str, Path], object]


def mutated(text: str, chance: random.Random) -> str:
    """One to four changes: a token or a line replaced, taken out, doubled, moved or cut."""
    for _ in range(chance.randint(1, 4)):
        by_line = chance.random() < 0.3
        parts = text.splitlines(keepends=True) if by_line else TOKENS.findall(text)
        if not parts:
            return text
        at = chance.randrange(len(parts))
        match chance.randrange(6):
            case 0 | 1:
                parts[at] = chance.choice(HOSTILE) + ("\n" if by_line else "")
            case 2:
                del parts[at]
            case 3:
                parts[at] *= chance.choice((2, 3, 50))
            case 4:
                other = chance.randrange(len(parts))
                parts[at], parts[other] = parts[other], parts[at]
            case 5:
                del parts[chance.randrange(len(parts)) :]
        text = "".join(parts)
    return text


def readers(folder: Path) -> dict[str, tuple[str, Reader]]:
    """Each reader with a sound file of its own."""
    instruments = load_report(new_report(folder / "report")).instruments
    days = [f"2025-01-{day:02d}" for day in range(2, 12)]
    long = "symbol,date,close,volume\n" + "".join(
        f"{who},{day},{10 + at / 8},1000\n"
        for who in ("QCOM", "688111.SS")
        for at, day in enumerate(days)
    )
    wide = "date,QCOM,688111.SS,0285.HK\n" + "".join(f"{day},10.5,11,12\n" for day in days)
    calls = "date,ticker,firm,rating,target\n" + "".join(
        f"{day},QCOM,House {at % 3},Buy,12.5\n" for at, day in enumerate(days)
    )
    listings = "code,name,market,isin\n600519,贵州茅台,XSHG,CNE0000018R8\n000001,平安银行,XSHE,\n"
    overrides = "company,decision,segment,code,reason\n高通,XNAS:QCOM,,,\nTCL,unlisted,1,,x\n"
    splits = "listing,date,ratio\nQCOM,2025-01-03,2\n688111.SS,2025-01-06,1.4\n"
    config = (
        "[archive]\nfolder = 'weeks'\n[prices]\nsource = 'simulated'\nstore = 's'\n"
        "[run]\ndeadline_minutes = 30\n[notify]\nwhen = ['failed']\n"
        "[[screens]]\nname = 'a'\npublished = 2024-12-31\nbase_policy = 'before'\n"
    )
    printed = (
        "专题研究：样本\n国信证券 2024年12月31日\n投资评级：优于大市\n"
        "相关个股：蓝思科技（300433.SZ）、舜宇光学科技（2382.HK）、高通（QCOM.O）。\n"
        "| 公司 | 代码 | 评级 | 目标价 |\n|---|---|---|---|\n"
        "| 瑞芯微 | 603893.SH | 优于大市 | 30元 |\n| 比亚迪电子 | 0285.HK | 中性 | |\n"
        "报告发布后6到12个月内，优于大市：强于沪深300指数10%以上；中性：介于±10%之间；"
        "弱于大市：弱于10%以上。2025年3月发布新品。\n"
    )
    table = "环节,公司,代码,评级\n芯片,瑞芯微,603893,买入\n,腾讯,700 HK,\n盖板,伯恩光学,未上市,\n"
    page = (
        "<html><body><h1>样本</h1><p>2024年12月31日 相关个股：蓝思科技（300433.SZ）</p><table>"
        "<tr><th>公司</th><th>代码</th></tr><tr><td rowspan=2>瑞芯微</td><td>603893.SH</td></tr>"
        "<tr><td>QCOM &amp; 高通</td></tr></table></body></html>"
    )
    manifest = '{"schema_version": 1, "as_of": "2026-01-09", "screens": [{"name": "a"}], "x": 1.5}'

    def of_report(name: str) -> tuple[str, Reader]:
        # A folder each: the two other files stay sound.
        report = new_report(folder / f"report of {name}")

        def read(text: str, _: Path) -> object:
            _write(report / name, text)
            return validate_report(report)

        return (report / name).read_text("utf-8"), read

    def prices(text: str, file: Path) -> object:
        return FileSource(_write(file.with_suffix(".csv"), text)).load(
            instruments, date(2025, 1, 1), date(2025, 1, 31), "price"
        )

    def print_in(suffix: str) -> Reader:
        kept = folder / f"kept from {suffix}"

        def read(text: str, file: Path) -> object:
            reading = read_report(_write(file.with_suffix(suffix), text), published="2024-12-31")
            # To write a folder and to check it takes as long as to read seven prints.
            if reading.mentions and len(text) % 16 == 0:
                validate_report(save_reading(reading, kept, overwrite=True))
            return reading

        return read

    def week(text: str, file: Path) -> object:
        place = file.parent / "2026-01-09"
        place.mkdir(exist_ok=True)
        _write(place / "manifest.json", text)
        return read_week(place)

    return {
        "suppliers.csv": of_report("suppliers.csv"),
        "listings.csv": of_report("listings.csv"),
        "report.toml": of_report("report.toml"),
        "prices, long": (long, prices),
        "prices, wide": (wide, prices),
        "calls": (calls, lambda text, file: read_calls(_write(file.with_suffix(".csv"), text))),
        "listings of one's own": (listings, lambda text, file: read_listings(_write(file, text))),
        "overrides": (overrides, lambda text, file: read_corrections(_write(file, text))),
        "splits": (splits, lambda text, file: read_splits(_write(file, text))),
        "print, text": (printed, print_in(".txt")),
        "print, table": (table, print_in(".csv")),
        "print, page": (page, print_in(".html")),
        "weekly.toml": (config, lambda text, file: parse_config(text, file)),
        "manifest.json": (manifest, week),
    }


def _write(file: Path, text: str) -> Path:
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    return file


def attempt(read: Reader, text: str, file: Path) -> BaseException | None:
    """What came out of a reader that should not: anything but a result or one of our errors."""
    try:
        read(text, file)
    except ScreenError:
        return None
    except BaseException as error:  # noqa: BLE001  that is what is looked for
        return error
    return None


def found_in(times: dict[str, int], seed: int) -> tuple[dict[str, str], dict[str, float]]:
    """Faults by reader and kind with the shortest text that shows each; CPU seconds by reader."""
    faults: dict[str, str] = {}
    seconds: dict[str, float] = {}
    # Most of the time of a small file is the disk's, where there is no folder in memory.
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        file = Path(folder, "file")
        every = readers(Path(folder))
        for name in times:
            sound, read = every[name]
            chance, started = random.Random(f"{seed} {name}"), time.process_time()
            for _ in range(times[name]):
                text = mutated(sound, chance)
                error = attempt(read, text, file)
                if error is None:
                    continue
                key = f"{name}: {type(error).__name__}: {str(error)[:90]}"
                if len(text) < len(faults.get(key, text + "x")):
                    faults[key] = text
            seconds[name] = time.process_time() - started
    return faults, seconds


def main() -> None:
    """Try many and print what was found."""
    warnings.simplefilter("error")
    times, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as folder:
        names = list(readers(Path(folder)))
    faults, seconds = found_in(dict.fromkeys(names, times), seed)
    for key, text in faults.items():
        print(f"{key}\n  {text[:300]!r}")
    for name, spent in seconds.items():
        print(f"{name}: {times:,} mutations, {spent:.1f} CPU s")


if __name__ == "__main__":
    main()
