"""YAML in the place of JSON5. Every line of it would be an error, so reading stops."""

from __future__ import annotations

import re

from openclaw_config.syntax import errors
from openclaw_config.syntax.parser import VALUE
from openclaw_config.syntax.recovery.slip import Slip, line_end, report, stop
from openclaw_config.syntax.tree import indentation, line_start

_ITEM = re.compile(r"-[ \t]+(?![ \t\n\r])(?![\w.]*[0-9][\w.]*[ \t]*(?:[,\]}]|\Z))(?!Infinity|NaN)")
_MEMBER = re.compile(r"[\w$.-]+:(?=[ \t\n\r]|\Z)")
_DOCUMENT = re.compile(
    r"---[ \t]*[\n\r]+(?![ \t]*[{\[])|[\w$.-]+:[ \t]*(?:#.*)?[\n\r]+[ \t]*(?:-[ \t]|[\w$.-]+:)"
)


def yaml(slip: Slip) -> int | None:
    """A line of YAML: an item after a dash, or a member that stands deeper than its key."""
    parser, text, start = slip.parser, slip.text, slip.start
    if text[line_start(text, start) : start].strip():
        return None
    if not parser.stack:
        found = _DOCUMENT.match(text, start) or _ITEM.match(text, start)
    elif slip.in_object and parser.state == VALUE:
        _, key_start, _ = parser.key
        deeper = len(indentation(text, start)) > len(indentation(text, key_start))
        found = _ITEM.match(text, start) or (_MEMBER.match(text, start) if deeper else None)
    else:
        found = _ITEM.match(text, start)
    if found is None:
        return None
    report(
        parser,
        errors.YAML,
        "this is YAML, and a config is JSON5",
        start,
        line_end(text, start),
        "reading stopped here",
        helps=(
            "write { and } around the members of an object, [ and ] around the items of a list,"
            " commas between them, and quotes around text",
        ),
    )
    return stop(parser)
