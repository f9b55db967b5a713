/* The choice of language and theme goes along to the next page behind the # of its address. */
(() => {
const root = document.documentElement;
for (const word of location.hash.slice(1).split("+")) {
  if (word === "zh" || word === "en") document.querySelector(`[data-lang="${word}"]`).click();
  if (word === "dark" || word === "light") root.dataset.theme = word;
}
function carry() {
  const words = [document.querySelector("[data-lang][aria-pressed=true]").dataset.lang, root.dataset.theme];
  for (const link of document.querySelectorAll('a[href*="index.html"]'))
    link.setAttribute("href", link.getAttribute("href").split("#")[0] + "#" + words.filter(Boolean).join("+"));
}
for (const button of document.querySelectorAll(".tools button")) button.addEventListener("click", carry);
if (location.hash) carry();
})();
