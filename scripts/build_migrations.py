"""Make ``schema/migrations/2026.9.6.json``: what becomes of the keys of 2026.4.29 in 2026.9.6.

    python -m scripts.build_migrations MIGRATIONS.json KEYS-BY-RELEASE.json BETWEEN-KEYS.json

MIGRATIONS.json has observations: a key, its new place, an example in and out. KEYS-BY-RELEASE.json
says which release refused each first. The result has the form of
``openclaw_config/validation/migrations/engine.py``. A plain observation (moved, renamed, removed,
another value) becomes a row by itself. WRITTEN has the rows of those that are said in words; an
observation that is neither stops the script. The row that moves an object comes before those of
its inner keys, which stand at its old and its new place; removals come last.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any

FROM, TO = "2026.4.29", "2026.9.6"

MOVED_OBJECTS = {
    "messages.tts": "tts",
    "agents.defaults.memorySearch": "memory.search",
    "agents.list[].memorySearch": "agents.list[].memory.search",
    "media": "attachments",
}
"""Objects that move as a whole; what the observations say of their inner keys is put in terms of
the old place, and done at both."""

PROVIDERS = ("openai", "elevenlabs", "microsoft", "edge")
TTS = ["messages.tts", "tts", "agents.list[].tts", "channels.*.tts", "channels.discord.voice.tts"]
TTS += ["channels.discord.accounts.*.voice.tts", "plugins.entries.voice-call.config.tts"]
CONNECTION = {
    "apiMode": "kind", "autoStart": "kind", "httpUrl": "url",
    **{
        key: key
        for key in (
            "httpHost", "httpPort", "cliPath", "startupTimeoutMs", "receiveMode", "ignoreStories",
            "configPath",
        )
    },
}  # fmt: skip
DEEPGRAM = {
    "detectLanguage": "detect_language",
    "punctuate": "punctuate",
    "smartFormat": "smart_format",
}
DIRECT = {"op": "value", "map": {"dm": "direct"}}
BY_HAND = {"op": "stay"}
MEDIA = ("image", "audio", "video")
MEDIA_MODELS = ["tools.media.models[]"]
MEDIA_MODELS += [f"tools.media.{kind}{end}" for kind in MEDIA for end in ("", ".models[]")]

LOSES = frozenset(
    (
        "hooks.internal.handlers",
        "cron.webhook",
        "cron.store",
        "canvasHost",
        "web",
        "tools.web.x_search",
        "memory.qmd",
        "agents.defaults.systemPromptOverride",
        "agents.list[].systemPromptOverride",
        "agents.defaults.compaction.customInstructions",
        "agents.defaults.heartbeat.includeReasoning",
        "agents.list[].heartbeat.includeReasoning",
        "agents.defaults.cliBackends",
        "agents.defaults.agentRuntime",
        "agents.list[].agentRuntime",
        "agents.defaults.embeddedHarness",
        "agents.list[].embeddedHarness",
        "commands.ownerDisplay",
        "commands.ownerDisplaySecret",
        "secrets.providers.*.allowSymlinkCommand",
    )
)
"""Removed keys that did something (MIG-35, MIG-41): who reads the report has to know."""


def _voices(at: list[str]) -> list[dict[str, Any]]:
    return [
        {"at": [f"{place}.providers.*" for place in at], "key": old, "to": new}
        for old, new in (
            ("voice", "speakerVoice"),
            ("voiceName", "speakerVoice"),
            ("voiceId", "speakerVoiceId"),
        )
    ]


def _rules(place: str) -> dict[str, Any]:
    return {"at": f"{place}.rules[].match", "key": "chatType", **DIRECT}


WRITTEN: dict[str, list[dict[str, Any]]] = {
    "session.typingMode": [
        {"at": "", "key": "session.typingMode", "to": "agents.defaults.typingMode",
         "conflict": "over"}
    ],
    "agents.list[]": [
        {"at": "agents", **BY_HAND, "key": "list[]", "to": "entries.*", "note": "the id is the key"}
    ],
    "agents.list[] (single, or one default=true)": [],
    "agents.list[].default": [
        {
            "at": "agents.list[]", **BY_HAND, "key": "default",
            "note": "each surface names its agent: agents.defaults.*.agentId, bindings …",
        }
    ],
    "agents.defaults.models (keys as allowlist)": [
        {"at": "agents.defaults", **BY_HAND, "key": "models.*", "to": "modelPolicy.allow[]"}
    ],
    "env.<VAR>": [
        {"at": "env", "key": "*", "but": ["shellEnv", "vars"], "to": "vars.*", "of": "string",
         "conflict": "over"}
    ],
    "env.<VAR> with env.vars.<VAR> set": [],
    "messages.tts.providers.*.voice | voiceName": _voices(TTS),
    "messages.tts.providers.*.voiceId": [],
    "messages.tts.personas.*.providers.*.{voice,voiceName,voiceId}": _voices(
        [f"{place}.personas.*" for place in TTS]
    ),
    "agents.list[].tts.providers.*.{voice,voiceName,voiceId}": [],
    "messages.tts.enabled": [
        {
            "at": TTS, "key": "enabled", "to": "auto", "of": "boolean",
            "map": {"true": "always", "false": "off"}, "taken": "text",
        }
    ],
    "messages.tts.{openai,elevenlabs,microsoft,edge}": [
        {
            "at": TTS, "key": name, "to": f"providers.{name.replace('edge', 'microsoft')}",
            "of": "object", "conflict": "fill", "taken": "object",
        }
        for name in PROVIDERS
    ] + [
        {
            "at": TTS, "key": "providers.edge", "to": "providers.microsoft", "of": "object",
            "conflict": "fill", "taken": "object",
        }
    ],
    "messages.tts.provider = edge": [
        {"at": TTS, "key": "provider", "op": "value", "map": {"edge": "microsoft"}}
    ],
    "talk.providers.*.{voice,voiceId}": [],
    "models.providers.*.{contextWindow,contextTokens}": [
        {"at": "models.providers.*", **BY_HAND, "key": key, "to": f"models[].{key}"}
        for key in ("contextWindow", "contextTokens")
    ],
    "models.providers.{codex,openai-codex}": [
        {
            "at": "models.providers", "key": name, "to": "openai", "of": "object",
            "conflict": "fill", "taken": "object",
        }
        for name in ("codex", "openai-codex")
    ],
    "agents.*.model(s) refs claude-cli/*, codex-cli/*, codex/*, google-gemini-cli/*": [],
    "agents.*.model refs codex-cli/*": [],
    "tools.exec.{security,ask}": [],
    "tools.allow + tools.alsoAllow": [],
    "tools.*.{allow,deny,alsoAllow}[] = image": [],
    "mcp.servers.*.type": [
        {
            "at": "mcp.servers.*", "key": "type", "to": "transport", "of": "string",
            "map": {
                "http": "streamable-http", "streamable-http": "streamable-http", "sse": "sse",
                "stdio": None,
            },
            "taken": "string",
        }
    ],
    "mcp.servers.*.disabled": [
        {
            "at": "mcp.servers.*", "key": "disabled", "to": "enabled", "of": "boolean",
            "map": {"true": False, "false": True},
        }
    ],
    "mcp.servers.*.{timeout,connectTimeout,connect_timeout}": [
        {
            "at": "mcp.servers.*", "key": old, "to": new, "of": "number", "scale": 1000,
            "note": "in ms, not in seconds",
        }
        for old, new in (
            ("timeout", "requestTimeoutMs"),
            ("connectTimeout", "connectionTimeoutMs"),
            ("connect_timeout", "connectionTimeoutMs"),
        )
    ],
    "mcp.servers.*.{ssl_verify,client_cert,client_key,supports_parallel_tool_calls}": [
        {"at": "mcp.servers.*", "key": old, "to": re.sub("_(.)", lambda it: it[1].upper(), old)}
        for old in ("ssl_verify", "client_cert", "client_key", "supports_parallel_tool_calls")
    ],
    "hooks.internal.handlers": [{"at": "hooks.internal", **BY_HAND, "key": "handlers"}],
    "memory.backend, memory.qmd": [
        {"at": "memory", **BY_HAND, "key": "qmd.sessions", "to": "search.sources"},
    ],
    "agents.defaults.memorySearch.provider = auto": [
        {
            "at": [*MOVED_OBJECTS][1:3], "key": "provider", "op": "value",
            "map": {"auto": "openai"},
        }
    ],
    "agents.defaults.memorySearch": [
        {
            "at": "", "key": "agents.defaults.memorySearch", "to": "memory.search",
            "conflict": "fill", "taken": "object", "of": "object",
        },
        {
            "at": "agents.list[]", "key": "memorySearch", "to": "memory.search",
            "conflict": "fill", "taken": "object", "of": "object",
        },
    ],
    "audio.transcription": [
        {
            "at": "", **BY_HAND, "key": "audio.transcription", "to": "tools.media.models[]",
            "note": 'a model of type cli with capabilities: ["audio"]',
        }
    ],
    "tools.media.<cap>.models[]": [],
    "tools.media.models[].deepgram": [
        *(
            {
                "at": MEDIA_MODELS, "key": f"deepgram.{old}", "of": "boolean", "prune": True,
                "to": f"providerOptions.deepgram.{new}",
            }
            for old, new in DEEPGRAM.items()
        ),
    ],
    "tools.media.{image,video}.{echoTranscript,echoFormat}": [],
    "tools.web.search.<provider>": [
        {
            "at": "", **BY_HAND, "key": "tools.web.search.*",
            "to": "plugins.entries.*.config.webSearch",
        }
    ],
    "tools.web.search.apiKey": [
        {
            "at": "", **BY_HAND, "key": "tools.web.search.apiKey",
            "to": "plugins.entries.brave.config.webSearch.apiKey",
        }
    ],
    "tools.web.x_search (rest)": [{"at": "tools.web", "key": "x_search", "op": "remove"}],
    "skills.entries.nano-banana-pro": [
        {
            "at": "", **BY_HAND, "key": "skills.entries.nano-banana-pro",
            "to": "agents.defaults.mediaModels.image",
        }
    ],
    "web": [
        {"at": "", "key": "web.enabled", "to": "channels.whatsapp.enabled"},
        {"at": "", "key": "web", "op": "remove", "note": "enabled is channels.whatsapp.enabled"},
    ],
    "media": [
        {
            "at": "", "key": "media", "to": "attachments", "of": "object", "conflict": "fill",
            "taken": "object",
        }
    ],
    "canvasHost": [
        {
            "at": "", "key": "canvasHost.enabled",
            "to": "plugins.entries.canvas.config.host.enabled",
            "fills": {"plugins.entries.canvas.enabled": True},
        },
        {
            "at": "", "key": "canvasHost", "op": "remove",
            "note": "enabled is plugins.entries.canvas.config.host.enabled",
        },
    ],
    "cron.failureDestination": [
        {
            "at": "cron", "key": "failureDestination", "to": "failureAlert", "of": "object",
            "conflict": "fill", "taken": "object",
        }
    ],
    "session.idleMinutes": [
        {
            "at": "session", "key": "idleMinutes", "to": "reset.idleMinutes", "beside": "reset",
            "taken": "number",
        },
        {
            "at": "session", "key": "idleMinutes", "to": "reset.idleMinutes",
            "fills": {"reset.mode": "idle"}, "note": 'with reset.mode: "idle"',
        },
    ],
    "session.maintenance.pruneDays": [
        {
            "at": "session.maintenance", "key": "pruneDays", "to": "pruneAfter", "of": "number",
            "form": "{}d",
            "note": 'a text with its unit: "30d"',
        }
    ],
    "discovery.wideArea.{enabled=false,domain}": [
        {"at": "discovery.wideArea", "key": "domain", "op": "remove"}
    ],
    "diagnostics.otel.protocol = grpc": [],
    "agents.defaults.sandbox.browser.network = none": [],
    "gateway.bind non-loopback without controlUi.allowedOrigins": [],
    "gateway.port > 65535": [],
    "plugins.entries.openai-codex": [
        {
            "at": "plugins.entries", "key": "openai-codex", "to": "openai", "of": "object",
            "conflict": "fill", "taken": "object",
        }
    ],
    "secretref-env:<VAR> strings": [],
    "messages.responsePrefix": [],
    "channels.defaults.heartbeat, channels.*.heartbeat": [
        {
            "at": ["channels.*", "channels.*.accounts.*"], "key": "heartbeat",
            "to": "heartbeatVisibility", "of": "object", "conflict": "fill", "taken": "object",
        }
    ],
    "bindings[].agentId unknown to agents": [],
    "session.sendPolicy.rules[].match.chatType = dm (also tools.media.*/tools.links scope)": [
        _rules("session.sendPolicy"),
        _rules("tools.links.scope"),
        *(_rules(f"tools.media.{kind}.scope") for kind in MEDIA),
    ],
    "audio (empty)": [],
    "diagnostics.otel.captureContent": [],
    "messages.queue.byChannel.*": [],
    "agents.defaults.sandbox.browser.binds": [],
    "agents.list[].sandbox.browser.binds": [],
    "agents.list[].tts.enabled": [],
    "tools.message.allowCrossContextSend": [
        {
            "at": "tools.message", "key": "allowCrossContextSend", "to": "crossContext",
            "of": "boolean", "conflict": "over", "taken": "object",
            "map": {
                "true": {"allowWithinProvider": True, "allowAcrossProviders": True}, "false": None,
            },
        }
    ],
    "session.resetByType.dm": [
        {
            "at": "session.resetByType", "key": "dm", "to": "direct", "of": "object",
            "conflict": "fill", "taken": "object",
        }
    ],
    "plugins.installs": [{"at": "plugins", **BY_HAND, "key": "installs"}],
    "plugins.entries.llm-task": [],
    "plugins.entries.llm-task.config.allowedModels": [],
    "browser.ssrfPolicy.hostnameAllowlist": [
        {
            "at": "browser.ssrfPolicy", "key": "hostnameAllowlist", "to": "allowedHostnames",
            "conflict": "join", "taken": "array",
        }
    ],
    "browser.ssrfPolicy.allowPrivateNetwork": [
        {
            "at": "browser.ssrfPolicy", "key": "allowPrivateNetwork",
            "to": "dangerouslyAllowPrivateNetwork", "conflict": "either",
        }
    ],
    "channels.bluebubbles": [{"at": "channels", **BY_HAND, "key": "bluebubbles"}],
    "channels.feishu.streaming": [],
    "channels.matrix.streaming": [],
    "channels.feishu.webhookPath": [],
    "channels.slack.thread.requireExplicitMention": [
        {
            "at": ["channels.slack", "channels.slack.accounts.*"],
            "key": "thread.requireExplicitMention", "to": "implicitMentions.threadParticipation",
            "of": "boolean", "map": {"true": False, "false": None},
        }
    ],
    "channels.discord.voice.tts.prefsPath": [
        {
            "at": ["channels.discord", "channels.discord.accounts.*"],
            "key": "voice.tts.prefsPath", "op": "remove",
        }
    ],
    "channels.signal.autoStart": [
        {
            "at": ["channels.signal", "channels.signal.accounts.*"], **BY_HAND, "key": key,
            "to": f"transport.{new}",
        }
        for key, new in CONNECTION.items()
    ],
    "channels.whatsapp.ackReaction": [
        {"at": "", **BY_HAND, "key": "channels.whatsapp.ackReaction", "to": "messages.ackReaction"}
    ],
}  # fmt: skip
"""The rows of observations that are said in words. Those without a row are about values, not keys;
the functions for them come with the command that migrates."""

COVERED = re.compile(
    r"tools\.media\..*(deepgram|chatType)|tools\.links\.scope|session\.sendPolicy\.rules"
    r"|memorySearch\.qmd\.|tts\.enabled$|voice-call\.config\.tts\.providers"
    r"|channels\.(signal\.(http|cliPath|startup|receive|ignore)|whatsapp\.ackReaction\.|qqbot|twitch)"
    r"|channels\.[a-z]+\.heartbeat$|spawn(Subagent|Acp)Sessions|diagnostics\.otel\.captureContent\."
    r"|diagnostics\.cacheTrace\.|allowedModels\[\]|channels\.feishu\.groupPolicy"
    r"|agents\.list\[\]\.memorySearch$"
)
"""Observations that a row above covers, or that are about values alone."""


SPEECH = ["tts", "agents.entries.*.tts"]
BOTH = ["channels.*", "channels.*.accounts.*"]
GROUPS = [
    f"channels.{name}{end}"
    for name in ("telegram", "whatsapp", "feishu", "mattermost")
    for end in ("", ".accounts.*")
]
FEISHU = ["channels.feishu", "channels.feishu.accounts.*"]
SIGNAL = ["channels.signal", "channels.signal.accounts.*"]
EXECS = ["tools.exec", "agents.entries.*.tools.exec"]
SPAWNS = ("spawnSubagentSessions", "spawnAcpSessions")
BROWSERS = ["agents.defaults.sandbox.browser", "agents.entries.*.sandbox.browser"]
SEARCHES = ["memory.search", "agents.entries.*.memory.search"]
POLICIES = ["tools", "agents.entries.*.tools", "tools.subagents.tools", "tools.sandbox.tools"]
POLICIES += ["agents.entries.*.tools.sandbox.tools", "tools.byProvider.*"]
JOINED = {"of": "array", "conflict": "join", "taken": "array"}
EMPTY = {"op": "remove", "map": {"{}": None}, "note": "it says nothing"}
LLM_TASK = {"llm.allowModelOverride": True, "llm.allowAuthProfileOverride": True}


def group(at: str | list[str], *rows: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows about the same objects."""
    return [{"at": at, **row} for row in rows]


