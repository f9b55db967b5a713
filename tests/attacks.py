"""A hundred bad inputs and fifty environments: what is asked, which exit code, which message.

``make attack`` runs all of them and writes the tables of docs/threats.md anew.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from supplychain_screen.cli.program import app
from supplychain_screen.cli.terminal import fail
from supplychain_screen.errors import ScreenError

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "threats.md"
SCREEN = "screen --published 2024-12-31 --as-of 2026-01-09"
MADE = SCREEN + " --prices simulated"
LONG = "x" * 300


@dataclass(frozen=True)
class Attack:
    """What is asked in a folder that `desk` made, the documented exit code, a word that is said."""

    name: str
    words: str
    code: int
    said: str


@dataclass(frozen=True)
class Answer:
    """What came back."""

    code: int | str
    out: str
    err: str
    place: str = ""

    @property
    def message(self) -> str:
        """The first line of the error; ``report validate`` prints what it found."""
        told = [line for line in self.err.splitlines() if line.startswith(("error:", "Error"))]
        return next(iter(told or self.err.splitlines()[:1] or self.out.splitlines()[:1]), "")


def desk() -> None:
    """Fill the current folder with what no reader should take."""
    quietly("report new rep")
    days = [f"2024-12-{day:02d}" for day in range(2, 32)]

    def rows(close: str) -> str:
        return "symbol,date,close\n" + "".join(f"QCOM,{day},{close}\n" for day in days)

    texts = {
        "plain": "x",
        "empty.csv": "",
        "page.csv": "<html>",
        "json.csv": '{"a":1}',
        "good.csv": rows("1.5"),
        "true.csv": rows("True"),
        "endless.csv": rows("1e400"),
        "minus.csv": rows("-1"),
        "words.csv": rows("n.m."),
        "year1.csv": "symbol,date,close\nQCOM,0001-01-01,1\n",
        "year9999.csv": "symbol,date,close\nQCOM,9999-12-31,1\n",
        "twice.csv": "symbol,date,close\nQCOM,2024-12-31,1\nQCOM,2024-12-31,2\n",
        "quote.csv": 'symbol,date,close\nQCOM,2024-12-31,1\n"' + "a,b\n" * 50_000,
        "wide.csv": "date," + ",".join(f"{i:06d}.SS" for i in range(70_000)),
        "calls.csv": "date,ticker,firm,rating\n2024-12-31,QCOM,A,Buy\n",
        "brackets.txt": "(" * 100_000,
        "deep.toml": "x = " + "[" * 20_000,
        "dots.toml": "a." * 50_000 + "b = 1",
        "digits.toml": "x = " + "9" * 5_000,
        "typo.toml": "[archve]\nfolder = 'weeks'\n",
        "secret.toml": "[archive]\nfolder = 'w'\n[notify]\nurls = 5\n",
        "w.toml": "[archive]\nfolder = 'weeks'\n[prices]\nsource = 'simulated'\nstore = 's'\n"
        "[[screens]]\nname = 'a'\nreport = 'rep'\npublished = 2024-12-31\n",
    }
    for name, text in texts.items():
        Path(name).write_text(text, "utf-8")
    weekly = texts["w.toml"]
    for name, old, new in (
        ("nul.toml", "'weeks'", '"we\\u0000eks"'),
        ("dots-name.toml", "'a'", "'..'"),
        ("noreport.toml", "'rep'", "'norep'"),
        ("dateweek.toml", "2024-12-31", "'2024-W52-2'"),
        ("filefolder.toml", "'weeks'", "'plain'"),
    ):
        Path(name).write_text(weekly.replace(old, new), "utf-8")
    Path("bytes.csv").write_bytes(bytes(range(256)) * 40)
    Path("half.parquet").write_bytes(b"PAR1" + b"\0" * 99)
    Path("book.xlsx").write_bytes(b"PK\3\4" + b"\0" * 500)
    Path("old.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000)
    Path("short.csv.gz").write_bytes(gzip.compress(rows("1").encode())[:-9])
    with zipfile.ZipFile("bomb.zip", "w", 8) as archive:
        archive.writestr("a.csv", "symbol,date,close\n" + "QCOM,2024-12-31,1\n" * 1_000_000)
    for name, column in {
        "bool": pa.array([True] * 30),
        "list": pa.array([[1.0]] * 30),
        "bytes": pa.array([b"\xff"] * 30),
        "null": pa.nulls(30),
    }.items():
        pq.write_table(
            pa.table({"symbol": ["QCOM"] * 30, "date": days, "close": column}), f"{name}.parquet"
        )
    os.mkfifo("pipe")
    Path("many").mkdir()
    Path("many/a.csv").write_text(rows("1"), "utf-8")
    for name, file, text in (
        ("r-deep", "report.toml", "\nx = " + "[" * 20_000),
        ("r-key", "report.toml", "\nnope = 1\n"),
        ("r-nul", "suppliers.csv", "\0"),
        ("r-quote", "suppliers.csv", '"' + "a\n" * 10_000),
        ("r-field", "suppliers.csv", "a" * 300_000),
    ):
        shutil.copytree("rep", name)
        with Path(name, file).open("a", encoding="utf-8") as stream:
            stream.write(text)
    for name in ("r-pipe", "r-bytes", "r-folder"):
        shutil.copytree("rep", name)
        Path(name, "suppliers.csv").unlink()
    os.mkfifo("r-pipe/suppliers.csv")
    Path("r-bytes/suppliers.csv").write_bytes(b"\xff\xfe\0\0")
    Path("r-folder/suppliers.csv").mkdir()
    for name, manifest in (
        ("deep", '{"schema_version":1,"x":' + "[" * 50_000 + "]" * 50_000 + "}"),
        ("nan", '{"schema_version":1,"x":NaN}'),
        ("half", '{"schema_version":1,"x":"\\ud800"}'),
    ):
        Path("weeks-" + name, "2026-01-09").mkdir(parents=True)
        Path("weeks-" + name, "2026-01-09", "manifest.json").write_text(manifest, "utf-8")


def attacks() -> list[Attack]:
    """Everything that is tried, in the order of the table."""
    dates = (
        "20241231",
        "2024-W52-2",
        "31/12/2024",
        "2024-02-30",
        "0001-01-01",
        "2999-12-31",
        "٢٠٢٤-12-31",
    )
    files = {
        "plain": "not a price file",
        "empty.csv": "empty",
        "page.csv": "HTML",
        "json.csv": "JSON",
        "true.csv": "not a number",
        "words.csv": "not a number",
        "year1.csv": "not a date",
        "year9999.csv": "not a date",
        "twice.csv": "twice.csv",
        "quote.csv": "quotation mark",
        "wide.csv": "columns",
        "bytes.csv": "bytes.csv",
        "half.parquet": "damaged",
        "book.xlsx": "damaged",
        "old.xls": "damaged",
        "short.csv.gz": "gzip",
        "bool.parquet": "not a number",
        "list.parquet": "cannot be read",
        "bytes.parquet": "cannot be read",
        "pipe": "no such file",
        "/dev/null": "no such file",
        "nowhere.csv": "no such",
        LONG: "no such",
        "rep/../many/b.csv": "no such",
    }
    found = [
        *(
            Attack("a day that is none", f"screen --published {one} --prices simulated", 2, one[:4])
            for one in dates
        ),
        *(
            Attack("the same as last day", f"{SCREEN[:29]} --as-of {one} --prices simulated", 2, "")
            for one in dates[:4]
        ),
        *(
            Attack("no prices: " + one[:20], f"{SCREEN} --prices {one}", 2, said)
            for one, said in files.items()
        ),
        Attack("closes below zero", f"{SCREEN} --prices minus.csv", 2, "below zero"),
        Attack("closes beyond a float", f"{SCREEN} --prices endless.csv", 2, "--allow-missing"),
        Attack("closes that are null", f"{SCREEN} --prices null.parquet", 4, "no"),
        Attack(
            "unpacked a hundredfold",
            f"{SCREEN} --prices bomb.zip --max-size 0.001",
            2,
            "--max-size",
        ),
        Attack("an infinite size", f"{SCREEN} --prices plain --max-size inf", 2, "not a price"),
    ]
    tables = [
        (
            "the page over the prices",
            f"{SCREEN} --prices good.csv --html good.csv",
            2,
            "would replace",
        ),
        (
            "the page over the report",
            f"{SCREEN} --report rep --prices simulated --html rep/report.toml",
            2,
            "lies among",
        ),
        ("tables among the prices", f"{SCREEN} --prices many --csv many", 2, "lies among"),
        ("tables into a file", f"{MADE} --html new.html --csv plain", 2, "folder"),
        ("the page into a folder", f"{MADE} --html rep", 2, "is a folder"),
        ("the page below a file", f"{MADE} --html plain/a.html", 2, "no folder"),
        ("the page into a pipe", f"{MADE} --html pipe", 2, "ordinary"),
        ("the page over a device", f"{MADE} --html /dev/null", 2, "ordinary"),
        ("a name too long", f"{MADE} --html {LONG}", 2, "too long"),
        ("two outputs of one name", f"{MADE} --html a --xlsx ./a", 2, "one name"),
        ("a page among the tables", f"{MADE} --html o/total.csv --csv o", 2, "one name"),
        (
            "a record over its calls",
            "record calls.csv --prices good.csv --xlsx calls.csv",
            2,
            "would replace",
        ),
        ("an export into a folder", "prices export rep", 2, "is a folder"),
        ("a report over a file", "report new plain", 2, "folder"),
        ("a report over a report", "report new rep", 2, "already"),
        ("a configuration over a file", "weekly new plain", 2, "already"),
        ("half a window", f"{MADE} --window 2025-01-01..", 2, "not a date"),
        ("a window backwards", f"{MADE} --window 2025-03-01..2025-01-01", 2, "ends before"),
        ("a window of no months", f"{MADE} --window 0m", 2, "not a date"),
        ("a day without hyphens", f"{MADE} --window 20250101", 2, "not a date"),
        ("a choice of nothing", f"{MADE} --choices TCL=", 2, "NAME=VALUE"),
        ("a choice of nobody", f"{MADE} --choices TCL=NOPE", 2, "no listing"),
        ("a benchmark of nothing", f"{MADE} --benchmark XNAS=", 2, "NAME=VALUE"),
        ("a stock as benchmark", f"{MADE} --benchmark XNAS=AAPL", 2, "no index"),
        ("sessions beyond all", f"{MADE} --max-stale-sessions 1{'0' * 30}", 2, "sessions"),
        ("sessions below zero", f"{MADE} --max-stale-sessions -1", 2, "Usage"),
        ("a schema of the future", f"{MADE} --json-schema 3", 2, "Usage"),
        ("two outputs, one stream", f"{MADE} --json --markdown", 2, "one of them"),
        ("an option that does nothing", f"{MADE} --static", 2, "--html"),
        ("an unknown option", f"{SCREEN} --nope", 2, "Usage"),
        ("an unknown command", "nope", 2, "Usage"),
        ("an unknown language", f"{MADE} --lang fr", 2, "Usage"),
        ("a report nested too deeply", "report validate r-deep", 2, "nested too deeply"),
        ("an unknown key", "report validate r-key", 2, "unknown key"),
        ("NUL in a table", "report validate r-nul", 2, "suppliers.csv"),
        ("a quotation mark left open", "report validate r-quote", 2, "suppliers.csv"),
        ("a cell of 300,000 characters", "report validate r-field", 2, "suppliers.csv"),
        ("a pipe as table", "report validate r-pipe", 2, "a pipe"),
        ("UTF-16 as table", "report validate r-bytes", 2, "UTF-16"),
        ("a folder as table", "report validate r-folder", 2, "suppliers.csv"),
        ("a file as report", "report validate plain", 2, "not a folder"),
        ("a report too long", f"report validate {LONG}", 2, "too long"),
        ("a short name with blanks", "report new new --id A.B", 2, "short name"),
        ("a house without a day", "report new new --house CICC", 2, "published"),
        ("a pipe as report", "report extract pipe", 2, "a pipe"),
        ("no report there", "report extract nowhere", 2, "no such file"),
        ("a configuration too deep", "weekly run deep.toml", 2, "nested too deeply"),
        ("a key of 50,000 parts", "weekly run dots.toml", 2, "64 parts"),
        ("a number of 5,000 digits", "weekly run digits.toml", 2, "4300"),
        ("a key that nearly is", "weekly run typo.toml", 2, "did you mean archive"),
        ("NUL in a path", "weekly run nul.toml", 2, "NUL"),
        ("a screen named ..", "weekly run dots-name.toml", 2, "folder name"),
        ("a week's date as text", "weekly run dateweek.toml", 2, "no date"),
        ("no such report", "weekly run noreport.toml", 2, "no such folder"),
        ("a file as archive", "weekly run filefolder.toml", 4, "plain"),
        ("a pipe as configuration", "weekly run pipe", 2, "a pipe"),
        ("no configuration", "weekly run nowhere", 2, "no such file"),
        ("a moment of no time", "weekly run w.toml --known-on 2026-W02-6", 2, "no moment"),
        (
            "a moment before all time",
            "weekly run w.toml --known-on 0001-01-01T00:00:00+14:00",
            2,
            "time",
        ),
        ("a week to come", "weekly run w.toml --as-of 2999-01-01", 2, "2999"),
        ("a manifest too deep", "weekly list weeks-deep --lang en", 2, ""),
        ("a manifest of no number", "weekly list weeks-nan --lang en", 2, ""),
        ("half a character in it", "weekly list weeks-half --lang en", 2, ""),
        ("no archive", "weekly list nowhere", 2, "no such archive"),
        ("no week", "weekly rebuild rep new", 2, "no week"),
        ("no scheduler", "weekly schedule nope w.toml", 2, "Usage"),
        ("no store: status", "prices status --store none --lang en", 4, ""),
        ("no store: check", "prices check --store none", 4, "none"),
        ("no store: repair", "prices repair --store none", 4, "no price history"),
        ("no store: export", "prices export new.csv --store none", 4, "no price history"),
        ("no store: record", "record calls.csv --store none", 4, "no price history"),
        ("no store: screen", f"{SCREEN} --store none", 4, "prices update"),
        ("a store below a file", "prices import good.csv --store plain/x", 4, "plain/x"),
        ("a store in a pipe", "prices import good.csv --store pipe", 4, "pipe"),
        ("a store without a name", "prices import good.csv --store=", 2, "no name"),
        ("an update without a network", "prices update --offline", 2, "--offline"),
        ("words of no level", "record calls.csv --prices good.csv --words x", 2, "NAME=VALUE"),
        ("columns of no role", "record calls.csv --prices good.csv --columns nope=x", 2, "nope"),
        ("a list of nobody", "universe import good.csv --as-of x", 2, "not a date"),
        ("a list in a pipe", "universe import pipe", 2, "a pipe"),
    ]
    return found + [Attack(*one) for one in tables]


def asked(attack: Attack) -> Answer:
    """The program's answer, in this process: imports are paid once."""
    out, err = io.StringIO(), io.StringIO()
    code: int | str
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            app(attack.words.split())
            code = 0
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else 1
        except ScreenError as error:
            code = int(fail(error))
        except BaseException as error:  # noqa: BLE001  a fault of the program, for the table
            code = f"1, {type(error).__name__}"
            err.write(f"error: {error}")
    return Answer(code, out.getvalue(), err.getvalue())


