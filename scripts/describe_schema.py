"""The descriptions that ``prepare_schema`` writes into the schemas.

They say in a sentence or two what a key does, for the keys that plans use. A key path leads
through unions; a description stands where the path ends.
"""

from __future__ import annotations

from typing import Any

_IMAGE = "openrouter/google/gemini-3.1-flash-image-preview"
_VIDEO = "openrouter/google/veo-3.1-fast"

DESCRIPTIONS = {
    # --- environment ---
    "env": "Variables for OpenClaw itself. A key here is a variable, as in vars, unless it is"
    " vars or shellEnv. What the process environment has already wins.",
    "env.vars": "Variables by name. They only fill what the process environment does not have.",
    "env.shellEnv": "Import missing keys from the login shell.",
    "env.shellEnv.enabled": "Whether the login shell is asked. Off by default.",
    "env.shellEnv.timeoutMs": "How long the login shell may take, in milliseconds.",
    # --- keys and secrets ---
    "auth.profiles": "The names of stored logins, each provider:name. The keys themselves are in"
    " the agent's auth-profiles.json, never here.",
    "auth.profiles.*.provider": "The provider that the profile is for, such as openrouter.",
    "auth.profiles.*.mode": "What is stored: an API key, a token or an OAuth login. A stored"
    " profile of another kind is passed over.",
    "auth.order": "For each provider, its profiles in the order in which they are tried.",
    "secrets.providers": "Where SecretRefs of source file, exec or env are looked up, by an alias"
    " in lower case.",
    "secrets.providers.*.source": "env reads variables, file a file, exec the output of a command.",
    "secrets.defaults": "The alias that is used for each source where a ref leaves it out.",
    # --- providers of models ---
    "models.mode": "merge adds the providers below to the built-in ones; replace takes their"
    " place.",
    "models.providers": "Providers of models by id. A known id, such as openrouter, changes that"
    " provider; another adds one of your own.",
    "models.providers.*.baseUrl": "The URL that requests start with. Required, also for a provider"
    " that OpenClaw knows; OpenRouter's is https://openrouter.ai/api/v1.",
    "models.providers.*.apiKey": "The key: a text, ${NAME}, or a SecretRef. For chat, images and"
    " videos a stored profile and the provider's variable come first, unless auth is api-key.",
    "models.providers.*.auth": "How to log in. api-key makes apiKey come before profiles and"
    " variables.",
    "models.providers.*.api": "The protocol that the provider speaks.",
    "models.providers.*.timeoutSeconds": "How long a chat reply may stay silent, in seconds.",
    "models.providers.*.headers": "Further headers for every chat request.",
    "models.providers.*.request": "Headers, login, proxy and TLS of requests. Images and speech do"
    " not use it.",
    "models.providers.*.models": "The models of this provider. Required; [] adds none to those that"
    " OpenClaw knows.",
    "models.providers.*.models[].id": "The model's id, without the provider.",
    "models.providers.*.models[].name": "The name to show.",
    "models.providers.*.models[].reasoning": "Whether the model can think before it answers.",
    "models.providers.*.models[].input": "What the model reads besides text.",
    "models.providers.*.models[].contextWindow": "How many tokens the model takes in all.",
    "models.providers.*.models[].maxTokens": "How many tokens an answer may have.",
    "models.providers.*.models[].cost": "Prices in US dollars for a million tokens.",
    # --- models of agents ---
    "agents.defaults": "What holds for every agent that does not say otherwise.",
    "agents.defaults.model": "The chat model: provider/model, such as openrouter/auto, or an"
    " alias; an object to have fallbacks.",
    "agents.defaults.imageModel": "The model that looks at images; chat with images uses it where"
    " the chat model cannot.",
    "agents.defaults.pdfModel": "The model that reads PDF files; imageModel where it is absent.",
    "agents.defaults.imageGenerationModel": f"The model that makes images, such as {_IMAGE}."
    " Aliases do not count here. A failure leads to the next fallback, then to any provider that"
    " has a key.",
    "agents.defaults.videoGenerationModel": f"The model that makes videos, such as {_VIDEO}."
    " Aliases and timeoutMs do not count here.",
    "agents.defaults.musicGenerationModel": "The model that makes music: provider/model. Aliases do"
    " not count here.",
    "agents.defaults.model.primary": "The model that is tried first: provider/model.",
    "agents.defaults.model.fallbacks": "The models that are tried next, in this order.",
    "agents.defaults.model.timeoutMs": "The time for a request, in milliseconds. Images and music"
    " use it; chat and videos do not.",
    "agents.defaults.mediaGenerationAutoProviderFallback": "Whether media go on to other providers"
    " that have a key when all the models named here fail. On by default.",
    "agents.defaults.models": "Settings of single models by ref. As soon as there is one entry, the"
    " map is also the list of models that users may switch to.",
    "agents.defaults.models.*.alias": "Another name for the model, for chat.",
    "agents.defaults.models.*.params": "Parameters of requests to this model.",
    "agents.defaults.params": "Parameters of chat requests. For OpenRouter, provider is an object"
    " with its routing preferences.",
    "agents.defaults.thinkingDefault": "How much a model thinks before it answers, where it can.",
    "agents.defaults.timeoutSeconds": "How long a whole reply may take, in seconds.",
    "agents.defaults.workspace": "The folder that agents work in.",
    "agents.defaults.heartbeat": "A turn that the agent takes by itself at intervals.",
    "agents.defaults.heartbeat.every": "The interval, such as 30m or 1h.",
    "agents.defaults.heartbeat.target": "Where the answer goes: last, none, or a channel.",
    "agents.list": "The agents. Without any there is one, main.",
    "agents.list[].id": "The agent's name in refs and folders.",
    "agents.list[].default": "Whether this agent answers where no binding chooses one.",
    "agents.list[].model": "The agent's own chat model. It takes the place of the default with its"
    " fallbacks.",
    "agents.list[].agentDir": "The folder with the agent's logins. No two agents may share one.",
    "agents.list[].tts": "Changes to messages.tts for this agent.",
    # --- speech ---
    "messages.tts": "Text-to-speech.",
    "messages.tts.auto": "When a reply is spoken: never, always, after a voice message, or where"
    " the reply is tagged for it.",
    "messages.tts.mode": "Whether only the final reply is spoken or every part of it.",
    "messages.tts.provider": "The provider that is tried first. Every other one that has a key"
    " comes after it.",
    "messages.tts.providers": "Settings by provider. Keys are not looked up in auth profiles.",
    "messages.tts.providers.*.apiKey": "The key: a text, ${NAME}, or a SecretRef. A variable's bare"
    " name would be sent as the key.",
    "messages.tts.persona": "The persona that speaks.",
    "messages.tts.personas": "Voices to choose from, each with settings by provider.",
    "messages.tts.maxTextLength": "The longest text that is spoken, in characters.",
    "messages.tts.timeoutMs": "The time for each provider's attempt, in milliseconds; 30000 by"
    " default.",
    # --- the gateway ---
    "gateway": "The server that everything runs in.",
    "gateway.mode": "local runs the gateway here, remote connects to another one.",
    "gateway.port": "The port that it listens on; 18789 by default.",
    "gateway.bind": "Who can reach it: only this machine, the local network, a tailnet, or an"
    " address of your own.",
    "gateway.auth": "How clients prove who they are.",
    "gateway.auth.mode": "Whether a token, a password, a trusted proxy or nothing is asked for.",
    "gateway.auth.token": "The token: a text, ${NAME}, or a SecretRef.",
    "gateway.auth.password": "The password: a text, ${NAME}, or a SecretRef.",
    # --- channels and plugins ---
    "channels": "Where people talk to the agents, by channel.",
    "plugins.allow": "The only plugins that may run, where it is set.",
    "plugins.deny": "Plugins that never run.",
    "plugins.entries": "Settings by plugin id.",
    "plugins.load.paths": "Further plugins: files or folders. Each must exist.",
    "plugins.slots.memory": "The plugin that remembers; none for no memory.",
    "bindings": "Which agent answers where.",
    "$schema": "For editors; OpenClaw does not read it.",
}
"""Key path to description; ``*`` is a key of the author's own and ``[]`` any item."""


