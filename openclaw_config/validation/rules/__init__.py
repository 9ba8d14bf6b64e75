"""Which sections the rules of each module look at, so that a check imports no others.

Made from the rules by `python -m scripts.build_rule_docs`; do not edit.
"""

PACKAGE = "openclaw_config.validation.rules"

MODULES: dict[str, tuple[str, ...]] = {
    "agents": ("agents", "bindings", "broadcast", "talk", "tools"),
    "gateway": ("gateway", "hooks", "meta"),
    "model_refs": ("agents", "channels", "hooks", "messages", "tools", "tts"),
    "names": (
        "agents",
        "approvals",
        "bindings",
        "channels",
        "commands",
        "cron",
        "gateway",
        "hooks",
        "mcp",
        "memory",
        "session",
        "tools",
        "transcripts",
    ),
    "plugins": ("channels", "plugins", "tools"),
    "providers": ("messages", "models", "talk", "tts"),
    "secrets": ("*",),
    "services": ("browser", "cloudWorkers", "mcp", "nodeHost"),
}

OPTIONAL: dict[str, tuple[str, ...]] = {
    "divergences": ("agents", "models"),
    "model_refs": ("agents", "channels", "hooks", "messages", "tools", "tts"),
}
"""The same for modules with rules that are off by default, once those run too."""
