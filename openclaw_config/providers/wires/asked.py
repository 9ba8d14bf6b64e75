"""A model that is asked over a wire, and the parts that all wires' bodies are made of.

What differs between wires is in ``schema/requests/wires.json``, what differs between providers in
``schema/requests/chat.json``: a provider that differs by its host, its key and some flags is data.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from openclaw_config import registry
from openclaw_config.facts import read_json
from openclaw_config.loading.load import Document
from openclaw_config.plan.model import Facts, Json
from openclaw_config.plan.values import fitting
from openclaw_config.providers.chat_models import PROVIDER as OPENROUTER
from openclaw_config.providers.chat_models import ChatModel, block_of, chat_model, thinks
from openclaw_config.providers.requests import Context, literal
from openclaw_config.resolution.chat import ChatCandidate
from openclaw_config.resolution.settings import from_default
from openclaw_config.syntax.nodes import Node, ObjectNode, child
from openclaw_config.syntax.text import KeyPath
from openclaw_config.view.refs import ModelRef, model_entry
from openclaw_config.view.settings import mapping, members, text

WIRES = "wires"
MOST_SENT = 32_000
"""The most tokens that an answer may have where nothing is configured (COM-05)."""
NO_RESULT = (
    "[openclaw] missing tool result in session history;"
    " inserted synthetic error result for transcript repair."
)
SESSION: Json = {"$slot": {"parameter": "sessionId"}}
TURN: Json = {"$fresh": "turn"}
BOUNDARY = "<!-- OPENCLAW_CACHE_BOUNDARY -->"
MOST_UNLISTED = 8_192
"""The most tokens of a model that a provider's block does not list (COM-04)."""


class Asked(NamedTuple):
    """A model that is asked over a wire, and what is known of it.

    ``home`` is the provider as the config writes it. ``wire`` and ``row`` are the tables' of the
    wire and the provider, ``compat`` what the model's
    API can: by its host, its provider and its entry. ``own`` requests are made by OpenClaw's own
    transport (COM-20), ``official`` ones go to the provider's own host.
    """

    context: Context
    choice: ChatCandidate
    home: str
    model: ChatModel
    api: str
    base: str
    wire: Json
    row: Json
    host: Json
    compat: Json
    own: bool
    official: bool
    level: str
    levels: tuple[str, ...]


def tables() -> Json:
    """The levels, the providers and the models that ``schema/requests/chat.json`` knows."""
    return read_json("requests/chat.json")


def row_of(provider: str) -> Json:
    """What is known of how a provider is asked, {} for one that is not known."""
    found: Json = tables()["providers"].get(provider, {})
    return found


def first_of(rows: Json, model: str) -> Json:
    """The first row all of whose parts are in a model's id, {} without one."""
    return next((one for one in rows if all(part in model for part in one["has"])), {})


def known_of(provider: str, model_id: str) -> Json:
    """The row of a model that its provider's plugin knows, () for another.

    A plugin that takes whole families of ids has patterns with ``*``: the first that fits counts.
    """
    models = tables()["models"].get(provider, {})
    if model_id in models:
        return models[model_id]
    return next((row for name, row in models.items() if fnmatchcase(model_id, name)), ())


def api_of(document: Document, ref: ModelRef) -> str:
    """The wire that a model is asked over (COM-01, NAM-04)."""
    row, home = row_of(ref.provider), home_of(document, ref.provider)
    entry, block = model_entry(document.root, ref._replace(provider=home)), block_of(home)
    configured = text(child(entry[0] if entry else None, "api"))
    configured = configured or text(child(document.root, *block, "api"))
    if configured:
        return str(row.get("wires", {}).get(configured, configured))
    by_model = first_of(row.get("wiresByModel", ()), ref.model).get("wire")
    known = registry.provider(document.release, ref.provider)
    named = known.api if known is not None else ""
    return str(by_model or row.get("wire") or named or "openai-completions")


def home_of(document: Document, provider: str) -> str:
    """The key under which the config speaks of a provider, whatever its case (COM-04)."""
    names = [name for name, _ in members(child(document.root, "models", "providers"))]
    alike = (name for name in names if name.strip().lower() == provider)
    return provider if provider in names else next(alike, provider)


def model_of(document: Document, ref: ModelRef) -> ChatModel:
    """What is known of a model: by its entry, the tables, its provider's block (COM-04)."""
    here = ref._replace(provider=home_of(document, ref.provider))
    listed = model_entry(document.root, here) is not None
    model_id = row_of(ref.provider).get("renamed", {}).get(ref.model, ref.model)
    known = () if listed else known_of(ref.provider, model_id)
    if known:
        reasoning, images, window, most = known[:4]
        facts = Facts(reasoning, images, most, window)
        return ChatModel(facts, max_tokens_origin=from_default("COM-05"))
    model = chat_model(document, here)
    if listed:
        return model
    if mapping(child(document.root, *block_of(here.provider))) is None:
        named = registry.provider(document.release, ref.provider) is not None
        about = (
            f"no table of ours knows the model {ref.model} of {ref.provider}:"
            f" describe it under models.providers.{ref.provider}.models"
        )
        return model._replace(problem=about if named else f"Unknown model: {ref.key}")
    # The provider's own limits have no effect on what it does not list (COM-05).
    return model._replace(facts=Facts(False, False, MOST_UNLISTED, model.facts.context_window))


