"""Why a printed name has its listing, or has none, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from supplychain_screen.words.phrase import Phrase

__all__ = ["CHOICE_SENTENCES"]

CHOICE_SENTENCES: Final[Mapping[str, Phrase]] = {
    # what the resolver found
    "match.symbol": Phrase("{listing} 的代码", "symbol of {listing}"),
    "match.short_name": Phrase("与证券简称完全一致", "exact short name"),
    "match.short_name_folded": Phrase(
        "与证券简称 {name} 一致，写法不同", "short name {name}, written differently"
    ),
    "match.alias": Phrase("与别名 {name} 一致", "alias {name}"),
    "match.english": Phrase("与英文名 {name} 一致", "English name {name}"),
    "match.former_name": Phrase("与 {name} 的曾用名一致", "former name of {name}"),
    "match.converted": Phrase(
        "与 {name} 一致，但简繁由程序转换", "{name} after a conversion of characters"
    ),
    "match.short_form": Phrase("{name} 的省称", "{name} without its usual end"),
    "match.code": Phrase("印出的代码 {code}", "printed code {code}"),
    "match.former_code": Phrase("曾用代码 {code}", "former code {code}"),
    "match.code_unknown": Phrase(
        "{code} 指 {listing}，证券清单里没有", "{code} names {listing}, which the ledger has not"
    ),
    "match.uncovered": Phrase(
        "{code} 是 {mic} 的代码，证券清单不含该交易所：请指定已含市场的证券，或定为未上市、剔除",
        "{code} is a code of {mic}, an exchange that the ledger does not cover: choose a listing of"
        " another one, unlisted, or left out",
    ),
    "match.isin": Phrase("印出的 ISIN {isin}", "printed ISIN {isin}"),
    "match.isin_digit": Phrase(
        "ISIN {isin} 的校验位应为 {due}", "the check digit of the ISIN {isin} should be {due}"
    ),
    "match.isin_unknown": Phrase(
        "证券清单里没有 ISIN {isin}", "the ledger has no listing with the ISIN {isin}"
    ),
    "match.contradiction": Phrase(
        "代码 {code} 与名称 {name} 指两家公司：请核对",
        "the code {code} and the name {name} mean two companies: decide which",
    ),
    "match.name_unknown": Phrase(
        "证券清单里没有名称 {name}，以代码为准", "the ledger has no name {name}; the code decides"
    ),
    "match.name_apart": Phrase(
        "代码 {code} 是 {listing}，与印出的名称 {name} 不像：请核对",
        "the code {code} is {listing}, which is not called anything like {name}: decide which",
    ),
    "match.two_companies": Phrase(
        "代码 {codes:、} 指不同的公司：请核对",
        "the codes {codes:&} mean different companies: decide which",
    ),
    "match.unlisted": Phrase("{name} 没有上市", "{name} is known to have no shares"),
    "match.said_unlisted": Phrase("印出的是：{word}", "the print says {word}"),
    "match.listed_after_all": Phrase(
        "印出的是{word}，而证券清单里有名为 {name} 的证券：请定为 unlisted 或该证券",
        "the print says {word}, and the ledger has a listing called {name}: choose unlisted or that"
        " listing",
    ),
    "match.delisted": Phrase("已退市", "delisted"),
    "match.lines": Phrase(
        "{as_of} 同一公司有 {n} 只证券：代码、货币或市场才能确定",
        "on {as_of} the company had {n:~line}: a code, a currency or a market decides",
    ),
    "match.lines_now": Phrase(
        "没有给出日期，同一公司目前有 {n} 只证券：代码、货币、市场或更早的日期才能确定",
        "no day was given, and today the company has {n:~line}: a code, a currency, a market or an"
        " earlier day decides",
    ),
    "match.other_line": Phrase("同一公司的另一只证券", "another line of the same company"),
    "match.unchecked": Phrase(
        "证券清单没有 {listing} 的英文名，无从得知它是否也在美国上市",
        "the ledger has no English name of {listing}: nobody can tell whether America lists it too",
    ),
    "match.word": Phrase(
        "{name} 是 {listing} 的简称，也可能是普通词语或另一家公司：由代码、货币或市场决定",
        "{name} is {listing}, and may be a word or somebody else: a code, a currency or a market"
        " decides",
    ),
    "match.rival": Phrase("名称也可能指 {name}", "the name may also be short for {name}"),
    "match.other_end": Phrase(
        "{name} 与 {listing} 结尾不同，可能是母公司或另一家公司：由代码决定",
        "{name} ends otherwise than {listing}, and may be its parent or somebody else: a code"
        " decides",
    ),
    "match.near": Phrase("与 {name} 相近", "near {name}"),
    "match.later_line": Phrase(
        "另一只证券，在报告发布之后上市", "another line, listed after the report was published"
    ),
    "match.related": Phrase("关联公司，不是该公司", "a related company, not this one"),
    "match.too_young": Phrase(
        "{first} 才开始交易，晚于 {as_of}", "first traded on {first}, after {as_of}"
    ),
    "match.no_exchange": Phrase(
        "{code} 没有写明交易所", "{code} does not say of which exchange it is"
    ),
    "match.several": Phrase(
        "有 {n} 只证券同名：请指定其一", "{n:~listing} {n:?has/have} this name: choose one of them"
    ),
    "match.only_others": Phrase(
        "同名的证券都不能当作该公司",
        "only listings that may not be taken for the company have this name",
    ),
    "match.only_near": Phrase(
        "没有同名的证券；近名仅供参考",
        "no listing has this name; near names are suggestions only",
    ),
    "match.none": Phrase("没有同名或近名的证券", "no listing has this name or one near it"),
    # what stands in a report's table
    "choice.found": Phrase("{verdict}。", "{verdict:/capital}."),
    "choice.user": Phrase("由使用者指定。", "Chosen by the user."),
    "choice.user_instead": Phrase(
        "由使用者指定，代替 {listing}。", "Chosen by the user instead of {listing}."
    ),
    # what a person decided otherwise
    "correction.listing": Phrase(
        "{company} 由使用者指定为 {decision}，原为{before}",
        "{company} is {decision} by the user's decision; it was {before}",
    ),
    "correction.unlisted": Phrase(
        "{company} 由使用者定为未上市，原为{before}",
        "{company} is unlisted by the user's decision; it was {before}",
    ),
    "correction.left_out": Phrase(
        "{company} 由使用者剔除，原为{before}",
        "{company} is left out by the user's decision; it was {before}",
    ),
    "correction.of_segment": Phrase("{segment}：{said}", "{segment}: {said}"),
    "correction.because": Phrase("{said}（{reason}）", "{said} ({reason})"),
    "correction.was": Phrase("{listing}", "{listing}"),
    "correction.was_open": Phrase("未定", "undecided"),
    "correction.was_unlisted": Phrase("未上市", "unlisted"),
    # what a table alone does not say
    "title.of_table": Phrase("{name}：{n} 家公司", "{name} (companies: {n})"),
    "segment.none": Phrase("未分环节", "No segment"),
    "standard.none": Phrase(
        "没有给出评级标准：不作评级，只与各市场常用指数比较。",
        "No rating standard was named: nobody is rated, and each return stands beside the usual "
        "index of its market.",
    ),
    "choice.example": Phrase("示例，请替换。", "An example: replace it."),
}
"""What a matching name says; notes of a listing stay as somebody wrote them."""
