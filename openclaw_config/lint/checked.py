"""A check that also says which surfaces have no key, where the variables are known."""

from __future__ import annotations

from collections.abc import Iterator

from openclaw_config import api
from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.files import Reader
from openclaw_config.loading.environment import Environment
from openclaw_config.report import Report, in_order
from openclaw_config.syntax.spans import Location, Position, Span


def checked(
    path: str | None,
    *,
    text: str | bytes | None,
    name: str | None,
    environment: Environment,
    read: Reader | None = None,
    optional: bool = False,
) -> Report:
    """The report of ``api.check``, with what ``needs.without_key`` finds. Never raises."""
    report = api.check(
        path, text=text, name=name, environment=environment, read=read, optional=optional
    )
    if environment.assume or not report.loads or report.document is None:
        return report
    found = (*report.diagnostics, *_without_key(api.Config(report, report.document)))
    return report._replace(diagnostics=in_order(found, report.name))


def _without_key(config: api.Config) -> Iterator[Diagnostic]:
    from openclaw_config.lint.rules import NO_KEY
    from openclaw_config.needs import without_key

    for surface in without_key(config.plan):
        origin = surface.origin
        source = next((one for one in config.document.sources if one.name == origin.file), None)
        location = None
        if source is not None and origin.line:
            at = source.offset(Position(origin.line, origin.column))
            location = Location(source, Span(at, at))
        chain = [one.credential.chain for one in surface.candidates if one.credential is not None]
        places = dict.fromkeys(link.label or link.ref for links in chain for link in links)
        yield NO_KEY.at(
            location,
            f"no key for {surface.surface}: every request of it fails",
            notes=("looked for " + ", ".join(places),),
        )