def usual_level(document: Document, choice: ChatCandidate) -> str:
    """The level that counts when the call gives none, settled for the first model (COM-31)."""
    order = tables()["levels"]
    if choice.thinking is not None and choice.thinking.value in order:
        return str(choice.thinking.value)
    first = choice.first
    if first.provider == OPENROUTER:
        return "medium" if thinks(document, first) else "off"
    if not model_of(document, first).facts.reasoning:
        return "off"
    here = first._replace(provider=home_of(document, first.provider))
    if model_entry(document.root, here) is not None:
        return "medium"
    usual = first_of(row_of(first.provider).get("levels", ()), first.model).get("usual")
    models = mapping(child(document.root, "agents", "defaults", "models"))
    return str(usual or ("medium" if models is not None and models.index else "off"))


def is_at(host: str, row: Json) -> bool:
    """Whether a host is one that a row names."""
    return host in row.get("hosts", ()) or host.endswith(tuple(row.get("suffixes", ())))


def model_sent(asked: Asked) -> str:
    """The id that is sent: fast mode may have another one (NAM table)."""
    model_id = asked.choice.ref.model
    fast = asked.row.get("fast", {}).get(model_id)
    return fast if fast and value_of(asked, "fastMode") is True else model_id


def block_at(asked: Asked, *way: str) -> Node | None:
    """What stands in the provider's block, or the block itself."""
    return child(asked.context.document.root, *block_of(asked.home), *way)


def entry_of(asked: Asked) -> tuple[ObjectNode, KeyPath] | None:
    """The model's entry in the provider's block."""
    ref = asked.choice.ref._replace(provider=asked.home)
    return model_entry(asked.context.document.root, ref)


def as_openai(asked: Asked) -> bool:
    """Whether Ollama is configured as if it spoke OpenAI's wire (OTH-12)."""
    entry, block = entry_of(asked), block_at(asked)
    written = (text(child(where, "api")) for where in (block, entry[0] if entry else None))
    return "openai-completions" in written


def is_openai(asked: Asked) -> bool:
    """Whether OpenAI itself is asked (ORS-11)."""
    return asked.choice.ref.provider == "openai" and asked.official


def param(asked: Asked, *names: str, kind: str = "", **more: Json) -> dict[str, Json]:
    """A slot that a call's own parameter fills before the config's (COM-35)."""
    first, *others = (f"params/{name}" for name in names)
    slot: dict[str, Json] = {"parameter": first, **({"type": kind} if kind else {}), **more}
    slot |= {"or": others} if others else {}
    params = asked.choice.params
    setting = next((params[name] for name in names if name in params), None)
    if setting is not None and fitting(setting.value, slot) is not None:
        slot["default"] = literal(setting.value)
    return {"$slot": slot}


def value_of(asked: Asked, *names: str) -> Any:
    """A parameter as the config has it, by the first of its names."""
    params = asked.choice.params
    return next((params[name].value for name in names if name in params), None)


def limit(asked: Asked, *, always: bool) -> Json:
    """The most tokens of an answer; without ``always`` only where it is asked for (COM-05)."""
    slot: Json = param(asked, "maxTokens", kind="number", omit=0)
    if always:
        slot["$slot"]["otherwise"] = {"$fact": "maxTokens", "most": MOST_SENT}
    return slot


def choose(asked: Asked, table: dict[str, Json], otherwise: Json = None) -> Json:
    """What a level comes to where the model thinks, of those that it takes (COM-30)."""
    never = {} if otherwise is None else dict.fromkeys(tables()["levels"], otherwise)
    if not table and not never:
        return None
    return {
        "$choose": "thinking",
        "by": "thinking",
        "tables": {"usual": table, "none": never},
        "defaults": {"usual": asked.level, "none": asked.level},
        "offered": "levels",
        "order": tables()["levels"],
    }


def thinking_levels(value: Json, asked: Asked) -> dict[str, Json]:
    """A table with a value for each level but off."""
    return {level: value for level in asked.levels if level != "off"}


def _made_by(asked: Asked) -> Json:
    ref = asked.choice.ref
    return {"provider": ref.provider, "api": asked.api, "model": ref.model}


def messages(asked: Asked, **more: Json) -> Json:
    """The conversation in the wire's form; ``more`` are members of the template."""
    form = asked.wire["form"]
    ids = asked.row.get("toolCallIds")
    if ids is None and form in ("", "anthropic"):
        ids = "alphanumeric"
    return {
        "$messages": "messages",
        **({"form": form} if form else {}),
        "images": {"$fact": "images"},
        "model": _made_by(asked),
        "noResult": NO_RESULT,
        **({"toolCallIds": ids} if ids else {}),
        **more,
    }


def developer(asked: Asked) -> str:
    """The role of the system's text that OpenAI's models know."""
    return "developer" if asked.model.facts.reasoning else "system"


def keeps_long(asked: Asked) -> bool:
    """Whether the environment asks caches to keep things for long (CHAT-43)."""
    return asked.context.document.environment.get("PI_CACHE_RETENTION") == "long"


def worded(value: Json, word: str) -> Json:
    """A value of a table with a word in its place."""
    if isinstance(value, dict):
        return {key: worded(one, word) for key, one in value.items()}
    return word if value == "{word}" else value


def tool_stream(asked: Asked) -> Json:
    """Whether calls of tools are streamed, None to say nothing (ORS-19)."""
    wanted = asked.row.get("toolStream") and value_of(asked, "tool_stream") is not False
    return True if wanted else None
