"""What the parser does when it meets something that it did not expect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openclaw_config.syntax import errors
from openclaw_config.syntax.spans import Location, Span

if TYPE_CHECKING:
    from openclaw_config.syntax.parser import Parser


def recover(parser: Parser, kind: int, start: int, end: int) -> int:
    """Report the token from ``start`` to ``end``; returns the offset to go on from."""
    location = Location(parser.source, Span(start, end))
    parser.errors.append(errors.UNEXPECTED_TEXT.at(location, "this is not expected here"))
    parser.state = 5
    parser.stack.clear()
    return len(parser.text)


def recover_at_end(parser: Parser) -> None:
    """Report that the text ends too early."""
    end = len(parser.text)
    location = Location(parser.source, Span(end, end))
    parser.errors.append(errors.UNEXPECTED_TEXT.at(location, "the file ends too early"))


def report_escapes(parser: Parser, faults: tuple[Span, ...]) -> None:
    """Report the escapes of a string that are not valid."""
    parser.errors += [
        errors.UNEXPECTED_TEXT.at(Location(parser.source, span), "this escape is not valid")
        for span in faults
    ]
