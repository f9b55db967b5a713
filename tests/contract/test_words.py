"""Whatever the code can say is said in both languages: keys and facts are read from the code."""

from __future__ import annotations

import ast
import json
import re
import string
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from supplychain_screen import SimulatedSource, errors, load_report, scoring, screen, terminal_table
from supplychain_screen.errors import SourceError
from supplychain_screen.prices.store.acceptance import Reason
from supplychain_screen.prices.store.repair import DAMAGED
from supplychain_screen.prices.store.updating import UpdateOutcome, UpdateReport, reason_of
from supplychain_screen.record.track_records import ROW_REASONS
from supplychain_screen.research import Mention
from supplychain_screen.weekly.publishing import inputs_of
from supplychain_screen.words import (
    ACTIONS,
    CAUSES,
    COLUMNS,
    COMMAND_CODES,
    CONFIDENCES,
    FINDINGS,
    INPUTS,
    REASON_SENTENCES,
    REASONS,
    RECORD_MEAN_REASONS,
    RECORD_ROW_REASONS,
    RECORD_TARGET_REASONS,
    ROLES,
    SHORT_COLUMNS,
    STAGES,
    STATUSES,
    WINDOWS,
    Message,
    message,
    message_phrase,
)
from supplychain_screen.words.messages import templates

SOURCE = Path(__file__).parents[2] / "src" / "supplychain_screen"
FINDERS = {"Finding", "finding", "note", "_finding", "_dropped", "_holes", "_tail"}
"""What makes findings; a code is a word that it is given, or kept under the name ``code``."""

CHINESE = re.compile("[㐀-鿿]")


CODES = {"basis": "total", "adjustment": "splits", "finding": "unit_jump", "reason": "delisted"}
CODES |= {"cause": "new_prices", "rule": "basis", "window": "6m", "stage": "12m"}
CODES |= {"policy": "before", "comparison": "ratio", "return_basis": "total"}
CODES |= {"scale_kind": "absolute", "study": "beta", "study_reason": "too_few_dates"}
CODES |= {"unrated": "delisted", "code": "unit_jump", "group": "firm", "groups": "firm"}
CODES |= {"source": "file prices.csv", "output": "page", "fetched": "unreachable"}


@lru_cache(maxsize=1)
def code() -> Mapping[Path, ast.Module]:
    """Every module of the package but the words themselves, parsed."""
    return {
        path: ast.parse(path.read_text("utf-8"))
        for path in sorted(SOURCE.rglob("*.py"))
        if path.parent.name != "words"
    }


def called(node: ast.Call) -> str:
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def constants(node: ast.expr) -> list[str] | None:
    """The keys that an argument can be; None where they are not written there."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        one, other = constants(node.body), constants(node.orelse)
        return None if one is None or other is None else one + other
    return None


def messages_made() -> Iterator[tuple[str, str, set[str]]]:
    """Where, key and facts of every message that the code makes."""
    for path, tree in code().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and called(node) == "message":
                where = f"{path.relative_to(SOURCE)}:{node.lineno}"
                keys = constants(node.args[0])
                assert keys is not None, f"{where}: a key stands in the call, for this test to see"
                facts = {one.arg for one in node.keywords if one.arg}
                assert len(facts) == len(node.keywords), f"{where}: facts stand in the call"
                yield from ((where, key, facts) for key in keys)


def blanks(template: str) -> dict[str, str]:
    """Blanks of a template and their formats; a format may have blanks of its own."""
    found: dict[str, str] = {}
    for _, name, spec, _ in string.Formatter().parse(template):
        if name:
            found = blanks(spec or "") | found | {name: spec or ""}
    return found


def samples(template: str) -> dict[str, object]:
    """A fact for each blank, by its format."""

    def sample(spec: str) -> object:
        kind = spec.partition("/")[0]
        if kind.startswith("@"):
            return CODES[kind[1:]]
        if kind.startswith("%"):
            return datetime(2025, 1, 2, 16, 30, tzinfo=UTC)
        if "~" in kind or kind.startswith("?") or kind.endswith("d"):
            return 7
        named = not kind or kind.strip("&;,、；，") == "" or " " in kind
        return "ABC" if named else 0.125

    return {name: sample(spec) for name, spec in blanks(template).items()}


def codes_of(tree: ast.Module) -> set[str]:
    """Codes of findings: words given to what makes findings, or kept as ``code``."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in FINDERS:
            given = [*node.args, *(one.value for one in node.keywords if one.arg != "reach")]
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in CODE_NAMES:
            given = [node.value]
        else:
            continue
        for one in given:
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                found.add(one.value)
    return {one for one in found if re.fullmatch(r"[a-z_]+", one)} - ACTIONS.keys()


