// A text area with line numbers, colours and marks. The text area stays a plain one: what a
// browser, a screen reader or a spelling tool does with it works as anywhere.

const TOKEN = /(?<comment>\/\/[^\n]*|\/\*[^]*?(?:\*\/|$))|(?<string>"(?:[^"\\\n]|\\[^])*"?|'(?:[^'\\\n]|\\[^])*'?)|(?<number>[-+]?(?:0[xX][\da-fA-F]+|(?:\d[\d_]*\.?[\d_]*|\.\d+)(?:[eE][-+]?\d+)?))|(?<word>[\p{L}_$][\p{L}\p{N}_$]*)/gu;
const KEY = /\s*:/y;
const MOST = 200_000; // characters that are coloured

export class Editor {
  #marks = [];
  #before = "";

  constructor(root, changed) {
    this.root = root;
    this.area = root.querySelector("textarea");
    this.ink = root.querySelector(".ink");
    this.numbers = root.querySelector(".gutter pre");
    this.area.addEventListener("scroll", () => this.#follow());
    this.area.addEventListener("input", () => {
      this.#keepMarks();
      this.#draw();
      changed();
    });
  }

  get text() {
    return this.area.value;
  }

  // Replaces what differs, as if it had been typed: the browser can undo it.
  set text(text) {
    const [start, end, tail] = difference(this.text, text);
    const part = text.slice(start, text.length - tail);
    if (start === end && !part) return;
    this.area.focus({ preventScroll: true });
    this.area.setSelectionRange(start, end);
    const done = part ? document.execCommand("insertText", false, part) : document.execCommand("delete");
    if (!done || this.text !== text) {
      this.area.value = text;
      this.area.dispatchEvent(new Event("input"));
    }
    this.area.setSelectionRange(start, start);
  }

  // Marks of a text: {start, end, severity}, offsets in UTF-16 units.
  set marks(marks) {
    this.#marks = marks.toSorted((a, b) => a.start - b.start);
    this.#draw();
  }

  get marks() {
    return this.#marks;
  }

  get caret() {
    return this.area.selectionStart;
  }

  // Goes to a place, by line and column from 1, and shows it.
  go(line, column) {
    const start = offset(this.text, line, column);
    this.area.focus();
    this.area.setSelectionRange(start, start);
    const height = this.area.scrollHeight / Math.max(this.text.split("\n").length, 1);
    this.area.scrollTop = (line - 1) * height - this.area.clientHeight / 3;
    this.area.scrollLeft = column > 60 ? column * 4 : 0;
  }

  #keepMarks() {
    const [start, end, tail] = difference(this.#before, this.text);
    const grown = this.text.length - this.#before.length;
    const moved = (at) => (at <= start ? at : at >= end ? at + grown : start);
    this.#marks = this.#marks.map((one) => ({ ...one, start: moved(one.start), end: moved(one.end) }));
  }

  #draw() {
    const text = this.text;
    this.#before = text;
    const large = text.length > MOST;
    this.root.classList.toggle("large", large);
    this.ink.replaceChildren(...pieces(text, large ? [] : tokens(text), this.#marks), "\n");
    this.#number(text);
    this.#follow();
  }

  #number(text) {
    const rank = { error: 3, warning: 2, info: 1 };
    const severe = new Map();
    for (const { start, severity } of this.#marks) {
      const line = lineOf(text, start);
      if (rank[severity] > (rank[severe.get(line)] ?? 0)) severe.set(line, severity);
    }
    const count = text.split("\n").length;
    const made = [];
    let plain = "";
    for (let line = 1; line <= count; line++) {
      if (severe.has(line)) {
        const number = document.createElement("b");
        number.className = severe.get(line);
        number.textContent = line;
        made.push(plain, number);
        plain = "\n";
      } else plain += `${line}\n`;
    }
    // Below the last line there is room for the scroll bar of the text area.
    this.numbers.replaceChildren(...made, `${plain}\n\n`);
  }

  #follow() {
    const { scrollLeft, scrollTop } = this.area;
    this.ink.style.transform = `translate(${-scrollLeft}px, ${-scrollTop}px)`;
    this.numbers.style.transform = `translateY(${-scrollTop}px)`;
  }
}

// Where two texts differ: start and end in the first, and how long their common end is.
function difference(before, after) {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start++;
  let tail = 0;
  while (tail < most - start && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  return [start, before.length - tail, tail];
}

export function offset(text, line, column) {
  let start = 0;
  for (let at = 1; at < line; at++) {
    const end = text.indexOf("\n", start);
    if (end < 0) break;
    start = end + 1;
  }
  return Math.min(start + column - 1, text.length);
}

export function lineOf(text, offset) {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

function* tokens(text) {
  for (const match of text.matchAll(TOKEN)) {
    let kind = Object.keys(match.groups).find((name) => match.groups[name] !== undefined);
    const end = match.index + match[0].length;
    KEY.lastIndex = end;
    if ((kind === "string" || kind === "word") && KEY.test(text)) kind = "key";
    yield { start: match.index, end, kind };
  }
}

// The text as nodes: coloured by its tokens, and within the marks once more.
function* pieces(text, tokens, marks) {
  const spans = [...tokens];
  let at = 0;
  let token = 0;
  const plain = function* (end) {
    while (at < end) {
      while (spans[token] && spans[token].end <= at) token++;
      const next = spans[token];
      if (!next || next.start >= end) {
        yield text.slice(at, end);
        at = end;
      } else if (next.start > at) {
        yield text.slice(at, next.start);
        at = next.start;
      } else {
        const to = Math.min(next.end, end);
        const span = document.createElement("span");
        span.className = next.kind;
        span.textContent = text.slice(at, to);
        yield span;
        at = to;
      }
    }
  };
  for (const { start, end, severity } of marks) {
    const from = Math.max(start, at);
    // What is missing has no extent: the character before or behind it is marked.
    const to = Math.min(Math.max(end, start + 1), text.length);
    if (to <= from) continue;
    yield* plain(from);
    const mark = document.createElement("mark");
    mark.className = severity;
    mark.append(...plain(to));
    yield mark;
  }
  yield* plain(text.length);
}
