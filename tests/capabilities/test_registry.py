"""What OpenClaw knows by name: LOAD-05, LOAD-33, LOAD-34, MODEL-01, MODEL-30, AUTH-10, AUTH-20."""

from __future__ import annotations

import pytest

from openclaw_config import registry


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (" OpenRouter ", "openrouter"),
        ("z.ai", "zai"),
        ("Z-AI", "zai"),
        ("modelstudio", "qwen"),
        ("qwencloud", "qwen"),
        ("bedrock", "amazon-bedrock"),
        ("aws-bedrock", "amazon-bedrock"),
        ("bytedance", "volcengine"),
        ("doubao", "volcengine"),
        ("opencode-zen", "opencode"),
        ("kimi-code", "kimi"),
        ("kimi-coding", "kimi"),
        ("nobody", "nobody"),
    ],
)
def test_provider_ids_of_chat_refs(written: str, name: str) -> None:
    # MODEL-01
    assert registry.canonical_provider(written) == name


@pytest.mark.parametrize(
    ("surface", "written", "name"),
    [
        ("speech", "edge", "microsoft"),  # TTS-30
        ("video", "openai-codex", "openai"),
        ("video", "z.ai", "z.ai"),  # MODEL-30: none of chat's aliases
        ("image", "OpenRouter", "openrouter"),
    ],
)
def test_provider_ids_of_surfaces(surface: str, written: str, name: str) -> None:
    assert registry.surface_provider(surface, written) == name


def test_openrouter() -> None:
    # AUTH-10, HTTP-01
    found = registry.provider("openrouter")
    assert found is not None
    assert found.key_variables == ("OPENROUTER_API_KEY",)
    assert found.base_urls == ("https://openrouter.ai/api/v1",)
    assert found.api == "openai-completions"
    assert set(found.surfaces) >= {"chat", "image", "video", "speech"}
    assert found.keyless is None


def test_a_provider_without_a_key() -> None:
    found = registry.provider("ollama")
    assert found is not None
    assert found.keyless is not None
    assert found.keyless.marker == "ollama-local"
    assert registry.provider("Ollama") is None


def test_defaults() -> None:
    # MODEL-07
    assert registry.default_ref() == ("openai", "gpt-5.5")
    assert registry.default_aliases()["opus"] == "anthropic/claude-opus-4-7"
    assert registry.target() == "2026.4.29"


@pytest.mark.parametrize("name", ["NODE_OPTIONS", "path_x".upper(), "OPENROUTER_API_KEY", "PATH"])
def test_names_with_their_verdict_do_not_depend_on_case(name: str) -> None:
    assert registry.blocked_in_env_block(name) == registry.blocked_in_env_block(name.lower())


@pytest.mark.parametrize(
    ("name", "in_block", "in_workspace"),
    [
        # LOAD-33: the env block, and with it a workspace file
        ("NODE_OPTIONS", True, True),
        ("ld_preload", True, True),
        ("HTTPS_PROXY", True, True),
        ("NPM_CONFIG_REGISTRY", True, True),
        # LOAD-05: a workspace file only
        ("OPENAI_API_KEY", False, True),
        ("OPENCLAW_ANYTHING", False, True),
        ("openai_base_url", False, True),
        ("MATRIX_HOMESERVER", False, True),
        # neither
        ("OPENROUTER_API_KEY", False, False),
        ("PATH", False, False),
        ("LD", False, False),
    ],
)
def test_blocked_names(name: str, in_block: bool, in_workspace: bool) -> None:
    assert registry.blocked_in_env_block(name) is in_block
    assert registry.blocked_in_workspace_file(name) is in_workspace


def test_what_the_login_shell_may_bring() -> None:
    # LOAD-34
    names = registry.shell_import_names()
    assert {"OPENROUTER_API_KEY", "TELEGRAM_BOT_TOKEN", "OPENCLAW_GATEWAY_TOKEN"} <= names
    assert "PATH" not in names
    for name in registry.provider_ids():
        found = registry.provider(name)
        assert found is not None
        assert names >= set(found.key_variables)


