// Sentences about what is wrong with the page, for whoever does not see it or sees it small.
const faults = [];
const shown = (element) => element.checkVisibility() && element.getClientRects().length > 0;
const brief = (element) => element.outerHTML.replace(/\s+/g, " ").slice(0, 140);
const text = (element) => [...element.childNodes].map((node) => {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent;
  if (node.nodeType !== Node.ELEMENT_NODE || node.getAttribute("aria-hidden") === "true") return "";
  return node.getAttribute("aria-label") || node.getAttribute("alt") || text(node);
}).join("");
const name = (element) => {
  const by = (element.getAttribute("aria-labelledby") || "").split(" ").map((id) => document.getElementById(id)?.innerText || "").join("");
  const labels = [...(element.labels || [])].map(text).join("");
  return (element.getAttribute("aria-label") || by || labels || text(element) || element.getAttribute("title") || "").trim();
};
const look = (where) => {
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.push(`${where}: ${root.scrollWidth - root.clientWidth} px too wide`);
  for (const element of document.querySelectorAll("a[href],button,input:not([type=hidden]),select,textarea,summary,[role=region]")) {
    if (shown(element) && name(element) === "") faults.push(`${where}: no name: ${brief(element)}`);
  }
  for (const element of document.querySelectorAll("a[href],button,input:not([type=hidden]),select,textarea,summary,.sheet")) {
    const { left, right } = element.getBoundingClientRect();
    const scrolls = element.closest(".scroll,.cards,.diff,.raw");
    const away = element.closest(".skip,.away");
    if (shown(element) && !scrolls && !away && (left < -0.5 || right > root.clientWidth + 0.5)) {
      faults.push(`${where}: reaches from ${left} to ${right}: ${brief(element)}`);
    }
  }
};
look("as it is");
if (!document.documentElement.lang) faults.push("the page does not say its language");
if (document.title.trim() === "") faults.push("the page has no title");
if (document.querySelectorAll("h1").length === 0) faults.push("the page has no heading");
for (const image of document.querySelectorAll("img:not([alt]),svg[role=img]:not([aria-label])")) faults.push(`no words: ${brief(image)}`);
const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) faults.push(`the id ${id} is there twice`);
const open = (details) => {
  const called = name(details.querySelector("summary"));
  details.open = true;
  look(`with ${called} open`);
  const sheet = details.querySelector(".sheet");
  if (sheet) {
    const { top, bottom } = sheet.getBoundingClientRect();
    if (top < -0.5 || bottom > innerHeight + 0.5) faults.push(`${called} reaches from ${top} to ${bottom} of ${innerHeight}`);
  }
  details.querySelectorAll("details:not([open])").forEach(open);
  details.open = false;
};
[...document.querySelectorAll("details:not([open])")].filter((details) => shown(details) && !details.parentElement.closest("details")).forEach(open);
return [...new Set(faults)];
