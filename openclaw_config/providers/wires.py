"""Chat over a wire that any provider may speak (spec: COM, OCC, ORS, ANT, GGL, OTH, NAM rules).

What differs between wires, and their bodies, is in ``schema/requests/wires.json``; what differs
between providers in ``schema/requests/chat.json``: a provider that differs by its host, its key and
some flags is data. Here is what those bodies take of a config.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from openclaw_config import registry
from openclaw_config.facts import read_json
from openclaw_config.loading.load import Document
from openclaw_config.plan.model import Credential, Facts, Header, Json, KeyForm
from openclaw_config.plan.urls import host_of, is_local
from openclaw_config.providers import chat_models, requests
from openclaw_config.resolution import settings
from openclaw_config.resolution.chat import ChatCandidate
from openclaw_config.resolution.settings import BaseUrl, from_default, json_value
from openclaw_config.syntax.nodes import Node, ObjectNode, child
from openclaw_config.view.refs import ModelRef, model_entry
from openclaw_config.view.settings import items, mapping, members, text, truth

_SESSION: Json = {"$slot": {"parameter": "sessionId"}}


def asked(context: requests.Context, choice: ChatCandidate) -> chat_models.Asked:
    """What is known of a model and of the wire that it is asked over."""
    document, ref, row = context.document, choice.ref, _row(choice.ref.provider)
    release, home = document.release, _home(document, ref.provider)
    api = _api(document, ref, home)
    found = requests.recipe("wires", api, document.target.requests)
    base = _base(document, ref, home, found.more)
    named = registry.provider(release, ref.provider)
    official = host_of(base.url) in {host_of(url) for url in (named.base_urls if named else ())}
    request = (*chat_models.block_of(home), "request")
    block = child(document.root, *request)
    own = bool(row.get("own")) and (official or ref.provider == "google")
    own = own or any(mapping(child(block, way)) is not None for way in ("proxy", "tls"))
    # OpenClaw's own transport takes private hosts by leave (COM-22).
    allowed = not own or truth(child(block, "allowPrivateNetwork")) is True
    route = settings.route(document, ref.provider, base, private=allowed)
    route = requests.with_transport(
        document, route._replace(cut=found.more.get("cut", "")), request
    )
    model = _model(document, ref, home)
    model = model._replace(problem=_problem(document, ref.provider, home, api) or model.problem)
    levels, order = row.get("levels", ()), _tables()["levels"]
    if api == "google-generative-ai" and ref.provider == "google":
        levels = found.more["thinking"]
    offered = _first_of(levels, ref.model).get("levels") or _tables()["usualLevels"]
    return chat_models.Asked(
        context,
        choice,
        ours=False,
        home=home,
        api=api,
        model=model,
        recipe=found,
        base=base,
        route=route,
        own=own,
        levels=tuple(offered),
        level=chat_models.level_of(document, choice, order) or usual_level(document, choice.first),
        official=official,
    )


def _problem(document: Document, provider: str, home: str, api: str) -> str:
    """Why no chat request of a provider can be compiled, or ""."""
    compiled = read_json("requests/compiled.json")
    if api not in compiled["apis"]:
        why = compiled["why"].get(api, "")
        said = f"requests over the API {api} are not compiled by this version"
        return f"{said}: {why}" if why else said
    listed = _row(provider).get("modelsListed")
    if listed and mapping(child(document.root, *chat_models.block_of(home))) is None:
        return f"{provider} has to be asked which models it has, which is not compiled"
    return ""


# --- what is known of providers and models ------------------------------------------------------


def _tables() -> Json:
    """The levels, the providers and the models that ``schema/requests/chat.json`` knows."""
    return read_json("requests/chat.json")


def _row(provider: str) -> Json:
    """What is known of how a provider is asked, {} for one that is not known."""
    return _tables()["providers"].get(provider, {})


def _first_of(rows: Json, model: str) -> Json:
    """The first row all of whose parts are in a model's id, {} without one."""
    return next((one for one in rows if all(part in model for part in one["has"])), {})


def _known(provider: str, model_id: str) -> Json:
    """The row of a model that its provider's plugin knows, () for another.

    A plugin that takes whole families of ids has patterns with ``*``: the first that fits counts.
    """
    models = _tables()["models"].get(provider, {})
    if model_id in models:
        return models[model_id]
    return next((row for name, row in models.items() if fnmatchcase(model_id, name)), ())


