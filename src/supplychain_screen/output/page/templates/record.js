"use strict";
(() => {
const root = document.documentElement, $ = (id) => document.getElementById(id);
const D = JSON.parse($("data").textContent);
function speak(lang) {
  const pick = (pair) => pair[lang === "zh" ? 0 : 1];
  root.lang = lang === "zh" ? "zh-Hans" : "en";
  document.title = pick(D.title);
  for (const one of document.querySelectorAll("[data-i]")) one.textContent = pick(D.strings[one.dataset.i]);
  for (const name of ["aria-label", "data-head"])
    for (const one of document.querySelectorAll(`[data-i-${name}]`)) one.setAttribute(name, pick(D.strings[one.getAttribute("data-i-" + name)]));
  for (const one of document.querySelectorAll("[data-lang]")) one.setAttribute("aria-pressed", one.dataset.lang === lang);
}
for (const one of document.querySelectorAll("[data-lang]")) one.addEventListener("click", () => speak(one.dataset.lang));
$("theme").addEventListener("click", () => {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});
$("print").addEventListener("click", () => print());
})();
