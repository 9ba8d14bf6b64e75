"""What OpenClaw, a JavaScript program, trims: Python's ``str.strip`` takes a few others."""

from __future__ import annotations

WHITESPACE = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""Every character that JavaScript's ``trim`` takes off, and its ``\\s`` matches."""


def trim(text: str) -> str:
    """``text`` without the white space around it."""
    return text.strip(WHITESPACE)