def _api(document: Document, ref: ModelRef, home: str) -> str:
    """The wire that a model is asked over (COM-01, NAM-04)."""
    row = _row(ref.provider)
    configured = chat_models.configured_api(document, ref._replace(provider=home))
    if configured:
        return str(row.get("wires", {}).get(configured, configured))
    by_model = _first_of(row.get("wiresByModel", ()), ref.model).get("wire")
    known = registry.provider(document.release, ref.provider)
    named = known.api if known is not None else ""
    return str(by_model or row.get("wire") or named or chat_models.API)


def _home(document: Document, provider: str) -> str:
    """The key under which the config speaks of a provider, whatever its case (COM-04)."""
    names = [name for name, _ in members(child(document.root, "models", "providers"))]
    alike = (name for name in names if name.strip().lower() == provider)
    return provider if provider in names else next(alike, provider)


def _model(document: Document, ref: ModelRef, home: str) -> chat_models.ChatModel:
    """What is known of a model: by its entry, the tables, its provider's block (COM-04)."""
    here = ref._replace(provider=home)
    listed = model_entry(document.root, here) is not None
    known = () if listed else _known(ref.provider, _renamed(ref))
    if known:
        reasoning, images, window, most = known[:4]
        facts = Facts(reasoning, images, most, window)
        return chat_models.ChatModel(facts, max_tokens_origin=from_default("COM-05"))
    model = chat_models.chat_model(document, here)
    if listed:
        return model
    if mapping(child(document.root, *chat_models.block_of(home))) is None:
        named = registry.provider(document.release, ref.provider) is not None
        about = (
            f"no table of ours knows the model {ref.model} of {ref.provider}:"
            f" describe it under models.providers.{ref.provider}.models"
        )
        return model._replace(problem=about if named else f"Unknown model: {ref.key}")
    # The provider's own limits have no effect on what it does not list (COM-05).
    return model._replace(
        facts=Facts(False, False, chat_models.MOST_TOKENS, model.facts.context_window)
    )


def _renamed(ref: ModelRef) -> str:
    """A model's id as its provider knows it."""
    return str(_row(ref.provider).get("renamed", {}).get(ref.model, ref.model))


def usual_level(document: Document, first: ModelRef) -> str:
    """The level that counts where nothing says one, of the model that is tried first (COM-31)."""
    home = _home(document, first.provider)
    if not _model(document, first, home).facts.reasoning:
        return "off"
    if model_entry(document.root, first._replace(provider=home)) is not None:
        return "medium"
    usual = _first_of(_row(first.provider).get("levels", ()), first.model).get("usual")
    models = mapping(child(document.root, "agents", "defaults", "models"))
    return str(usual or ("medium" if models is not None and models.values else "off"))


def said_levels(ref: ModelRef) -> str:
    """How a message names the levels of a model, "" for their own names."""
    return str(_first_of(_row(ref.provider).get("levels", ()), ref.model).get("said", ""))


def _base(document: Document, ref: ModelRef, home: str, wire: Json) -> BaseUrl:
    """The base URL, without what the wire's own path begins with (COM-02, COM-03, GGL-01)."""
    row = _row(ref.provider)
    found = settings.configured(document.root, home)
    usual = row.get("baseUrl", "") or settings.usual_url(document, ref.provider)
    url = (found.url or usual).strip().rstrip("/")
    url = url.removesuffix(wire.get("cut", ""))
    versioned = row.get("versioned", {})
    if versioned and host_of(url) == versioned["host"]:
        url = url.removesuffix("/openai")
        url = url if url.partition("://")[2].count("/") else url + versioned["version"]
    return found._replace(url=url)


def _is_at(host: str, row: Json) -> bool:
    """Whether a host is one that a row names."""
    return host in row.get("hosts", ()) or host.endswith(tuple(row.get("suffixes", ())))


def _block_at(asked: chat_models.Asked, *way: str) -> Node | None:
    """What stands in the provider's block, or the block itself."""
    return child(asked.context.document.root, *chat_models.block_of(asked.home), *way)


def _entry_of(asked: chat_models.Asked) -> ObjectNode | None:
    """The model's entry in the provider's block."""
    ref = asked.choice.ref._replace(provider=asked.home)
    found = model_entry(asked.context.document.root, ref)
    return found[0] if found is not None else None


