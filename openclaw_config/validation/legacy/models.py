"""Old values of ``models.providers`` and the skill that became an image model."""

from __future__ import annotations

from openclaw_config.syntax.nodes import ArrayNode, Node, NumberNode, ObjectNode, StringNode
from openclaw_config.syntax.scanner import trim
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.validation.legacy.findings import Findings
from openclaw_config.validation.legacy.rewrite import (
    object_at,
    put,
    rewrite,
    string,
    with_values,
    without,
)

_PROVIDERS = ("models", "providers")
_API = ("openai", "openai-completions")

_SKILL = "nano-banana-pro"
_SKILL_MODEL = "google/gemini-3-pro-image-preview"
_GOOGLE_URL = "https://generativelanguage.googleapis.com/v1beta"

_MISTRAL_LIMITS = {
    "devstral-medium-latest": 32768,
    "magistral-small": 40000,
    "mistral-large-latest": 16384,
    "mistral-medium-2508": 8192,
    "mistral-small-latest": 16384,
    "pixtral-large-latest": 32768,
}
_MISTRAL_LIMIT = 8192


def migrate(root: ObjectNode, findings: Findings) -> ObjectNode:
    """``api: "openai"`` is ``openai-completions``; Mistral's output stays below its window."""

    def api(node: ObjectNode, path: KeyPath) -> ObjectNode:
        written = node.get("api")
        if not isinstance(written, StringNode) or written.value != _API[0] or written.assumed:
            return node
        findings.revalued((*path, "api"), f'"{_API[1]}"')
        return with_values(node, {"api": string(_API[1], written)})

    tree = rewrite(root, (*_PROVIDERS, "*"), api)
    tree = rewrite(tree, (*_PROVIDERS, "*", "models", "[]"), api)
    tree = rewrite(tree, (*_PROVIDERS, "mistral", "models", "[]"), _output_limit)
    assert isinstance(tree, ObjectNode)
    return tree


def _output_limit(model: ObjectNode, path: KeyPath) -> ObjectNode:
    window, limit, name = model.get("contextWindow"), model.get("maxTokens"), model.get("id")
    if not (
        isinstance(window, NumberNode)
        and isinstance(limit, NumberNode)
        and isinstance(name, StringNode)
        and trim(name.value)
        and limit.value >= window.value
    ):
        return model
    safe = min(_MISTRAL_LIMITS.get(trim(name.value), _MISTRAL_LIMIT), window.value)
    return with_values(model, {"maxTokens": NumberNode(limit.source, limit.start, limit.end, safe)})


def skills(root: ObjectNode, findings: Findings) -> ObjectNode:
    """The skill nano-banana-pro became ``imageGenerationModel`` and Google's key."""
    section = object_at(root, "skills")
    if section is None:
        return root
    section = _without_bundled(section, findings)
    entry = object_at(section, "entries", _SKILL)
    if entry is None:
        return with_values(root, {"skills": section})
    findings.replaced(
        ("skills", "entries", _SKILL),
        f"OpenClaw reads it as agents.defaults.imageGenerationModel: {_SKILL_MODEL}"
        " and models.providers.google.apiKey",
    )
    model = ("agents", "defaults", "imageGenerationModel")
    defaults = object_at(root, *model[:-1])
    if defaults is None or defaults.get(model[-1]) is None:
        root = put(root, (*model, "primary"), string(_SKILL_MODEL, entry), entry)
    key = _skill_key(entry)
    google = object_at(root, *_PROVIDERS, "google")
    if key is not None and (google is None or google.get("apiKey") is None):
        where = (*_PROVIDERS, "google")
        root = put(root, (*where, "apiKey"), key, key)
        if not _is_set(google.get("baseUrl") if google is not None else None):
            root = put(root, (*where, "baseUrl"), string(_GOOGLE_URL, key), key)
        if google is None or not isinstance(google.get("models"), ArrayNode):
            root = put(root, (*where, "models"), ArrayNode(key.source, key.start, key.end, []), key)
    entries = object_at(section, "entries")
    rest = without(entries, _SKILL) if entries is not None else None
    section = with_values(section, {"entries": rest if rest is not None and rest.index else None})
    return with_values(root, {"skills": section if section.index else None})


def _without_bundled(section: ObjectNode, findings: Findings) -> ObjectNode:
    bundled = section.get("allowBundled")
    if not isinstance(bundled, ArrayNode):
        return section
    rest = [
        item
        for item in bundled.items
        if not isinstance(item, StringNode) or trim(item.value) != _SKILL
    ]
    if len(rest) == len(bundled.items):
        return section
    kept = ArrayNode(bundled.source, bundled.start, bundled.end, rest)
    return with_values(section, {"allowBundled": kept if rest else None})


def _is_set(node: Node | None) -> bool:
    """Whether JavaScript takes a value for true."""
    return isinstance(node, ObjectNode | ArrayNode) or bool(getattr(node, "value", None))


def _skill_key(entry: ObjectNode) -> Node | None:
    env = object_at(entry, "env")
    for node in (env.get("GEMINI_API_KEY") if env is not None else None, entry.get("apiKey")):
        if isinstance(node, StringNode) and trim(node.value):
            return node
        if isinstance(node, ObjectNode):
            return node
    return None