def passed(new: str, *olds: str) -> list[dict[str, Any]]:
    """Rows that take keys away beside the one that counts."""
    row = {"op": "remove", "beside": new, "note": f"{new} wins"}
    return [{"key": old, **row} for old in olds]


def call(
    at: str | list[str], name: str, key: str = "", of: str = "", beside: str = ""
) -> list[dict[str, Any]]:
    """A row that calls a function."""
    row = {"call": name, "key": key, "of": of, "beside": beside}
    return group(at, {field: value for field, value in row.items() if value})


FIRST: list[list[dict[str, Any]]] = [
    group("agents", {"key": "list", **EMPTY, "map": {"[]": None}}),
    call("", "latest.roster", "agents.list", "array"),
    call("", "latest.transcription", "audio.transcription"),
    call("memory.qmd", "latest.paths"),
    group(
        "memory",
        {
            "key": "qmd.sessions.enabled",
            "to": "search.sources",
            "map": {"true": ["memory", "sessions"]},
            "fills": {"search.experimental.sessionMemory": True},
            "prune": True,
        },
        {"key": "qmd.paths", **EMPTY, "map": {"[]": None}, "since": "2026.8.1"},
        {
            "key": "qmd.paths",
            "to": "search.extraPaths",
            **JOINED,
            "prune": True,
            "since": "2026.8.1",
        },
        {"key": "qmd.sessions", "op": "remove"},
        {
            "key": "qmd.*",
            "op": "remove",
            "note": "the qmd backend is gone, nothing wins",
            "prune": True,
        },
        {"key": "qmd", "op": "remove", "of": "object", "since": "2026.8.1"},
    ),
    call("", "earlier.skill"),
    group(
        "diagnostics.otel",
        *(
            {"key": "captureContent", "op": "value", "of": "object", **row}
            for row in ({"like": r"\{ (?:\w+: \w+, )*\w+: true\b", "form": True}, {"form": False})
        ),
        {
            "key": "protocol",
            "op": "remove",
            "map": {"grpc": None},
            "sets": {"enabled": False},
            "loses": True,
            "note": "export is switched off",
        },
    ),
    group(
        "diagnostics.cacheTrace",
        *(
            {"key": key, "op": "remove", "fills": {"enabled": False}}
            for key in ("filePath", "includeMessages", "includePrompt", "includeSystem")
        ),
    ),
]
"""What comes before the rows: the roster, so that they meet its new places, and what joins keys."""