def quietly(words: str) -> None:
    """Run a command for what it makes."""
    answer = asked(Attack("", words, 0, ""))
    if answer.code:
        raise RuntimeError(answer.err)


def faults(attack: Attack, answer: Answer) -> str:
    """What is wrong with an answer; empty where it is as documented."""
    told = answer.out + answer.err
    if answer.code != attack.code:
        return f"exit code {answer.code} instead of {attack.code}"
    if not any(one in told for one in attack.said.split("|")):
        return f"does not say {attack.said!r}"
    if "Traceback" in told or "nan%" in told:
        return "says what nobody should read"
    return ""


# --- Environments -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """An environment: variables, the interpreter's options, a shell's line before the program."""

    name: str
    variables: tuple[tuple[str, str | None], ...] = ()
    options: str = ""
    shell: str = "$P"


def places() -> Iterator[Place]:
    """Fifty of them."""
    for locale in ("C", "POSIX", "C.UTF-8", "en_US.UTF-8", "zh_CN.GBK", "xx_YY.nothing", ""):
        yield Place(f"LC_ALL={locale}", (("LC_ALL", locale),))
    for encoding in (
        "ascii",
        "cp1252",
        "cp936",
        "gb18030",
        "big5",
        "shift_jis",
        "utf-16",
        "latin-1:strict",
    ):
        yield Place(f"PYTHONIOENCODING={encoding}", (("PYTHONIOENCODING", encoding),))
    for name, value in (
        ("PYTHONUTF8", "0"),
        ("PYTHONUTF8", "1"),
        ("TZ", "Asia/Shanghai"),
        ("TZ", "America/New_York"),
        ("TZ", "Not/AZone"),
        ("TZ", ""),
        ("COLUMNS", "20"),
        ("COLUMNS", "0"),
        ("COLUMNS", "many"),
        ("COLUMNS", "100000"),
        ("NO_COLOR", "1"),
        ("FORCE_COLOR", "1"),
        ("TERM", "dumb"),
        ("TERM", ""),
        ("HOME", None),
        ("HOME", "/nowhere"),
        ("HOME", "/dev/null"),
        ("HOME", ""),
        ("XDG_DATA_HOME", "/nowhere"),
        ("XDG_CACHE_HOME", "/dev/null"),
        ("TMPDIR", "/nowhere"),
        ("TMPDIR", "/dev/null"),
        ("PATH", ""),
        ("PYTHONHASHSEED", "0"),
        ("PYTHONDONTWRITEBYTECODE", "1"),
        ("PYTHONDEVMODE", "1"),
        ("JAVA_HOME", "/nowhere"),
        ("https_proxy", "nonsense"),
    ):
        shown = "unset" if value is None else f"={value}"
        yield Place(f"{name} {shown}".replace(" =", "="), ((name, value),))
    yield Place("python -O", options="-O")
    yield Place("python -OO", options="-OO")
    yield Place("python -W error", options="-W error")
    yield Place("python -B -s", options="-B -s")
    for name, line in (
        ("umask 777", "umask 777; $P"),
        ("umask 000", "umask 000; $P"),
        ("a folder that is gone", "mkdir gone && cd gone && rmdir ../gone && $P"),
        ("standard input closed", "$P <&-"),
        ("standard error closed", "$P 2>&-"),
        ("standard error full", "$P 2>/dev/full"),
        ("64 open files", "ulimit -n 64; $P"),
        ("a terminal", "script -qec '$P' /dev/null"),
    ):
        yield Place(name, shell=line)