CODE_NAMES = {"code", "CODE", "NOT_UPDATED"}


def test_every_message_of_the_code_has_a_template_and_every_template_a_message() -> None:
    made = list(messages_made())
    for where, key, _ in made:
        assert key in templates(), f"{where} says {key}: give it words in both languages"
    assert {key for _, key, _ in made} == set(templates())


def test_facts_and_blanks_are_the_same() -> None:
    for where, key, facts in messages_made():
        zh, en = templates()[key]
        assert blanks(en).keys() == blanks(zh).keys() == facts, f"{where}: {key}"


@pytest.mark.parametrize("key", sorted(templates()))
def test_a_message_is_said_in_both_languages(key: str) -> None:
    zh, en = templates()[key]
    said = message(key, **samples(en)).phrase
    # What no market ever saw is stamped in both languages at once.
    assert not CHINESE.search(re.sub("SIMULATED 模拟(数据)?", "", said.en))
    # Each language joins the parts of a list in its own way.
    assert not re.search(":[&;,]\\}", zh)
    assert not re.search(":[、；，]\\}", en)
    for template, text in ((zh, said.zh), (en, said.en)):
        assert "{{" in template or not re.search("[{}]", text)
    # A template of blanks and signs alone needs no language.
    if re.search(r"[^\W\d_]", re.sub(r"\{.*?\}", "", zh)):
        assert CHINESE.search(said.zh)
        assert not re.search(r"\b(the|of|is|without)\b", said.zh)


def test_a_message_counts_joins_names_and_nests() -> None:
    one = message("tail", last="2025-01-02", n=1, end="2025-01-03")
    assert str(one) == "last close 2025-01-02, 1 session before 2025-01-03"
    two = message("provisional_sessions", calendars=("XSHG", "XHKG"), end="2025-12-31", n=2)
    assert two.of("en").startswith("the calendar of XSHG and XHKG ends on 2025-12-31;")
    assert two.of("en").endswith(" 2 weekdays without proof of a session")
    assert two.of("zh").startswith("XSHG、XHKG 的交易日历止于 2025-12-31")
    asked = message("basis_substituted.none", basis="total", whose="ABC")
    assert asked.of("zh") == (
        "所选口径为总收益；ABC的收盘价未复权，包含送转股的跳空；请连同送转股一并给出"
    )
    why = message("move.limit", limit=0.2)
    assert message("beyond_limit", move=-0.2512, why=why).phrase == (
        "−25.1%，超出每日 20% 的涨跌幅限制",
        "−25.1%, beyond the daily limit of 20%",
    )


FITTED = re.compile(r"\{\w+:\?(?:[^{}]|\{[^{}]*\})*\}")
COUNTED = re.compile(r"\{(?:n|of|rows|runs|rated|calls|months|min_runs|age)(?::,d)?\} ([a-z-]+)")
"""What fits a count already; and a bare count before a word."""


@pytest.mark.parametrize("key", sorted(templates()))
def test_a_count_of_one_has_the_word_of_one(key: str) -> None:
    # Of these there is no other word for one.
    alike = {"series", "words", "less"}
    for word in COUNTED.findall(FITTED.sub("", templates()[key].en)):
        many = word.endswith("s") or word in ("are", "were", "have")
        assert not many or word in alike, f"{key}: {word}"


def test_a_price_file_has_its_word_in_chinese() -> None:
    said = message("source.no_row", source="file a.csv", symbol="QCOM").phrase
    assert said.zh == "文件 a.csv 在所求日期内没有 QCOM 的行情"
    assert said.en == "file a.csv has no row of QCOM in the asked range"
    assert message("status.source", source="DataFrame").of("zh") == "来源：数据框"
    assert message("status.source", source="yahoo").of("zh") == "来源：yahoo"


