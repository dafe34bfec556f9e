// What is known of the deliveries, and where the rest is read: the console's server, or an export's files.

"use strict";

const Store = (() => {
/** All deliveries that are known, the latest first. */
const known = {
  settings: { live: false },
  deliveries: [],
  byID: new Map(),
  place: "",
  older: false,
  full: false,
  oldest: "",
};

const isExport = document.documentElement.dataset.export !== undefined;
const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");

// The terminal's address has the console's token at its end: this address alone keeps it, and does not show it.
const given = /^#token=([0-9a-f]+)$/.exec(location.hash)?.[1];
if (given && !isExport) {
  localStorage.setItem("token", given);
  history.replaceState(null, "", "#/");
}

/** Reads one of the data's files. */
const load = (name, options) => (isExport ? loadScript(name) : ask(name, options));

async function ask(name, options) {
  const headers = { ...options?.headers, "X-Pointsman-Token": localStorage.getItem("token") ?? "" };
  let answer;
  try {
    answer = await fetch(name, { cache: "no-store", credentials: "same-origin", ...options, headers });
  } catch {
    throw new Error(known.settings.live ? "The console does not answer: has it been ended?" : `${name} cannot be loaded.`);
  }
  const json = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(json.error ? sentence(json.error) : `${name}: status ${answer.status}.`);
  return json;
}

// A page that was opened as a file may fetch nothing, but may have scripts of its own folder: the data of an export are such.
const waiting = new Map();
const isData = (name) => /^data\/(deliveries\/)?[0-9a-z]+\.js$/.test(name);
const policy = isExport ? globalThis.trustedTypes?.createPolicy("data", {
  createScriptURL: (name) => { if (isData(name)) return name; throw new TypeError("not data"); },
}) : undefined;

function loadScript(name) {
  const file = name.replace(/\.json$/, ".js");
  return new Promise((found, failed) => {
    const script = document.createElement("script");
    waiting.set(file, found);
    script.onload = script.onerror = () => {
      script.remove();
      if (waiting.delete(file)) failed(new Error(`${file} cannot be loaded.`));
    };
    script.src = policy ? policy.createScriptURL(file) : file;
    document.head.append(script);
  });
}

/** Takes what a script of the data holds. */
function take(file, json) {
  waiting.get(file)?.(json);
  waiting.delete(file);
}

/** Goes to an address. */
const go = (address) => { location.hash = address; };

return { known, isExport, load, take, go };
})();
