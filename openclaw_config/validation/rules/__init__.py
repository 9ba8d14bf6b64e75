"""Which sections the rules of each module look at, so that a check imports no others.

Made from the rules by `python -m scripts.build_rule_docs`; do not edit.
"""

PACKAGE = "openclaw_config.validation.rules"

MODULES: dict[str, str] = {
    "agents": "agents bindings broadcast channels gateway hooks mcp talk tools",
    "gateway": "browser cloudWorkers gateway hooks mcp meta nodeHost",
    "model_refs": "agents channels hooks messages tools tts",
    "plugins": "agents approvals bindings channels commands cron "
    "hooks memory plugins session tools transcripts",
    "providers": "messages models talk tts",
    "secrets": "*",
}

OPTIONAL: dict[str, str] = {
    "model_refs": "agents channels hooks messages models tools tts",
}
"""The same for modules with rules that are off by default, once those run too."""