def _as_openai(asked: chat_models.Asked) -> bool:
    """Whether Ollama is configured as if it spoke OpenAI's wire (OTH-12)."""
    return chat_models.API in [
        text(child(at, "api")) for at in (_block_at(asked), _entry_of(asked))
    ]


def _is_openai(asked: chat_models.Asked) -> bool:
    """Whether OpenAI itself is asked (ORS-11)."""
    return asked.provider == "openai" and asked.official


# --- bodies -------------------------------------------------------------------------------------


def known(asked: chat_models.Asked) -> requests.Known:
    """What decides a body over a wire."""
    wire, row, ref = asked.recipe.more, _row(asked.provider), asked.choice.ref
    host, listed = host_of(asked.base.url), _known(ref.provider, ref.model)
    about_host: Json = next((one for one in wire.get("hosts", ()) if _is_at(host, one)), {})
    openai, fast = _is_openai(asked), row.get("fast", {}).get(ref.model)
    values: requests.Known = {
        # What the model's API can: by its host, its provider and its entry.
        **wire.get("compat", {}),
        **about_host.get("compat", {}),
        **row.get("compat", {}),
        **(listed[4] if len(listed) > 4 else {}),
        **(asked.model.compat or {}),
        "host": about_host,
        "reasons": asked.model.facts.reasoning,
        "own": asked.own,
        "openai": openai,
        "proxied": asked.own and not openai,
        "keepsLong": chat_models.keeps_long(asked.context.document),
        "streamsTools": row.get("toolStream") and _value(asked, "tool_stream") is not False,
        "plainThinking": row.get("plainThinking"),
        "named": ref.model,
        "id": _renamed(ref),
        "sent": fast if fast and _value(asked, "fastMode") is True else ref.model,
        "madeBy": {"provider": ref.provider, "api": asked.api, "model": ref.model},
        "noResult": _tables()["noResult"],
        "toolCallIds": row.get("toolCallIds", wire.get("toolCallIds")),
        "thoughts": row.get("thoughts"),
        "keptIds": row.get("keptIds"),
        "levels": asked.levels,
        "order": _tables()["levels"],
        "level": asked.level,
    }
    values["max_tokens"] = values.get("maxTokensField") == "max_tokens"
    if asked.api in _VALUES:
        values |= _VALUES[asked.api](asked, values)
    for name, form in wire.get("parts", {}).items():
        values[name] = requests.settled(form, values)
    return values


def _value(asked: chat_models.Asked, *names: str) -> Any:
    """A parameter as the config has it, by the first of its names."""
    params = asked.choice.params
    return next((params[name].value for name in names if name in params), None)


def _completions(asked: chat_models.Asked, values: requests.Known) -> dict[str, Json]:
    """What OpenAI's chat form takes (OCC-01, OCC-15, OCC-30), and vLLM's templates (NAM-01)."""
    row, model = _row(asked.provider), asked.choice.ref.model
    efforts = _first_of(row.get("efforts", ()), model).get("words", {})
    found: dict[str, Json] = {
        "cachesByKey": values["host"].get("cacheKey") or values["keepsLong"],
        "store": values["host"].get("store"),
        "efforts": {**efforts, **(values.get("reasoningEffortMap") or {})},
    }
    if not asked.own:
        form = asked.recipe.more["thinking"].get(values["thinkingFormat"], {})
        found |= requests.settled(form, values | found)
    template = "nemotron" if "nemotron-3" in model.lower() else ""
    if _value(asked, "qwenThinkingFormat") == "chat-template":
        template = "qwen"
    if template in row.get("templates", ()):
        found["ownTemplate"] = True
        found["template"] = requests.settled(row["templates"][template], values)
        found["supportsReasoningEffort"] = values["supportsReasoningEffort"] and template != "qwen"
    return found