EXTRA: list[dict[str, Any]] = [
    {"at": "memory", "key": "backend", "op": "remove", "loses": True, "note": "qmd is gone"},
    {"at": "gateway", "key": "token", "op": "remove", "loses": True, "note": "auth.token counts"},
    {"at": "", "key": "audio", "op": "remove"},
    {
        "at": "plugins.entries", "key": "codex-supervisor.enabled",
        "to": "codex.config.supervision.enabled",
    },
    {
        "at": "plugins.entries", "key": "codex-supervisor", "op": "remove", "loses": True,
        "fills": {"codex.config.supervision.enabled": False},
        "note": "the plugin codex does it, by config.supervision",
    },
    *(
        {"at": "meta.migrations", "key": key, "op": "remove", "map": {"false": None}}
        for key in ("modelPolicyAllowlist", "utilityModelSeparation")
    ),
    {"at": "browser.profiles.*", "key": "color", "op": "remove"},
    {
        "at": ["channels.telegram", "channels.telegram.accounts.*"], "key": "requireMention",
        "to": "groups.*.requireMention",
    },
    {
        "at": ["channels.slack", "channels.slack.accounts.*"], "key": "capabilities",
        "of": "object", "op": "remove",
    },
    {"at": "attachments", "key": "preserveFilenames", "op": "remove"},
    {"at": "discovery", "key": "wideArea.enabled", "op": "remove"},
    {
        "at": "channels.whatsapp.accounts.*", "key": "debounceMs", "op": "remove", "loses": True,
        "note": "messages.inbound.byChannel.whatsapp is for all accounts",
    },
    *(
        {"at": [f"channels.{one}", f"channels.{one}.accounts.*"], "key": key, "op": "remove"}
        for one, key in (("slack", "socketMode"), ("googlechat", "actions"), ("discord", "ui"))
    ),
    {"at": "channels.feishu", "key": "heartbeatVisibility", "op": "remove"},
]  # fmt: skip
"""Rows that no observation has as such."""

