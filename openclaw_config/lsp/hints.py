"""What an editor shows about the text, though it does not stand there.

On hover: what a key means and decides, what a model can do, where its key and a variable come from.
Beside the text: effective values; above keys: candidates. No value is shown but those that
``explain`` and a plan show.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from lsprotocol import types

from openclaw_config import api, explain, registry
from openclaw_config.capabilities import describe, lookup
from openclaw_config.compiler.compile import compile_plan
from openclaw_config.diagnostics.display import code
from openclaw_config.diagnostics.masking import masked, may_show
from openclaw_config.diagnostics.model import key_path_text
from openclaw_config.loading.load import Document
from openclaw_config.lsp import places
from openclaw_config.lsp.places import Spot, spot
from openclaw_config.lsp.workspace import Opened
from openclaw_config.plan.model import CHAT, Candidate, Plan, SurfacePlan
from openclaw_config.plan.text import chain_lines, settled, tried_of
from openclaw_config.plan.values import path_of
from openclaw_config.resolution import chat
from openclaw_config.resolution.credentials import provider_chain
from openclaw_config.syntax import nodes
from openclaw_config.syntax.text import KeyPath, Span, trim
from openclaw_config.validation.context import holder
from openclaw_config.view.refs import ModelRef, is_name, names_of, resolve, split
from openclaw_config.view.settings import agent_id, all_agents, default_agent

# --- on hover -------------------------------------------------------------------------------------

_MOST = 5
"""How many fields of a plan are listed."""
_UNSAID = ("keys", "value", "stands at", "")
"""Facts that the editor itself shows."""


def hover(opened: Opened, offset: int) -> types.Hover | None:
    """What is known of the key or the value at an offset, or None where nothing is."""
    here = spot(opened.tree, offset, opened.mount)
    if here is None or not here.path:
        return None
    if isinstance(here.node, nodes.CONTAINERS) and not here.on_key:
        return None
    document = opened.report.document
    span = here.member.key_location.span if here.member and here.on_key else here.node.span
    plan = api.Config(opened.report).plan if document and opened.report.loads else None
    parts = [*_of_key(opened, here, plan)]
    if document is not None:
        parts.append(_of_name(document, plan, here))
    text = "\n\n".join(filter(None, parts))
    markdown = types.MarkupContent(types.MarkupKind.Markdown, masked(text))
    return types.Hover(markdown, opened.range(span)) if text else None


def _of_key(opened: Opened, here: Spot, plan: Plan | None) -> Iterator[str]:
    document = opened.report.document
    known, ever = explain.key(here.path, opened.release), explain.key_of_any(here.path)
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
            # The links of a chain are records.
            value = settled(value, candidate) if names[-1] != "chain" else None  # noqa: PLW2901
        if isinstance(value, str | int | float) and value != "":
            text += f" {code(str(value))}"
        found[text] = None
    return [("decides", ", ".join([*found][:_MOST]) + " and others" * (len(found) > _MOST))]


# --- models ---------------------------------------------------------------------------------------


def _of_name(document: Document, plan: Plan | None, here: Spot) -> str:
    """What is known of a model, a provider or an agent that a key or a value names, or ""."""
    if here.on_key:
        kind, text = places.kind_at(here.path[:-1], "keys"), str(here.path[-1])
    elif may_show(here.node, here.path):
        kind, text = places.kind_at(here.path), nodes.text_of(here.node) or ""
    else:
        return ""
    release = document.release
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
        around = (one for one in all_agents(document) if here.path[: len(one.path)] == one.path)
        agent = next((one for one in around if one.path), default_agent(document))
        chain = provider_chain(agent, provider, profile)
    if chain is not None:
        lines.append(f"the key of {provider or known}")
        lines += [f"  {line.text}" for line in chain_lines(chain)]
    return "```text\n{}\n```".format("\n".join(lines)) if lines else ""


# --- beside the text, and above it ----------------------------------------------------------------

_MOST_AGENTS = 50
_MOST_CANDIDATES = 4


def hints(opened: Opened, span: Span | None = None) -> list[types.InlayHint]:
    """What is shown in a file, or in a span of it.

    The models that names stand for, and the model and time limits that keys leave open.
    """
    start, end = span or (0, len(opened.source.text))
    found = ((at, masked(text)) for at, text in _hints(opened) if start <= at <= end)
    return [types.InlayHint(opened.range(Span(at, at)).start, text) for at, text in found]


def _hints(opened: Opened) -> Iterator[tuple[int, str]]:
    """The texts of hints, each with its offset."""
    document = opened.report.document
    if document is None:
        return
    names = names_of(document)
    for path, node in nodes.paths_of(opened.tree.root, opened.mount):
        if not isinstance(node, nodes.StringNode) or places.kind_at(path) != places.CHAT:
            continue
        # A fallback without a provider depends on the primary; a lint says so.
        plain = "fallbacks" not in path or is_name(names, node.value)
        found = resolve(names, node.value) if plain and may_show(node, path) else None
        if found is not None and found[0].key != trim(node.value):
            yield node.end, f" = {found[0].key}"
    for agent in islice(all_agents(document), _MOST_AGENTS):
        if agent.entry is not None and agent.entry.get("model") is None:
            first = next(iter(chat.resolve(agent).candidates), None)
            if first is not None:
                yield from _left_open(opened, agent.entry, "model", first.ref.key)
    plan = api.Config(opened.report).plan if opened.report.loads else None
    if plan is None:
        return
    for way, key, limit in _limits(plan, opened):
        owner = nodes.child(document.root, *way)
        if limit and nodes.child(owner, key) is None:
            shown = str(limit) if key.endswith("Ms") else f"{limit / 1000:g}"
            yield from _left_open(opened, owner, key, shown)


def _left_open(
    opened: Opened, node: nodes.Node | None, key: str, value: str
) -> Iterator[tuple[int, str]]:
    if isinstance(node, nodes.ObjectNode) and node.source is opened.source and any(node.span):
        yield node.start + 1, f" {key}: {value}"


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


def lenses(opened: Opened) -> Iterator[types.CodeLens]:
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
            found += compile_plan(document, agent=agent.id, surfaces=(CHAT,)).surfaces
    seen: set[KeyPath] = set()
    for surface in found:
        path = path_of(surface.origin.path)
        member = holder(document.root, path) if document.root is not None else None
        if path in seen or member is None or member.source is not opened.source:
            continue
        seen.add(path)
        shown = [_candidate(one) for one in tried_of(surface)[0][:_MOST_CANDIDATES]]
        more = len(surface.candidates) - len(shown)
        text = ", then ".join(shown) + (f" and {more} more" if more else "")
        text = masked(f"{surface.surface}: {text or surface.problem}")
        # Nothing happens when it is clicked.
        yield types.CodeLens(opened.range(member.key_location.span), types.Command(text, ""))


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
