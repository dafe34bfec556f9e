// Elements, made of text alone: no text becomes markup, and none can hide what it says.

"use strict";

const Dom = (() => {
// Controls, line breaks and what turns the direction of text; the joiner of emoji passes.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

const isHidden = (character) => character !== "\u200D" && character.search(HIDDEN) === 0;

const named = (character) => `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;

/** A text in which what cannot be seen is named, for attributes and options. */
function visible(text) {
  return String(text ?? "").replace(HIDDEN, (found) => (isHidden(found) ? `‹${named(found)}›` : found));
}

/** The same as nodes, so that what is named stands out. */
function nodes(text) {
  const parts = [];
  let start = 0;
  for (const found of text.matchAll(HIDDEN)) {
    if (!isHidden(found[0])) continue;
    if (found.index > start) parts.push(document.createTextNode(text.slice(start, found.index)));
    const mark = document.createElement("span");
    mark.className = "hidden-character";
    mark.textContent = named(found[0]);
    mark.title = "a character that cannot be seen";
    parts.push(mark);
    start = found.index + found[0].length;
  }
  if (start < text.length) parts.push(document.createTextNode(text.slice(start)));
  return parts;
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : visible(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    if (child instanceof Node) element.append(child);
    else element.append(...nodes(String(child)));
  }
  return element;
}

/** An element of HTML: `e("a", { href: "#/" }, "text", other)`. */
const e = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);

/** An element of SVG. */
const s = (name, attributes, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);

/** A link to a page elsewhere, if its address is one of the web. */
function away(address, text) {
  if (!/^https:\/\/[a-z0-9.-]+\//.test(address)) return e("span", {}, text);
  return e("a", { href: address, rel: "noopener noreferrer", target: "_blank" }, text);
}

const plural = (count, word, words = `${word}s`) => `${count.toLocaleString("en")} ${count === 1 ? word : words}`;

/** `2026-03-14 09:26:53`, in UTC as the records have it. */
const time = (text) => String(text).slice(0, 19).replace("T", " ");

const chip = (outcome, text) => e("span", { class: `chip ${outcome}` }, text ?? outcome);

/** A hatch for what no rule covers, beside a pattern's name. */
function hatch(id) {
  return s("defs", {}, s("pattern", { id, width: 8, height: 8, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    s("rect", { class: "gap", width: 8, height: 8 }), s("line", { class: "hatch", x1: 0, y1: 0, x2: 0, y2: 8 })));
}

return { visible, e, s, away, plural, time, chip, hatch };
})();
