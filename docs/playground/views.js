// What the views show, made of the answers of the worker. Texts become text nodes, never markup.

export function made(tag, given = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== ""));
  return node;
}

const button = (text, onclick, given = {}) => made("button", { type: "button", onclick, ...given }, text);
const counted = (count, word, several = `${word}s`) => `${count} ${count === 1 ? word : several}`;
const WORDS = { error: "error", warning: "warning", info: "note" };

// A sentence of a finding, its names in back ticks as code.
const rich = (text) => text.split("`").map((part, at) => (at % 2 ? made("code", {}, part) : part));

// A place of the config as a link to it.
function place(line, column, go, text = `${line}:${column}`) {
  return made("a", {
    className: "place",
    href: `#${line}`,
    onclick: (event) => {
      event.preventDefault();
      go(line, column);
    },
  }, text);
}

// A text whose places are links.
function linked(text, name, go) {
  const pattern = new RegExp(`${name.replaceAll(".", "\\.")}:(\\d+)(?::(\\d+))?`, "g");
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    parts.push(text.slice(at, match.index), place(+match[1], +(match[2] ?? 1), go, match[0]));
    at = match.index + match[0].length;
  }
  return [...parts, text.slice(at)];
}

export function summary({ loads, errors, warnings, diagnostics, files: [{ target }] }) {
  const fixable = diagnostics.filter((one) => one.fix).length;
  const by = { config: ", as meta.lastTouchedVersion says", keys: ", as its keys show", default: ", the newest" };
  const release = target ? ` For OpenClaw ${target.release}${by[target.by] ?? ""}.` : "";
  const found = [[errors, "error"], [warnings, "warning"], [diagnostics.length - errors - warnings, "note"]]
    .filter(([count]) => count)
    .map(([count, word]) => counted(count, word))
    .join(", ");
  const verdict = loads ? "OpenClaw loads it." : "OpenClaw refuses it.";
  const fixes = fixable ? ` ${fixable} can be fixed.` : "";
  return { text: `${found || "No problems found"}. ${verdict}${fixes}${release}`, kind: errors ? "bad" : warnings ? "fair" : "good" };
}

export function findings(report, { go, fix, explain }) {
  if (!report.diagnostics.length) {
    return [made("p", { className: "good" }, "No problems found: OpenClaw loads this config.")];
  }
  return [made("ol", { className: "found" }, ...report.diagnostics.map((found, index) => {
    const { line, column } = found.range?.start ?? {};
    const more = (label, text) => made("p", { className: "more" }, made("b", {}, `${label}: `), ...rich(text));
    return made("li", { className: found.severity, "data-index": index },
      made("p", { className: "what" }, ...rich(found.message)),
      made("div", { className: "rule" },
        made("b", {}, WORDS[found.severity]),
        found.range ? made("span", {}, "at ", place(line, column, go)) : "",
        made("code", { className: "name" }, found.rule),
        found.blocks ? made("span", {}, "OpenClaw refuses the file") : ""),
      found.label && found.label !== found.message ? more("here", found.label) : "",
      ...found.notes.map((note) => more("note", note)),
      ...found.helps.filter((help) => help !== found.fix?.title).map((help) => more("help", help)),
      ...found.related.map((one) => made("p", { className: "more" }, made("b", {}, "see "),
        one.range ? place(one.range.start.line, one.range.start.column, go) : one.file ?? "", ": ", ...rich(one.message))),
      found.fix ? made("div", { className: "fixes" }, button(
        `Fix: ${found.fix.title}${found.fix.safe ? "" : " (unsafe: it may change the meaning)"}`, () => fix(index))) : "",
      why(found.rule, explain));
  }))];
}

function why(rule, explain) {
  const body = made("div", {});
  const ontoggle = async () => {
    if (body.hasChildNodes()) return;
    const { summary, why, bad, good } = await explain(rule);
    if (!summary || body.hasChildNodes()) return;
    body.append(made("p", {}, made("b", {}, summary)), made("p", {}, why),
      "Bad:", made("pre", { className: "code" }, bad.trim()), "Good:", made("pre", { className: "code" }, good.trim()));
  };
  return made("details", { ontoggle }, made("summary", {}, "Why?"), body);
}

