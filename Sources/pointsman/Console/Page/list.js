// The list of deliveries: only the rows in the window exist, however many there are.

"use strict";

const List = (() => {
const { chip, e, plural, time, visible } = Dom;
const { go, known } = Store;

const TIMES = [["", "any time"], ["1", "last hour"], ["24", "last 24 hours"], ["168", "last 7 days"], ["720", "last 30 days"]];

class ListView {
  constructor() {
    this.matching = [];
    this.current = 0;
    this.filter = {};
    const changed = () => this.choose();
    const select = (name, label) => e("select", { name, "aria-label": label, onchange: changed });
    this.search = e("input", { type: "search", name: "q", placeholder: "Search (/)", "aria-label": "Search", autocomplete: "off", oninput: () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(changed, 120);
    } });
    this.fields = {
      q: this.search,
      repository: select("repository", "Repository"),
      branch: select("branch", "Branch or tag"),
      rule: select("rule", "Rule"),
      outcome: select("outcome", "Outcome"),
      hours: select("hours", "Time"),
      day: e("input", { type: "date", name: "day", "aria-label": "Day (UTC)", onchange: changed }),
    };
    this.fields.hours.append(...TIMES.map(([value, text]) => e("option", { value }, text)));
    this.count = e("span", { role: "status", id: "count" });
    this.older = e("button", { type: "button", onclick: () => Store.readOlder() }, "Read older days");
    this.none = e("p", { class: "dim" });
    this.rows = e("ul", { class: "rows", "aria-label": "Deliveries" });
    this.window = e("div", { class: "window", onscroll: () => this.scrolled() }, this.rows, this.none);
    this.element = e("section", { "aria-label": "Deliveries", class: "deliveries" },
      e("form", { class: "filters", role: "search", onsubmit: (event) => event.preventDefault() },
        Object.values(this.fields), e("button", { type: "button", onclick: () => go("#/") }, "Clear")),
      e("p", { class: "summary" }, this.count, this.older,
        e("span", { class: "keys" }, e("kbd", {}, "j"), " ", e("kbd", {}, "k"), " move, ", e("kbd", {}, "Enter"), " opens, ",
          e("kbd", {}, "Esc"), " back, ", e("kbd", {}, "/"), " search")),
      this.window);
    this.element.style.cssText = "display:flex;flex-direction:column;flex:1;min-height:0";
  }

  /** Where the list is to be found again, with its filter. */
  get address() {
    const query = new URLSearchParams(Object.entries(this.filter).filter(([, value]) => value)).toString();
    return query ? `#/?${query}` : "#/";
  }

  /** Takes the filter of an address. */
  take(filter) {
    for (const name of Object.keys(this.fields)) this.filter[name] = filter.get(name) ?? "";
    this.update();
    for (const [name, field] of Object.entries(this.fields)) {
      if (field !== document.activeElement) field.value = this.filter[name];
    }
    this.reveal(!/^(INPUT|SELECT)$/.test(document.activeElement?.tagName ?? ""));
  }

  /** Takes the filter that was chosen. */
  choose() {
    for (const [name, field] of Object.entries(this.fields)) this.filter[name] = field.value;
    this.current = 0;
    this.window.scrollTop = 0;
    history.replaceState(null, "", this.address);
    this.update();
  }

  /** Shows what is known now. */
  update() {
    const { repository, branch, rule, outcome, hours, day } = this.filter;
    const words = (this.filter.q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    const since = hours ? Date.now() - hours * 3_600_000 : 0;
    const kept = this.matching[this.current]?.id;
    this.matching = known.deliveries.filter((delivery) =>
      (!repository || `${delivery.source}/${delivery.repository}` === repository)
      && (!branch || delivery.branch === branch)
      && (!rule || delivery.rules.some((one) => one.name === rule && (!outcome || one.outcome === outcome)))
      && (!outcome || rule || (outcome === "unreadable" ? delivery.problem : delivery.counts.some((part) => part.outcome === outcome)))
      && delivery.time >= since
      && (!day || delivery.at.startsWith(day))
      && words.every((word) => delivery.words.includes(word)));
    // The row that was current stays so, wherever new ones have put it; at the top the newest is.
    if (kept && this.current > 0) this.current = Math.max(0, this.matching.findIndex((delivery) => delivery.id === kept));
    this.options();
    const all = plural(known.deliveries.length, "delivery", "deliveries");
    this.count.textContent = this.matching.length === known.deliveries.length ? all : `${this.matching.length.toLocaleString("en")} of ${all}`;
    this.older.hidden = !known.older;
    this.older.textContent = `Read before ${visible(known.oldest)}`;
    if (known.full) this.count.textContent += ", the latest; find older ones with pointsman why --day";
    this.none.textContent = known.deliveries.length ? "No delivery matches. Esc clears the filter." : "There is no delivery yet.";
    this.none.hidden = this.matching.length > 0;
    this.draw();
  }

  options() {
    const sets = { repository: new Set(), branch: new Set(), rule: new Set(), outcome: new Set() };
    for (const delivery of known.deliveries) {
      if (delivery.repository) sets.repository.add(`${delivery.source}/${delivery.repository}`);
      if (delivery.branch) sets.branch.add(delivery.branch);
      for (const rule of delivery.rules) sets.rule.add(rule.name);
      for (const part of delivery.counts) sets.outcome.add(part.outcome);
      if (delivery.problem) sets.outcome.add("unreadable");
    }
    const words = { repository: "all repositories", branch: "all branches", rule: "all rules", outcome: "all outcomes" };
    for (const [name, set] of Object.entries(sets)) {
      const chosen = this.filter[name];
      if (chosen) set.add(chosen);
      const field = this.fields[name];
      if (field.options.length === set.size + 1 && field.options.length > 0) continue;
      const values = [...set].sort().slice(0, 2_000);
      field.replaceChildren(e("option", { value: "" }, words[name]), ...values.map((value) => {
        const option = e("option", {}, visible(value));
        option.value = value;
        return option;
      }));
      field.value = chosen ?? "";
    }
  }

  get rowHeight() { return parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--row")) || 58; }

  scrolled() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
    const { scrollTop, clientHeight, scrollHeight } = this.window;
    if (known.older && scrollTop > 0 && scrollTop + clientHeight >= scrollHeight - 4) Store.readOlder();
  }

  /** Makes the rows in the window, and a few around it. */
  draw() {
    const height = this.rowHeight;
    this.rows.style.height = `${this.matching.length * height}px`;
    const first = Math.max(0, Math.floor(this.window.scrollTop / height) - 6);
    const last = Math.min(this.matching.length, first + Math.ceil((this.window.clientHeight || 600) / height) + 12);
    const focused = this.rows.contains(document.activeElement) ? document.activeElement.dataset.id : undefined;
    const items = [];
    for (let index = first; index < last; index += 1) items.push(this.row(index, height));
    this.rows.replaceChildren(...items);
    if (focused) this.rows.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  row(index, height) {
    const delivery = this.matching[index];
    const who = [time(delivery.at), delivery.actor && `by ${delivery.actor}`, delivery.delivery].filter(Boolean).join("  ");
    const chips = delivery.problem ? [chip("invalid", "unreadable")]
      : delivery.counts.length ? delivery.counts.map((part) => chip(part.outcome, `${part.count} ${part.outcome}`)) : [chip("skipped", "no rule")];
    const isCurrent = index === this.current;
    const item = e("li", { "aria-setsize": this.matching.length, "aria-posinset": index + 1, "data-current": isCurrent, class: delivery.fresh && "fresh" },
      e("a", { href: `#/delivery/${delivery.id}`, "data-id": delivery.id, tabindex: isCurrent ? 0 : -1, onfocus: () => { this.current = index; } },
        e("span", { class: "what" }, delivery.text), e("span", { class: "when" }, who), e("span", { class: "chips" }, chips)));
    item.style.transform = `translateY(${index * height}px)`;
    return item;
  }

  /** Scrolls the current row into view, and may focus it. */
  reveal(focuses) {
    if (!this.matching.length) return;
    const height = this.rowHeight;
    const top = this.current * height;
    const { scrollTop, clientHeight } = this.window;
    if (top < scrollTop) this.window.scrollTop = top;
    else if (top + height > scrollTop + clientHeight) this.window.scrollTop = top + height - clientHeight;
    this.draw();
    if (focuses) this.rows.querySelector("[data-current] a")?.focus({ preventScroll: true });
  }

  key(event) {
    const page = Math.max(1, Math.floor(this.window.clientHeight / this.rowHeight) - 1);
    const steps = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key === "Enter" && document.activeElement === document.body && this.matching[this.current]) {
      go(`#/delivery/${this.matching[this.current].id}`);
      return;
    }
    const step = steps[event.key];
    if (step === undefined || !this.matching.length) return;
    event.preventDefault();
    const isFirst = !this.rows.contains(document.activeElement) && step === 1 && this.current === 0;
    this.current = Math.min(this.matching.length - 1, Math.max(0, this.current + (isFirst ? 0 : step)));
    this.reveal(true);
  }

  /** Leaves the search, else clears the filter. */
  escape() {
    if (document.activeElement === this.search && this.search.value === "") this.reveal(true);
    else if (this.address !== "#/") {
      for (const field of Object.values(this.fields)) field.value = "";
      this.choose();
    } else document.activeElement?.blur();
  }
}

return { ListView };
})();