@pytest.mark.parametrize("value", ["secretref-managed", "custom-local", "ollama-local", "oauth:x"])
def test_markers_are_no_keys(value: str) -> None:
    # AUTH-20
    assert registry.is_key_marker(value)


def test_other_texts_in_a_keys_place() -> None:
    # AUTH-20, AUTH-23
    assert not registry.is_key_marker("sk-or-1")
    assert "OPENROUTER_API_KEY" in registry.key_variable_names()
    assert "AWS_PROFILE" in registry.key_variable_names()
    assert "TELEGRAM_BOT_TOKEN" not in registry.key_variable_names()
    assert registry.is_header_marker("secretref-env:X")
    assert not registry.is_header_marker("x")
    assert registry.redacted_placeholder() == "__OPENCLAW_REDACTED__"


def test_channels() -> None:
    assert registry.channel_aliases()["lark"] == "feishu"
    telegram = registry.channel("telegram")
    assert telegram is not None
    assert telegram.variables == ("TELEGRAM_BOT_TOKEN",)
    assert registry.channel("webchat") is None
    assert registry.internal_channel() == "webchat"
    assert registry.reserved_channel_keys() == ("defaults", "modelByChannel")
    assert registry.heartbeat_targets() == ("last", "none")
    for name in registry.channel_ids():
        assert registry.plugin(name) is not None


def test_plugins() -> None:
    memory = registry.plugin("memory-core")
    assert memory is not None
    assert (memory.kind, memory.on) == ("memory", False)
    assert registry.memory_slot_ids() == ("memory-core", "memory-lancedb")
    assert registry.memory_slot_off() == "none"
    assert registry.slot_default("contextEngine") == "legacy"
    assert registry.canonical_plugin("minimax-portal-auth") == "minimax"
    assert registry.canonical_plugin("openrouter") == "openrouter"
    assert "google-gemini-cli-auth" in registry.removed_plugin_ids()
    assert registry.plugin_of_command("voice") == "talk-voice"
    assert registry.plugin_of_command("nothing") is None
    assert all(registry.plugin(name) for name in registry.plugin_ids())


def test_every_provider_belongs_to_a_plugin_that_exists() -> None:
    plugins = set(registry.plugin_ids())
    for name in registry.provider_ids():
        found = registry.provider(name)
        assert found is not None
        assert not found.plugin or found.plugin in plugins


def test_endpoints() -> None:
    # HTTP-02
    by_name = {endpoint.name: endpoint for endpoint in registry.endpoints()}
    assert by_name["openrouter"].host_suffixes == ("openrouter.ai",)
    assert registry.is_own_host("openrouter", "eu.openrouter.ai")
    assert not registry.is_own_host("openrouter", "notopenrouter.ai")


def test_other_aliases() -> None:
    assert registry.credential_provider("volcengine-plan") == "volcengine"
    assert registry.credential_provider("openrouter") == "openrouter"
    assert registry.runtime_alias("claude-cli") == ("anthropic", "claude-cli")
    assert registry.runtime_alias("openrouter") is None
    assert registry.removed_provider("qwen-portal") == "qwen"
    assert registry.removed_provider("qwen") is None


def test_web_search() -> None:
    perplexity = registry.web_search("perplexity")
    assert perplexity is not None
    assert perplexity.key_variables == ("PERPLEXITY_API_KEY", "OPENROUTER_API_KEY")
    assert registry.web_search("nobody") is None
    assert registry.web_search_ids()[0] == "brave"


def test_dangerous_flags() -> None:
    flags = {flag.path: flag.value for flag in registry.dangerous_flags()}
    assert flags["tools.fs.workspaceOnly"] is False
    assert flags["gateway.controlUi.allowInsecureAuth"] is True