def visited(place: Place, words: str = "report show") -> subprocess.CompletedProcess[bytes]:
    """The program in an environment."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    for name, value in place.variables:
        if value is None:
            environment.pop(name, None)
        else:
            environment[name] = value
    program = f"{sys.executable} {place.options} -m supplychain_screen.cli {words}"
    return subprocess.run(
        ["/bin/bash", "-c", place.shell.replace("$P", program)],
        capture_output=True,
        env=environment,
    )


def wrong_with(place: Place, run: subprocess.CompletedProcess[bytes]) -> str:
    """What is wrong with a visit; empty where the program said what it says everywhere."""
    said = run.stdout + run.stderr
    if run.returncode:
        return f"exit code {run.returncode}: {said.decode('utf-8', 'replace').strip()[-200:]}"
    if b"Traceback" in said or b"Warning" in said:
        return said.decode("utf-8", "replace").strip()[-200:]
    return "" if len(run.stdout) > 500 else "says too little"


# --- The tables -------------------------------------------------------------------------------


def main() -> int:
    """Try everything and write the tables; the exit code counts what failed."""
    warnings.simplefilter("error")
    lines = ["| what | asked | exit code | said |", "|---|---|---:|---|"]
    failed = 0
    for attack, answer in tried():
        fault = faults(attack, answer)
        failed += bool(fault)
        words = attack.words.replace(LONG, "xxx…")
        said = answer.message.replace(LONG, "xxx…").removeprefix("error: ")
        said = said.replace(f"{answer.place}{os.sep}", "")
        cells = (attack.name, f"`{_short(words, 70)}`", str(answer.code), _short(said, 90))
        lines.append("| " + " | ".join(one.replace("|", "\\|") for one in cells) + " |")
        if fault:
            print(f"{attack.name}: {attack.words[:90]}: {fault}; {answer.err[-300:]}")
    tried_inputs = len(lines) - 2
    lines += ["", "| environment | how it went |", "|---|---|"]
    with _folder():
        for place in places():
            fault = wrong_with(place, visited(place))
            failed += bool(fault)
            how = f"**{_short(fault, 60)}**" if fault else "as everywhere"
            lines.append(f"| {place.name} | {how} |")
            if fault:
                print(f"{place.name}: {fault}")
    _write(lines)
    visits = sum(1 for _ in places())
    print(f"{tried_inputs} inputs, {visits} environments, {failed} not as documented")
    return min(failed, 99)


def tried(every: int = 1) -> Iterator[tuple[Attack, Answer]]:
    """Attacks with their answers, in a folder of their own."""
    with _folder():
        desk()
        for attack in attacks()[::every]:
            before = _contents()
            answer = asked(attack)
            if answer.code in (2, 4) and (new := _contents() ^ before):
                answer = Answer(f"{answer.code}, but wrote {min(new)[0]}", answer.out, answer.err)
            yield attack, replace(answer, place=str(Path.cwd()))


def _contents() -> set[tuple[str, int]]:
    """Files of the current folder with their sizes; what locks and stores leave is theirs."""
    return {
        (str(path), path.stat().st_size)
        for path in Path().rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.parts)
    }


@contextlib.contextmanager
def _folder() -> Iterator[None]:
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        homes = {name: os.environ.get(name) for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME")}
        os.environ.update(dict.fromkeys(homes, str(Path(folder, ".home"))))
        try:
            yield
        finally:
            os.chdir(before)
            for name, value in homes.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


def _short(text: str, most: int) -> str:
    shown = " ".join(text.split())
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def _write(lines: list[str]) -> None:
    text = PAGE.read_text("utf-8")
    head, begins, rest = text.partition("<!-- tables: make attack -->\n")
    _, ends, tail = rest.partition("<!-- end of tables -->")
    PAGE.write_text(head + begins + "\n" + "\n".join(lines) + "\n\n" + ends + tail, "utf-8")


if __name__ == "__main__":
    sys.exit(main())