def _responses(asked: chat_models.Asked, values: requests.Known) -> dict[str, Json]:
    """What OpenAI's Responses take (ORS-10 to ORS-17)."""
    wire, row, ref = asked.recipe.more, _row(asked.provider), asked.choice.ref
    azure = asked.api == "azure-openai-responses"
    at = _is_at(host_of(asked.base.url), wire["cacheKeyHosts"])
    openai, parallel = values["openai"], _value(asked, "parallel_tool_calls")
    stores = openai or azure
    found: dict[str, Json] = {
        "cachesByKey": stores or at or values.get("supportsPromptCacheKey"),
        "store": None if not openai and values.get("supportsStore") is False else stores,
        "parallel": parallel if isinstance(parallel, bool) else None,
    }
    if ref.provider == "openai":
        # What GPT-5 gets, or what is configured (ORS-14).
        named = ref.model == "gpt-5" or ref.model.startswith(("gpt-5.", "gpt-5-"))
        verbosity = _value(asked, "text_verbosity", "textVerbosity")
        is_known = verbosity in ("low", "medium", "high")
        if named or is_known:
            found["text"] = {"verbosity": verbosity if is_known else "low"}
        if named and found["parallel"] is None:
            found["parallel"] = True
    return found | _official(asked, row) if openai else found


def _official(asked: chat_models.Asked, row: Json) -> dict[str, Json]:
    """What only OpenAI itself gets (ORS-11, ORS-15, ORS-16, ORS-26)."""
    more, model = asked.recipe.more["own"], asked.choice.ref.model
    search = child(asked.context.document.root, "tools", "web", "search")
    tier = _value(asked, "serviceTier", "service_tier")
    fast = "priority" if tier is None and _value(asked, "fastMode") is True else None
    found: dict[str, Json] = {
        "searches": truth(child(search, "enabled")) is not False
        and not text(child(search, "provider")),
        "efforts": _first_of(row["efforts"], model).get("words", {}),
        "tier": tier if tier in more["tiers"] else fast,
    }
    if _value(asked, "responsesServerCompaction") is not False:
        threshold = _value(asked, "responsesCompactThreshold")
        if isinstance(threshold, bool) or not isinstance(threshold, int | float):
            threshold = asked.model.facts.context_window * more["compact"]["percent"] // 100
        threshold = max(more["compact"]["least"], int(threshold))
        found["compaction"] = [{"type": "compaction", "compact_threshold": threshold}]
    return found


def _anthropic(asked: chat_models.Asked, values: requests.Known) -> dict[str, Json]:
    """What Anthropic's form takes (ANT-03, ANT-17, ANT-25)."""
    wire = asked.recipe.more
    kept = _value(asked, "cacheRetention")
    if kept not in ("none", "short", "long"):
        kept = _row(asked.provider).get("caches") or ("long" if values["keepsLong"] else "short")
    tier, fast = _value(asked, "serviceTier", "service_tier"), _value(asked, "fastMode")
    if tier not in wire["tiers"]:
        tier = {True: "auto", False: "standard_only"}[fast] if isinstance(fast, bool) else None
    itself = asked.provider == "anthropic" and asked.official
    return {
        "cache": {"none": None, "short": {}, "long": {"ttl": "1h"}}[kept],
        "adaptive": _is_adaptive(asked),
        "budgets": wire["budgets"],
        "efforts": wire["efforts"],
        "tier": tier if itself else None,
    }


def _google(asked: chat_models.Asked, values: requests.Known) -> dict[str, Json]:
    """What Google's form takes (GGL-10, GGL-25)."""
    model_id = asked.choice.ref.model
    row = _first_of(asked.recipe.more["thinking"], model_id)
    table: dict[str, Json] = {"off": row["off"]} if "off" in row else {}
    for level, value in row["on"].items():
        table[level] = {"includeThoughts": True, **value}
    if asked.own and asked.provider != "google" and not row["has"]:
        table.pop("off")
    named = "gemini-3" in model_id or not any(one in model_id for one in ("gemini-2", "gemini-1"))
    return {"thinking": requests.by_level(values, table), "showsResults": named}


def _ollama(asked: chat_models.Asked, values: requests.Known) -> dict[str, Json]:
    """What Ollama's form takes (OTH-10 to OTH-13)."""
    params = child(_entry_of(asked), "params")
    own = json_value(params) if params is not None else {}
    spoken = _as_openai(asked)
    context: Json = {"$slot": {"parameter": "params/num_ctx", "type": "number"}}
    if "num_ctx" in own:
        context = requests.literal(own["num_ctx"])
    elif spoken:
        inject = truth(_block_at(asked, "injectNumCtxForOpenAICompat")) is not False
        context = asked.model.facts.context_window if inject else None
    kept: Json = {"$slot": {"parameter": "params/keep_alive"}}
    if "keep_alive" in own:
        kept = requests.literal(own["keep_alive"])
    return {"asOpenai": spoken, "context": context, "kept": kept}


