"""Hover: what a key means and decides, what a model can do, where its key and a variable come from.

No value is shown but those that ``explain`` and a plan show.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from openclaw_config import api, explain, registry
from openclaw_config.capabilities import describe, lookup
from openclaw_config.diagnostics.display import code
from openclaw_config.diagnostics.masking import masked, may_show
from openclaw_config.diagnostics.model import key_path_text
from openclaw_config.loading.load import Document
from openclaw_config.lsp import places
from openclaw_config.lsp.cursor import Spot, spot
from openclaw_config.lsp.workspace import Opened
from openclaw_config.plan.model import Plan
from openclaw_config.plan.text import chain_lines, settled
from openclaw_config.resolution.credentials import provider_chain
from openclaw_config.syntax.nodes import CONTAINERS, text_of
from openclaw_config.syntax.text import KeyPath, Span
from openclaw_config.targets import DEFAULT
from openclaw_config.view.refs import ModelRef, names_of, resolve, split
from openclaw_config.view.settings import Agent, agent_id, all_agents, default_agent

_MOST = 5
"""How many fields of a plan are listed."""
_UNSAID = ("keys", "value", "stands at", "")
"""Facts that the editor itself shows."""


_RECORDS = ("chain",)
"""Fields whose values are records."""


class Hover(NamedTuple):
    """What is said, in Markdown, of a stretch of an open file."""

    text: str
    span: Span


def hover(opened: Opened, offset: int) -> Hover | None:
    """What is known of the key or the value at an offset, or None where nothing is."""
    here = spot(opened.tree, offset, opened.mount)
    if here is None or not here.path or (isinstance(here.node, CONTAINERS) and not here.on_key):
        return None
    member, document = here.member, opened.report.document
    span = Span(member.key_start, member.key_end) if member and here.on_key else here.node.span
    plan = api.Config(opened.report).plan if document and opened.report.loads else None
    parts = [*_of_key(opened, here, plan)]
    if document is not None:
        parts.append(_of_name(document, plan, here))
    text = "\n\n".join(filter(None, parts))
    return Hover(masked(text), span) if text else None


def _of_key(opened: Opened, here: Spot, plan: Plan | None) -> Iterator[str]:
    document = opened.report.document
    release = document.release if document else opened.source.release or DEFAULT
    known, ever = explain.key(here.path, release), explain.key_of_any(here.path)
    if ever is not None:
        known = (known or ever)._replace(since=ever.since, until=ever.until, now=ever.now)
    if known is None:
        return
    yield f"**{code(key_path_text(here.path))}**"
    if known.description:
        yield known.description
    facts = explain.key_facts(known)
    if document is not None:
        value = explain.value_as_json(document, here.path, None, opened.report.name)
        facts += explain.value_facts(value)
    facts += _decides(plan, here.path)
    shown = (f"- {title}: {text}" for title, text in facts if text and title not in _UNSAID)
    yield "\n".join(shown)


def _decides(plan: Plan | None, path: KeyPath) -> list[tuple[str, str]]:
    """The fields of the plan that a value decides, and what they will be: by whom it is read."""
    found: dict[str, None] = {}
    for field, value in explain.decided(plan, path).items():
        names = [step for step in field if isinstance(step, str)]
        text = f"{names[0]}: {names[-1]}" if len(names) > 1 else names[0]
        if field[1:2] == ("candidates",) and len(field) > 3:
            candidate = getattr(plan, names[0]).candidates[field[2]]
            value = settled(value, candidate) if names[-1] not in _RECORDS else None  # noqa: PLW2901
        if isinstance(value, str | int | float) and value != "":
            text += f" {code(str(value))}"
        found[text] = None
    more = len(found) - _MOST
    return [("decides", ", ".join([*found][:_MOST] + [f"and {more} more"] * (more > 0)))]


# --- models ---------------------------------------------------------------------------------------


def _of_name(document: Document, plan: Plan | None, here: Spot) -> str:
    """What is known of a model, a provider or an agent that a key or a value names, or ""."""
    kind, text, release = places.kind_at(here.path), text_of(here.node) or "", document.release
    if here.on_key:
        kind, text = places.kind_at(here.path[:-1], "keys"), str(here.path[-1])
    elif not may_show(here.node, here.path):
        return ""
    ref: ModelRef | None = None
    profile, provider, known, lines = "", "", text, []
    if kind in places.MEDIA:
        ref = split(text)
    elif kind == places.CHAT:
        ref, profile, _ = resolve(names_of(document), text) or (None, "", "")
    elif kind == places.AGENT:
        known = agent_id(text)
    elif kind == places.PROVIDER:
        known = provider = registry.canonical_provider(release, text)
    elif kind == places.SPEECH:
        known = registry.surface_provider(release, kind, text)
    if ref is not None:
        tables = document.tables or lookup.built_in(document.target.requests)
        answer = describe.capabilities(ref.key, tables, release)
        only = {name: one for name, one in answer["surfaces"].items() if name == kind}
        lines, provider = [describe.as_text(answer | {"surfaces": only}).rstrip()], ref.provider
    lines += [f"read as {known}"] if known != text else []
    tried = plan.speech.candidates if kind == places.SPEECH and plan and plan.speech else ()
    chain = next((one.credential for one in tried if one.provider == known), None)
    if provider:
        chain = provider_chain(document, _agent_at(document, here.path), provider, profile)
    if chain is not None:
        lines.append(f"the key of {provider or known}")
        lines += [f"  {line.text}" for line in chain_lines(chain)]
    return "```text\n{}\n```".format("\n".join(lines)) if lines else ""


def _agent_at(document: Document, path: KeyPath) -> Agent:
    """The agent in whose settings a path lies, or the default one."""
    for agent in all_agents(document):
        if agent.path and path[: len(agent.path)] == agent.path:
            return agent
    return default_agent(document)
