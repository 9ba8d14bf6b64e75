// A text area with line numbers, colours and marks. The text area stays a plain one: what a
// browser, a screen reader or a spelling tool does with it works as anywhere. Colours and numbers
// are drawn only of the lines in sight, so that a long text is typed in as fast as a short one.

const TOKEN = /(?<comment>\/\/[^\n]*|\/\*[^]*?(?:\*\/|$))|(?<string>"(?:[^"\\\n]|\\[^])*"?|'(?:[^'\\\n]|\\[^])*'?)|(?<number>[-+]?(?:0[xX][\da-fA-F]+|(?:\d[\d_]*\.?[\d_]*|\.\d+)(?:[eE][-+]?\d+)?))|(?<word>[\p{L}_$][\p{L}\p{N}_$]*)/gu;
const KEY = /\s*:/y;
const MOST = 500_000; // characters that are coloured
const TYPED = 5000; // characters up to which a change is made as if by typing
const RANK = { error: 3, warning: 2, info: 1 };

export class Editor {
  #text = "";
  #lines = new Lines("");
  #tokens = [];
  #marks = [];

  constructor(root, changed) {
    this.root = root;
    this.area = root.querySelector("textarea");
    this.ink = root.querySelector(".ink");
    this.numbers = root.querySelector(".gutter pre");
    this.height = parseFloat(getComputedStyle(this.area).lineHeight);
    this.area.addEventListener("scroll", () => this.#draw());
    new ResizeObserver(() => this.#draw()).observe(this.area);
    this.area.addEventListener("input", () => {
      this.#read();
      this.#draw();
      changed();
    });
  }

  get text() {
    return this.#text;
  }

  // Replaces what differs, as if it had been typed: the browser can undo it. Of many lines some
  // browsers would take seconds for that, so they are exchanged at once.
  set text(text) {
    const [start, end, tail] = difference(this.#text, text);
    const part = text.slice(start, text.length - tail);
    if (start === end && !part) return;
    this.area.focus({ preventScroll: true });
    this.area.setSelectionRange(start, end);
    if (part.length < TYPED) document.execCommand(part ? "insertText" : "delete", false, part);
    if (this.#text !== text) {
      this.area.value = text;
      this.area.dispatchEvent(new Event("input"));
    }
    this.area.setSelectionRange(start, start);
  }

  get lines() {
    return this.#lines;
  }

  // Marks of the text, in order: {start, end, severity}, offsets in UTF-16 units. They move with
  // what is typed before them.
  get marks() {
    return this.#marks;
  }

  set marks(marks) {
    this.#marks = marks.toSorted((a, b) => a.start - b.start);
    this.#draw();
  }

  get caret() {
    return this.area.selectionStart;
  }

  // Goes to a place, by line and column from 1, and shows it.
  go(line, column) {
    const start = this.#lines.offset(line, column);
    this.area.focus();
    this.area.setSelectionRange(start, start);
    this.area.scrollTop = (line - 1) * this.height - this.area.clientHeight / 3;
    this.area.scrollLeft = column > 60 ? column * 4 : 0;
  }

  #read() {
    const before = this.#text;
    const text = this.area.value;
    const [start, end] = difference(before, text);
    const moved = (at) => (at <= start ? at : at >= end ? at + text.length - before.length : start);
    this.#marks = this.#marks.map((one) => ({ ...one, start: moved(one.start), end: moved(one.end) }));
    this.#text = text;
    this.#lines = new Lines(text);
    this.#tokens = text.length > MOST ? [] : [...tokens(text)];
  }

  #draw() {
    const { scrollLeft, scrollTop, clientHeight } = this.area;
    const first = Math.max(Math.floor(scrollTop / this.height), 1);
    const last = Math.min(first + Math.ceil(clientHeight / this.height) + 1, this.#lines.count);
    const start = this.#lines.offset(first, 1);
    const end = last < this.#lines.count ? this.#lines.offset(last + 1, 1) : this.#text.length;
    const within = (one) => one.end >= start && one.start < end;
    const marks = this.#marks.filter(within);
    this.ink.replaceChildren(...pieces(this.#text, start, end, this.#tokens.filter(within), marks), "\n");
    this.numbers.replaceChildren(...numbers(first, last, marks, this.#lines));
    const top = (first - 1) * this.height - scrollTop;
    this.ink.style.transform = `translate(${-scrollLeft}px, ${top}px)`;
    this.numbers.style.transform = `translateY(${top}px)`;
    this.numbers.style.minWidth = `${String(this.#lines.count).length + 4}ch`;
  }
}

// Lines and columns of a text, from 1, and offsets, from 0, in UTF-16 units.
export class Lines {
  #starts = [0];
  #end;

  constructor(text) {
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.#starts.push(at + 1);
    this.#end = text.length;
  }

  get count() {
    return this.#starts.length;
  }

  offset(line, column) {
    return Math.min(this.#starts[Math.min(line, this.count) - 1] + column - 1, this.#end);
  }

  line(offset) {
    let [low, high] = [0, this.count];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle] <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }

  column(offset) {
    return offset - this.#starts[this.line(offset) - 1] + 1;
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

function* tokens(text) {
  for (const { 0: found, index, groups } of text.matchAll(TOKEN)) {
    let kind = Object.keys(groups).find((name) => groups[name] !== undefined);
    const end = index + found.length;
    KEY.lastIndex = end;
    if ((kind === "string" || kind === "word") && KEY.test(text)) kind = "key";
    yield { start: index, end, kind };
  }
}

function* numbers(first, last, marks, lines) {
  const severe = new Map();
  for (const { start, severity } of marks) {
    const line = lines.line(start);
    if (RANK[severity] > (RANK[severe.get(line)] ?? 0)) severe.set(line, severity);
  }
  for (let line = first; line <= last; line++) {
    const number = document.createElement(severe.has(line) ? "b" : "span");
    number.className = severe.get(line) ?? "";
    number.textContent = line;
    yield number;
    yield "\n";
  }
}

// A stretch of the text as nodes: coloured by its tokens, and within the marks once more.
function* pieces(text, begin, end, spans, marks) {
  let at = begin;
  let token = 0;
  const plain = function* (end) {
    while (at < end) {
      while (spans[token]?.end <= at) token++;
      const next = spans[token];
      const to = Math.min(end, next ? (next.start > at ? next.start : next.end) : end);
      if (next && next.start <= at) {
        const span = document.createElement("span");
        span.className = next.kind;
        span.textContent = text.slice(at, to);
        yield span;
      } else yield text.slice(at, to);
      at = to;
    }
  };
  for (const one of marks) {
    const from = Math.max(one.start, at);
    // What is missing has no extent: the character behind it is marked.
    const to = Math.min(Math.max(one.end, one.start + 1), end);
    if (to <= from) continue;
    yield* plain(from);
    const mark = document.createElement("mark");
    mark.className = one.severity;
    mark.append(...plain(to));
    yield mark;
  }
  yield* plain(end);
}
