"use strict";
// Draws the page from its own data. Text becomes text nodes only, so nothing in a config is markup.
const data = JSON.parse(document.getElementById("data").textContent);
const comparing = data.sides.length > 1;
const now = data.sides[data.sides.length - 1];
const before = comparing ? data.sides[0] : null;

// --- making elements -----------------------------------------------------------------------------

const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
const visible = (text) =>
  String(text).replace(HIDDEN, (sign) => "\\u" + sign.charCodeAt(0).toString(16).padStart(4, "0"));

function h(tag, given, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given || {})) {
    if (value !== undefined && value !== false && value !== "") element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(9)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    element.append(child instanceof Node ? child : visible(child));
  }
  return element;
}
const tag = (text, kind = "") => h("span", { class: `tag ${kind}` }, text);
const UNITS = [["d", 864e5], ["h", 36e5], ["min", 6e4], ["s", 1e3], ["ms", 1]];
function duration(ms) { // in the largest unit in which it is a plain number
  const [unit, size] = UNITS.find(([, size]) => ms >= 2 * size && Number.isInteger((ms / size) * 2)) || UNITS.find(([, size]) => ms >= size) || UNITS[4];
  return `${+(ms / size).toFixed(3)} ${unit}`;
}
const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
const keyPath = (pointer) => pointer.split("/").slice(1).map((step) => step.replace(/~1/g, "/").replace(/~0/g, "~"))
  .map((step, at) => (/^\d+$/.test(step) ? `[${step}]` : at ? `.${step}` : step)).join("");

// --- where a field comes from --------------------------------------------------------------------

const placeOf = (origin) => (origin && origin.line ? `${origin.file}:${origin.line}:${origin.column}` : "");
const marked = new Map(); // place -> id of its row, for the texts that the page shows
now.sources.forEach((source, at) => {
  for (const [place] of source.marks) marked.set(`${source.name}:${place}`, `s${data.sides.length - 1}-${at}-${place.split(":")[0]}`);
});

function why(origin) {
  if (origin.kind === "call") return "a call asks for it";
  const place = placeOf(origin);
  const what = origin.name ? `variable ${origin.name}` : origin.path ? keyPath(origin.path) : "";
  if (place) return `from ${place}${what ? ` · ${what}` : ""}`;
  if (origin.rule) return `OpenClaw's own: ${data.rules[origin.rule] || "default"} (${origin.rule})`;
  return what || "OpenClaw's own";
}

// A field with an origin in the text is a link to it; one with another origin says so when looked at.
function field(content, origin) {
  if (!origin) return h("span", {}, content);
  const place = placeOf(origin);
  if (marked.has(place)) return h("a", { class: "f", href: `#${marked.get(place)}`, "data-o": place, "data-why": why(origin) }, content);
  return h("span", { class: "f default", tabindex: 0, "data-o": place, "data-why": why(origin), title: why(origin) }, content);
}

// --- what a field was before ---------------------------------------------------------------------

