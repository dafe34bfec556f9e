// The rules, and how often and when each has started.

"use strict";

const Rules = (() => {
const { chip, e, plural, time } = Dom;
const { known, load } = Store;

const STARTS = new Set(["started"]);

/** What the deliveries that are known tell of each rule. */
function uses() {
  const uses = new Map();
  for (const delivery of known.deliveries) {
    for (const { name, outcome } of delivery.rules) {
      let use = uses.get(name);
      if (!use) uses.set(name, use = { starts: 0, failed: 0, skipped: 0, last: "" });
      if (STARTS.has(outcome)) {
        use.starts += 1;
        if (delivery.at > use.last) use.last = delivery.at;
      } else if (outcome === "failed") use.failed += 1;
      else use.skipped += 1;
    }
  }
  return uses;
}

async function showRules() {
  const { rules, cut } = await load("data/rules.json");
  const use = uses();
  const there = new Set(rules.map((rule) => rule.rule));
  const all = [...rules, ...[...use.keys()].filter((name) => !there.has(name)).map((rule) => ({ rule, gone: true, problems: [] }))];
  const none = { starts: 0, failed: 0, skipped: 0, last: "" };
  const rows = all.map((rule) => ({ rule, use: use.get(rule.rule) ?? none }))
    .sort((a, b) => b.use.starts - a.use.starts || (a.rule.rule < b.rule.rule ? -1 : 1));
  const never = rows.filter((row) => !row.rule.gone && row.use.starts === 0).length;
  return e("section", { "aria-label": "Rules" },
    e("h2", {}, plural(rules.length, "rule")),
    e("p", { class: "dim" }, `By the ${plural(known.deliveries.length, "delivery", "deliveries")} that were read`,
      known.oldest ? ` since ${known.oldest}` : "", never ? `; ${never} never started` : "", cut ? "; there are more rules than are shown" : "", "."),
    e("table", {},
      e("thead", {}, e("tr", {}, ["Rule", "Starts", "Last started (UTC)", "Failed", "Skipped", "Target"].map((name) =>
        e("th", { scope: "col", class: /^(Starts|Failed|Skipped)$/.test(name) && "number" }, name)))),
      e("tbody", {}, rows.map(row))));
}

function row({ rule, use }) {
  const patterns = [["paths", rule.paths], ["without", rule.excluded], ["branches", rule.branches], ["events", rule.events]]
    .filter(([, all]) => all?.length).map(([name, all]) => `${name} ${all.join(", ")}`).join("; ");
  const cell = (label, value) => e("td", { class: "number", "data-label": label }, value);
  return e("tr", {},
    e("td", {}, e("a", { href: `#/?${new URLSearchParams({ rule: rule.rule })}` }, rule.rule), " ",
      rule.gone && chip("skipped", "gone"), rule.problems.length > 0 && chip("invalid"),
      patterns && e("div", { class: "dim mono" }, patterns), rule.problems.map((problem) => e("div", {}, problem))),
    cell("Starts", use.starts), e("td", { "data-label": "Last started" }, use.last ? time(use.last) : "never"), cell("Failed", use.failed), cell("Skipped", use.skipped),
    e("td", { "data-label": "Target" }, rule.target ?? ""));
}

return { uses, showRules };
})();
