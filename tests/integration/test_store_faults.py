"""A store that cannot be read or written says which file, what to do, and stays as it was."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.price_histories import BYD, ESPRESSIF, history

from supplychain_screen.errors import StoreError
from supplychain_screen.prices.store import PriceStore
from supplychain_screen.prices.store.tables import SCHEMA_VERSION

WHOLE = (date(2025, 1, 1), date(2025, 12, 31))
TRADED = {"2025-06-02": 189.0, "2025-06-03": 196.0, "2025-06-04": 138.0}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    store = PriceStore(tmp_path / "prices")
    store.add([history(TRADED, splits=[("2025-06-04", 1.4)])], [ESPRESSIF])
    return tmp_path / "prices"


def only(folder: Path, pattern: str) -> Path:
    (file,) = folder.glob(pattern)
    return file


def read(place: Path) -> list[float]:
    loaded = PriceStore(place).load([ESPRESSIF], *WHOLE, "price")
    closes: list[float] = loaded.series[ESPRESSIF.id].close.tolist()
    return closes


def truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


@pytest.mark.parametrize("table", ["bars", "events", "fetches"])
@pytest.mark.parametrize("damage", [truncate, Path.unlink, lambda file: file.write_bytes(b"")])
def test_a_damaged_file_is_named(place: Path, table: str, damage: Callable[[Path], object]) -> None:
    file = only(place / table, "*.parquet")
    damage(file)
    with pytest.raises(StoreError, match=file.name) as caught:
        read(place)
    assert "restore the folder from a copy" in str(caught.value)
    assert any(file.name in one for one in PriceStore(place).check().problems)


@pytest.mark.parametrize("table", ["bars", "events", "fetches"])
@pytest.mark.parametrize("damage", [truncate, lambda file: file.write_text("{not json")])
def test_a_damaged_log_is_named(place: Path, table: str, damage: Callable[[Path], object]) -> None:
    for log in (place / table / "_delta_log").glob("*.json"):
        damage(log)
    with pytest.raises(StoreError, match=f"prices/{table}") as caught:
        read(place)
    assert "restore the folder from a copy" in str(caught.value)


def test_a_store_of_a_newer_schema_is_neither_read_nor_written(place: Path) -> None:
    log = place / "fetches" / "_delta_log" / f"{0:020}.json"
    newer = log.read_text().replace(
        f'"supplychain_screen.schema":"{SCHEMA_VERSION}"',
        f'"supplychain_screen.schema":"{SCHEMA_VERSION + 1}"',
    )
    assert newer != log.read_text()
    log.write_text(newer)
    # a newer program keeps the checksums of what it writes
    shutil.rmtree(place / "fetches" / "_sums")
    before = sorted(str(path) for path in place.rglob("*"))
    for use in (
        lambda: read(place),
        lambda: PriceStore(place).add([history(TRADED)], [ESPRESSIF]),
        lambda: PriceStore(place).compact(datetime(2025, 7, 1, tzinfo=UTC)),
        lambda: PriceStore(place).status(),
    ):
        with pytest.raises(StoreError, match=r"newer version.*upgrade with"):
            use()
    assert sorted(str(path) for path in place.rglob("*")) == before


def test_somebody_elses_delta_table_is_left_alone(tmp_path: Path) -> None:
    import pyarrow as pa
    from deltalake import write_deltalake

    write_deltalake(tmp_path / "fetches", pa.table({"a": [1]}))
    with pytest.raises(StoreError, match="not one of a price history"):
        PriceStore(tmp_path).load([ESPRESSIF], *WHOLE, "price")
    with pytest.raises(StoreError, match="choose another folder"):
        PriceStore(tmp_path).add([history(TRADED)], [ESPRESSIF])


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "prices").write_text("mine")
    with pytest.raises(StoreError, match="a file is in the way"):
        PriceStore(tmp_path / "prices").add([history(TRADED)], [ESPRESSIF])
    with pytest.raises(StoreError, match="a file is in the way"):
        PriceStore(tmp_path / "prices").load([ESPRESSIF], *WHOLE, "price")
    assert (tmp_path / "prices").read_text() == "mine"


def child(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script in a child of its own: limits and users cannot be taken back."""
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )


FULL = """
import resource, signal, sys
from supplychain_screen.errors import StoreError
from supplychain_screen.prices.store.price_store import PriceStore
from tests.price_histories import BYD, history

store = PriceStore(sys.argv[1])
answer = history({f"2025-06-{day:02}": float(day) for day in range(2, 28)}, of=BYD)
store.status()
# as a full disk does: no file grows beyond so many bytes
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    store.add([answer], [BYD])
except StoreError as error:
    print(error)
"""


