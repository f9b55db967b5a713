"""Why a price source has nothing to give, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from supplychain_screen.words.phrase import ByRule, Phrase

__all__ = ["SOURCES", "SOURCE_SENTENCES"]


def _file(source: str) -> Phrase | None:
    kind, _, name = source.partition(" ")
    return Phrase(f"文件 {name}", source) if kind == "file" else None


SOURCES: Final[Mapping[str, Phrase]] = ByRule(
    _file, DataFrame=("数据框", "DataFrame"), frame=("数据框", "frame")
)
"""What a source of prices is called; a vendor is called as it calls itself."""

SOURCE_SENTENCES: Final[Mapping[str, Phrase]] = {
    # what a price file was recognised as
    "read": Phrase("{parts:，}", "{parts:,}"),
    "read.what": Phrase("{names: }", "{names: }"),
    "read.like": Phrase("形同 {house} 的 {names: }", "{names: } as {house} writes them"),
    "read.frame": Phrase("数据框", "frame"),
    "read.folder": Phrase("文件夹", "folder"),
    "read.files": Phrase("{n} 个文件", "{n:~file}"),
    "read.traded": Phrase("收盘价未复权", "traded closes"),
    "read.splits": Phrase("收盘价按送转股复权", "closes adjusted for splits"),
    "read.total": Phrase("收盘价按送转股与分红复权", "closes adjusted for splits and dividends"),
    "read.as_given": Phrase("收盘价未说明如何复权", "closes whose adjustment nobody stated"),
    "read.several": Phrase("收盘价复权方式不一", "closes of several adjustments"),
    "read.lots": Phrase("成交量以手计", "volume in lots"),
    "read.shares": Phrase("成交量以股计", "volume in shares"),
    "read.no_volume": Phrase("没有成交量", "no volume"),
    "read.found": Phrase("{of} 个序列中找到 {n} 个", "{n} of {of} series found"),
    "read.others": Phrase("另有 {n} 个未被问到：{names:、}", "{n} not asked for: {names:,}"),
    "source.not_there": Phrase(
        "{source:@source} 中没有 {listing}；查找过 {symbols}",
        "{source:@source} has no {listing}; looked for {symbols}",
    ),
    "source.not_there_but": Phrase(
        "{source:@source} 中没有 {listing}；查找过 {symbols}；其中的代码写作 {written}",
        "{source:@source} has no {listing}; looked for {symbols}; its symbols are written"
        " {written}",
    ),
    "source.no_row": Phrase(
        "{source:@source} 在所求日期内没有 {symbol} 的行情",
        "{source:@source} has no row of {symbol} in the asked range",
    ),
    "source.no_positive_close": Phrase(
        "{source:@source} 在所求日期内没有 {symbol} 的正收盘价",
        "{source:@source} has no positive close of {symbol} in the range",
    ),
    "source.no_total_closes": Phrase(
        "{source:@source} 没有 {symbol} 计入分红的收盘价",
        "{source:@source} has no closes of {symbol} that reinvest dividends",
    ),
    "source.empty_column": Phrase(
        "{source:@source} 中有 {symbol} 的行，但 {column!r} 列是空的；请指明收盘价所在的列"
        "（close=、total_close=）",
        "{source:@source} has rows of {symbol}, but nothing in the column {column!r}; name the"
        " column of"
        " the closes (close=, total_close=)",
    ),
    "source.splits_unstated": Phrase(
        "{source:@source} 中 {symbol} 的收盘价未复权，又未注明送转股，跨越除权日的收益都会算错；"
        "请增加"
        " splits 列（每一旧股换得的新股数，没有则为 0）或 pre_close 列，已复权的请指定"
        " --adjustment splits",
        "{source:@source} has closes of {symbol} as traded and does not state their splits, so"
        " every"
        " return across one would be wrong; add a column splits (new shares for one old, 0 where"
        " there was none) or pre_close, or say --adjustment splits if they are adjusted",
    ),
    "source.none_accepted": Phrase(
        "行情库 {store} 中没有 {listing}；请运行 prices update",
        "no accepted prices of {listing} in {store}; run prices update",
    ),
    "source.none_stored": Phrase(
        "行情库在 {first} 至 {last} 没有 {listing}",
        "no stored prices of {listing} between {first} and {last}",
    ),
    "source.no_dividends": Phrase(
        "{source:@source} 中 {symbol} 的行情不含分红",
        "the prices of {symbol} from {source:@source} came without dividends",
    ),
    "source.splits_unknown": Phrase(
        "{source:@source} 中 {symbol} 的行情未复权，也未说明有过哪些送转股",
        "the prices of {symbol} from {source:@source} are as traded, and nobody says what splits"
        " there"
        " were",
    ),
    "source.none_between": Phrase(
        "{source:@source} 在 {first} 至 {last} 没有 {symbol} 的行情",
        "{source:@source} has no prices of {symbol} from {first} to {last}",
    ),
    "source.no_session": Phrase(
        "{listing} 在 {first} 至 {last} 没有交易日",
        "{listing} has no session from {first} to {last}",
    ),
    # Yahoo
    "yahoo.no_symbol": Phrase(
        "Yahoo 没有 {listing} 的代码；请用文件给出行情",
        "Yahoo has no symbol for {listing}; give its prices in a file",
    ),
    "yahoo.no_prices": Phrase(
        "Yahoo 没有 {symbol} 的行情：{words}", "Yahoo has no prices of {symbol}: {words}"
    ),
    "yahoo.limited": Phrase(
        "Yahoo 限制请求次数（429，所求为 {symbol}）；请于 {back:%Y-%m-%d %H:%M} UTC 之后再试",
        "Yahoo limits requests (429, asked for {symbol}); come back after {back:%Y-%m-%d %H:%M}"
        " UTC",
    ),
    "yahoo.refused": Phrase(
        "Yahoo 连续拒绝了 {n} 次请求；请于 {back:%Y-%m-%d %H:%M} UTC 之后再试。已取得的予以保留",
        "Yahoo refused {n:~request} in a row; come back after {back:%Y-%m-%d %H:%M} UTC. What"
        " arrived is kept",
    ),
    "yahoo.failed": Phrase(
        "Yahoo 连续 {n} 个代码失败；最后一个：{last}",
        "Yahoo failed for {n:~symbol} in a row; the last one: {last}",
    ),
    "yahoo.slow": Phrase(
        "{seconds:g} 秒内未从 Yahoo 取得任何行情，已放弃；最后一次：{last}",
        "no prices came from Yahoo within {seconds:g} seconds, and it was given up; the last"
        " failure: {last}",
    ),
    "yahoo.late": Phrase(
        "轮到 {symbol} 之前，给 Yahoo 的 {seconds:g} 秒已用完；已取得的予以保留，其余下次再取",
        "the {seconds:g} seconds for Yahoo were used up before {symbol}; what arrived is kept, and"
        " the next run asks for the rest",
    ),
    "yahoo.undelivered": Phrase(
        "Yahoo 未能提供 {symbol}：{what}", "Yahoo did not deliver {symbol}: {what}"
    ),
    "yahoo.unusable": Phrase(
        "Yahoo 对 {symbol} 的应答无法使用：{what}",
        "Yahoo's answer for {symbol} cannot be used: {what}",
    ),
    "yahoo.out_of_reach": Phrase(
        "连不上 Yahoo：{why}；请检查网络与代理（HTTPS_PROXY），或改用文件中的行情",
        "Yahoo cannot be reached: {why}; check the network and the proxy (HTTPS_PROXY), or use"
        " prices from a file",
    ),
    "source.not_asked": Phrase("没有请求 {symbol}：{why}", "{symbol} was not asked: {why}"),
    # AkShare
    "akshare.no_finished": Phrase(
        "AkShare 自 {first} 起没有 {symbol} 已收盘的交易日",
        "AkShare has no finished session of {symbol} since {first}",
    ),
    "akshare.not_served": Phrase(
        "AkShare 在此只提供内地股票与指数，没有 {listing}",
        "AkShare does not serve {listing} here: only mainland shares and indices",
    ),
    "akshare.unusable": Phrase(
        "AkShare 对 {symbol} 的应答无法使用：{what}",
        "AkShare's answer for {symbol} cannot be used: {what}",
    ),
    "akshare.failed": Phrase(
        "AkShare 的 {function} 取 {symbol} 时失败：{what}",
        "AkShare's {function} failed for {symbol}: {what}",
    ),
    "akshare.undelivered": Phrase(
        "AkShare 的 {function} 未能提供 {symbol}：{why}",
        "AkShare's {function} did not deliver {symbol}: {why}",
    ),
    "akshare.not_asked": Phrase("没有请求 AkShare：{why}", "AkShare was not asked: {why}"),
    # an answer beside what is stored
    "answer.malformed": Phrase(
        "各列长度不一，或交易日不递增",
        "columns of different lengths, or sessions that do not increase",
    ),
    "answer.currency": Phrase(
        "行情以 {served} 计，而 {listing} 以 {currency} 交易",
        "prices in {served}, but {listing} trades in {currency}",
    ),
    "answer.empty": Phrase("应答中没有收盘价", "no close in the answer"),
    "answer.bad_close": Phrase(
        "{n} 个收盘价不是正数，第一个是 {day} 的 {close}",
        "{n:~close} {n:?is no positive number/are not positive numbers}, first {close} on {day}",
    ),
    "answer.adjustment": Phrase(
        "收盘价按 {answer!r} 复权，库存按 {stored!r} 复权",
        "closes adjusted for {answer!r}, the stored ones for {stored!r}",
    ),
    "answer.older": Phrase(
        "止于 {last}，库存止于 {stored}", "ends on {last}, stored prices on {stored}"
    ),
    "answer.changed": Phrase(
        "库存 {of} 个收盘价中 {n} 个改变，首个在 {day}：{old:.6g} 变为 {new:.6g}",
        "{n} of {of} stored {of:?close/closes} changed, first {day} from {old:.6g} to {new:.6g}",
    ),
    "answer.again": Phrase(
        "{what}，且来源第二次这样说", "{what}, and the source says so a second time"
    ),
    "answer.unexplained": Phrase(
        "{what}；没有送转股能解释；若应答无误，请以 --accept-restated {symbol} 接受"
        "（prices update、prices import）",
        "{what}; no split explains it; where the answer is right, take it with --accept-restated"
        " {symbol} (prices update, prices import)",
    ),
    "answer.sessions_lost": Phrase(
        "应答缺少库存的 {n} 个交易日，自 {first} 至 {last}；若应答无误，请以 --accept-restated"
        " {symbol} 接受（prices update、prices import）",
        "{n} stored {n:?session is/sessions are} missing from the answer, first {first}, last"
        " {last}; where the"
        " answer is right, take it with --accept-restated {symbol} (prices update, prices import)",
    ),
    "answer.replaced": Phrase(
        "替换了 {n} 个存疑的收盘价，首个在 {day}：{old:.6g} 变为 {new:.6g}",
        "{n} suspect {n:?close/closes} replaced, first {day} from {old:.6g} to {new:.6g}",
    ),
    "answer.void": Phrase(
        "来源没有的 {n} 个存疑交易日作废，首个在 {day}",
        "{n} suspect {n:?session/sessions} that the source lacks void, first {day}",
    ),
    "answer.replaced_and_void": Phrase("{replaced}；{void}", "{replaced}; {void}"),
    # a listing that was not updated
    "update.not_yet_listed": Phrase("{first} 起才交易", "trades from {first} on"),
    "update.unknown": Phrase(
        "{source:@source} 在 {at:%Y-%m-%d %H:%M} UTC 不认识该证券；下一交易日之后再问",
        "{source:@source} did not know it at {at:%Y-%m-%d %H:%M} UTC; asked again after the next"
        " session",
    ),
    "update.lost": Phrase(
        "行情随损坏的文件丢失；下次更新时重新获取",
        "prices were lost with a damaged file; the next update asks for them again",
    ),
    "update.not_in_file": Phrase("行情文件中没有该证券", "the price file does not hold it"),
    "update.past_deadline": Phrase("本次运行的时限已过", "the deadline of the run had passed"),
    "update.not_asked": Phrase(
        "本次运行的时限之前没有问到", "not asked before the deadline of the run"
    ),
}
"""Words of a vendor (``words``, ``what``, ``why``) stay as it wrote them."""
