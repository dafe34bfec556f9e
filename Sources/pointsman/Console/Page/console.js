// The page: which view is on, and what it shows of what is known.

"use strict";

(async () => {
const { e, plural, visible } = Dom;
const { go, known, load } = Store;

const MOST = 20_000;
const main = document.getElementById("main");
const state = document.getElementById("state");
const problem = document.getElementById("problem");

let revision = 0;
let epoch = "";
let failed = "";
let wantsOlder = false;
let reading;
let list;

function say(text) {
  if (failed === text) return;
  failed = text;
  problem.replaceChildren(e("span", {}, text));
  problem.hidden = !text;
}

function take(answer) {
  if (answer.epoch !== undefined && answer.epoch !== epoch) {
    epoch = answer.epoch;
    known.byID.clear();
  }
  const { names, outcomes } = answer;
  let isNew = false;
  for (const delivery of answer.deliveries) {
    const rules = [];
    for (let i = 0; i < delivery.rules.length; i += 2) {
      rules.push({ name: names[delivery.rules[i]], outcome: outcomes[delivery.rules[i + 1]] });
    }
    delivery.rules = rules;
    delivery.counts = delivery.counts.map((count, i) => ({ count, outcome: outcomes[i] })).filter((part) => part.count > 0);
    delivery.time = Date.parse(delivery.at) || 0;
    delivery.words = [delivery.text, delivery.delivery, delivery.repository, delivery.branch, delivery.actor, delivery.problem ?? "",
      ...rules.map((rule) => rule.name)].join("\n").toLowerCase();
    delivery.fresh = revision > 0 && known.settings.live && !wantsOlder && delivery.time > Date.now() - 3_600_000;
    known.byID.set(delivery.id, delivery);
    isNew = true;
  }
  if (isNew) {
    known.deliveries = [...known.byID.values()].sort((a, b) => b.time - a.time || (a.id < b.id ? -1 : 1));
    for (const old of known.deliveries.splice(MOST)) known.byID.delete(old.id);
  }
  revision = answer.revision;
  Object.assign(known, { place: answer.place, older: answer.older, full: answer.full, oldest: answer.oldest ?? "" });
  return isNew;
}

function tell(answer) {
  const count = plural(known.deliveries.length, "delivery", "deliveries");
  if (answer?.more) state.textContent = `reading … ${count}`;
  else state.textContent = `${known.settings.live ? "live" : "as exported"}: ${visible(known.place)}`;
  document.documentElement.dataset.ready = answer?.more ? "" : "yes";
}

/** Reads what is new, and as much more as waits to be read. */
async function read() {
  let isNew = false;
  let answer;
  do {
    const older = wantsOlder ? "&older=1" : "";
    const query = known.settings.live ? `?since=${revision}&epoch=${epoch}${older}` : "";
    answer = await load(`data/deliveries.json${query}`);
    const came = take(answer);
    wantsOlder = false;
    isNew ||= came;
    if (came || answer.more) list?.update();
    tell(answer);
  } while (answer.more);
  say("");
  return isNew;
}

function readOnce() {
  reading ??= read()
    .then((isNew) => { if (isNew) refresh(); })
    .catch((error) => { say(error.message); state.textContent = "not connected"; })
    .finally(() => { reading = undefined; list?.update(); });
  return reading;
}

/** Reads a day further back. */
async function readOlder() {
  await reading;
  wantsOlder = true;
  await readOnce();
}

Store.readOlder = readOlder;

async function poll() {
  if (!document.hidden) await readOnce();
  setTimeout(poll, known.settings.interval ?? 5_000);
}

// Views.

/** `{ view, id, filter }` of an address. */
function route() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [view, id] = path.split("/");
  return { view: view || "deliveries", id, filter: new URLSearchParams(query ?? "") };
}

let shown;

async function show() {
  const { view, id, filter } = route();
  shown = view;
  for (const link of document.querySelectorAll("nav a")) {
    const isIt = link.dataset.view === (view === "delivery" ? "deliveries" : view);
    if (isIt) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  main.className = view === "deliveries" ? "list" : "";
  document.title = `${{ rules: "Rules", coverage: "Coverage", starts: "Starts", delivery: "Delivery" }[view] ?? "Deliveries"} – Pointsman console`;
  try {
    if (view === "delivery") {
      const content = await Delivery.showDelivery(id);
      if (route().id !== id) return;
      main.replaceChildren(content);
      content.focus({ preventScroll: true });
      main.scrollTop = 0;
    } else if (view === "rules") main.replaceChildren(await Rules.showRules(filter));
    else if (view === "coverage") main.replaceChildren(await Coverage.showCoverage(filter));
    else if (view === "starts") main.replaceChildren(Starts.showStarts(filter));
    else {
      list ??= new List.ListView();
      main.replaceChildren(list.element);
      list.take(filter);
    }
  } catch (error) {
    main.replaceChildren(e("p", { role: "alert" }, error.message), e("p", {}, e("a", { href: "#/" }, "All deliveries")));
  }
}

/** Shows anew what has grown; what a person is reading or choosing stays. */
function refresh() {
  if (shown === "starts" && !main.contains(document.activeElement)) main.replaceChildren(Starts.showStarts(route().filter));
  if (shown === "rules" && !main.contains(document.activeElement)) show();
}

addEventListener("hashchange", show);
addEventListener("resize", () => { if (shown === "coverage" || shown === "starts") show(); else list?.draw(); });

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? "");
  if (event.key === "Escape") {
    if (shown === "deliveries") list?.escape();
    else go(list?.address ?? "#/");
    event.preventDefault();
  } else if (event.key === "/" && !isTyping) {
    event.preventDefault();
    if (shown === "deliveries") list.search.focus();
    else { go("#/"); setTimeout(() => list.search.focus(), 50); }
  } else if (shown === "deliveries" && list && !isTyping) list.key(event);
});

try {
  known.settings = await load("data/settings.json");
} catch (error) {
  say(error.message);
}
await Promise.all([show(), readOnce()]);
if (shown !== "deliveries") await show();
if (known.settings.live) setTimeout(poll, known.settings.interval ?? 5_000);
})();