export function fixes(found, text, { unsafe, setUnsafe, use }) {
  const box = made("input", { type: "checkbox", checked: unsafe, onchange: () => setUnsafe(box.checked) });
  const left = found.errors + found.warnings ? `; left: ${counted(found.errors, "error")}, ${counted(found.warnings, "warning")}` : "; nothing is left";
  const count = found.rules.length;
  return [
    made("div", { className: "bar" },
      made("p", {}, count ? `${counted(count, "fix", "fixes")}${left}.` : "Nothing here can be fixed by itself."),
      made("label", {}, box, " unsafe fixes too"),
      button("Use the fixed text", () => use(found.text), { className: "main", disabled: found.text === text })),
    ...(found.diff ? [difference(found.diff)] : []),
  ];
}

function difference(diff) {
  const kinds = { "-": "gone", "+": "come", "@": "place" };
  const lines = diff.trimEnd().split("\n");
  return made("pre", { className: "diff", tabIndex: 0, "aria-label": "What changes, line by line; secrets are masked" },
    ...lines.map((line) => made("span", { className: /^(---|\+\+\+) /.test(line) ? "head" : kinds[line[0]] ?? "" }, `${line}\n`)));
}

export function plan(found, name, { go, asText, setAgent, setAsText }) {
  if (found.errors) {
    return [made("p", {}, `There is no plan of a config that OpenClaw refuses: ${counted(found.errors, "error")} first.`)];
  }
  const agents = made("select", { onchange: () => setAgent(agents.value) }, ...found.agents.map((agent) => made("option", { value: agent, selected: agent === found.agent }, agent)));
  const form = made("input", { type: "checkbox", checked: asText, onchange: () => setAsText(form.checked) });
  return [
    made("div", { className: "bar" },
      made("p", {}, "The requests that this config leads to. Nothing is sent."),
      made("label", {}, form, " as text"),
      found.agents.length > 1 ? made("label", {}, "Agent ", agents) : ""),
    asText
      ? made("pre", { className: "text" }, ...linked(found.text, name, go))
      : made("iframe", { title: "The plan", srcdoc: found.page }),
  ];
}

const TITLES = { decide: "To decide", note: "To know", removed: "Removed", value: "Rewritten", moved: "Moved" };

export function migration(found, text, { go, answer, use, copy }) {
  if (!found.readable) return [made("p", {}, "The text cannot be read yet: see the findings.")];
  const changed = found.text !== text;
  const item = (change) => made("li", {},
    made("code", {}, change.key), `: ${change.message}`,
    change.since ? `; refused since ${change.since}` : "",
    change.line ? made("span", {}, " (", place(change.line, 1, go, `line ${change.line}`), ")") : "",
    made("div", { className: "fixes" }, ...Object.entries(change.choices).filter(([choice]) => /^[\w.-]+$/.test(choice))
      .map(([choice, effect]) => button(`${choice}: ${effect}`, () => answer(change.key, choice)))));
  const groups = Object.entries(TITLES).flatMap(([kind, title]) => {
    const items = found.changes.filter((change) => change.kind === kind).map(item);
    return items.length ? [made("h2", {}, title), made("ul", { className: "changes" }, ...items)] : [];
  });
  if (!changed && !found.changes.length) return [made("p", { className: "good" }, `Nothing to migrate to OpenClaw ${found.to}.`)];
  return [
    made("div", { className: "bar" },
      made("p", {}, `From OpenClaw ${found.from} to ${found.to}. ${found.verdict}`),
      button("Copy the report as Markdown", () => copy(found.markdown)),
      button("Use the migrated text", () => use(found.text), { className: "main", disabled: !changed })),
    ...(found.diff ? [difference(found.diff)] : []),
    ...groups,
  ];
}
