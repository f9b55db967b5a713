"use strict";
(() => {
const root = document.documentElement, $ = (id) => document.getElementById(id);
const D = JSON.parse($("data").textContent);
let lang = D.lang;
for (const path of D.members) for (let i = 0, last = 0; i < path.length; i++) if (path[i] != null) path[i] = last += path[i];
const pick = (pair) => pair[lang === "zh" ? 0 : 1];
const points = (bp) => bp == null ? "–" : (bp <= -5 ? "−" : bp >= 5 ? "+" : "") + (Math.abs(bp) / 100).toFixed(1);

/* ---- companies: sort, filter, fold ------------------------------------------------------- */
const ORDER = 0, SEGMENT = 1, ZH = 2, EN = 3, SYMBOL = 4, MARKET = 5, RATING = 6;
const COLUMN = {change: 7, benchmark: 8, relative: 9, rating: 10, robust: 12, other0: 13, other1: 14};
const table = $("table"), bodies = [...table.tBodies];
const rows = D.rows.map((cells, at) => {
  const main = $("r" + cells[ORDER]), fold = $("f" + cells[ORDER]);
  const details = main.querySelector("details");
  const row = {at, cells, main, fold, details, lang, shown: true,
    text: (cells[ZH] + " " + cells[EN] + " " + cells[SYMBOL] + " " + cells[cells.length - 1]).toLowerCase()};
  details.firstElementChild.setAttribute("aria-controls", fold.id);
  details.addEventListener("toggle", () => fold.classList.toggle("open", details.open));
  if (details.open) fold.classList.add("open");
  return row;
});
const collator = {zh: new Intl.Collator("zh-Hans-CN", {numeric: true}), en: new Intl.Collator("en", {numeric: true})};
let sorting = null, direction = 1;

function compare(a, b) {
  if (!sorting) return a.cells[ORDER] - b.cells[ORDER];
  let x, y, by;
  if (sorting === "name") {
    x = a.key; y = b.key; by = x - y;
  } else {
    x = a.cells[COLUMN[sorting]]; y = b.cells[COLUMN[sorting]];
    if (x == null || y == null) return (x == null) - (y == null) || a.cells[ORDER] - b.cells[ORDER];
    by = x < y ? -1 : x > y ? 1 : 0;
  }
  return by * direction || a.cells[ORDER] - b.cells[ORDER];
}

function rankNames() {
  const at = lang === "zh" ? ZH : EN;
  [...rows].sort((a, b) => collator[lang].compare(a.cells[at], b.cells[at])).forEach((row, i) => { row.key = i; });
}

/* A browser lays out every row it shows, so a long table shows a part and the rest on demand;
   printing shows all. Rows that are not shown are kept outside the document. */
const PART = 300;
let limit = table.classList.contains("long") ? PART : Infinity, sorted = rows;

function arrange() {
  if (sorting === "name") rankNames();
  sorted = [...rows].sort(compare);
  show();
}

function show() {
  const q = $("q").value.trim().toLowerCase(), segment = $("f-segment").value;
  const rating = $("f-rating").value, market = $("f-market").value, grouped = $("grouped").checked;
  const homes = bodies.map((body) => [body.rows[0]]);
  const matches = sorted.filter(({cells: c, text}) =>
    (!q || text.includes(q)) && (!segment || c[SEGMENT] === +segment) &&
    (!rating || c[RATING] === rating) && (!market || c[MARKET] === market));
  if (grouped) matches.sort((a, b) => a.cells[SEGMENT] - b.cells[SEGMENT]);
  for (const row of rows) row.shown = false;
  for (const row of matches.slice(0, limit)) {
    row.shown = true;
    localise(row);
    homes[grouped ? row.cells[SEGMENT] : 0].push(row.main, row.fold);
  }
  table.classList.toggle("flat", !grouped);
  homes.forEach((home, i) => { bodies[i].replaceChildren(...home); bodies[i].hidden = home.length < 2; });
  $("none").hidden = matches.length > 0;
  $("more").hidden = matches.length <= limit;
  const n = Math.min(limit, matches.length);
  $("shown").textContent = lang === "zh" ? `显示 ${n} / ${rows.length}` : `${n} of ${rows.length} shown`;
}

function localise(row) {
  if (row.lang === lang) return;
  row.lang = lang;
  translate(row.main);
  translate(row.fold);
}

function translate(within) {
  for (const one of within.querySelectorAll("[data-i]")) one.textContent = pick(D.strings[one.dataset.i]);
}

for (const head of table.tHead.querySelectorAll("[data-sort]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...head.childNodes);
  head.append(button);
  head.setAttribute("aria-sort", "none");
  button.addEventListener("click", () => {
    const by = head.dataset.sort, falling = by in COLUMN && by !== "rating" && by !== "robust";
    const first = falling ? -1 : 1;
    if (sorting !== by) { sorting = by; direction = first; }
    else if (direction === first) direction = -first;
    else { sorting = null; }
    for (const other of table.tHead.querySelectorAll("[data-sort]"))
      other.setAttribute("aria-sort", other !== head || !sorting ? "none" : direction > 0 ? "ascending" : "descending");
    arrange();
  });
}
for (const id of ["f-segment", "f-rating", "f-market"]) $(id).addEventListener("change", show);
$("q").addEventListener("input", show);
$("q").form.addEventListener("submit", (event) => event.preventDefault());
$("grouped").addEventListener("change", show);
$("more").addEventListener("click", () => { limit += PART; show(); });
addEventListener("beforeprint", () => { if (limit < Infinity) { limit += 1e9; show(); } });
addEventListener("afterprint", () => { if (limit < Infinity) { limit -= 1e9; show(); } });
$("unfold").addEventListener("click", (event) => {
  const button = event.currentTarget, open = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", open);
  for (const row of rows) if (row.shown || !open) { row.details.open = open; row.fold.classList.toggle("open", open); }
});

show();
table.classList.add("ready");

/* ---- paths ------------------------------------------------------------------------------- */
const svg = $("focus");
let chosen = new Set(), cursor = D.days.length - 1, scale = null, hair = null, hovered = -1;
const NS = "http://www.w3.org/2000/svg";
function node(name, attributes, text) {
  const made = document.createElementNS(NS, name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  if (text != null) made.textContent = text;
  return made;
}
const box = {w: 760, h: 360, t: 10, r: 28, b: 22, l: 46};
const stamps = svg ? D.days.map((d) => Date.parse(d)) : [];
const xOf = (t) => box.l + (t - stamps[0]) / Math.max(1, stamps[stamps.length - 1] - stamps[0]) * (box.w - box.l - box.r);

/* Drawn at the size it is shown in, so that its letters keep theirs. */
function fit() {
  const width = Math.round(svg.parentElement.clientWidth) || 760;
  box.w = Math.max(300, width);
  box.h = Math.round(Math.min(400, Math.max(240, box.w * 0.47)));
  svg.setAttribute("viewBox", `0 0 ${box.w} ${box.h}`);
}

function ticks(low, high, about) {
  const raw = (high - low) / about, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= raw * 0.999);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k <= high / step + 1e-9; k++) found.push(k * step);
  return found;
}

function lineOf(values) {
  let d = "", pen = "M";
  values.forEach((v, i) => {
    if (v == null) { pen = "M"; return; }
    d += pen + xOf(stamps[i]).toFixed(1) + " " + scale(v).toFixed(1); pen = "L";
  });
  return d;
}

function areaOf(low, high) {
  const there = low.map((v, i) => v == null || high[i] == null ? -1 : i).filter((i) => i >= 0);
  if (there.length < 2) return "";
  const at = (values) => (i) => xOf(stamps[i]).toFixed(1) + " " + scale(values[i]).toFixed(1);
  return "M" + [...there.map(at(high)), ...there.reverse().map(at(low))].join("L") + "Z";
}

function draw() {
  const active = chosen.size ? [...chosen] : D.means.map((_, i) => i);
  const members = chosen.size ? rows.filter((r) => chosen.has(r.cells[SEGMENT]) && r.cells[RATING] !== "unrated") : [];
  let low = 0, high = 0;
  const see = (v) => { if (v != null) { if (v < low) low = v; if (v > high) high = v; } };
  if (chosen.size) {
    for (const b of D.bounds) see(b * 12000);
    for (const i of active) D.means[i].forEach(see);
    D.total.forEach(see);
    for (const r of members) D.members[r.at].forEach(see);
    const pad = 0.04 * (high - low) || 100;
    low -= pad; high += pad;
  } else [low, high] = D.span;
  scale = (v) => box.t + (high - v) / (high - low) * (box.h - box.t - box.b);
  const axes = svg.querySelector(".axes"), lines = svg.querySelector(".lines");
  axes.replaceChildren();
  const frame = {x: box.l, y: box.t, width: box.w - box.l - box.r, height: box.h - box.t - box.b};
  for (const name in frame) lines.setAttribute(name, frame[name]);
  lines.setAttribute("viewBox", Object.values(frame).join(" "));
  const bottom = box.h - box.b, last = new Date(stamps[stamps.length - 1]);
  const months = [], month = new Date(stamps[0]);
  for (month.setUTCDate(1); month <= last; month.setUTCMonth(month.getUTCMonth() + 1)) if (month >= stamps[0]) months.push(new Date(month));
  const room = Math.ceil(months.length * 62 / (box.w - box.l - box.r)), step = [1, 2, 3, 4, 6, 12].find((n) => n >= room) || 12;
  for (const m of months) if (m.getUTCMonth() % step === 0)
    axes.append(node("text", {class: "x", x: xOf(+m), y: box.h - 6}, m.toISOString().slice(0, 7)));
  for (const [day, label] of D.ends) if (Date.parse(day) <= +last) {
    const x = xOf(Date.parse(day));
    axes.append(node("line", {class: "end", x1: x, x2: x, y1: box.t, y2: bottom}), node("text", {class: "x end", x, y: box.t + 8}, pick(label)));
  }
  const taken = [];
  const across = (v, kind) => {
    const y = scale(v), free = taken.every((other) => Math.abs(other - y) >= 10.5);
    if (!free && kind === "tick") return;
    axes.append(node("line", {class: kind, x1: box.l, x2: box.w - box.r, y1: y, y2: y}));
    if (!free) return;
    taken.push(y);
    axes.append(node("text", {class: "y " + kind, x: box.l - 5, y: y + 3.5}, points(v).replace(".0", "")));
  };
  across(0, "zero");
  for (const b of D.bounds) if (b) across(b * 1e4, "bound");
  for (const t of ticks(low, high, 5)) across(t, "tick");
  const drawn = [node("path", {class: "half" + (chosen.size ? " off" : ""), d: areaOf(...D.quartiles)})], labels = [];
  for (const r of members)
    drawn.push(node("path", {class: `thin c${r.cells[SEGMENT] % 8}`, d: lineOf(D.members[r.at])}));
  for (const i of active) {
    const values = D.means[i], faint = !chosen.size && hovered !== i;
    const off = hovered >= 0 && hovered !== i ? " off" : "";
    drawn.push(node("path", {class: (faint ? "member" : `c${i % 8}${i % 16 >= 8 ? " dash" : ""}`) + off, d: lineOf(values)}));
    if (faint) continue;
    const end = values.findLastIndex((v) => v != null);
    if (end >= 0) labels.push({i, y: scale(values[end])});
  }
  drawn.push(node("path", {class: "avg" + (hovered >= 0 ? " off" : ""), d: lineOf(D.total)}));
  const stamp = svg.querySelector(".stamp");
  if (stamp) { stamp.setAttribute("x", (box.l + box.w - box.r) / 2); stamp.setAttribute("y", (box.t + bottom) / 2); }
  labels.sort((a, b) => a.y - b.y);
  let floor = box.t;
  for (const l of labels) { l.y = Math.max(l.y, floor); floor = l.y + 11; }
  let ceiling = bottom;
  for (const l of labels.reverse()) { l.y = Math.min(l.y, ceiling); ceiling = l.y - 11; }
  for (const l of labels)
    axes.append(node("text", {class: `no c${l.i % 8}`, x: box.w - box.r + 6, y: l.y + 3.5}, l.i + 1));
  hair = node("line", {class: "hair", y1: box.t, y2: box.h - box.b});
  lines.replaceChildren(...drawn, hair);
  read();
}

/* The last day says what the tables say, to the letter: a figure rounded twice is another one. */
const ENDED = [...document.querySelectorAll("#legend > li .v")].map((one) => one.textContent);
const TOTAL = svg ? $("total").textContent : "";
const over = () => cursor === D.days.length - 1;

function read() {
  const x = xOf(stamps[cursor]);
  hair.setAttribute("x1", x); hair.setAttribute("x2", x);
  $("when").textContent = D.days[cursor];
  $("cursor").value = cursor;
  $("cursor").setAttribute("aria-valuetext", D.days[cursor]);
  $("total").textContent = over() ? TOTAL : points(D.total[cursor]);
  document.querySelectorAll("#legend > li").forEach((item, i) => {
    item.querySelector(".v").textContent = over() ? ENDED[i] : points(D.means[i][cursor]);
    const list = item.querySelector("ul");
    list.hidden = !chosen.has(i);
    if (!chosen.has(i)) { list.replaceChildren(); return; }
    const inside = rows.map((r, k) => [r, D.members[k][cursor]])
      .filter(([r]) => r.cells[SEGMENT] === i && r.cells[RATING] !== "unrated")
      .sort((a, b) => (b[1] ?? -1e9) - (a[1] ?? -1e9));
    list.replaceChildren(...inside.map(([r, v]) => {
      const line = document.createElement("li"), name = document.createElement("bdi"), value = document.createElement("span");
      name.textContent = pick([r.cells[ZH], r.cells[EN]]); value.textContent = over() ? r.main.querySelector(".strong").firstChild.textContent : points(v);
      line.append(name, value);
      return line;
    }));
  });
}

if (svg) {
  $("cursor").max = D.days.length - 1;
  $("cursor").addEventListener("input", () => { cursor = +$("cursor").value; read(); });
  const point = (event) => {
    const frame = svg.getBoundingClientRect(), x = (event.clientX - frame.left) / frame.width * box.w;
    let best = 0;
    for (let i = 1; i < stamps.length; i++) if (Math.abs(xOf(stamps[i]) - x) < Math.abs(xOf(stamps[best]) - x)) best = i;
    if (best !== cursor) { cursor = best; read(); }
  };
  svg.addEventListener("pointermove", point);
  svg.addEventListener("pointerdown", point);
  document.querySelectorAll("#legend > li").forEach((item, i) => {
    item.querySelector("input").addEventListener("change", (event) => {
      event.target.checked ? chosen.add(i) : chosen.delete(i);
      $("unpick").hidden = !chosen.size;
      draw();
    });
    item.addEventListener("pointerenter", () => { if (!chosen.size) { hovered = i; draw(); } });
    item.addEventListener("pointerleave", () => { if (hovered >= 0) { hovered = -1; draw(); } });
  });
  $("unpick").addEventListener("click", () => {
    chosen.clear();
    document.querySelectorAll("#legend input").forEach((one) => { one.checked = false; });
    $("unpick").hidden = true;
    draw();
    $("cursor").focus();
  });
  fit();
  draw();
  addEventListener("resize", () => { fit(); draw(); });
}

/* ---- language, theme, print -------------------------------------------------------------- */
function speak(next) {
  lang = next;
  root.lang = lang === "zh" ? "zh-Hans" : "en";
  document.title = pick(D.title);
  translate(document);
  for (const row of rows) if (row.shown) row.lang = lang;
  for (const name of ["aria-label", "placeholder"])
    for (const one of document.querySelectorAll(`[data-i-${name}]`)) one.setAttribute(name, pick(D.strings[one.getAttribute("data-i-" + name)]));
  for (const one of document.querySelectorAll("option[data-zh]")) one.textContent = one.dataset[lang];
  for (const one of document.querySelectorAll("[data-lang]")) one.setAttribute("aria-pressed", one.dataset.lang === lang);
  if (usual) paint(USUAL[lang]);
  if (svg) draw();
  if (sorting === "name") arrange(); else show();
}
for (const one of document.querySelectorAll("[data-lang]")) one.addEventListener("click", () => speak(one.dataset.lang));
/* Until a reader chooses, colours are what readers of the language are used to. */
const USUAL = {zh: "china", en: "west"};
let usual = root.dataset.colours === USUAL[lang];
function paint(colours) { root.dataset.colours = colours; $("colours").value = colours; }
$("colours").addEventListener("change", (event) => { usual = false; paint(event.target.value); });
$("theme").addEventListener("click", () => {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});
$("print").addEventListener("click", () => print());
})();
