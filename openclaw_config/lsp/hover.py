"""Hover: what a key means and decides, what a model can do, where its key and a variable come from.

No value is shown but those that ``explain`` and a plan show.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from openclaw_config import api, explain
from openclaw_config.capabilities import describe, lookup
from openclaw_config.diagnostics.model import key_path_text
from openclaw_config.loading.load import Document
from openclaw_config.lsp import places
from openclaw_config.lsp.cursor import Spot, spot
from openclaw_config.lsp.workspace import Opened
from openclaw_config.plan.model import Plan
from openclaw_config.plan.text import chain_lines, settled
from openclaw_config.resolution.credentials import provider_chain
from openclaw_config.syntax.nodes import CONTAINERS, StringNode
from openclaw_config.syntax.text import KeyPath, Span
from openclaw_config.targets import DEFAULT
from openclaw_config.view.refs import ModelRef, names_of, resolve, split
from openclaw_config.view.settings import Agent, all_agents, choose_agent

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
    model = _ref(document, here) if document and not here.on_key else None
    if document is not None and model is not None:
        parts.append(_of_model(document, here, *model))
    return Hover("\n\n".join(parts), span) if parts else None


def _of_key(opened: Opened, here: Spot, plan: Plan | None) -> Iterator[str]:
    document = opened.report.document
    release = document.release if document else opened.source.release or DEFAULT
    known, ever = explain.key(here.path, release), explain.key_of_any(here.path)
    if ever is not None:
        known = (known or ever)._replace(since=ever.since, until=ever.until, now=ever.now)
    if known is None:
        return
    yield f"**{_code(key_path_text(here.path))}**"
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
            text += f" {_code(str(value))}"
        found[text] = None
    more = len(found) - _MOST
    return [("decides", ", ".join([*found][:_MOST] + [f"and {more} more"] * (more > 0)))]


# --- models ---------------------------------------------------------------------------------------


def _ref(document: Document, here: Spot) -> tuple[str, ModelRef, str] | None:
    """The surface, the model and its auth profile, of a value that names one."""
    surface = places.kind_at(here.path)
    if not isinstance(here.node, StringNode):
        return None
    if surface in places.MEDIA:
        ref = split(here.node.value)
        return None if ref is None else (surface, ref, "")
    found = resolve(names_of(document), here.node.value) if surface == places.CHAT else None
    return None if found is None else (surface, found[0], found[1])


def _of_model(document: Document, here: Spot, surface: str, ref: ModelRef, profile: str) -> str:
    tables = document.tables or lookup.built_in(document.target.requests)
    answer = describe.capabilities(ref.key, tables, document.release)
    only = {name: one for name, one in answer["surfaces"].items() if name == surface}
    lines = [describe.as_text(answer | {"surfaces": only}).rstrip()]
    if ref.provider:
        chain = provider_chain(document, agent_at(document, here.path), ref.provider, profile)
        keys = [f"  {line.text}" for line in chain_lines(chain)]
        lines += [f"the key of {ref.provider}", *keys] if keys else []
    return "```text\n{}\n```".format("\n".join(lines))


def agent_at(document: Document, path: KeyPath) -> Agent:
    """The agent in whose settings a path lies, or the default one."""
    for agent in all_agents(document):
        if agent.path and path[: len(agent.path)] == agent.path:
            return agent
    return choose_agent(document) or all_agents(document)[0]


def _code(text: str) -> str:
    """A text between marks of code that it does not have itself."""
    marks = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{marks}{' ' * (len(marks) > 1)}{text}{' ' * (len(marks) > 1)}{marks}"