@pytest.mark.parametrize(
    "limit",
    [1000, *(pytest.param(limit, marks=pytest.mark.slow) for limit in (1, 400, 2000, 2400))],
)
def test_no_space_left(place: Path, limit: int) -> None:
    """The disk is full at the bars, at the log, or at the verdict."""
    ran = child(FULL, str(place), str(limit))
    assert "free some space" in ran.stdout, ran.stdout + ran.stderr
    assert str(place) in ran.stdout
    store = PriceStore(place)
    assert store.check().problems == ()
    assert read(place) == pytest.approx([135.0, 140.0, 138.0])
    assert store.load([BYD], *WHOLE, "price").failures
    # and with space again, the same answer is stored
    store.add([history({"2025-06-02": 40.0}, of=BYD)], [BYD])
    assert not PriceStore(place).load([BYD], *WHOLE, "price").failures


FORBIDDEN = """
import os, sys
# before the change of user: this Python may lie where only its owner can read
import deltalake.exceptions, deltalake.fs, pyarrow.dataset, pyarrow.fs, pyarrow.parquet
from supplychain_screen.errors import StoreError
from supplychain_screen.prices.store.price_store import PriceStore
from tests.price_histories import BYD, ESPRESSIF, history
from datetime import date

if os.getuid() == 0:
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
store = PriceStore(sys.argv[1])
for use in (
    lambda: store.load([ESPRESSIF], date(2025, 1, 1), date(2025, 12, 31), "price"),
    lambda: store.add([history({"2025-06-02": 40.0}, of=BYD)], [BYD]),
):
    try:
        use()
        print("went through")
    except StoreError as error:
        print(str(error).replace(chr(10), " "))
"""


def outsiders_may(path: Path) -> None:
    """Let another user reach a folder of pytest's."""
    for folder in path.parents:
        if folder.stat().st_uid == os.getuid() and folder != Path(folder.anchor):
            folder.chmod(folder.stat().st_mode | 0o055)


def test_no_permission_to_write(place: Path) -> None:
    outsiders_may(place)
    before = PriceStore(place).check()
    for path in (place, *place.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        ran = child(FORBIDDEN, str(place))
    finally:
        for path in (place, *place.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert len(ran.stdout.splitlines()) == 2, ran.stdout + ran.stderr
    reading, writing = ran.stdout.splitlines()
    assert reading == "went through"
    assert "the right to write there" in writing
    assert str(place) in writing
    assert PriceStore(place).check() == before


def test_no_permission_to_read(place: Path) -> None:
    outsiders_may(place)
    place.chmod(0o000)
    try:
        ran = child(FORBIDDEN, str(place))
    finally:
        place.chmod(0o755)
    for line in ran.stdout.splitlines():
        assert "give yourself the right" in line, ran.stdout + ran.stderr
    assert len(ran.stdout.splitlines()) == 2


def test_what_other_programs_see(place: Path) -> None:
    """The tables are plain Delta: named columns, null for unknown, the fetch behind each row."""
    from deltalake import DeltaTable

    bars = DeltaTable(place / "bars").to_pandas()
    assert bars["close"].tolist() == list(TRADED.values())
    assert bars["listing"].unique().tolist() == [ESPRESSIF.id]
    fetches = DeltaTable(place / "fetches").to_pandas()
    assert fetches["fetch"].tolist() == bars["fetch"].unique().tolist()
    events = DeltaTable(place / "events").to_pandas()
    assert events[["kind", "value"]].to_dict("records") == [{"kind": "split", "value": 1.4}]


# --- Object stores --------------------------------------------------------------------------


class Refusing(BaseHTTPRequestHandler):
    """An object store that grants nothing: every request gets the same error."""

    status, code = 404, "NoSuchBucket"

    def do_GET(self) -> None:
        body = f"<Error><Code>{self.code}</Code></Error>".encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_PUT = do_HEAD = do_POST = do_GET  # noqa: N815 - the names http.server calls

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize(
    ("status", "code", "http", "remedy"),
    [
        (404, "NoSuchBucket", "true", "create the bucket first"),
        (403, "AccessDenied", "true", "check the credentials"),
        (403, "AccessDenied", "false", "set AWS_ALLOW_HTTP=true"),
    ],
)
def test_what_an_object_store_refuses_is_told_with_a_remedy(
    status: int, code: str, http: str, remedy: str
) -> None:
    handler = type("Handler", (Refusing,), {"status": status, "code": code})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        options = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_address[1]}",
            "AWS_ALLOW_HTTP": http,
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing",
            "AWS_REGION": "us-east-1",
        }
        store = PriceStore("s3://bucket/prices", storage_options=options)
        for attempt in (
            store.status,
            lambda: store.add([history(TRADED)], [ESPRESSIF]),
        ):
            with pytest.raises(StoreError, match=remedy) as caught:
                attempt()
            assert "s3://bucket/prices" in str(caught.value)
            assert "\x1b" not in str(caught.value)
            assert "damaged" not in str(caught.value)
        server.shutdown()