BEFORE_REMOVALS: list[list[dict[str, Any]]] = [
    call([f"{one}.qmd" for one in SEARCHES], "latest.paths"),
    group(
        SEARCHES,
        {"key": "qmd.extraCollections", **EMPTY, "map": {"[]": None}},
        {"key": "qmd.extraCollections", "to": "extraPaths", **JOINED},
    ),
    group(
        MEDIA_MODELS,
        {
            "key": "deepgram",
            "to": "providerOptions.deepgram",
            "of": "object",
            "form": {},
            "conflict": "fill",
            "taken": "object",
            "since": "2026.8.1",
        },
    ),
    *(
        group(f"tools.media.{kind}.models[]", {"op": "write", "sets": {"capabilities": [kind]}})
        for kind in MEDIA
    ),
    group(
        "tools.media",
        *(
            {
                "key": f"{kind}.models",
                "to": "models",
                **JOINED,
                "conflict": "before",
                "prune": True,
                "note": f'each with capabilities: ["{kind}"]',
                "since": "2026.8.1",
            }
            for kind in ("video", "audio", "image")  # the last one comes first in the list
        ),
    ),
]

LAST: list[list[dict[str, Any]]] = [
    call("", "earlier.search", "tools.web.search"),
    group(
        "tools.web.search",
        {"key": "*", "but": ["openaiCodex"], **EMPTY},
        {"key": "provider", **EMPTY, "map": {"": None}, "fold": "exact"},
    ),
    call("", "latest.external_search", "tools.web.search"),
    group(
        "plugins.entries.llm-task",
        {
            "key": "config.allowedModels",
            "op": "remove",
            "map": {"[]": None},
            "fills": LLM_TASK,
        },
        {
            "key": "config.allowedModels[]",
            "op": "drop",
            "like": "[^/]*$",
            "loses": True,
            "note": "it has no provider",
        },
        {
            "key": "config.allowedModels",
            "to": "llm.allowedCompletionModels",
            "of": "array",
            "fills": LLM_TASK,
        },
    ),
    group(
        "plugins",
        {"key": "installs", **EMPTY},
        {
            "key": "installs",
            "op": "decide",
            "note": "the install records of plugins left the config ({names}):"
            " 2026.9.6 refuses them here",
            "choices": {"remove": "the records are removed; install the plugins again: {installs}"},
        },
    ),
    group(EXECS, *passed("mode", "security", "ask")),
    call(EXECS, "latest.exec_mode"),
    group(
        POLICIES,
        *(
            {"key": f"{key}[]", "op": "value", "map": {"image": "view_image"}}
            for key in ("allow", "deny", "alsoAllow")
        ),
    ),
    group(
        BROWSERS,
        {
            "key": "network",
            "op": "value",
            "map": {"none": "openclaw-sandbox-browser"},
            "fold": "exact",
            "sets": {"enabled": False},
            "note": "enabled is false now",
        },
    ),
    group(
        BROWSERS,
        {
            "key": "binds[]",
            "op": "decide",
            "of": "string",
            "like": r"(?!/|~|\$\{|.:[\\/]).",
            "note": "the host path of a bind must be absolute",
            "choices": {"remove": "the bind is removed"},
        },
    ),
    call("gateway", "latest.port"),
    group(
        "messages.queue",
        {
            "key": "byChannel.*",
            "op": "value",
            "fold": "exact",
            "map": {"steer-backlog": "followup", "steer+backlog": "followup", "queue": "steer"},
        },
    ),
    call("", "latest.response_prefix", "messages.responsePrefix"),
    group(
        [*(f"{one}.threadBindings" for one in BOTH), "session.threadBindings"],
        *passed("spawnSessions", *SPAWNS),
        *(
            {"key": key, "to": "spawnSessions", "of": "boolean", "conflict": "both"}
            for key in SPAWNS
        ),
    ),
    group(
        [*FEISHU, "channels.matrix", "channels.matrix.accounts.*"],
        {
            "key": "streaming",
            "op": "value",
            "of": "boolean",
            "map": {"true": {"mode": "partial"}, "false": {"mode": "off"}},
        },
        {"key": "streaming", "op": "value", "of": "string", "form": {"mode": "{}"}},
    ),
    group(
        FEISHU,
        *(
            {"key": f"streaming.block.coalesce.{key}", "op": "remove"}
            for key in ("enabled", "minDelayMs", "maxDelayMs")
        ),
        {
            "key": "groupPolicy",
            "op": "decide",
            "fold": "exact",
            "of": "string",
            "like": r"(?!(open|allowlist|disabled|allowall)$).*\S",
            "note": "{value} is no group policy of Feishu",
            "choices": {
                word: f"groupPolicy is {word}" for word in ("open", "allowlist", "disabled")
            },
        },
    ),
    call("", "latest.whatsapp_reaction", "channels.whatsapp"),
    group(
        ["channels.whatsapp", "channels.whatsapp.accounts.*"],
        {"key": "ackReaction", "op": "remove", "note": "messages.ackReaction wins"},
    ),
    group(SIGNAL, *passed("transport", *CONNECTION)),
    call(SIGNAL, "latest.signal"),
    group(
        "channels",
        {"key": "bluebubbles", **EMPTY},
        {
            "key": "bluebubbles",
            "op": "decide",
            "note": "the channel bluebubbles is gone, and none takes its place",
            "choices": {"remove": "the channel is removed with its settings"},
        },
    ),
    *(
        group(
            "",
            {
                "key": f"channels.{name}",
                "op": "write",
                "beside": f"channels.{name}",
                "fills": {f"plugins.entries.{name}.enabled": True},
                "note": f"{name} is a plugin of its own now:"
                f" openclaw plugins install @openclaw/{name}",
            },
        )
        for name in ("qqbot", "twitch")
    ),
    call("models.providers.*", "earlier.budget"),
    call("models.providers.*", "latest.ollama"),
    call("", "latest.primary"),
    call("", "latest.allowlist"),
    call("", "latest.refs"),
    call("auth", "latest.profiles"),
    call(BOTH, "latest.open_senders", "dmPolicy"),
    call(GROUPS, "latest.group_senders", "allowFrom"),
    group(
        POLICIES,
        {"key": "alsoAllow", "to": "allow", "of": "array", "conflict": "join", "beside": "allow"},
    ),
    call("hooks", "latest.handlers", "internal.handlers"),
    call("", "latest.compaction", "agents.defaults.compaction.model"),
    call("", "latest.inert"),
    call("", "latest.secret_texts"),
]
"""What comes after the rows."""


