// The repository's folders as areas: coloured by the rules that cover them, hatched where none does.

"use strict";

const Coverage = (() => {
const { e, hatch, plural, s, visible } = Dom;
const { go, load } = Store;

const COLOURS = 8;
const DEEPEST = 4;

/** Lays areas into a rectangle so that they are as square as can be (Bruls, Huizing, van Wijk: Squarified Treemaps, 2000). */
function squarified(items, x, y, width, height) {
  const placed = [];
  const sum = items.reduce((total, item) => total + item.size, 0);
  const rest = [...items].sort((a, b) => b.size - a.size);
  const scale = (width * height) / (sum || 1);
  const worst = (row, side) => {
    const total = row.reduce((all, item) => all + item.size * scale, 0);
    const sizes = row.map((item) => item.size * scale);
    return Math.max((side * side * Math.max(...sizes)) / (total * total), (total * total) / (side * side * Math.min(...sizes)));
  };
  while (rest.length && width > 0.5 && height > 0.5) {
    const side = Math.min(width, height);
    const row = [rest.shift()];
    while (rest.length && worst([...row, rest[0]], side) <= worst(row, side)) row.push(rest.shift());
    const depth = row.reduce((all, item) => all + item.size * scale, 0) / side;
    let offset = 0;
    for (const item of row) {
      const length = (item.size * scale) / depth;
      placed.push(width >= height ? { item, x, y: y + offset, width: depth, height: length } : { item, x: x + offset, y, width: length, height: depth });
      offset += length;
    }
    if (width >= height) { x += depth; width -= depth; } else { y += depth; height -= depth; }
  }
  return placed;
}

/** Adds to each folder what lies below it. */
function sum(node) {
  const total = { files: node.files, uncovered: node.uncovered, rules: new Map() };
  for (let i = 0; i < node.rules.length; i += 2) total.rules.set(node.rules[i], node.rules[i + 1]);
  for (const child of node.children ?? []) {
    const below = sum(child);
    total.files += below.files;
    total.uncovered += below.uncovered;
    for (const [rule, count] of below.rules) total.rules.set(rule, (total.rules.get(rule) ?? 0) + count);
  }
  node.total = total;
  return total;
}

async function showCoverage(filter) {
  const coverage = await load("data/coverage.json");
  if (!coverage.maps.length) return e("section", {}, e("h2", {}, "Coverage"), e("p", {}, "No record names a path yet."), coverage.note && e("p", { class: "dim" }, coverage.note));
  const map = coverage.maps.find((one) => one.repository === filter.get("repository")) ?? coverage.maps[0];
  sum(map.root);
  const path = (filter.get("folder") ?? "").split("/").filter(Boolean);
  let node = map.root;
  const way = [];
  for (const name of path) {
    const next = node.children?.find((child) => child.name === name);
    if (!next) break;
    way.push(name);
    node = next;
  }
  const address = (folder) => `#/coverage?${new URLSearchParams({ repository: map.repository, folder: folder.join("/") })}`;
  const usage = [...map.root.total.rules].sort((a, b) => b[1] - a[1]);
  const colours = new Map(usage.map(([rule], index) => [rule, Math.min(index, COLOURS)]));
  const total = node.total;
  const choice = coverage.maps.length > 1 && e("select", { "aria-label": "Repository", onchange: (event) => go(`#/coverage?${new URLSearchParams({ repository: event.target.value })}`) },
    coverage.maps.map((one) => e("option", { value: one.repository, selected: one === map }, one.repository)));
  return e("section", { "aria-label": "Coverage" },
    e("h2", {}, `Coverage of ${map.repository}`), choice,
    e("p", { class: "crumbs" }, e("a", { href: address([]) }, "all folders"), way.map((name, i) => [" / ", e("a", { href: address(way.slice(0, i + 1)) }, name)])),
    e("p", {}, `${plural(total.files, "file")}, ${total.uncovered.toLocaleString("en")} of them in no rule's paths.`,
      coverage.coveringAll?.length ? ` ${plural(coverage.coveringAll.length, "rule")} without paths cover every file, and do not count here.` : ""),
    coverage.note && e("p", { class: "dim" }, coverage.note),
    picture(node, way, colours, map.rules, address),
    legend(usage, colours, map.rules),
    gaps(map.root, address));
}

function picture(node, way, colours, names, address) {
  const width = Math.max(320, Math.min(1_400, document.getElementById("main").clientWidth - 34));
  const height = Math.max(320, Math.min(620, Math.round(width * 0.55)));
  const svg = s("svg", { class: "picture", viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": "Folders by number of files" }, hatch("uncovered"));
  lay(node, way, 0, { x: 0, y: 0, width, height });
  return svg;

  function lay(folder, place, depth, box) {
    const items = (folder.children ?? []).map((child) => ({ size: child.total.files, child }));
    if (folder.files) items.push({ size: folder.files, own: folder });
    for (const { item, ...area } of squarified(items, box.x, box.y, box.width, box.height)) {
      const below = item.child ? [...place, item.child.name] : place;
      const isOpen = item.child?.children && depth + 1 < DEEPEST && area.width > 90 && area.height > 60;
      if (!isOpen) svg.append(tile(item, below, area));
      else {
        svg.append(frame(item.child, below, area));
        lay(item.child, below, depth + 1, { x: area.x + 3, y: area.y + 19, width: area.width - 6, height: area.height - 22 });
      }
    }
  }

  function words(total, place, isOwn) {
    const rules = [...total.rules].sort((a, b) => b[1] - a[1]).map(([rule]) => names[rule]);
    const by = rules.length ? `covered by ${rules.slice(0, 5).join(", ")}${rules.length > 5 ? " and others" : ""}` : "in no rule's paths";
    const part = rules.length && total.uncovered ? `, ${total.uncovered} not covered` : "";
    return visible(`${place.join("/") || "(the root)"}${isOwn ? ", directly in it" : ""}: ${plural(total.files, "file")}, ${by}${part}`);
  }

  function label(text, area) {
    const room = Math.floor((area.width - 8) / 6.8);
    if (area.height < 16 || room < 3) return undefined;
    const shown = visible(text);
    return s("text", { x: area.x + 4, y: area.y + 14 }, shown.length > room ? `${shown.slice(0, room - 1)}…` : shown);
  }

  function frame(child, place, area) {
    const text = words(child.total, place);
    return s("a", { href: address(place), "aria-label": text }, s("title", {}, text), s("rect", { class: "frame tile", x: area.x, y: area.y, width: area.width, height: area.height }), label(child.name, area));
  }

  function tile(item, place, area) {
    const total = item.child?.total ?? { files: item.own.files, uncovered: item.own.uncovered, rules: own(item.own) };
    const [main] = [...total.rules].sort((a, b) => b[1] - a[1])[0] ?? [];
    const text = words(total, place, item.own);
    const shape = { x: area.x, y: area.y, width: area.width, height: area.height };
    const name = item.child?.name ?? "(files)";
    // Of what is covered in part, that part is hatched.
    const part = total.files ? total.uncovered / total.files : 0;
    return s("a", { href: address(place), "aria-label": text, "data-uncovered": total.uncovered === total.files && "yes" }, s("title", {}, text),
      s("rect", { ...shape, class: main === undefined ? "tile" : `tile c${colours.get(main)}`, fill: main === undefined ? "url(#uncovered)" : undefined }),
      main !== undefined && part > 0 && s("rect", { x: area.x, y: area.y + area.height * (1 - part), width: area.width, height: area.height * part, fill: "url(#uncovered)" }),
      label(name, area));
  }

  function own(folder) {
    const rules = new Map();
    for (let i = 0; i < folder.rules.length; i += 2) rules.set(folder.rules[i], folder.rules[i + 1]);
    return rules;
  }
}

function legend(usage, colours, names) {
  const square = (attributes) => s("svg", { viewBox: "0 0 14 14", "aria-hidden": "true" }, s("rect", { width: 14, height: 14, ...attributes }));
  return e("ul", { class: "legend", "aria-label": "Colours" },
    usage.slice(0, COLOURS).map(([rule, count]) => e("li", {}, square({ class: `c${colours.get(rule)}` }),
      e("a", { href: `#/?${new URLSearchParams({ rule: names[rule] })}` }, names[rule]), ` ${plural(count, "file")}`)),
    usage.length > COLOURS && e("li", {}, square({ class: "c8" }), `${usage.length - COLOURS} more rules`),
    e("li", {}, square({ fill: "url(#uncovered)" }), "in no rule's paths"));
}

/** The topmost folders in which nothing is covered, as a list that says what the picture shows. */
function gaps(root, address) {
  const found = [];
  (function look(node, place) {
    if (node.total.files && node.total.uncovered === node.total.files) found.push({ place, files: node.total.files });
    else for (const child of node.children ?? []) look(child, [...place, child.name]);
  })(root, []);
  found.sort((a, b) => b.files - a.files);
  return e("details", { open: found.length > 0 && found.length <= 20 }, e("summary", {}, `${plural(found.length, "folder")} in no rule's paths`),
    e("ul", {}, found.slice(0, 200).map(({ place, files }) => e("li", {}, e("a", { href: address(place) }, place.join("/") || "(the root)"), ` ${plural(files, "file")}`))));
}

return { squarified, showCoverage };
})();
