"""Which sections the rules of each module look at, so that a check imports no others.

Made from the rules by `python -m scripts.build_rule_docs`; do not edit.
"""

PACKAGE = "openclaw_config.validation.rules"

MODULES: dict[str, tuple[str, ...]] = {
    "agents": ("agents", "bindings", "tools"),
    "browser": ("browser",),
    "cloud": ("cloudWorkers",),
    "gateway": ("gateway", "hooks", "meta"),
    "mcp": ("mcp", "nodeHost"),
    "model_refs": ("agents", "channels", "hooks", "messages", "tools", "tts"),
    "plugins": ("agents", "channels", "plugins"),
    "providers": ("models",),
    "roster": ("agents", "bindings", "broadcast", "talk"),
    "secrets": ("*",),
    "speech": ("messages", "talk", "tts"),
}

OPTIONAL: dict[str, tuple[str, ...]] = {
    "divergences": ("agents", "models"),
}
"""The same for modules whose rules are off by default."""
