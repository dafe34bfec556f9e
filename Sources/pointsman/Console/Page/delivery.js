// One delivery: its change, each rule's reason, its attempts, what was started and how that ended.

"use strict";

const Delivery = (() => {
const { away, chip, e, plural, time } = Dom;
const { known, load } = Store;

const NAMES = {
  source: "source", repository: "repository", kind: "kind", branch: "branch", queueBranch: "merge queue's branch", tag: "tag",
  before: "before", after: "commit", actor: "by", pullRequest: "pull request", action: "action", comment: "comment", image: "image",
  created: "created", deleted: "deleted", forced: "forced", pathCount: "changed paths", pathsIncomplete: "not all paths", comparedWith: "compared with",
  receivedAt: "received", delivery: "delivery",
};
const ORDER = ["started", "already-started", "unchanged", "failed", "invalid", "skipped"];
const AT_FIRST = 200;

async function showDelivery(id) {
  const summary = known.byID.get(id);
  if (summary?.problem) {
    return page(e("h2", {}, summary.delivery), e("p", { role: "alert" }, `This record cannot be shown: ${summary.problem}.`));
  }
  const detail = await load(`data/deliveries/${encodeURIComponent(id)}.json`);
  const change = Object.entries(detail.change ?? {}).filter(([name]) => name !== "body").flatMap(([name, value]) =>
    [e("dt", {}, NAMES[name] ?? name), e("dd", { class: /^(before|after|delivery)$/.test(name) && "mono" }, String(value))]);
  const rules = [...detail.rules].sort((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome));
  const cards = e("div", {}, rules.slice(0, AT_FIRST).map(card));
  const rest = rules.length > AT_FIRST && e("button", { type: "button", onclick: (event) => {
    cards.append(...rules.slice(AT_FIRST).map(card));
    event.target.remove();
  } }, `Show ${plural(rules.length - AT_FIRST, "more rule")}`);
  return page(
    e("h2", {}, detail.text),
    e("p", { class: "dim" }, detail.counts ?? "no rule is about this repository"),
    e("dl", {}, change, e("dt", {}, "record"), e("dd", { class: "mono" }, detail.place)),
    e("h3", {}, plural(rules.length, "rule")), cards, rest,
    e("h3", {}, plural(detail.attempts.length, "attempt")),
    e("ul", {}, detail.attempts.map((attempt) => e("li", {}, `${time(attempt.at)} UTC: ${attempt.started} started, ${attempt.failed} failed`))),
    (detail.note || detail.commands.length > 0) && e("h3", {}, "Commands"), detail.note && e("p", { class: "dim" }, detail.note), detail.commands.map(command),
    known.settings.replay && replay(id));
}

const page = (...content) => e("article", { tabindex: -1, "aria-label": "Delivery" },
  e("p", { class: "crumbs" }, e("a", { href: "#/" }, "Deliveries"), " › delivery ", e("span", { class: "keys" }, "(", e("kbd", {}, "Esc"), " goes back)")), content);

function card(rule) {
  const line = (name, value) => value ? [e("dt", {}, name), e("dd", {}, value)] : [];
  return e("section", { class: "card", "aria-label": "Rule" },
    e("h4", {}, chip(rule.outcome), e("a", { href: `#/?${new URLSearchParams({ rule: rule.rule })}` }, rule.rule)),
    e("dl", {},
      line("reason", rule.reason), line("clause", rule.clause),
      line("path", rule.path && e("code", {}, rule.path)), line("pattern", rule.pattern && e("code", {}, rule.pattern)),
      line("target", rule.target && (rule.link ? [rule.target, " – ", away(rule.link, "open in the AWS console")] : rule.target)),
      line("", !rule.target && rule.link && away(rule.link, "open in the AWS console")),
      line("answer", rule.answer && e("code", {}, rule.answer)),
      line("status", rule.status),
      rule.ended.map((words) => line("ended", words)),
      rule.superseded.map((words) => line("superseded", words)),
      line("next", rule.retried && "it is tried again")));
}

function command({ name, text }) {
  const button = e("button", { type: "button", "aria-label": `Copy the command ${name}`, onclick: async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = `Copy ${name}`; }, 2_000);
  } }, `Copy ${name}`);
  const code = e("code", {}, text);
  return e("div", { class: "command" }, button, code);
}

/** A replay starts what has not started: it is asked for twice. */
function replay(id) {
  const said = e("span", { role: "status" });
  let isSure = false;
  const button = e("button", { type: "button", onclick: async () => {
    if (!isSure) {
      isSure = true;
      button.textContent = "Really replay it?";
      setTimeout(() => { isSure = false; button.textContent = "Replay"; }, 8_000);
      return;
    }
    button.disabled = true;
    said.textContent = " evaluate is running …";
    try {
      const done = await load("replay", {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ id }),
      });
      said.textContent = ` ${done.text}: ${done.counts ?? "no rule"}`;
    } catch (error) {
      said.textContent = ` ${error.message}`;
    }
    button.disabled = false;
  } }, "Replay");
  return e("p", {}, button, said, e("br"), e("span", { class: "dim" }, "Runs the change again by the rules as they are now, and starts what has not started yet."));
}

return { showDelivery };
})();
