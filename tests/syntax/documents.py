"""JSON5 texts of every layout: values with white space and comments wherever they may stand."""

from __future__ import annotations

from hypothesis import strategies as st

_SPACE = [
    *["", "", "", " ", "\n", "\n\n", "\n  \n\n", "\r\n", "\t", "\n    ", "\n\t"],
    *["\u00a0", "\r", "\u2028", "\v\f "],
]  # fmt: skip
_COMMENTS = [
    *["/**/", "/* a */", "/* b\n * c\n   * d */", "/*\r\n e\n*/", "/* , } ] */"],
    *["// f\n", "//\n", "// g  \r\n", "//\th\u2028", "// 'i' : {\n"],
]  # fmt: skip
_STRINGS = [
    *['"a"', "'b'", '"\\u0041"', "'\\\n c'", '"it\'s"', "''", '"\\x41"', "'\\\r\nd'", '"// e"'],
    *['"{,}"', "'a string that is rather long, so that a line of some of these is full'"],
]  # fmt: skip
_NUMBERS = ["1", "-0", "+.5", "0x1F", "1e3", "180000", "NaN", "-Infinity", "5."]
_WORDS = ["true", "false", "null"]
_KEYS = ["a", "b", "$c", "größe", "\\u0061", '"a"', "'b-c'", '"__proto__"', "NaN1"]

gaps = st.lists(st.sampled_from(_SPACE + _COMMENTS), max_size=3).map("".join)


@st.composite
def _members(draw: st.DrawFn, value: st.SearchStrategy[str]) -> str:
    parts = draw(
        st.lists(st.tuples(gaps, st.sampled_from(_KEYS), gaps, gaps, value, gaps), max_size=4)
    )
    texts = [f"{a}{key}{b}:{c}{text}{d}" for a, key, b, c, text, d in parts]
    return "{" + _joined(draw, texts) + "}"


@st.composite
def _items(draw: st.DrawFn, value: st.SearchStrategy[str]) -> str:
    parts = draw(st.lists(st.tuples(gaps, value, gaps), max_size=4))
    return "[" + _joined(draw, ["".join(part) for part in parts]) + "]"


def _joined(draw: st.DrawFn, texts: list[str]) -> str:
    last = draw(st.sampled_from(["", ","])) if texts else ""
    return ",".join(texts) + last + draw(gaps)


values: st.SearchStrategy[str] = st.recursive(
    st.sampled_from(_STRINGS + _NUMBERS + _WORDS),
    lambda inner: st.one_of(_members(inner), _items(inner)),
    max_leaves=12,
)

documents = st.tuples(st.sampled_from(["", "\ufeff"]), gaps, values, gaps).map("".join)
"""Texts that parse."""