def steps(text: str) -> list[str]:
    """The steps of a pattern."""
    return text.replace("[]", ".[]").split(".") if text else []


def pattern(path: list[str]) -> str:
    """The text of a pattern."""
    return ".".join(path).replace(".[]", "[]")


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """The row of an observation that says where a key goes, or that it goes."""
    old, new = row["from"], row.get("to")
    new = new[0] if isinstance(new, list) else new
    for before, place in MOVED_OBJECTS.items():
        after = place.replace("agents.list[]", "agents.entries.*")
        if new and old.startswith(f"{before}.") and new.startswith(f"{after}."):
            new = before + new[len(after) :]
    source, target = (
        steps(old),
        steps(new.replace("agents.entries.*", "agents.list[]") if new else ""),
    )
    open_steps = [at for at, step in enumerate(source[:-1]) if step in ("*", "[]")]
    shared = open_steps[-1] + 1 if open_steps else 0
    if target and not open_steps:
        while source[: shared + 1] == target[: shared + 1] and shared + 1 < len(source):
            shared += 1
    elif not target:
        shared = len(source) - 1 - (source[-1] == "[]")
    if target and source[:shared] != target[:shared]:
        raise ValueError(f"write down the rows of {old}")
    made: dict[str, Any] = {"at": pattern(source[:shared]), "key": pattern(source[shared:])}
    if source == target:
        names = {json.loads(name): value for name, value in row["map"].items()}
        return {**made, "op": "value", "map": names}
    if row["transform"] == "map-value":
        values = [next(iter(pair.items())) for pair in row["map"]]
        made |= {
            "of": "boolean",
            "map": {key: json.loads(value[0].partition("=")[2]) for key, value in values},
        }
    if source[:1] == ["channels"] and len(source) > 2 and source[1] not in ("*", "defaults"):
        account = ["channels", source[1], "accounts", "*"]
        if shared > 1:
            made["at"] = [made["at"], pattern([*account, *source[2:shared]])]
    if target:
        conflict = "keep" if old.endswith("GenerationModel") else "fill"  # a model and its settings
        return {"conflict": conflict, **made, "to": pattern(target[shared:])}
    if values := row.get("onlyValues"):
        made["map"] = {json.dumps(value): None for value in values}
    return {**made, "op": "remove"}