def described(schema: dict[str, Any]) -> dict[str, Any]:
    """An expanded schema with these descriptions and no others, where it has their paths.

    A part that is one object in the schema is described in all its places.
    """
    texts: dict[tuple[int, Step], str] = {}
    for path, text in DESCRIPTIONS.items():
        steps = tuple(path.replace("[]", ".[]").split("."))
        for parent in _parents(schema, steps):
            texts[id(parent), steps[-1]] = text
    found: dict[str, Any] = _described(schema, texts, {})
    return found


Step = str


def _parents(node: Any, steps: tuple[Step, ...]) -> list[Any]:
    """The parts that have the last step of a key path, through unions."""
    if not isinstance(node, dict):
        return []
    found = [part for branch in _branches(node) for part in _parents(branch, steps)]
    inner = _inner(node, steps[0])
    if inner is not None:
        found += [node] if len(steps) == 1 else _parents(inner, steps[1:])
    return found


def _branches(node: dict[str, Any]) -> list[Any]:
    return [*node.get("anyOf", ()), *node.get("allOf", ())]


def _inner(node: dict[str, Any], step: Step) -> Any:
    if step == "[]":
        return node.get("items")
    if step == "*":
        return node.get("additionalProperties")
    return node.get("properties", {}).get(step)


def _described(
    node: Any, texts: dict[tuple[int, Step], str], known: dict[int, tuple[Any, Any]]
) -> Any:
    if isinstance(node, list):
        return [_described(item, texts, known) for item in node]
    if not isinstance(node, dict):
        return node
    if id(node) in known:
        return known[id(node)][1]

    def part(value: Any, step: Step) -> Any:
        bare = _described(value, texts, known)
        text = texts.get((id(node), step))
        return bare if text is None or not isinstance(bare, dict) else {**bare, "description": text}

    out: dict[str, Any] = {}
    for key, value in node.items():
        if key == "properties":
            out[key] = {name: part(one, name) for name, one in value.items()}
        elif key in ("items", "additionalProperties"):
            out[key] = part(value, "[]" if key == "items" else "*")
        elif key != "description":
            out[key] = _described(value, texts, known)
    known[id(node)] = node, out
    return out