_VALUES = {
    "openai-completions": _completions,
    "openai-responses": _responses,
    "azure-openai-responses": _responses,
    "anthropic-messages": _anthropic,
    "google-generative-ai": _google,
    "ollama": _ollama,
}
"""What each wire's body takes besides, by the name of its API."""


# --- headers and keys ---------------------------------------------------------------------------


def add_headers(asked: chat_models.Asked, headers: requests.HeaderSet) -> None:
    """Add the headers of the wire and the provider (COM-11)."""
    document, wire, row = asked.context.document, asked.recipe.more, _row(asked.provider)
    own = wire.get("own", {}) if _is_openai(asked) else {}
    fixed = {**wire.get("headers", {}), **row.get("headers", {})}
    fixed |= wire.get("ownHeaders", {}) if asked.own else {}
    for name, variable in row.get("headerVariables", {}).items():
        fixed[name] = (document.environment.get(variable) or "").strip() or fixed[name]
    headers.add_fixed({**fixed, **own.get("headers", {})}, document.release)
    for name in own.get("session", () if asked.own else wire.get("session", ())):
        headers.set(Header(name, fill=_SESSION))
    if own:
        headers.set(Header(own["turn"], fill={"$fresh": "turn"}))
    if names := _betas(asked)[0]:
        headers.set(Header("anthropic-beta", ",".join(names)))
    if truth(_block_at(asked, "authHeader")) is True:
        headers.set(requests.BEARER)


def marker(asked: chat_models.Asked, credential: Credential) -> str:
    """The word that is sent in place of a key where none is set, "" for none (OTH-12, OTH-14)."""
    there = {"wins", "unknown", "shadowed"}
    if any(link.state in there for link in credential.chain if link.kind != "profiles"):
        return ""
    return str(_row(asked.provider).get("markerAsOpenai" if _as_openai(asked) else "marker", ""))


def is_keyless(asked: chat_models.Asked) -> bool:
    """Whether a custom provider on a local host does without a key (COM-10)."""
    listed = not _row(asked.provider) and bool(items(_block_at(asked, "models")))
    return listed and is_local(host_of(asked.base.url))


def _is_adaptive(asked: chat_models.Asked) -> bool:
    return any(part in asked.choice.ref.model for part in asked.recipe.more["adaptive"])


def _betas(asked: chat_models.Asked) -> tuple[list[str], bool]:
    """The betas that are asked for, and whether the config asks for some itself (ANT-30)."""
    wire, model_id = asked.recipe.more, asked.choice.ref.model
    if "beta" not in wire:
        return [], False
    wanted = _value(asked, "anthropicBeta")
    more = [wanted] if isinstance(wanted, str) else wanted if isinstance(wanted, list) else []
    more = [one.strip() for one in more if isinstance(one, str) and one.strip()]
    context = wire["betas"]["context1m"]
    if _value(asked, "context1m") is True and model_id.startswith(tuple(context["ids"])):
        more.append(context["beta"])
    if more and asked.provider == "anthropic":
        return list(dict.fromkeys((wire["betas"]["first"], wire["beta"], *more))), True
    return [] if _is_adaptive(asked) or asked.own else [wire["beta"]], False


def by_key(
    asked: chat_models.Asked, body: dict[str, Json], headers: requests.HeaderSet
) -> tuple[KeyForm, ...]:
    """What goes out with a key of another kind: Claude Code's own (ANT-31), or a JSON object."""
    form = asked.recipe.more.get("oauth")
    if form is None:
        return requests.json_key(asked.recipe.more, body, headers.headers())
    names: dict[str, Json] = {"names": form["names"]}
    kept = requests.HeaderSet(
        requests.BEARER, *(one for one in headers.headers() if not one.credential)
    )
    kept.add_fixed(form["headers"])
    usual, configured = _betas(asked)
    if not configured:
        kept.set(Header("anthropic-beta", ",".join((form["beta"], *usual))))
    changed = {
        **body,
        "system": {**body["system"], "first": [form["first"]]},
        "messages": {**body["messages"], **names},
        "tools": {**body["tools"], **names},
    }
    return (KeyForm(form["contains"], kept.headers(), changed),)