def test_counts_of_one() -> None:
    assert str(message("match.several", n=1)).startswith("1 listing has this name:")
    assert str(message("basis_substituted.all", n=1)) == "the one listing"
    assert str(message("basis_substituted.all", n=36)) == "all 36 listings"
    few = message("record.league.few", n=1, group="analyst", min_runs=20)
    assert str(few) == "1 analyst has fewer than 20 judged calls and no rank."
    assert str(message("record.no_prices", n=1200)) == "1,200 calls without prices"
    assert str(message("record.no_prices", n=1)) == "1 call without prices"
    assert message("record.no_prices", n=1).of("zh") == "1 次评级没有行情"


def test_words_without_a_template_and_facts_without_a_blank_are_refused() -> None:
    with pytest.raises(KeyError):
        Message("no_such_key").of("zh")
    with pytest.raises(KeyError, match="n"):
        message("tail", last="2025-01-02", end="2025-01-03").of("en")


def test_free_words_stay_as_they_are() -> None:
    assert message_phrase("a word of somebody's own") == ("a word of somebody's own",) * 2


def test_every_finding_has_a_name_and_every_name_a_finding() -> None:
    made = {path: codes_of(tree) for path, tree in code().items()}
    assert set().union(*made.values()) == FINDINGS.keys()
    for words in FINDINGS.values():
        assert CHINESE.search(words.zh)
        assert not CHINESE.search(words.en)


def test_every_check_is_listed_where_the_checks_run() -> None:
    sessions = SOURCE / "prices" / "sessions.py"
    for path, tree in code().items():
        if path.parent.name == "quality" or path == sessions:
            told = ast.get_docstring(tree) or ""
            assert set(re.findall(r"^``(\w+)``  ", told, flags=re.MULTILINE)) == codes_of(tree)


@pytest.mark.parametrize("months", [1, 3, 9, 18])
def test_windows_stages_and_columns_of_any_standard_speak_both_languages(months: int) -> None:
    window = f"{months}m"
    said = [
        WINDOWS[window],
        STAGES[window],
        COLUMNS[f"relative_return_{window}"],
        COLUMNS[f"rating_{window}"],
        SHORT_COLUMNS[f"relative_return_{window}"],
    ]
    plural = "month" if months == 1 else "months"
    assert said == [
        (f"{months}个月", f"{months} {plural}"),
        (f"{months}个月已定", f"{months} {plural} final"),
        (f"{months}个月相对收益", f"Relative {months}m"),
        (f"{months}个月评级", f"Rating {months}m"),
        (f"{months}个月相对", f"At {months}m"),
    ]


def test_what_no_rule_names_has_no_name() -> None:
    for key in ("rating_xm", "relative_return_", "m", "to date"):
        assert COLUMNS.get(key) is None
        assert WINDOWS.get(key) is None


def test_the_output_of_a_standard_of_three_and_nine_months_has_no_key_in_it() -> None:
    report = load_report()
    standard = report.standard.model_copy(update={"first_months": 3, "last_months": 9})
    report = report.model_copy(update={"standard": standard})
    result = screen(report, "2024-12-31", "2025-05-30", prices=SimulatedSource())
    for text in (terminal_table(result, "zh"), result.to_markdown("zh"), result.to_html()):
        shown = re.sub(r"<script.*?</script>|<style.*?</style>|<[^>]*>", "", text, flags=re.DOTALL)
        assert not re.search(r"\b(rating_|relative_return_)?[39]m\b", shown)
        assert "3个月" in shown