const ABSENT = Symbol("absent");
const alike = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const step = (key) => key.replace(/~/g, "~0").replace(/\//g, "~1");

class Where { // A value of a plan: its pointer, the value, and what stood there before.
  constructor(plan, pointer, value, old) { Object.assign(this, { plan, pointer, value, old }); }
  at(key) {
    const value = this.value === undefined || this.value === null ? undefined : this.value[key];
    return new Where(this.plan, `${this.pointer}/${step(String(key))}`, value, oldMember(this.old, this.value, key));
  }
  each(key) { return (this.value[key] || []).map((_, index) => this.at(key).at(index)); }
  get origin() { return (this.plan.provenance || {})[this.pointer]; }
  get isChanged() { return comparing && this.old !== ABSENT && !alike(this.old, this.value); }
  show(text = (value) => value, origin = this.origin) {
    const shown = field(text(this.value), origin);
    if (!this.isChanged) return shown;
    return [this.old === undefined ? "" : h("del", {}, text(this.old)), h("ins", {}, shown)];
  }
}

function oldMember(old, value, key) {
  if (old === ABSENT) return ABSENT;
  if (old === undefined || old === null || typeof old !== "object") return undefined;
  if (!Array.isArray(old)) return old[key];
  const name = (item) => (item && typeof item === "object" ? item.ref || item.name || item.parameter : undefined);
  const own = name(value[key]);
  if (own === undefined) return key in old ? old[key] : undefined;
  const found = old.find((item) => name(item) === own);
  return found === undefined ? ABSENT : found;
}

// --- a body: JSON with slots ---------------------------------------------------------------------

function body(where) {
  const value = where.value;
  if (value === null || typeof value !== "object") return where.show((it) => (it === undefined ? "nothing" : JSON.stringify(it)));
  const sign = Array.isArray(value) ? undefined : Object.keys(value).find((key) => key[0] === "$" && key !== "$merge");
  if (sign) return template(where, sign);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const names = Object.keys(value);
  if (!names.length) return open + close;
  if (JSON.stringify(value).length < 60 && names.every((name) => value[name] === null || typeof value[name] !== "object")) {
    return [open, names.map((name, at) => [at ? ", " : " ", Array.isArray(value) ? "" : [h("span", { class: "key" }, JSON.stringify(name)), ": "], body(where.at(name))]), " ", close];
  }
  return [open, names.map((name) => h("div", { class: "in" },
    Array.isArray(value) ? "" : [name === "$merge" ? h("span", { class: "slot" }, "with all of") : h("span", { class: "key" }, JSON.stringify(name)), name === "$merge" ? " " : ": "], body(where.at(name)))), close];
}

// What stands for something of the call: a chip that names it, then how it is formed.
function template(where, sign) {
  if (sign === "$literal") return body(where.at(sign));
  const slot = sign === "$slot";
  const inner = slot ? where.at(sign) : where;
  const { parameter, required, ...more } = slot ? inner.value : where.value;
  const subject = slot ? parameter : typeof more[sign] === "object" ? "" : String(more[sign]);
  const own = slot ? "" : sign.slice(1);
  const nested = !slot && subject === "";
  delete more[sign];
  const chip = h("span", { class: "slot" }, [own === subject ? "" : own, subject].filter(Boolean).join(" "), required ? " (required)" : "");
  const plain = (value) => value === null || typeof value !== "object" || (Array.isArray(value) && value.every((item) => typeof item !== "object"));
  const notes = Object.keys(more).filter((name) => plain(more[name]) && more[name] !== false);
  const rest = Object.keys(more).filter((name) => !plain(more[name]));
  return [where.isChanged && !rest.length && !nested ? h("ins", {}, chip) : chip, nested ? [" ", body(where.at(sign))] : "",
    notes.map((name) => h("span", { class: "how" }, ` · ${name}`, more[name] === true ? "" : [" ", inner.at(name).show((it) => (Array.isArray(it) ? it.join(" | ") : String(it)))])),
    rest.map((name) => h("div", { class: "in" }, `${name}: `, body(inner.at(name))))];
}

// --- time limits on one scale --------------------------------------------------------------------

const TICKS = [["1 s", 1e3], ["10 s", 1e4], ["1 min", 6e4], ["10 min", 6e5], ["1 h", 36e5], ["10 h", 36e6], ["4 d", 3456e5], ["40 d", 3456e6]];
const limits = [];
(function collect(value) {
  if (Array.isArray(value)) value.forEach(collect);
  else if (value && typeof value === "object") {
    for (const [name, item] of Object.entries(value)) {
      if (/^(timeoutMs|idleTimeoutMs|totalMs|deadlineMs|limitMs)$/.test(name) && item > 0) limits.push(item);
      else collect(item);
    }
  }
})(now.plans);
const longest = Math.max(1e5, ...limits) * 1.25;
const share = (ms) => Math.max(0.01, Math.min(1, Math.log(Math.max(ms, 1e3) / 1e3) / Math.log(longest / 1e3)));
const ticks = TICKS.filter(([, ms]) => ms < longest);
document.documentElement.style.setProperty("--grid", ticks.slice(1).map(([, ms]) =>
  `linear-gradient(var(--line), var(--line)) ${share(ms) * 100}% 0 / 1px 100% no-repeat`).join(", "));

function bar(label, where, kind, note = "") {
  if (!where.value) return [];
  const scale = h("div", { class: `scale ${kind}`, role: "presentation" }, h("i"));
  scale.firstChild.style.width = `${share(where.value) * 100}%`;
  return [h("dt", {}, label), h("dd", { class: "amount" }, where.show((ms) => (ms ? duration(ms) : "none"))), h("dd", { title: note }, scale)];
}

function times(candidate, failover) {
  const rows = candidate.each("steps").flatMap((one) => [
    bar(one.value.name, one.at("timeoutMs"), "", "one request"),
    bar(`${one.value.name}: silence`, one.at("idleTimeoutMs"), "silence", "each silence of the stream"),
    one.value.poll ? bar(`${one.value.name}: all polls`, one.at("poll").at("totalMs"), "poll") : [],
  ]);
  rows.push(bar("all its requests", candidate.at("deadlineMs"), "whole"), bar("the whole call", failover.at("limitMs"), "whole"));
  if (!rows.flat().length) return [];
  const scale = h("div", { class: "ticks", "aria-hidden": "true" }, ticks.map(([text, ms], at) => {
    const tick = h("span", {}, text);
    tick.style.left = `${at && share(ms) * 100}%`;
    return tick;
  }));
  return [h("h3", {}, "Time limits"), h("dl", { class: "times" }, rows, h("dt"), h("dd"), h("dd", {}, scale))];
}

// --- a candidate ---------------------------------------------------------------------------------

const STATES = {
  wins: ["used", "good"], shadowed: ["shadowed", ""], absent: ["not set", ""], empty: ["set, but empty", "bad"],
  marker: ["not a key", "bad"], unusable: ["cannot be used", "bad"], unknown: ["if it is there", "warn"],
};

function chain(candidate) {
  const credential = candidate.at("credential");
  const links = credential.each("chain");
  const open = links.findIndex((link) => link.value.state === "unknown");
  return h("ol", { class: "chain" }, links.map((link, at) => {
    const { state, label, note, origin } = link.value;
    const [word, kind] = STATES[state] || [state, ""];
    const was = link.at("state");
    const tags = [was.isChanged ? [h("del", {}, (STATES[was.old] || [was.old])[0] || "nothing"), ""] : "",
      tag(state === "wins" && open >= 0 && open < at ? "used otherwise" : word, kind)];
    return h("li", { class: state }, field(label || link.value.ref, origin || link.origin), tags, note ? h("span", { class: "note" }, note) : "");
  }), credential.value.more ? h("li", {}, `after a rate limit: each key of ${credential.value.more.join(", ")}`) : "");
}

function address(one, route) {
  const { url, urlFrom, fill } = one.value;
  const named = [];
  if (urlFrom) {
    for (const source of urlFrom.sources) named.push(`‹${source.pointer.replace(/^\//, "").replace(/\/\*/g, "[0]").replace(/\//g, ".")} of ${source.step}›`);
    if (urlFrom.template) named.push(urlFrom.template.replace(/\{/g, "‹").replace(/\}/g, "›"));
    return h("span", {}, named.join(" or else "));
  }
  const shown = (text) => Object.keys(fill || {}).reduce((so, name) => so.replace(`{${name}}`, `‹${name}›`),
    route && route.baseUrlRef ? text.replace("{baseUrl}", route.baseUrlShown || "") : text);
  return one.at("url").show(shown);
}

function header(where) {
  const { value, credential, ref, prefix, fill, member } = where.value;
  if (credential || ref) {
    return [where.isChanged ? h("ins", {}, "") : "", `${prefix || ""}`, h("span", { class: "tag good" }, credential ? "the key" : ref), member ? `, its ${member}` : ""];
  }
  return fill !== undefined ? body(where.at("fill")) : where.at("value").show((it) => it ?? "", where.at("value").origin || where.origin);
}

function request(one, route) {
  const { name, method, poll, retry, modes, optional, headers, stream, copiesParameter, keyQuery, label } = one.value;
  const notes = [];
  if (modes) notes.push(`only for ${modes.join(", ")}`);
  if (optional) notes.push("may fail");
  if (stream) notes.push("a stream");
  if (poll) notes.push(`asked every ${duration(poll.intervalMs)}, up to ${plural(poll.attempts, "time")}`);
  if (retry) notes.push(`tried again after ${(retry.delaysMs || []).map(duration).join(", ")}`);
  if (copiesParameter) notes.push(`sent as many times as ${copiesParameter} says`);
  if (keyQuery) notes.push(`the key in the query as ${keyQuery}`);
  const shown = [];
  if (headers && headers.length) {
    shown.push(h("dl", { class: "headers" }, one.each("headers").map((where) => [h("dt", {}, where.value.name), h("dd", {}, header(where))])));
  }
  if (one.value.body !== undefined) shown.push(h("div", { class: "body", role: "group", "aria-label": `body of ${name}` }, body(one.at("body"))));
  for (const form of one.value.byKey || []) shown.push(h("p", { class: "note" }, `other headers and body with a key that contains ${form.contains}`));
  const what = [headers && headers.length ? plural(headers.length, "header") : "", one.value.body !== undefined ? "body" : ""].filter(Boolean).join(", ");
  const inside = one.at("headers").isChanged || one.at("body").isChanged;
  return h("div", { class: "request" },
    h("p", {}, h("span", { class: "name" }, name), tag(method, "method"), h("span", { class: "url" }, address(one, route)), notes.map((note) => tag(note))),
    shown.length ? h("details", { open: inside }, h("summary", {}, what, inside ? tag("changed", "warn") : "",
      h("span", { hidden: true }, ` of ${label || name}`)), shown) : "");
}

const listed = (r) => (r.values || []).join(" | ") || "what the list of models has";
const RULES = {
  nearest: (r) => `nearest of ${listed(r)}`, ratio: (r) => `nearest of ${listed(r)}`,
  "ratio-of-size": (r) => `its ratio, of ${listed(r)}`, listed: (r) => `${listed(r)}, else dropped`,
  clamp: (r) => (r.values || []).join(" to "), drop: () => "dropped", refuse: (r) => `refused: ${r.why}`,
  "at-most": (r) => `at most ${listed(r)}`, "at-least": (r) => `at least ${listed(r)}`, set: (r) => `always ${listed(r)}`,
};
function rule(one) {
  const text = (RULES[one.to] || ((r) => `${r.to.replace(/-/g, " ")} of ${listed(r)}`))(one);
  const when = Object.entries(one.when || {}).map(([name, values]) => `${name} ${values.join(" or ")}`);
  return when.length ? `${text} (with ${when.join(", ")})` : text;
}

function used(value, found = new Set()) {
  if (Array.isArray(value)) value.forEach((item) => used(item, found));
  else if (value && typeof value === "object") {
    for (const [name, item] of Object.entries(value)) {
      if (typeof item === "string" && (/^(parameter|timeoutParameter|deadlineParameter|copiesParameter|or)$/.test(name) || name[0] === "$")) found.add(item.split("/")[0]);
      else used(item, found);
    }
  }
  return found;
}

function accepts(candidate, surface) {
  const modes = (candidate.value.modes || []).filter((mode) => mode.enabled !== false);
  const sent = used([candidate.value.steps, candidate.value.placing, candidate.value.deadlineParameter ? { parameter: candidate.value.deadlineParameter } : 0]);
  const rows = [], left = [];
  for (const parameter of surface.parameters || []) {
    const texts = new Map();
    for (const mode of modes) {
      const rules = (mode.normalize || []).filter((one) => one.parameter === parameter.name);
      const most = (mode.limits || {})[parameter.name];
      const text = [...rules.map(rule), most ? `up to ${most}` : ""].filter(Boolean).join("; ");
      if (text) texts.set(text, [...(texts.get(text) || []), mode.name || "any"]);
    }
    const accepted = [...texts].map(([text, names]) => (names.length === modes.length || modes.length < 2 ? text : `${text} (${names.join(", ")})`)).join(" · ");
    if (!accepted && !sent.has(parameter.name)) left.push(parameter.name);
    else rows.push(h("tr", {}, h("th", { scope: "row" }, parameter.name), h("td", {}, parameter.type, parameter.required ? " · required" : ""), h("td", {}, accepted || "as given")));
  }
  for (const [name, type] of Object.entries(candidate.value.options || {})) rows.push(h("tr", {}, h("th", { scope: "row" }, `providerOptions.${name}`), h("td", {}, type), h("td", {}, "as given")));
  if (!rows.length) return [];
  const off = (candidate.value.modes || []).filter((mode) => mode.enabled === false).map((mode) => mode.name);
  const changed = candidate.at("modes").isChanged || candidate.at("options").isChanged;
  return [h("h3", {}, "Slots, and what they accept ", changed ? tag("changed", "warn") : ""),
    h("table", {}, h("thead", {}, h("tr", {}, ["parameter", "type", "accepted"].map((text) => h("th", { scope: "col" }, text)))), h("tbody", {}, rows)),
    left.length ? h("p", { class: "note" }, `Not sent: ${left.join(", ")}.`) : "",
    off.length ? h("p", { class: "note" }, `Not offered: ${off.join(", ")}.`) : ""];
}

function facts(candidate) {
  const own = candidate.at("facts");
  if (!own.value) return [];
  const number = (it) => (it || 0).toLocaleString("en");
  return [h("h3", {}, "The model"), h("p", { class: "note" },
    "context ", own.at("contextWindow").show(number), " tokens · answer ", own.at("maxTokens").show(number), " tokens",
    own.value.reasoning ? " · reasons" : "", own.value.images ? " · takes images" : "", own.value.levels ? ` · thinking ${own.value.levels.join(" | ")}` : "")];
}

const changeOf = (plan, surface, ref) => (data.changes || []).filter((row) =>
  row.where === surface && row.candidate === ref && !row.field && (!row.agent || row.agent === plan.agent))[0];

function card(where, number, id, surface, failover) {
  const one = where.value;
  const change = changeOf(where.plan, surface.surface, one.ref);
  const winner = ((one.credential || {}).chain || []).find((link) => link.state === "wins");
  const open = ((one.credential || {}).chain || []).some((link) => link.state === "unknown");
  const key = !one.credential ? "" : winner ? tag(`key: ${winner.ref.replace(/^\w+:/, "")}`, "good")
    : open ? tag("key: if it is there", "warn") : tag("no key", "bad");
  const touched = change || where.isChanged && where.old !== ABSENT && !alike(sent(where.old), sent(one));
  const quiet = comparing ? !touched : one.automatic;
  return h("details", { class: "card", id, open: !quiet },
    h("summary", {}, h("span", { class: "number" }, number), h("span", { class: "ref" }, field(one.ref, one.origin)), key,
      one.automatic ? tag("added by OpenClaw") : "", one.problem ? tag("cannot be used", "bad") : "", one.entry ? tag(`for ${one.entry} calls`) : "",
      change ? h("ins", {}, change.kind === "moved" ? `moved from place ${change.old} to ${change.new}` : change.kind) : touched ? tag("changed", "warn") : ""),
    h("div", { class: "inside" },
      one.problem ? h("p", { class: "problem" }, one.problem) : "",
      one.credential ? [h("h3", {}, "Key"), chain(where)] : "",
      one.route && one.route.problem ? h("p", { class: "problem" }, one.route.problem) : "",
      one.steps && one.steps.length ? [h("h3", {}, "Requests"), where.each("steps").map((it) => request(it, one.route)), times(where, failover)] : "",
      one.route && !one.route.verified ? h("p", { class: "note" }, `${one.route.kind} endpoint`) : "",
      facts(where), accepts(where, surface)));
}

// What counts as a change: not where a value comes from.
const sent = (value) => JSON.parse(JSON.stringify(value === undefined ? null : value, (name, item) =>
  ["origin", "label", "note"].includes(name) && typeof item === "object" || name === "label" || name === "note" ? undefined : item));

// --- a surface -----------------------------------------------------------------------------------

function ends(failover) {
  return failover.allFailed || "the last failure";
}
function again(failover) {
  if (failover.backoff) return `after ${failover.backoff.times} tries more`;
  const waits = failover.rerunDelaysMs || [];
  if (waits.length) return `after tries ${waits.map(duration).join(", ")} apart`;
  return failover.rotatesOn && failover.rotatesOn.length ? "after its other keys" : "";
}

function surfaceSection(plan, name, id, old) {
  const where = new Where(plan, `/${name}`, plan[name], old ? old[name] : ABSENT);
  const surface = where.value, failover = where.at("failover");
  const tried = where.each("candidates").filter((one) => (one.value.steps || []).length || !one.value.automatic);
  const folded = (surface.candidates || []).filter((one) => !(one.steps || []).length && one.automatic);
  const edge = (text, note) => h("span", { class: "edge" }, h("span", {}, text), h("i", { "aria-hidden": "true" }), h("small", {}, note));
  const flow = h("ol", { class: "flow", "aria-label": `the order of ${name} models` }, h("li", { class: "call" }, h("span", {}, "call")));
  tried.forEach((one, at) => {
    const { ref, automatic, problem } = one.value;
    flow.append(h("li", { class: `${automatic ? "added " : ""}${problem ? "broken" : ""}` }, at ? edge("fails over", again(failover.value)) : edge("tries"),
      h("a", { href: `#${id}-${at + 1}` }, h("b", {}, at + 1), ref)));
  });
  if (folded.length) flow.append(h("li", { class: "added" }, edge("fails over"), h("span", {}, `${folded.length} more that OpenClaw adds`)));
  if (tried.length) flow.append(h("li", { class: "end" }, edge("ends", again(failover.value)), h("span", {}, ends(failover.value))));
  const gone = (data.changes || []).filter((row) => row.where === name && row.kind === "removed" && row.candidate && (!row.agent || row.agent === plan.agent));
  const settings = Object.keys(surface.settings || {}).filter((key) => surface.settings[key] !== "");
  return h("section", { class: "surface", id, "aria-labelledby": `${id}-name` },
    h("h2", { id: `${id}-name` }, name[0].toUpperCase() + name.slice(1), h("small", {}, field(surface.origin.path ? keyPath(surface.origin.path) : "not configured", surface.origin))),
    settings.length ? h("p", { class: "note" }, settings.map((key, at) => [at ? " · " : "", `${key} `, where.at("settings").at(key).show((it) => (typeof it === "object" ? JSON.stringify(it) : String(it)))])) : "",
    surface.problem ? h("p", { class: "problem" }, surface.problem) : "",
    (surface.preflight || []).filter((one) => one.problem).map((one) => h("p", { class: "problem" }, field(one.ref, one.origin), `: ${one.problem}`)),
    tried.length ? flow : "",
    failover.value.policy === "chat" ? h("p", { class: "note" }, "A failure that belongs to no class ends the call at once.") : "",
    tried.map((one, at) => card(one, at + 1, `${id}-${at + 1}`, surface, failover)),
    gone.map((row) => h("p", { class: "note" }, h("del", {}, row.candidate), `was place ${row.old}`)),
    folded.length ? h("p", { class: "note" }, `Then ${folded.map((one) => one.ref).join(", ")}: added by OpenClaw, not compiled here.`) : "");
}

// --- the config's text ---------------------------------------------------------------------------

function row(source, id, number, line, marks) {
  const signs = Array.from(line);
  const parts = [];
  let done = 0;
  for (const [column, end] of marks) {
    if (column < done) continue;
    parts.push(visible(signs.slice(done, column).join("")),
      h("mark", { "data-o": `${source.name}:${number}:${source.marks.find((one) => one[0].split(":")[0] == number && one[1] === column)[0].split(":")[1]}` }, signs.slice(column, end).join("")));
    done = end;
  }
  parts.push(visible(signs.slice(done).join("")));
  const label = marks.length ? h("a", { href: `#${id}`, "aria-label": `line ${number}, what stems from it` }, number) : h("span", {}, number);
  return h("li", { class: "row", id, "data-line": marks.length ? `${source.name}:${number}:` : undefined }, label, h("code", {}, parts));
}

function textOf(side, at) {
  const found = (name, line) => side.findings.filter((one) => one.file === name && one.range && one.range.start.line === line);
  const placeless = side.findings.filter((one) => !one.range);
  const box = (one) => h("div", { class: `finding ${one.severity}` }, h("p", {}, h("b", {}, `${one.severity}: `), one.message, " ", h("code", {}, one.rule)),
    [one.label, ...one.notes, ...one.helps].filter(Boolean).map((text) => h("p", {}, text)));
  return h("div", { class: `text ${comparing && !at ? "before" : ""}`, tabindex: 0, role: "region", "aria-label": "the text, with findings", hidden: at !== data.sides.length - 1 },
    placeless.map(box),
    side.sources.map((source, number) => {
      const changed = new Set(source.changed), marks = new Map();
      for (const [place, from, to] of source.marks) {
        const line = +place.split(":")[0];
        marks.set(line, [...(marks.get(line) || []), [from, to]]);
      }
      if (source.lines[source.lines.length - 1] === "") source.lines.pop();
      const rows = source.lines.flatMap((line, index) => {
        const own = row(source, `s${at}-${number}-${index + 1}`, index + 1, line, (marks.get(index + 1) || []).sort((a, b) => a[0] - b[0]));
        const boxes = found(source.name, index + 1);
        for (const one of boxes.slice(0, 1)) own.classList.add(one.severity);
        if (changed.has(index + 1)) own.classList.add("changed");
        return [own, ...boxes.map((one) => h("li", {}, box(one)))];
      });
      return [h("h2", {}, source.name), h("ol", { class: "rows" }, rows)];
    }));
}

// --- the page ------------------------------------------------------------------------------------

const plan = document.getElementById("plan"), aside = document.getElementById("source"), status = document.getElementById("why");
const nav = h("nav", { "aria-label": "surfaces" });
now.plans.forEach((one, at) => {
  const names = Object.keys(one).filter((key) => one[key] && typeof one[key] === "object" && one[key].candidates);
  const many = now.plans.length > 1;
  const old = comparing ? before.plans.find((it) => it.agent === one.agent) || (before.plans.length === 1 && !many ? before.plans[0] : null) : null;
  if (many) { plan.append(h("h2", { class: "agent" }, `agent ${one.agent}`)); nav.append(h("span", { class: "note" }, one.agent)); }
  for (const name of names) {
    const id = `p${at}-${name}`;
    plan.append(surfaceSection(one, name, id, old));
    nav.append(h("a", { href: `#${id}`, class: one[name].origin.kind === "default" ? "quiet" : "" }, name));
  }
  const needs = (one.environment || []).filter((variable) => variable.state !== "set");
  if (needs.length) {
    plan.append(h("section", { class: "surface" }, h("h2", {}, "Needs of the environment"), h("table", {}, h("tbody", {}, needs.map((variable) =>
      h("tr", {}, h("th", { scope: "row" }, variable.name), h("td", {}, tag(variable.state === "missing" ? "not set" : "from the environment", variable.state === "missing" ? "bad" : "warn")), h("td", {}, (variable.uses || []).join(", "))))))));
  }
});
const counts = ["error", "warning", "info"].map((severity) => [severity, now.findings.filter((one) => one.severity === severity).length])
  .filter(([, count]) => count).map(([severity, count]) => plural(count, severity === "info" ? "remark" : severity));
document.getElementById("top").append(
  h("h1", {}, comparing ? `${before.name} → ${now.name}` : now.name),
  h("p", { class: "about" }, h("span", {}, comparing ? "what changes in the requests" : "the requests that it leads to"), h("span", {}, `OpenClaw ${now.plans[0].target}`),
    now.plans.length === 1 ? h("span", {}, `agent ${now.plans[0].agent}`) : "", h("span", {}, counts.join(", ") || "no problems found")),
  nav);

if (comparing) {
  const shown = (value, row) => (value === undefined ? "nothing" : /Ms$/.test(row.field) && value > 0 ? duration(value) : typeof value === "object" ? JSON.stringify(value) : String(value));
  const rows = data.changes.map((row) => h("li", {}, h("b", {}, [row.agent, row.where].filter(Boolean).join(" "), " "), row.candidate ? h("code", {}, row.candidate, " ") : "",
    row.field ? [h("code", {}, row.field), " ", h("del", {}, shown(row.old, row)), h("ins", {}, shown(row.new, row))]
      : row.kind === "moved" ? `from place ${row.old} to place ${row.new}` : h(row.kind === "removed" ? "del" : "ins", {}, row.kind)));
  plan.prepend(h("section", { id: "changes" }, h("h2", {}, "What changes"), rows.length ? h("ul", { class: "changes" }, rows) : h("p", { class: "note" }, "The requests are the same.")));
  nav.prepend(h("a", { href: "#changes" }, plural(rows.length, "change")));
}
const texts = data.sides.map(textOf);
if (comparing) {
  const buttons = data.sides.map((side, at) => h("button", { type: "button", "aria-pressed": String(at === 1) }, at ? "after" : "before"));
  buttons.forEach((button, at) => button.addEventListener("click", () => {
    texts.forEach((text, index) => { text.hidden = index !== at; buttons[index].setAttribute("aria-pressed", String(index === at)); });
  }));
  aside.append(h("div", { class: "sides", role: "group", "aria-label": "which text" }, buttons));
}
aside.append(...texts);

// --- lighting up ---------------------------------------------------------------------------------

const fields = new Map(); // place -> the fields that stem from it
for (const one of document.querySelectorAll(".f[data-o]")) {
  const place = one.dataset.o;
  if (place) fields.set(place, [...(fields.get(place) || []), one]);
}
const text = texts[texts.length - 1];
let lit = [];
function light(elements, note) {
  for (const one of lit) one.classList.remove("lit");
  lit = elements;
  for (const one of lit) one.classList.add("lit");
  status.textContent = note;
}
function reveal(element) {
  if (text.hidden || !element) return;
  const box = text.getBoundingClientRect(), own = element.getBoundingClientRect();
  if (own.top < box.top + 40 || own.bottom > box.bottom - 10) text.scrollTop += own.top - box.top - box.height / 3;
}
function look(target) {
  const from = target.closest && target.closest(".f");
  if (from) {
    const place = from.dataset.o;
    const line = place && document.getElementById(marked.get(place));
    const own = line ? [line, ...line.querySelectorAll("mark")].filter((one) => one === line || one.dataset.o === place) : [];
    light([from, ...own], visible(from.dataset.why));
    reveal(line);
    return;
  }
  const origin = target.closest && (target.closest("mark") || target.closest(".row[data-line]"));
  if (!origin || !text.contains(origin)) return light([], "");
  const line = origin.closest(".row");
  const stems = origin.dataset.o ? fields.get(origin.dataset.o) || []
    : [...fields].filter(([place]) => place.startsWith(line.dataset.line)).flatMap(([, own]) => own);
  light([line, ...(origin === line ? line.querySelectorAll("mark") : [origin]), ...stems],
    `${visible((origin.dataset.o || line.dataset.line).replace(/:$/, ""))}: ${plural(stems.length, "field")} ${stems.length === 1 ? "stems" : "stem"} from it`);
}
document.addEventListener("mouseover", (event) => look(event.target));
document.addEventListener("focusin", (event) => look(event.target));
document.addEventListener("click", (event) => {
  const line = event.target.closest(".row[data-line]");
  const first = line && lit.find((one) => one.classList.contains("f"));
  if (line) {
    event.preventDefault();
    if (first) { for (let box = first.closest("details"); box; box = box.parentElement.closest("details")) box.open = true; first.scrollIntoView({ block: "center" }); }
  } else if (event.target.closest("a.f")) event.preventDefault(), reveal(document.getElementById(event.target.closest("a.f").hash.slice(1)));
});
window.addEventListener("hashchange", () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && target.matches("details")) target.open = true;
});
let opened = [];
window.addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  for (const one of opened) one.open = true;
});
window.addEventListener("afterprint", () => { for (const one of opened) one.open = false; });