def places(at: str | list[str]) -> list[str]:
    """The patterns of a row, with the new places of objects that move and the new roster."""
    found: list[str] = []
    for one in [at] if isinstance(at, str) else at:
        forms = [one]
        for before, after in MOVED_OBJECTS.items():
            if one == before or one.startswith((f"{before}.", f"{before}[")):
                forms.append(after + one[len(before) :])
        found += forms
        found += [form.replace("agents.list[]", "agents.entries.*") for form in forms]
    return list(dict.fromkeys(found))


def order(row: dict[str, Any]) -> tuple[bool, int]:
    """What moves an object before what is inside it, and removals last."""
    depth = max(len(steps(at)) for at in row["at"]) + len(steps(row["key"]))
    return is_late(row), depth


def is_late(row: dict[str, Any]) -> bool:
    """Whether a row is a removal that no move of the same key follows."""
    return row["op"] == "remove" and "beside" not in row


def identity(row: dict[str, Any]) -> str:
    """What tells a row from those that say the same."""
    return json.dumps((row["at"], row["key"], row.get("map") and row["op"], row.get("beside")))


BETWEEN = {
    "tools.codeMode.runtime": [
        {
            "at": ["tools.codeMode", "agents.entries.*.tools.codeMode"], "key": "runtime",
            "to": "executor", "map": {"quickjs-wasi": "quickjs"},
        }
    ],
    "skills.workshop.autonomous.enabled": [
        {
            "at": "skills.workshop.autonomous", "key": "enabled", "to": "mode",
            "map": {"false": "off", "true": None},
        }
    ],
    "channels.telegram.includeGroupHistoryContext": [
        {
            "at": ["channels.telegram", "channels.telegram.accounts.*"],
            "key": "includeGroupHistoryContext", "to": "historyLimit", "map": {"none": 0},
        },
        {
            "at": ["channels.telegram", "channels.telegram.accounts.*"],
            "key": "includeGroupHistoryContext", "op": "remove",
        },
    ],
}  # fmt: skip
"""Keys that only releases between the two have, where an example does not say all."""