def test_every_reason_and_stage_of_the_code_has_words() -> None:
    assert set(REASONS) == set(scoring.REASONS) - {""}
    assert set(REASON_SENTENCES) == set(REASONS)
    docs = SOURCE.parents[1] / "docs"
    schema = json.loads((docs / "result.schema.json").read_text("utf-8"))
    method = (docs / "method.md").read_text("utf-8")
    for reason in REASONS:
        assert reason in schema["$defs"]["reason"]["enum"], f"docs/result.schema.json: {reason}"
        assert f"`{reason}`" in method, f"docs/method.md: {reason}"
    stages = scoring.stage_names((6, 12))
    assert all(CHINESE.search(STAGES[one].zh) for one in stages)
    assert set(RECORD_ROW_REASONS) == set(ROW_REASONS.values())
    tables = (REASONS, REASON_SENTENCES, STATUSES, CONFIDENCES, ROLES, ACTIONS, CAUSES)
    for table in (*tables, RECORD_ROW_REASONS, RECORD_MEAN_REASONS, RECORD_TARGET_REASONS, INPUTS):
        for zh, en in table.values():
            assert CHINESE.search(zh)
            assert not CHINESE.search(en)
    assert set(STATUSES) == set(get_args(Mention.model_fields["status"].annotation))
    assert set(CONFIDENCES) == set(get_args(Mention.model_fields["confidence"].annotation))
    kinds = inputs_of((), (), ("zh",), ("page",), "china")
    assert set(INPUTS) == {*kinds, "program"}
    swaps = (SOURCE / "weekly" / "swaps.py").read_text("utf-8")
    (causes,) = re.findall(r"^CAUSES = (\(.*?\))", swaps, flags=re.MULTILINE | re.DOTALL)
    assert set(CAUSES) == set(ast.literal_eval(causes))


READS_CHINESE = {
    "identity/exchanges.py": "names of exchanges",
    "identity/ledger/listing_files.py": "names of a file's columns and markets",
    "identity/name_index.py": "characters and legal forms of a name",
    "identity/resolver.py": "characters of a name",
    "output/charts/fonts.py": "characters of a font",
    "prices/quality/limits.py": "names of boards",
    "prices/sources/akshare/listing_lists.py": "names of a vendor's columns",
    "prices/sources/akshare/source.py": "names of a vendor's columns",
    "prices/sources/files/forms.py": "names of a file's columns",
    "prices/sources/files/grammar.py": "numbers and dates of a file",
    "prices/sources/files/layout.py": "names of a file's columns",
    "prices/sources/files/symbols.py": "codes of a file",
    "record/call_files.py": "names of a file's columns",
    "record/report_calls.py": "the words of a printed target",
    "research/extraction/company_reading.py": "marks and words of printed companies",
    "research/extraction/title_page.py": "marks and words of a cover",
    "research/extraction/printed_standards.py": "words of printed standards",
    "research/extraction/print_vocabulary.py": "characters of printed words",
    "research/extraction/prose_reading.py": "marks and words of sentences",
    "research/extraction/table_reading.py": "words of printed cells",
    "research/report_example.py": "the report that a new folder starts from",
    "research/report_tables.py": "yes and no of a table",
    "research/scale_library.py": "names of boards",
}
"""Who has Chinese of its own: what is read, or data; never what is said."""

ENGLISH = {
    "output/charts/offline.py": "a script",
    "output/writing.py": "remedies of errors",
    "scoring/calls.py": "a warning of Python",
    "scoring/spark/schemas.py": "remedies of errors",
    "weekly/archive.py": "faults of an archive, as errors say them",
    "weekly/config.py": "remedies of errors",
    "weekly/config_example.py": "a commented configuration",
    "weekly/lock.py": "remedies of errors",
    "weekly/manifest.py": "remedies of errors",
    "weekly/notify.py": "faults of a service, for the log",
    "weekly/run.py": "one line for the log",
}
"""Who has English sentences of its own though its chapter speaks to people."""

SPEAKING = (
    "cli",
    "output",
    "prices/quality",
    "prices/store/acceptance",
    "scoring",
    "screening",
    "weekly",
)
LITTLE_WORDS = re.compile(
    r"\b(the|a|an|of|is|are|was|to|in|no|not|and|with|for|by|on|that|than|it|its)\b"
)


def texts_of(tree: ast.Module) -> Iterator[str]:
    """Every text of a module: no docstring, nothing that an error says, no ``repr``."""
    aside: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            aside.add(id(node.value))
        makes_error = ("Error", "Problem", "_problem")
        error = isinstance(node, ast.Call) and called(node).endswith(makes_error)
        shown = isinstance(node, ast.FunctionDef) and node.name in ("__repr__", "_repr_html_")
        # What the command line says of itself is English.
        helps = isinstance(node, ast.Call) and called(node) in ("Argument", "Option", "Typer")
        if isinstance(node, ast.Raise) or error or shown or helps:
            aside.update(map(id, ast.walk(node)))
        elif isinstance(node, ast.JoinedStr):
            aside.update(id(one) for one in ast.walk(node) if one is not node)
    for node in ast.walk(tree):
        if id(node) in aside:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(
                one.value if isinstance(one, ast.Constant) else "…" for one in node.values
            )


