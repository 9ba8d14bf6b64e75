"""Which sections the rules of each module look at, so that a check imports no others.

Made from the rules by `python -m scripts.build_rule_docs`; do not edit.
"""

PACKAGE = "openclaw_config.validation.rules"

MODULES: dict[str, tuple[str, ...]] = {
    "agents": ("agents", "bindings", "broadcast", "tools"),
    "browser": ("browser",),
    "gateway": ("gateway", "meta"),
    "model_refs": ("agents",),
    "plugins": ("agents", "channels", "plugins"),
    "providers": ("models",),
    "secrets": ("*",),
    "speech": ("messages", "talk", "tts"),
}

OPTIONAL: dict[str, tuple[str, ...]] = {
    "divergences": ("agents", "models"),
}
"""The same for modules whose rules are off by default."""
