// The page: the editor, the choices, the views, and who asks the worker what, and when.

import { Client, newest } from "./client.js";
import { Editor } from "./editor.js";
import * as views from "./views.js";

const PATIENCE = 120; // ms after a key, before the text is checked
const at = (id) => document.getElementById(id);

const client = new Client();
const editor = new Editor(document.querySelector(".editor"), () => later());
const tabs = [...document.querySelectorAll("[role=tab]")];
const state = { report: null, of: "", unsafe: false, asText: false, agent: "", answers: {}, name: "openclaw.json", about: null };

// --- checking ----------------------------------------------------------------------------------

let timer = 0;
function later() {
  clearTimeout(timer);
  timer = setTimeout(refresh, PATIENCE);
}

const refresh = newest(async () => {
  const text = editor.text;
  const target = at("target").value;
  try {
    const report = await client.ask("check", { text, target });
    if (text !== editor.text) return later();
    Object.assign(state, { report, of: text });
    editor.marks = report.diagnostics.map(mark).filter(Boolean);
    said(views.summary(report));
    const count = at("tab-findings").querySelector(".count");
    count.hidden = !report.diagnostics.length;
    count.textContent = report.diagnostics.length;
    count.classList.toggle("fair", !report.errors);
    await show();
    here();
    if (text === editor.text) document.body.dataset.ready = "";
  } catch (error) {
    said({ text: `The playground has failed, which is a mistake of its own: ${error.message}`, kind: "bad" });
  }
});

function mark({ range, severity }, index) {
  if (!range) return null;
  let [start, end] = [range.start, range.end].map((one) => editor.lines.offset(one.line, one.utf16Column));
  // Nothing can be underlined at the end of a line but what stands before it.
  if (end <= start && (editor.text[start] ?? "\n") === "\n") start = Math.max(start - 1, 0);
  return { start, end, severity, index };
}

function said({ text, kind }) {
  const status = at("status");
  if (status.textContent !== text) status.textContent = text;
  status.className = `status ${kind}`;
}

// --- the views ---------------------------------------------------------------------------------

const go = (line, column) => editor.go(line, column);
const use = (text) => {
  editor.text = text;
};

const VIEWS = {
  findings: () => views.findings(state.report, { go, fix, explain: (rule) => client.ask("explain", { rule }) }),
  fixed: async (given) => {
    const found = await client.ask("fix_all", { ...given, unsafe: state.unsafe });
    return views.fixes(found, given.text, { unsafe: state.unsafe, setUnsafe: (unsafe) => changed({ unsafe }), use });
  },
  plan: async (given, panel) => {
    const columns = Math.max(40, Math.min(140, Math.floor((panel.clientWidth - 34) / columnWidth(panel))));
    const found = await client.ask("plan", { ...given, agent: state.agent, columns });
    return views.plan(found, state.name, { go, asText: state.asText, setAgent: (agent) => changed({ agent }), setAsText: (asText) => changed({ asText }) });
  },
  migration: async ({ text }) => {
    const found = await client.ask("migrate", { text, answers: state.answers });
    const answer = (key, choice) => changed({ answers: { ...state.answers, [key]: choice } });
    return views.migration(found, text, { go, answer, use, copy: (text) => navigator.clipboard.writeText(text) });
  },
};

async function show() {
  if (!state.report) return;
  const name = tabs.find((tab) => tab.ariaSelected === "true").getAttribute("aria-controls");
  const panel = at(name);
  panel.classList.add("waiting");
  const nodes = await VIEWS[name]({ text: state.of, target: at("target").value }, panel);
  panel.classList.remove("waiting");
  panel.replaceChildren(...nodes);
}

const changed = (more) => {
  Object.assign(state, more);
  refresh();
};

function columnWidth(panel) {
  const probe = views.made("pre", { className: "text", style: "position:absolute;visibility:hidden;white-space:pre" }, "0".repeat(100));
  panel.append(probe);
  const width = probe.getBoundingClientRect().width / 100;
  probe.remove();
  return width;
}

function choose(tab) {
  for (const one of tabs) {
    one.ariaSelected = String(one === tab);
    one.tabIndex = one === tab ? 0 : -1;
    at(one.getAttribute("aria-controls")).hidden = one !== tab;
  }
  refresh();
}

for (const tab of tabs) {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", ({ key }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    next.focus();
    choose(next);
  });
}

// --- findings and the caret ----------------------------------------------------------------------

async function fix(index) {
  if (state.of !== editor.text) return;
  const { text } = await client.ask("fix", { text: state.of, target: at("target").value, index });
  use(text);
}

// The finding that the caret is in, or else the first one of its line.
function atCaret() {
  if (!state.report || state.of !== editor.text) return -1;
  const { marks, caret, lines } = editor;
  const inside = marks.find((one) => one.start <= caret && caret <= one.end);
  const line = lines.line(caret);
  return (inside ?? marks.find((one) => lines.line(one.start) === line))?.index ?? -1;
}

function here() {
  const index = atCaret();
  const found = state.report?.diagnostics[index];
  at("here").textContent = found ? `${found.range.start.line}:${found.range.start.column}  ${found.message}${found.fix ? `  (Ctrl . ${found.fix.title})` : ""}` : "";
  for (const item of document.querySelectorAll(".found > li")) {
    const current = Number(item.dataset.index) === index;
    item.classList.toggle("current", current);
    if (current) item.scrollIntoView({ block: "nearest" });
  }
}

function step(back) {
  const { marks, caret } = editor;
  if (!marks.length) return;
  const next = back ? marks.findLast((one) => one.start < caret) ?? marks.at(-1) : marks.find((one) => one.start > caret) ?? marks[0];
  editor.go(editor.lines.line(next.start), editor.lines.column(next.start));
}

document.addEventListener("selectionchange", here);
document.addEventListener("keydown", (event) => {
  if (event.key === "F8") step(event.shiftKey);
  else if (event.key === "." && (event.ctrlKey || event.metaKey)) {
    const index = atCaret();
    if (state.report?.diagnostics[index]?.fix) fix(index);
  } else return;
  event.preventDefault();
});

// --- choices -------------------------------------------------------------------------------------

at("target").addEventListener("change", refresh);
at("open").addEventListener("click", () => at("file").click());
at("file").addEventListener("change", async () => {
  const [file] = at("file").files;
  if (file) use((await file.text()).replaceAll(/\r\n?/g, "\n"));
  at("file").value = "";
});

async function begin() {
  const started = performance.now();
  const examples = await (await fetch("examples.json")).json();
  for (const { title } of examples) at("example").append(new Option(title));
  at("example").addEventListener("change", () => {
    Object.assign(state, { answers: {}, agent: "" });
    use(examples[at("example").selectedIndex].text);
    editor.go(1, 1);
  });
  use(examples[0].text);
  editor.go(1, 1);
  const about = await client.ask("about");
  state.name = about.name;
  for (const release of about.releases) at("target").append(new Option(release));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  at("about").textContent = `openclaw-config ${about.version}, with Pyodide; ready after ${seconds} s.`;
}

begin().catch((error) => said({ text: `The playground cannot start: ${error.message}`, kind: "bad" }));