def is_sentence(text: str) -> bool:
    """Four words or more, one of them little, and no tag, key or pattern among them."""
    words = re.findall(r"(?<![\w.\-/<>=\\])[A-Za-z]+(?![\w=/>(\\]|\.\w)", text)
    return len(words) >= 4 and bool(LITTLE_WORDS.search(text))


def test_what_a_sentence_is() -> None:
    for text in (
        "closes that are not positive",
        "…, beyond the daily limit of …",
        "no such day, or",
    ):
        assert is_sentence(text), text
    for text in ("a close", "order day days company", "margin:0 auto;padding:0", "rating_of"):
        assert not is_sentence(text), text


def test_chinese_stands_in_the_words_the_templates_and_the_data_only() -> None:
    for path, tree in code().items():
        where = path.relative_to(SOURCE).as_posix()
        found = [text for text in texts_of(tree) if CHINESE.search(text)]
        assert not found or where in READS_CHINESE, f"{where} says {found[0]!r}: move it to words/"
        assert found or where not in READS_CHINESE, f"{where} needs no exception any more"


def test_chapters_that_speak_to_people_hold_no_sentence() -> None:
    for path, tree in code().items():
        where = path.relative_to(SOURCE).as_posix()
        if where.startswith(SPEAKING):
            found = [text for text in texts_of(tree) if is_sentence(text)]
            assert not found or where in ENGLISH, f"{where} says {found[0]!r}: move it to words/"
            assert found or where not in ENGLISH, f"{where} needs no exception any more"


def words_in(node: ast.expr) -> Iterator[str]:
    """Words that an expression has of its own: no key of a message, no field, no option."""
    inner = list(ast.walk(node))
    fields = {id(one.slice) for one in inner if isinstance(one, ast.Subscript)}
    texts = [one.value for one in inner if isinstance(one, ast.Constant) and id(one) not in fields]
    for text in texts:
        if re.search(r"^(?!--).*[^\W\d_]{2}", str(text)) and text not in templates():
            yield str(text)


def test_commands_print_no_words_of_their_own() -> None:
    printed = 0
    for path, tree in code().items():
        for node in ast.walk(tree) if path.parent.name == "cli" else ():
            if isinstance(node, ast.Call) and called(node) in ("print", "tell", "echo", "note"):
                printed += 1
                said = [text for one in node.args for text in words_in(one)]
                where = f"{path.relative_to(SOURCE)}:{node.lineno}"
                # The program may say its name, and what ends it is said in English.
                ends = said == ["interrupted"] or "".join(said).startswith("error: ")
                assert ends or said in ([], ["supplychain-screen"]), f"{where}: move {said} away"
    assert printed > 70


def test_every_code_that_a_command_prints_has_a_name() -> None:
    codes = {*FINDINGS, *ACTIONS, *get_args(UpdateOutcome), *get_args(Reason), DAMAGED}
    kinds = [one for one in vars(errors).values() if isinstance(one, type)]
    codes |= {reason_of(one("…", source="s")) for one in kinds if issubclass(one, SourceError)}
    codes |= {*get_args(get_type_hints(UpdateReport.outcome.fget)["return"]), "not_yet_listed"}
    assert codes - {""} == COMMAND_CODES.keys()
    for zh, en in COMMAND_CODES.values():
        assert CHINESE.search(zh)
        assert "_" not in en


def test_nothing_is_found_or_decided_in_free_words() -> None:
    makers = {"Finding", "finding", "note", "Decision", "_quarantine", "_unserved", "_finding"}
    for path, tree in code().items():
        for node in () if path.parent.name == "cli" else ast.walk(tree):
            if isinstance(node, ast.Call) and called(node) in makers:
                for one in [*node.args, *(word.value for word in node.keywords)]:
                    text = one.value if isinstance(one, ast.Constant) else ""
                    free = isinstance(one, ast.JoinedStr) or " " in str(text)
                    assert not free, f"{path.relative_to(SOURCE)}:{one.lineno} is no message"
