"""Where in a config's text a secret stands, so that it can be masked.

A snippet shows the author's own line, and that line may hold a key. One pass over the text finds
them: by name, by the blocks whose values are all secret (``env``, ``headers``), and by the look of
a value. It needs no tree, since a text that did not parse is the very one that we show. When in
doubt it hides.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from openclaw_config.diagnostics.secrets import SECRET_BLOCKS, is_secret_name
from openclaw_config.syntax.spans import Source, Span

_POINTERS = re.compile(
    r"source:(?:env|file|exec)\Z|provider:[a-z][\w-]{0,63}\Z"
    r"|id:(?:[A-Z][A-Z0-9_]{0,63}|/[\w/.~-]*)\Z"
)
# What a SecretRef is made of says where a secret is, not what it is (AUTH-20).

_VARIABLE = re.compile(r"\$\{[A-Z_][A-Z0-9_]*\}\Z")
_CONSTANT = re.compile(r"(?:[Tt]rue|[Ff]alse|null|None|undefined|NaN|[-+]?Infinity)\Z")
_NUMBER = re.compile(r"[-+.]?[0-9][-+.\w]*\Z")
_TO_LINE_END = re.compile(r"[^\n\r\u2028\u2029]*")

_TOKEN = re.compile(
    r"""
      (?P<comment> //[^\n\r\u2028\u2029]* | /\*[\s\S]*?(?:\*/|\Z) | \#[^\n\r]* )
    | (?P<string>  "(?:[^"\\\n\r]|\\(?:\r\n|[\s\S]))*"?
                 | '(?:[^'\\\n\r]|\\(?:\r\n|[\s\S]))*'?
                 | `[^`\n\r]*`?
                 | [“”„‘’‚][^“”„‘’‚\n\r]*[“”„‘’‚]? )
    | (?P<word>    (?:[^\s,:=/{}\[\]"'`“”„‘’‚#] | /(?![/*])) [^\s,:={}\[\]"'`“”„‘’‚]* )
    | (?P<mark>    [,:={}\[\]] )
    | (?P<line>    [\n\r\u2028\u2029] )
    """,
    re.VERBOSE,
)

_LOOKS = re.compile(
    r"""
      \b(?:sk|pk|rk|ak|xai|gsk|hf|r8|gh[oprsu]|github_pat|glpat|xox[a-z]|xapp|shpat|npm|sntrys
         |dop_v1|pplx|nvapi|tvly|AIza|AKIA|ASIA|ya29|eyJ|SG)[-_.]?[-\w.]{6,}
    | \b[0-9]{6,12}:[-\w]{20,}                      # a Telegram bot's token
    | (?i:\b(?:bearer|basic)\s+)[-\w.~+/=]{6,}
    | (?<=://)[^\s/@"']+(?=@)                       # user and password of a URL
    | (?i:[?&][\w-]*(?:key|token|secret|sig|signature|password|auth)=)[^&\s"'\#]+
    | (?<=/)(?:services|webhooks)/[^\s"']{10,}
    | -----BEGIN[\s\S]*
    | \b(?=[-\w]*[0-9])(?=[-\w]*[a-z])(?=[-\w]*[A-Z])[-\w]{24,}
    | \b[0-9A-Fa-f]{32,}\b
    """,
    re.VERBOSE,
)
_ASSIGNMENT = re.compile(r"([\w.-]+)[\"']?[ \t]*[:=][ \t]*")


def secret_spans(source: Source) -> tuple[Span, ...]:
    """The spans of a source that hold or may hold a secret, in order, without overlaps.

    Quotes are left out, so that a masked string still looks like one. The text need not parse.
    """
    scan = _Scan(source.text)
    scan.run()
    merged: list[Span] = []
    for start, end in sorted(scan.found):
        if merged and start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(end, merged[-1].end))
        elif start < end:
            merged.append(Span(start, end))
    return tuple(merged)


class _Open(NamedTuple):
    """An open bracket: of an array or an object, and what may be in it."""

    array: bool = False
    secret: bool = False
    block: bool = False


class _Scan:
    """One pass over a text, token by token, that knows under which names it is."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[tuple[int, int]] = []
        self.open = [_Open()]
        self.name: str | None = None  # the key whose value is awaited
        self.colon = False
        self.tail = False  # behind a secret value and still on its line

    def run(self) -> None:
        done = 0
        for token in _TOKEN.finditer(self.text):
            start, end = token.span()
            if start < done:
                continue
            if token.lastgroup == "comment":
                self._comment(start, end)
            elif token.lastgroup == "mark":
                self._mark(token.group())
            elif token.lastgroup == "line":
                self.tail = False
            elif self.tail:
                self.found.append((start, end))
            elif self._is_value():
                done = self._value(token.lastgroup == "string", start, end)
            else:
                self._looks(start, end)
                self.name = token.group().strip("\"'`“”„‘’‚:= ")

    def _mark(self, mark: str) -> None:
        if mark in ":=":
            self.colon = self.name is not None
            return
        if mark in "{[":
            outer, name = self.open[-1], self.name
            block = (name or "").lower() in SECRET_BLOCKS if name else mark == "[" and outer.block
            secret = outer.secret or (name is not None and is_secret_name(name))
            self.open.append(_Open(mark == "[", secret, block))
        elif mark in "}]" and len(self.open) > 1:
            self.open.pop()
        self.name, self.colon, self.tail = None, False, False

    def _is_value(self) -> bool:
        # A colon may be missing, in a text that does not parse.
        outer = self.open[-1]
        named = self.name is not None and (outer.secret or is_secret_name(self.name))
        return self.colon or outer.array or named

    def _value(self, is_string: bool, start: int, end: int) -> int:
        """Judge a value; gives the offset up to which the text is dealt with."""
        outer, name = self.open[-1], self.name or ""
        self.name, self.colon = None, False
        content = self.text[start:end]
        if not (outer.secret or is_secret_name(name)):
            self._looks(start, end)
            return end
        if is_string:
            closed = len(content) > 1 and (content[-1] == content[0] or content[0] in "“„‘‚’”")
            inside = content[1:-1] if closed else content[1:]
            pointer = outer.secret and not outer.block and _POINTERS.match(f"{name}:{inside}")
            if pointer or _VARIABLE.match(inside):
                self._looks(start, end)
            else:
                self.found.append((start + 1, start + 1 + len(inside)))
                self.tail = True
            return end
        if _CONSTANT.match(content):
            return end
        number = _NUMBER.match(content)
        named = outer.block or (is_secret_name(name) and not name.lower().endswith("tokens"))
        if number and not named:
            return end
        if not number:
            # A secret without quotes: nothing but the line tells where it ends.
            line = _TO_LINE_END.match(self.text, start)
            end = max(end, start + len((line.group() if line else "").rstrip(" \t,}])\"'")))
        self.found.append((start, end))
        return end

    def _comment(self, start: int, end: int) -> None:
        self._looks(start, end)
        for match in _ASSIGNMENT.finditer(self.text, start, end):
            if self.open[-1].secret or is_secret_name(match[1]):
                line = _TO_LINE_END.match(self.text, match.end(), end)
                self.found.append((match.end(), line.end() if line else end))

    def _looks(self, start: int, end: int) -> None:
        for match in _LOOKS.finditer(self.text, start, end):
            self.found.append(match.span())