def leaves(value: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """The values of an example that are no objects, by their paths."""
    if not isinstance(value, dict):
        return {path: value}
    return {k: v for key, item in value.items() for k, v in leaves(item, (*path, key)).items()}


def between(file: str) -> list[dict[str, Any]]:
    """The rows of keys that only releases between the two have, out of one example each."""
    with open(file, encoding="utf-8") as text:
        facts = json.load(text)["rows"]
    made: list[dict[str, Any]] = []
    for fact in facts:
        name = fact["key"].replace("agents.list[]", "agents.entries.*")
        if fact["acceptedBy96"] or COVERED_BETWEEN.search(name):
            continue
        if name in BETWEEN:
            made += BETWEEN[name]
            continue
        where, out = steps(name), leaves(fact["out"])
        value = fact["in"]
        if "list" in value.get("agents", ()):
            value = {"agents": {"entries": {"main": value["agents"]["list"][0]}}}
        for step in where:
            value = next(iter(value.values())) if step == "*" else value[step]
        added = [path for path, item in out.items() if item == value and path[0] == where[0]]
        row: dict[str, Any] = {"at": pattern(where[:-1]), "key": where[-1]}
        if name == "audit":
            row["to"] = "logging.audit"
        elif added and len(added[0]) >= len(where):
            row["to"] = ".".join(added[0][len(where) - 1 :])
            row["conflict"] = "fill"
        else:
            row["op"] = "remove"
        made.append(row)
    return made


COVERED_BETWEEN = re.compile(
    r"qmd|emojis|connect|timeout$|ssl_verify|client_|supports_|captureContent|qqbot|channels.signal"
    r"|tools\.message$|agents.entries.*codeMode.runtime|telegram.accounts.*includeGroup"
)


def main(migrations: str, releases: str, between_keys: str) -> None:
    """Write the rows."""
    with open(migrations, encoding="utf-8") as file:
        facts = json.load(file)
    with open(releases, encoding="utf-8") as file:
        by_release = json.load(file)
    since = {move["from"]: move.get("refusedSince") for move in by_release["moves"]}
    after = dict(zip(by_release["releases"], by_release["releases"][1:], strict=False))
    gone = {
        key: after.get(group["until"]) for group in by_release["groups"] for key in group["keys"]
    }
    rows: dict[str, dict[str, Any]] = {}
    for fact in (*facts["rows"], *facts["channelsAndPlugins"]):
        name = fact["from"]
        if name in WRITTEN:
            made = WRITTEN[name]
        elif COVERED.search(name) or (fact["transform"] == "manual" and not fact.get("to")):
            continue
        else:
            made = [plain(fact)]
        for one in made:
            first = since.get(name) or gone.get(
                ".".join(filter(None, (places(one["at"])[0], one["key"])))
            )
            row = {"op": "move", **one, "at": places(one["at"])}
            if name in LOSES and row["op"] == "remove":
                row["loses"] = True
            if first not in (None, FROM) and "beside" not in row:
                row["since"] = first
            rows.setdefault(identity(row), row)
    for one in (*between(between_keys), *EXTRA):
        row = {"op": "move", **one, "at": places(one["at"])}
        rows.setdefault(identity(row), row)
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(rows.values(), key=order):
        roots = {steps(at or row["key"])[0] for at in row["at"]}
        groups.setdefault(" ".join(sorted(roots)), []).append(row)
    write(groups)


def write(groups: dict[str, list[dict[str, Any]]]) -> None:
    """Write the file, a row a line."""
    removals = {name: [row for row in rows if is_late(row)] for name, rows in groups.items()}
    kept = {name: [row for row in rows if not is_late(row)] for name, rows in groups.items()}
    lines = []
    for rows in (*FIRST, *kept.values(), *BEFORE_REMOVALS, *removals.values(), *LAST):
        for row in rows:
            at = row["at"]
            at = at[0] if isinstance(at, list) and len(at) == 1 else at
            kept_fields = {k: v for k, v in row.items() if k != "at" and (k, v) != ("op", "move")}
            lines.append("  " + json.dumps({"at": at, **kept_fields}, ensure_ascii=False))
    head = f'{{\n "from": "{FROM}", "version": "{TO}",\n "rows": [\n'
    text = head + ",\n".join(lines) + "\n ]\n}\n"
    with open(f"schema/migrations/{TO}.json", "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
