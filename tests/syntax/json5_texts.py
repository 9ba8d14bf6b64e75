"""Values in every spelling that JSON5 allows: texts, each with the value that it stands for."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Spelt = tuple[str, Any]
"""A text and its value."""

_LINE_ENDS = ("\n", "\r", "\r\n", "\u2028", "\u2029")
_BLANKS = (" ", "\t", "\v", "\f", "\u00a0", "\ufeff", "\u1680", "\u2003", "\u202f", "\u3000")
_COMMENTS = (
    "/**/",
    "/* a, b: [c] { */",
    "/*\n * d\r\n */",
    "/* // */",
    "// e\n",
    "//\r",
    "// '\u2028",
)

gaps = st.lists(st.sampled_from((*_LINE_ENDS, *_BLANKS, *_COMMENTS)), max_size=2).map("".join)
"""What may stand between two tokens."""

_SHORT = {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t", "\v": "v"}
# After a backslash these mean something else than themselves.
_NOT_THEMSELVES = frozenset("bfnrtvxu0123456789\n\r\u2028\u2029")


@st.composite
def _characters(draw: st.DrawFn, quote: str) -> Spelt:
    """One character of a string, or a line end that is none."""
    if draw(st.integers(0, 12)) == 0:
        return "\\" + draw(st.sampled_from(_LINE_ENDS)), ""
    character = draw(
        st.one_of(
            st.sampled_from("abz019 ,:{}[]\"'\\/\n\r\t\b\x00\x7f\u2028\u00e9\U0001f99e"),
            st.characters(exclude_categories=["Cs"]),
        )
    )
    spellings = []
    if character not in (quote, "\\", "\n", "\r"):
        spellings.append(character)
    if character in _SHORT:
        spellings.append("\\" + _SHORT[character])
    if character not in _NOT_THEMSELVES:
        spellings.append("\\" + character)
    if ord(character) < 0x100:
        spellings.append(f"\\x{ord(character):02x}")
    units = character.encode("utf-16-be")
    spellings.append(
        "".join(f"\\u{units[at : at + 2].hex().upper()}" for at in range(0, len(units), 2))
    )
    return draw(st.sampled_from(spellings)), character


@st.composite
def strings(draw: st.DrawFn) -> Spelt:
    """A string in single or double quotes."""
    quote = draw(st.sampled_from("\"'"))
    parts = draw(st.lists(_characters(quote), max_size=6))
    return quote + "".join(text for text, _ in parts) + quote, "".join(value for _, value in parts)


@st.composite
def numbers(draw: st.DrawFn) -> Spelt:
    """A number, whole or not, in base ten or sixteen."""
    sign = draw(st.sampled_from(["", "", "+", "-"]))
    kind = draw(st.sampled_from(["whole", "fraction", "hexadecimal", "word"]))
    value: float
    if kind == "word":
        text = draw(st.sampled_from(["Infinity", "NaN"]))
        value = float(text)
    elif kind == "hexadecimal":
        text = draw(st.from_regex(r"\A0[xX][0-9A-Fa-f]{1,20}\Z"))
        value = float(int(text, 16))
    else:
        text = str(draw(st.integers(0, 10**20)))
        if kind == "fraction":
            digits = draw(st.from_regex(r"\A[0-9]{0,12}\Z"))
            text = draw(st.sampled_from([f"{text}.{digits}", f".{digits or 0}"]))
        if draw(st.booleans()):
            text += draw(st.from_regex(r"\A[eE][-+]?[0-9]{1,3}\Z"))
        value = float(text)
    return sign + text, -value if sign == "-" else value


words = st.sampled_from([("null", None), ("true", True), ("false", False)])


@st.composite
def keys(draw: st.DrawFn) -> Spelt:
    """A key, in quotes or not."""
    if draw(st.booleans()):
        return draw(strings())
    name = draw(
        st.one_of(
            st.sampled_from(
                ["a", "b", "_", "$x", "null", "NaN", "__proto__", "ключ", "été", "a\u200d"]
            ),
            st.from_regex(r"\A[A-Za-z_$][A-Za-z0-9_$]{0,5}\Z"),
        )
    )
    at = draw(st.integers(0, len(name)))
    if at < len(name):
        return f"{name[:at]}\\u{ord(name[at]):04x}{name[at + 1 :]}", name
    return name, name


@st.composite
def _arrays(draw: st.DrawFn, inner: st.SearchStrategy[Spelt]) -> Spelt:
    parts = draw(st.lists(st.tuples(gaps, inner, gaps), max_size=4))
    texts = [before + text + after for before, (text, _), after in parts]
    return _enclosed(draw, "[", texts, "]"), [value for _, (_, value), _ in parts]


@st.composite
def _objects(draw: st.DrawFn, inner: st.SearchStrategy[Spelt]) -> Spelt:
    parts = draw(st.lists(st.tuples(gaps, keys(), gaps, gaps, inner, gaps), max_size=4))
    texts = [f"{a}{key}{b}:{c}{text}{d}" for a, (key, _), b, c, (text, _), d in parts]
    value = {name: item for _, (_, name), _, _, (_, item), _ in parts}
    return _enclosed(draw, "{", texts, "}"), value


def _enclosed(draw: st.DrawFn, opener: str, texts: list[str], closer: str) -> str:
    comma = draw(st.sampled_from(["", ","])) if texts else ""
    return opener + ",".join(texts) + comma + draw(gaps) + closer


values: st.SearchStrategy[Spelt] = st.recursive(
    st.one_of(strings(), numbers(), words),
    lambda inner: st.one_of(_arrays(inner), _objects(inner)),
    max_leaves=8,
)

documents: st.SearchStrategy[Spelt] = st.builds(
    lambda before, spelt, after: (before + spelt[0] + after, spelt[1]), gaps, values, gaps
)
"""Whole texts that json5 reads."""


_SLIPS = (
    *"{}[],:;=\"'`#/\\+-._\n\r\t\0",
    *("“", "”", "\u0085", "\u200b", "\u2028", "\ud800", "//", "/*", "*/", "<!--", "-->"),
    *("true", "True", "None", "undefined", "nul", "010", "1_000", "0x", "5s", "\\u", "\\x1", "\\9"),
    *("a b", "a-b", "<<<<<<< a\n", "=======\n", "key: ", '"k": 1,', "${A}", "{{", "]]"),
)


@st.composite
def slipped(draw: st.DrawFn) -> str:
    """A text with a few things wrong, as people and their editors get them wrong."""
    text, _ = draw(documents)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        gone = draw(st.integers(0, 3))
        text = text[:at] + draw(st.sampled_from(("", *_SLIPS))) + text[at + gone :]
    return text


anything = st.one_of(
    slipped(),
    st.lists(st.sampled_from(_SLIPS), max_size=12).map("".join),
    st.text(st.characters(), max_size=20),
)
"""Any text at all, most of it nearly JSON5."""
