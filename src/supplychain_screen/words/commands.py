"""What commands print, and what they say of it on standard error, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from supplychain_screen.words.findings import ACTIONS, FINDINGS
from supplychain_screen.words.phrase import Phrase, phrases

__all__ = [
    "COMMAND_CODES",
    "COMMAND_SENTENCES",
    "FETCHED",
    "INSTALLED",
    "INSTALLED_STATES",
    "OUTPUTS",
]


COMMAND_CODES: Final[Mapping[str, Phrase]] = {
    **FINDINGS,
    **ACTIONS,
    **phrases(
        # how an update came out
        complete=("完成", "Complete"),
        partial=("部分完成", "Partial"),
        nothing=("一无所得", "Nothing"),
        current=("无需更新", "Up to date"),
        accepted=("入库", "Accepted"),
        failed=("失败", "Failed"),
        skipped=("未问", "Not asked"),
        # why an answer was kept out, or taken
        late_split=("补上送转股", "Split taken late"),
        suspect_replaced=("存疑者已替换", "Suspect closes replaced"),
        restated=("来源重述历史", "History restated"),
        malformed=("无法使用", "Unusable"),
        empty_answer=("没有收盘价", "No closes"),
        bad_close=("收盘价有误", "Wrong close"),
        mixed_adjustments=("复权方式不同", "Other adjustment"),
        older_than_stored=("比库存旧", "Older than the store"),
        sessions_lost=("缺少库存的交易日", "Stored sessions lost"),
        overlap_changed=("库存的收盘价改变", "Stored closes changed"),
        damaged_file=("文件损坏", "Damaged file"),
        # why nothing was had
        source=("来源有误", "Fault of the source"),
        source_unreachable=("连不上", "Out of reach"),
        rate_limited=("限制请求", "Requests limited"),
        symbol_not_found=("不认识", "Not known"),
        malformed_answer=("应答无法使用", "Unusable answer"),
        basis_not_served=("没有所求口径", "Basis not served"),
        not_yet_listed=("尚未上市", "Not yet listed"),
    ),
}
"""Codes in lines for whoever runs a command; `--json` has the codes themselves."""

FETCHED: Final = phrases(
    failed=("失败", "failed"),
    not_found=("不认识", "not known"),
    rate_limited=("限制请求", "requests limited"),
    unreachable=("连不上", "unreachable"),
    malformed=("应答无法使用", "unusable answer"),
    skipped=("未问", "not asked"),
)
"""How the fetching of a series came out, where it did not come out well."""

OUTPUTS: Final = phrases(
    card=("卡片", "card"),
    mail=("邮件", "mail"),
    page=("页面", "page"),
    workbook=("工作簿", "workbook"),
    tables=("数据表", "tables"),
)
"""What a command writes."""

INSTALLED_STATES: Final = phrases(
    ok=("正常", "ok"), missing=("缺少", "MISSING"), optional=("-", "-")
)

INSTALLED: Final[Mapping[str, Phrase]] = {
    "packaged report": Phrase("随附报告", "packaged report"),
    "calendars": Phrase("交易日历", "calendars"),
    "price store": Phrase("行情库", "price store"),
    "chinese font": Phrase("中文字体", "chinese font"),
}
"""What `doctor` looks at; packages bear their own names."""

COMMAND_SENTENCES: Final[Mapping[str, Phrase]] = {
    # what was written
    "written": Phrase("{what:@output}：{path}", "{what:@output}: {path}"),
    "written.many": Phrase(
        "{what:@output}：{path} 中 {n} 个文件", "{what:@output}: {n:~file} in {path}"
    ),
    "written.partial": Phrase(
        "不完整：以上各项已写出，其余没有",
        "partial: what is named above was written, the rest was not",
    ),
    "written.subject": Phrase("主题：{subject}", "subject: {subject}"),
    # how far the fetching is
    "fetching": Phrase("正在获取 {n} 个行情序列", "fetching {n} price series"),
    "fetching.prices": Phrase("行情", "prices"),
    "fetching.counted": Phrase("行情 [{done}/{n}] {symbol}", "prices [{done}/{n}] {symbol}"),
    "fetching.failed": Phrase(
        "[{done}/{n}] {symbol} {word:@fetched}", "[{done}/{n}] {symbol} {word:@fetched}"
    ),
    "fetching.listing": Phrase(
        "[{done}/{n}] {symbol} {outcome:@code}", "[{done}/{n}] {symbol} {outcome:@code/small}"
    ),
    "fetching.trouble": Phrase(
        "[{done}/{n}] {symbol} {outcome:@code}，{reason:@code}：{said}",
        "[{done}/{n}] {symbol} {outcome:@code/small}, {reason:@code/small}: {said}",
    ),
    # screen and record
    "note.parts": Phrase("{parts:；}", "{parts:;}"),
    "screen.published": Phrase(
        "发布日 {day}，如报告所印（{place:，}）；若是另一日，请给出 --published",
        "published {day}, as printed ({place:,}); give --published if it was another day",
    ),
    "screen.no_standard": Phrase(
        "未印出评级标准：无人有评级；请用 --standard 指定一个",
        "no rating standard is printed: nobody is rated; name one with --standard",
    ),
    "screen.standard": Phrase(
        "评级标准如报告所印（{place:，}）：{names}",
        "rating standard as printed ({place:,}): {names}",
    ),
    "screen.unmeasured": Phrase(
        "无人有评级，请用 --standard 指定一个", "nobody is rated, name one with --standard"
    ),
    "screen.page": Phrase("第 {n} 页", "page {n}"),
    "screen.line": Phrase("第 {n} 行", "line {n}"),
    "screen.row": Phrase("表第 {n} 行", "row {n}"),
    "screen.column": Phrase("第 {n} 列", "column {n}"),
    "screen.undecided": Phrase(
        "未定：{of} 处提及中有 {n} 处（{names:、}）；请用 --choose 各定为一只证券、unlisted 或 left"
        " out，{how}，或用 --overrides 文件；report extract 列出每处可能是谁",
        "undecided: {n} of {of:~mention} ({names:,}); decide each with --choose, as a listing,"
        " unlisted or left out, {how}, or --overrides FILE; report extract shows what each may be",
    ),
    "screen.choice_example": Phrase("例如 --choose {example}", "such as --choose {example}"),
    "screen.choice_forms": Phrase(
        "即 公司=SYMBOL、公司=unlisted 或 公司='left out'",
        "that is COMPANY=SYMBOL, COMPANY=unlisted or COMPANY='left out'",
    ),
    "screen.struck": Phrase(
        "没有评级：{of} 家公司中有 {n} 家，因其自身或其指数的行情未通过检查：{checks:，}",
        "not rated: {n} of {of:~company/companies}, since a check of their own or their index's"
        " prices"
        " failed: {checks:,}",
    ),
    "screen.check": Phrase("{code:@finding}（{n} 个序列）", "{code:@finding} ({n} series)"),
    "screen.check_shared": Phrase(
        "{code:@finding}（多个序列）", "{code:@finding} (several series)"
    ),
    "screen.first": Phrase("{symbol}{days}：{said}", "{symbol}{days}: {said}"),
    "screen.partial": Phrase(
        "不完整：所需 {of} 个行情序列缺 {n} 个（{names:、}），{unrated} 家公司因此没有评级；"
        "{remedy}",
        "partial: {n} of {of} price series are missing ({names:,}), and"
        " {unrated:~company/companies}"
        " unrated for it; {remedy}",
    ),
    "screen.beside": Phrase(
        "没有 {names:、} 的行情：不作与另一基准的比较，评级不受影响",
        "no prices of {names:,}: the comparison with a second benchmark is left out; no rating"
        " needs it",
    ),
    "screen.more": Phrase("另 {n} 个", "{n} more"),
    "screen.add_to_file": Phrase("请把它们补进行情文件", "add them to the price file"),
    "screen.update_store": Phrase(
        "请运行 supplychain-screen prices update 获取",
        "fetch them with supplychain-screen prices update",
    ),
    "screen.try_again": Phrase(
        "请稍后再试，或用文件给出行情", "try again later, or give prices in a file"
    ),
    "screen.no_prices": Phrase("没有行情：{why}", "no prices: {why}"),
    "screen.store_empty": Phrase(
        "行情库 {store} 中没有这份报告截至 {day} 的行情；"
        "请运行 supplychain-screen prices update 获取",
        "the price store {store} has no prices for this report up to {day}; fetch them with"
        " supplychain-screen prices update",
    ),
    "screen.instead": Phrase(
        "改为显示 SIMULATED 模拟数据的结果：其中的数字是虚构的，没有任何意义",
        "showing a SIMULATED screen instead: its numbers are made up and mean nothing",
    ),
    "screen.simulated": Phrase(
        "SIMULATED 模拟数据，因为没有行情：{why}", "SIMULATED, for want of prices: {why}"
    ),
    "record.partial": Phrase("不完整：{parts:；}", "partial: {parts:,}"),
    "record.no_prices": Phrase("{n:,d} 次评级没有行情", "{n:,d~call} without prices"),
    "record.unresolved": Phrase(
        "{n:,d} 次评级的证券不认识，请写明交易所，如 688111.SH：{names:、}",
        "{n:,d~call} whose security is not known, to be written with its exchange, as 688111.SH:"
        " {names:,}",
    ),
    "record.no_firm": Phrase(
        "没有机构一列：全部评级当作同一家机构的，不按机构排名；单一机构请给 --firm NAME",
        "no column of firms: all calls count as one firm's, and no firm is ranked; give --firm NAME"
        " where it is one, or --columns firm=NAME",
    ),
    "record.nameless": Phrase(
        "{n:,d} 份报告没有读出发布机构，各算一家不知名的机构：{names:、}；"
        "同属一家时请给 --firm NAME，否则请改用带机构一列的评级表",
        "{n:,d~report} without a publisher that could be read, each counted as a firm of its own:"
        " {names:,}; give --firm NAME where they are one house's, else a table of calls with a"
        " column of firms",
    ),
    "record.unread": Phrase(
        "行情中 {n:,d} 个代码不是证券也不是指数，未读：{names:、}",
        "{n:,d~symbol} of the prices {n:?is/are} no listing and no index, and {n:?was/were} not"
        " read: {names:,}",
    ),
    "record.unknown_level": Phrase(
        "{n:,d} 行的评级词不认识", "{n:,d~row} with unknown rating words"
    ),
    "record.undated": Phrase("{n:,d} 行没有日期", "{n:,d~row} without a date"),
    "record.undecided": Phrase(
        "{n:,d} 家有评级的公司未定，未计入：{names:、}",
        "{n:,d} rated {n:?company/companies} undecided and left out: {names:,}",
    ),
    # prices update
    "update.done": Phrase(
        "{outcome:@code}：{counts:，}；请求 {requests} 次；行情库 {store}",
        "{outcome:@code/small}: {counts:,}; {requests:~request}; store {store}",
    ),
    "update.count": Phrase("{outcome:@code} {n}", "{n} {outcome:@code/small}"),
    "update.listing": Phrase(
        "  {symbol}：{outcome:@code}，{reason:@code}：{said}",
        "  {symbol}: {outcome:@code/small}, {reason:@code/small}: {said}",
    ),
    "update.skipped": Phrase(
        "  {n} 个未问，{reason:@code}：{said}", "  {n} not asked, {reason:@code/small}: {said}"
    ),
    "update.finding": Phrase(
        "  {code:@code} {listing}：{said}", "  {code:@code/small}, {listing}: {said}"
    ),
    "update.retry": Phrase("请于 {at} 之后再来", "come back after {at}"),
    # prices status and check
    "store.place": Phrase("行情库 {store}", "store {store}"),
    "status.none": Phrase(
        "{n} 个序列都未入库；请运行 supplychain-screen prices update",
        "none of {n} series stored; run supplychain-screen prices update",
    ),
    "status.stored": Phrase("{of} 个序列中已入库 {n} 个", "{n} of {of} series stored"),
    "status.stored_to": Phrase(
        "{of} 个序列中已入库 {n} 个，最后交易日 {first} 至 {last}",
        "{n} of {of} series stored, last sessions {first} to {last}",
    ),
    "status.source": Phrase("来源：{source:@source}", "all from {source:@source}"),
    "status.symbol": Phrase("代码", "Symbol"),
    "status.last_session": Phrase("最后交易日", "Last session"),
    "status.age": Phrase("已过", "Age"),
    "status.from": Phrase("来源", "Source"),
    "status.findings": Phrase("检查", "Findings"),
    "status.codes": Phrase("{codes:、}", "{codes:,}"),
    "status.no_session": Phrase("无", "none"),
    "status.legend": Phrase(
        "已过：此后该交易所的交易日数。碰到带 ! 一项的评级作废。",
        "Age: sessions of its exchange since. Calls that touch a finding with ! are unrated.",
    ),
    "status.more": Phrase(
        "supplychain-screen prices check 列出全部检查结果。",
        "supplychain-screen prices check tells every finding.",
    ),
    "check.nothing": Phrase(
        "检查 {series} 个序列，发现 {n} 项", "{series} series checked, {n:~finding}"
    ),
    "check.found": Phrase(
        "检查 {series} 个序列，发现 {n} 项：{counts:，}",
        "{series} series checked, {n:~finding}: {counts:,}",
    ),
    "check.count": Phrase("{action:@code} {n}", "{action:@code/small} {n}"),
    "check.damage": Phrase("行情库：{problem}", "store: {problem}"),
    "check.compared": Phrase(
        "与 {file} 比较：{of} 个序列中的 {n} 个", "compared with {file}: {n} of {of} series"
    ),
    "check.missing": Phrase(
        "{of} 个序列中有 {n} 个没有行情", "{n} of {of} series {n:?is/are} not there"
    ),
    # prices import, export and repair
    "import.accepted": Phrase("{of} 个序列中入库 {n} 个", "{n} of {of} series accepted"),
    "import.refused": Phrase(
        "  {listing}：{outcome:@code}，{reason:@code}：{said}",
        "  {listing}: {outcome:@code/small}, {reason:@code/small}: {said}",
    ),
    "export.rows": Phrase("{n} 行写入 {file}", "{n:~row} in {file}"),
    "repair.sound": Phrase(
        "行情库 {store} 完好；什么也没有做", "store {store} is sound; nothing was done"
    ),
    "repair.lost": Phrase(
        "{listings:、} 的行情已丢失；请运行 supplychain-screen prices update",
        "prices of {listings:,} were lost; run supplychain-screen prices update",
    ),
    "repair.kept": Phrase("没有行情丢失", "no prices were lost"),
    # resolve and report
    "resolve.name": Phrase("{name} → {listing}：{why:；}", "{name} -> {listing}: {why:;}"),
    "resolve.candidate": Phrase(
        "  {listing} {score:4.2f}  {name}：{why:；}", "  {listing} {score:4.2f}  {name}: {why:;}"
    ),
    "validate.valid": Phrase(
        "{report}：有效，{segments} 个环节共 {n} 处提及",
        "{report}: valid, {n:~mention} in {segments:~segment}",
    ),
    "report.edit": Phrase("请修改其中的文件，然后运行：", "edit its files, then:"),
    "report.folder": Phrase("报告文件夹：{place}", "report folder: {place}"),
    "report.decide": Phrase("请在 {file} 中决定，然后运行：", "decide in {file}, then:"),
    # universe
    "universe.listings": Phrase("证券", "listings"),
    "universe.delisted": Phrase("已退市", "delisted"),
    "universe.chinese": Phrase("中文名", "zh"),
    "universe.english": Phrase("英文名", "en"),
    "universe.as_of": Phrase("截至", "as of"),
    "universe.days": Phrase("天数", "days"),
    "universe.yours": Phrase("自有", "yours"),
    "universe.unknown": Phrase("未知", "unknown"),
    "universe.unknown_day": Phrase("未知日期", "an unknown day"),
    "universe.legend": Phrase(
        "中文名、英文名、ISIN：有此类名称、有 ISIN 的证券数。随附清单：",
        "zh, en, ISIN: listings with such a name, with an ISIN. What is shipped:",
    ),
    "universe.market": Phrase(
        "{mic}：{note}；来源：{sources:、}", "{mic}: {note}; from {sources:,}"
    ),
    "universe.complete": Phrase("完整", "complete"),
    "universe.nobody": Phrase("无", "none"),
    "universe.no_list": Phrase(
        "没有自己的清单。supplychain-screen universe import 文件 导入一份；universe update"
        " 联网获取。",
        "No list of yours. supplychain-screen universe import FILE takes one; universe update"
        " fetches.",
    ),
    "universe.own": Phrase(
        "自有：{source}，{mic}，{n:,d} 只证券，截至 {as_of}",
        "yours: {source}, {mic}, {n:,d~listing}, as of {as_of}",
    ),
    "universe.own_old": Phrase(
        "自有：{source}，{mic}，{n:,d} 只证券，截至 {as_of}，已过 {days} 天",
        "yours: {source}, {mic}, {n:,d~listing}, as of {as_of}, {days:~day} old",
    ),
    "universe.stored": Phrase(
        "{source}：{counts:，}，截至 {as_of}", "{source}: {counts:,}, as of {as_of}"
    ),
    "universe.count": Phrase("{mic} {n:,d} 只", "{n:,d} of {mic}"),
    "universe.failed": Phrase("没有取得：{said}", "not there: {said}"),
    "universe.left_out": Phrase(
        "  剔除 {n:,d} 行，第一行：{example}", "  {n:,d~row} left out, the first: {example}"
    ),
    "list.no_name": Phrase("第 {line} 行，{code!r} 没有名称", "row {line}, {code!r} has no name"),
    "list.category": Phrase(
        "第 {line} 行，{code!r} 属于 {category}", "row {line}, {code!r} is {category}"
    ),
    "list.no_category": Phrase(
        "第 {line} 行，{code!r} 没有类别", "row {line}, {code!r} is of no category"
    ),
    "list.no_share": Phrase(
        "第 {line} 行，{code!r} 不是 {mic} 的股票", "row {line}, {code!r} is no share of {mic}"
    ),
    # weekly run, list and rebuild
    "run.summary": Phrase(
        "{where}：{state}；{rated:，}；{moved:，}", "{where}: {state}; {rated:,}; {moved:,}"
    ),
    "run.unchanged": Phrase("{where}：没有变化；{rated:，}", "{where}: nothing changed; {rated:,}"),
    "run.still": Phrase(
        "{where}：没有变化，仍为{state}；{rated:，}",
        "{where}: nothing changed, still {state}; {rated:,}",
    ),
    "run.simulated": Phrase("SIMULATED 模拟数据 {where}", "SIMULATED {where}"),
    "run.weeks": Phrase(
        "{of} 周中发布 {n} 周，最后为 {week}", "{n} of {of:~week} published, last {week}"
    ),
    "run.rated": Phrase("{name} {of} 家中 {n} 家有评级", "{name} {n} of {of} rated"),
    "run.partial": Phrase("不完整（{why:；}）", "partial ({why:;})"),
    "run.complete": Phrase("完整", "complete"),
    "run.changed": Phrase("{n} 个评级变化", "{n:~rating} changed"),
    "run.first": Phrase("没有更早的一周", "no earlier week"),
    "run.apart": Phrase(
        "{names:、}与前一周不可比", "{names:,} not comparable with the week before"
    ),
    "run.unknown": Phrase("变化未知", "changes unknown"),
    "weeks.screen": Phrase(
        "{name}  {of} 家中 {n} 家有评级  平均 {mean}", "{name}  {n} of {of} rated  mean {mean}"
    ),
    "weeks.changed": Phrase(
        "{name}  {of} 家中 {n} 家有评级  平均 {mean}{changed:>4} 个变化",
        "{name}  {n} of {of} rated  mean {mean}{changed:>4} changed",
    ),
    "weekly.edit": Phrase(
        "请在其中填写发布日（published），然后运行：", "put the publication date into it, then:"
    ),
    "weekly.edit_more": Phrase("其中各项均可修改；然后运行：", "edit what you like, then:"),
    "weeks.none": Phrase(
        "{folder} 中还没有任何一周；请先运行：", "no week in {folder} yet; make the first one:"
    ),
    "weeks.damaged": Phrase("损坏", "DAMAGED"),
    "weeks.simulated": Phrase("SIMULATED 模拟数据", "SIMULATED"),
    "weeks.revises": Phrase("取代 {week}（{inputs:、}）", "revises {week} ({inputs:,})"),
    "weeks.gone": Phrase("它所指的 {week} 已不在", "{week}, which it names, is gone"),
    "weeks.another": Phrase("{week} 不是它所指的那一周", "{week} is not the week that it names"),
    "rebuild.differs": Phrase("不同：{file}", "differs: {file}"),
    "rebuild.done": Phrase(
        "{folder}：{of} 个文件中 {n} 个完全相同", "{folder}: {n} of {of:~file} identical"
    ),
    # doctor
    "doctor.report": Phrase("{report}，{n} 处提及", "{report}, {n:~mention}"),
    "doctor.calendar": Phrase("{calendar} 止于 {end}", "{calendar} ends {end}"),
    "doctor.calendars_ended": Phrase(
        "{ended:，}：此后的工作日暂不确定，以行情所示为交易日；更新的 exchange_calendars 或许知道",
        "{ended:,}: later weekdays provisional, sessions are what prices show; a newer"
        " exchange_calendars may know them",
    ),
    "doctor.calendars": Phrase(
        "交易日已公布至 {first}（{calendars:、}）或更晚",
        "sessions announced to {first} ({calendars:,}) or later",
    ),
    "doctor.store_empty": Phrase(
        "空：请运行 supplychain-screen prices update 填充",
        "empty: fill it with supplychain-screen prices update",
    ),
    "doctor.store": Phrase("{n} 只证券", "{n:~listing}"),
    "doctor.no_font": Phrase(
        "没有找到：存为 PNG 或 SVG 的图无法显示中文",
        "none found: charts saved as PNG or SVG cannot show Chinese",
    ),
    "doctor.images": Phrase("把图存为 PNG 或 SVG", "charts saved as PNG or SVG"),
    "doctor.akshare": Phrase(
        "AkShare 的 A 股与指数行情", "prices of A shares and indices from AkShare"
    ),
    "doctor.spark": Phrase("在 Spark 上计算评级与研究", "calls and studies over Spark frames"),
    "doctor.notify": Phrase("周度跟踪的通知", "notices of the weekly run"),
    "doctor.extra": Phrase("用途：{use}；安装：{command}", "for {use}: {command}"),
    "doctor.no_java": Phrase(
        "用于 Spark：PATH 上没有；请安装 Java 17 或 21",
        "for Spark: none on the PATH; install Java 17 or 21",
    ),
    "doctor.no_java_home": Phrase(
        "用于 Spark：JAVA_HOME 中没有；请安装 Java 17 或 21",
        "for Spark: none on JAVA_HOME; install Java 17 or 21",
    ),
}
