"""What a plan says, shown in the text: effective values beside it, and candidates above keys."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from openclaw_config import api
from openclaw_config.compiler.compile import compile_plan
from openclaw_config.diagnostics.masking import masked, may_show
from openclaw_config.lsp import places
from openclaw_config.lsp.workspace import Opened
from openclaw_config.plan.model import CHAT, Candidate, Plan, SurfacePlan
from openclaw_config.plan.values import keys as steps_of
from openclaw_config.resolution import chat
from openclaw_config.syntax.nodes import Node, ObjectNode, StringNode, child, paths_of
from openclaw_config.syntax.text import KeyPath, Span, trim
from openclaw_config.validation.context import holder
from openclaw_config.view.refs import is_name, names_of, resolve
from openclaw_config.view.settings import all_agents

_MOST_AGENTS = 50
_MOST_CANDIDATES = 4


class Hint(NamedTuple):
    """A text that an editor shows at an offset of an open file, though it does not stand there."""

    offset: int
    text: str


class Lens(NamedTuple):
    """A line that an editor shows above a key."""

    span: Span
    text: str


def hints(opened: Opened, span: Span | None = None) -> list[Hint]:
    """What is shown in a file, or in a span of it.

    The models that names stand for, and the model and time limits that keys leave open.
    """
    start, end = span or (0, len(opened.source.text))
    return [one for one in _hints(opened) if start <= one.offset <= end]


def _hints(opened: Opened) -> Iterator[Hint]:
    document = opened.report.document
    if document is None:
        return
    names = names_of(document)
    for path, node in paths_of(opened.tree.root, opened.mount):
        if not isinstance(node, StringNode) or places.kind_at(path) != places.CHAT:
            continue
        # A fallback without a provider depends on the primary; a lint says so.
        plain = "fallbacks" not in path or is_name(names, node.value)
        found = resolve(names, node.value) if plain and may_show(node, path) else None
        if found is not None and found[0].key != trim(node.value):
            yield Hint(node.end, masked(f" = {found[0].key}"))
    for agent in islice(all_agents(document), _MOST_AGENTS):
        if agent.entry is not None and agent.entry.get("model") is None:
            first = next(iter(chat.resolve(document, agent).candidates), None)
            if first is not None:
                yield from _left_open(opened, agent.entry, "model", first.ref.key)
    plan = api.Config(opened.report).plan if opened.report.loads else None
    if plan is None:
        return
    for way, key, limit in _limits(plan, opened):
        owner = child(document.root, *way)
        if limit and child(owner, key) is None:
            shown = str(limit) if key.endswith("Ms") else f"{limit / 1000:g}"
            yield from _left_open(opened, owner, key, shown)


def _left_open(opened: Opened, node: Node | None, key: str, value: str) -> Iterator[Hint]:
    if isinstance(node, ObjectNode) and node.source is opened.source and node.end > node.start:
        yield Hint(node.start + 1, masked(f" {key}: {value}"))


def _limits(plan: Plan, opened: Opened) -> Iterator[tuple[tuple[str, ...], str, int]]:
    """Objects that may have a time limit, its key, and the limit in ms that holds."""
    assert opened.report.document is not None
    keys = opened.report.document.target.keys
    if plan.chat is not None:
        yield ("agents", "defaults"), "timeoutSeconds", plan.chat.failover.limit_ms
    for surface, way in {"speech": keys.speech, **keys.media_models}.items():
        found: SurfacePlan | None = getattr(plan, surface)
        steps = [step for one in (found.candidates if found else ()) for step in one.steps]
        yield way, "timeoutMs", next((one.timeout_ms for one in steps if one.body is not None), 0)


def lenses(opened: Opened) -> Iterator[Lens]:
    """The candidates of each surface, above the key that names them, with the source of each key.

    Chat's also above each agent's own model.
    """
    document = opened.report.document
    if document is None or not opened.report.loads:
        return
    plan = api.Config(opened.report).plan
    found = [*plan.surfaces]
    for agent in islice(all_agents(document), _MOST_AGENTS):
        if agent.id != plan.agent and agent.entry is not None and agent.entry.get("model"):
            own = compile_plan(document, agent=agent.id, surfaces=(CHAT,)).chat
            found += [own] if own is not None else []
    seen: set[KeyPath] = set()
    for surface in found:
        steps = steps_of(surface.origin.path)
        path = tuple(int(step) if step.isdecimal() else step for step in steps)
        member = holder(document.root, path) if document.root is not None else None
        if path in seen or member is None or member.source is not opened.source:
            continue
        seen.add(path)
        likely = [one for one in surface.candidates if one.steps or not one.automatic]
        shown = [_candidate(one) for one in likely[:_MOST_CANDIDATES]]
        more = len(surface.candidates) - len(shown)
        text = ", then ".join(shown) + (f" and {more} more" if more else "")
        text = masked(f"{surface.surface}: {text or surface.problem}")
        yield Lens(member.key_location.span, text)


def _candidate(candidate: Candidate) -> str:
    """A candidate's ref, and where its key comes from, as far as is known."""
    chain = candidate.credential.chain if candidate.credential else ()
    links = [link for link in chain if link.state in ("wins", "unknown")]
    sources = [
        link.ref.removeprefix("env:") if link.ref.startswith("env:") else link.label
        for link in links
        if link.kind != "profiles"
    ]
    known = " or ".join(sources) or ("an auth profile" if links else "no key")
    return f"{candidate.ref} ({known})" if chain else candidate.ref
