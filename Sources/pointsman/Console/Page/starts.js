// Starts per day and rule, as bars.

"use strict";

const Starts = (() => {
const { e, plural, s, visible } = Dom;
const { go, known } = Store;

const STARTS = new Set(["started"]);
const COLOURS = 8;
const DAY = 86_400_000;

function showStarts(filter) {
  const span = Number(filter.get("days")) || 14;
  const newest = known.deliveries[0]?.time || Date.now();
  const days = [];
  for (let i = span - 1; i >= 0; i -= 1) days.push(new Date(newest - i * DAY).toISOString().slice(0, 10));
  const place = new Map(days.map((day, i) => [day, i]));
  const counts = new Map();
  for (const delivery of known.deliveries) {
    const day = place.get(delivery.at.slice(0, 10));
    if (day === undefined) continue;
    for (const { name, outcome } of delivery.rules) {
      if (!STARTS.has(outcome)) continue;
      if (!counts.has(name)) counts.set(name, { name, total: 0, days: days.map(() => 0) });
      const count = counts.get(name);
      count.total += 1;
      count.days[day] += 1;
    }
  }
  const sorted = [...counts.values()].sort((a, b) => b.total - a.total || (a.name < b.name ? -1 : 1));
  const shown = sorted.slice(0, COLOURS);
  const rest = sorted.slice(COLOURS);
  if (rest.length) {
    shown.push({ name: plural(rest.length, "more rule"), isRest: true, total: rest.reduce((all, one) => all + one.total, 0),
      days: days.map((_, i) => rest.reduce((all, one) => all + one.days[i], 0)) });
  }
  const total = shown.reduce((all, one) => all + one.total, 0);
  return e("section", { "aria-label": "Starts" },
    e("h2", {}, `${plural(total, "start")} in ${plural(span, "day")}`),
    e("p", {}, e("select", { "aria-label": "Days", onchange: (event) => go(`#/starts?days=${event.target.value}`) },
      [7, 14, 30, 90].map((count) => e("option", { value: count, selected: count === span }, `${count} days`)))),
    known.oldest > days[0] && known.older && e("p", { class: "dim" }, `Days before ${known.oldest} were not read yet: the list of deliveries reads them.`),
    picture(days, shown),
    e("ul", { class: "legend", "aria-label": "Colours" }, shown.map((one, i) => e("li", {},
      s("svg", { viewBox: "0 0 14 14", "aria-hidden": "true" }, s("rect", { width: 14, height: 14, class: `c${i}` })),
      one.isRest ? one.name : e("a", { href: `#/?${new URLSearchParams({ rule: one.name, outcome: "started" })}` }, one.name), ` ${one.total.toLocaleString("en")}`))),
    e("details", {}, e("summary", {}, "The same as a table"),
      e("table", {}, e("thead", {}, e("tr", {}, e("th", { scope: "col" }, "Day"), e("th", { scope: "col", class: "number" }, "Starts"), e("th", { scope: "col" }, "By rule"))),
        e("tbody", {}, days.map((day, i) => e("tr", {}, e("td", {}, day), e("td", { class: "number", "data-label": "Starts" }, shown.reduce((all, one) => all + one.days[i], 0)),
          e("td", {}, shown.filter((one) => one.days[i]).map((one) => `${one.name} ${one.days[i]}`).join(", "))))))));
}

function picture(days, shown) {
  const width = Math.max(320, Math.min(1_400, document.getElementById("main").clientWidth - 34));
  const height = 280;
  const [left, bottom, top] = [44, 26, 12];
  const totals = days.map((_, i) => shown.reduce((all, one) => all + one.days[i], 0));
  const most = Math.max(1, ...totals);
  const step = [1, 2, 5].map((unit) => [unit, unit * 10, unit * 100, unit * 1_000, unit * 10_000]).flat().sort((a, b) => a - b).find((size) => most / size <= 5) ?? most;
  const ceiling = Math.ceil(most / step) * step;
  const y = (count) => height - bottom - (count / ceiling) * (height - bottom - top);
  const slot = (width - left - 8) / days.length;
  const svg = s("svg", { class: "picture", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Starts per day: ${days.map((day, i) => `${day} ${totals[i]}`).join(", ")}` });
  for (let count = 0; count <= ceiling; count += step) {
    svg.append(s("line", { class: "grid", x1: left, x2: width - 8, y1: y(count), y2: y(count) }), s("text", { x: left - 6, y: y(count) + 4, "text-anchor": "end" }, count));
  }
  const every = Math.ceil(44 / slot);
  days.forEach((day, i) => {
    let below = 0;
    shown.forEach((one, colour) => {
      const count = one.days[i];
      if (!count) return;
      svg.append(s("rect", { class: `tile c${colour}`, x: left + i * slot + slot * 0.12, width: slot * 0.76, y: y(below + count), height: y(below) - y(below + count) },
        s("title", {}, visible(`${day}, ${one.name}: ${count}`))));
      below += count;
    });
    if ((days.length - 1 - i) % every === 0) svg.append(s("text", { x: left + (i + 0.5) * slot, y: height - 8, "text-anchor": "middle" }, day.slice(5)));
  });
  return svg;
}

return { showStarts };
})();
