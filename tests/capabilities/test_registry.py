"""What OpenClaw knows by name: LOAD-05, LOAD-33, LOAD-34, MODEL-01, MODEL-30, AUTH-10, AUTH-20."""

from __future__ import annotations

import pytest

from openclaw_config import registry

OLD, NEW = "2026.4.29", "2026.9.6"


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
    assert registry.canonical_provider(OLD, written) == name


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
    assert registry.surface_provider(OLD, surface, written) == name


def test_openrouter() -> None:
    # AUTH-10, HTTP-01
    found = registry.provider(OLD, "openrouter")
    assert found is not None
    assert found.keys == ("OPENROUTER_API_KEY",)
    assert found.base_urls == ("https://openrouter.ai/api/v1",)
    assert found.api == "openai-completions"
    assert set(found.surfaces) >= {"chat", "image", "video", "speech"}
    assert found.keyless == ""


def test_a_provider_without_a_key() -> None:
    found = registry.provider(OLD, "ollama")
    assert found is not None
    assert found.keyless
    assert registry.provider(OLD, "Ollama") is None


def test_defaults() -> None:
    # MODEL-07
    assert registry.default_ref(OLD) == ("openai", "gpt-5.5")
    assert registry.default_aliases(OLD)["opus"] == "anthropic/claude-opus-4-7"


@pytest.mark.parametrize("name", ["NODE_OPTIONS", "path_x".upper(), "OPENROUTER_API_KEY", "PATH"])
def test_names_with_their_verdict_do_not_depend_on_case(name: str) -> None:
    assert registry.blocked_in_env_block(OLD, name) == registry.blocked_in_env_block(
        OLD, name.lower()
    )


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
    assert registry.blocked_in_env_block(OLD, name) is in_block
    assert registry.blocked_in_workspace_file(OLD, name) is in_workspace


def test_what_the_login_shell_may_bring() -> None:
    # LOAD-34
    names = registry.shell_import_names(OLD)
    assert {"OPENROUTER_API_KEY", "TELEGRAM_BOT_TOKEN", "OPENCLAW_GATEWAY_TOKEN"} <= names
    assert "PATH" not in names
    for name in registry.provider_ids(OLD):
        found = registry.provider(OLD, name)
        assert found is not None
        assert names >= set(found.keys)


@pytest.mark.parametrize("value", ["secretref-managed", "custom-local", "ollama-local", "oauth:x"])
def test_markers_are_no_keys(value: str) -> None:
    # AUTH-20
    assert registry.is_key_marker(OLD, value)


def test_other_texts_in_a_keys_place() -> None:
    # AUTH-20, AUTH-23
    assert not registry.is_key_marker(OLD, "sk-or-1")
    assert "OPENROUTER_API_KEY" in registry.key_variable_names(OLD)
    assert "AWS_PROFILE" in registry.key_variable_names(OLD)
    assert "TELEGRAM_BOT_TOKEN" not in registry.key_variable_names(OLD)
    assert registry.REDACTED == "__OPENCLAW_REDACTED__"


def test_channels() -> None:
    assert registry.channel_aliases(OLD)["lark"] == "feishu"
    assert "telegram" in registry.channel_ids(OLD)
    assert "webchat" not in registry.channel_ids(OLD)
    assert registry.reserved_channel_keys(OLD) == ("defaults", "modelByChannel")
    assert registry.heartbeat_targets(OLD) == ("last", "none")
    assert set(registry.channel_ids(OLD)) <= set(registry.plugin_ids(OLD))


def test_plugins() -> None:
    assert registry.slot(OLD, "memory")["ids"] == ["memory-core", "memory-lancedb"]
    assert registry.slot(OLD, "memory")["off"] == "none"
    assert registry.slot(OLD, "contextEngine")["default"] == "legacy"
    assert registry.canonical_plugin(OLD, "minimax-portal-auth") == "minimax"
    assert registry.canonical_plugin(OLD, "openrouter") == "openrouter"
    assert "google-gemini-cli-auth" in registry.removed_plugin_ids(OLD)
    assert registry.plugin_of_command(OLD, "voice") == "talk-voice"
    assert registry.plugin_of_command(OLD, "nothing") is None


def test_endpoints() -> None:
    # HTTP-02
    by_plugin = {endpoint["plugin"]: endpoint for endpoint in registry.endpoints(OLD)}
    assert by_plugin["openrouter"]["hostSuffixes"] == ["openrouter.ai"]
    assert registry.owners(OLD, "eu.openrouter.ai") == ["openrouter"]
    assert registry.owners(OLD, "notopenrouter.ai") == []


def test_other_aliases() -> None:
    assert registry.runtime_alias(OLD, "claude-cli") == ("anthropic", "claude-cli")
    assert registry.runtime_alias(OLD, "openrouter") is None
    assert registry.removed_provider(OLD, "qwen-portal") == "qwen"
    assert registry.removed_provider(OLD, "qwen") is None


def test_web_search() -> None:
    assert registry.web_search(OLD)["perplexity"] == "perplexity"
    assert "nobody" not in registry.web_search(OLD)
    assert next(iter(registry.web_search(OLD))) == "brave"


# --- the other releases -------------------------------------------------------------------------


def test_the_newest_release() -> None:
    assert registry.default_ref(NEW) == ("openai", "gpt-6-astra")  # MODEL-07
    assert registry.default_aliases(NEW)["opus"] == "anthropic/claude-opus-5"  # LOAD-43
    assert registry.canonical_provider(NEW, " Z.AI ") == "z.ai"  # MODEL-01
    assert "discord" not in registry.plugin_ids(NEW)  # LOAD-55
    assert "discord" in registry.channel_ids(NEW)
    assert "bluebubbles" not in registry.channel_ids(NEW)
    assert "owner" in registry.heartbeat_targets(NEW)
    assert "TELEGRAM_BOT_TOKEN" in registry.shell_import_names(NEW)
    openrouter = registry.provider(NEW, "openrouter")
    assert openrouter is not None
    assert openrouter.keys == ("OPENROUTER_API_KEY",)


@pytest.mark.parametrize(
    ("name", "in_block", "in_workspace"),
    [
        ("OPENCLAW_INCLUDE_ROOTS", True, True),  # LOAD-33
        ("CARGO_TARGET_X86_LINKER", True, True),
        ("OPENROUTER_API_KEY", False, True),  # LOAD-05
        ("my_endpoint", False, True),
        ("GIT_DISABLE_TLS", False, True),
        ("NO_DANGEROUSLY_X", False, True),
        ("UNDANGEROUSLY", False, False),
    ],
)
def test_names_that_the_newest_release_blocks(
    name: str, in_block: bool, in_workspace: bool
) -> None:
    assert registry.blocked_in_env_block(NEW, name) is in_block
    assert registry.blocked_in_workspace_file(NEW, name) is in_workspace


@pytest.mark.parametrize(
    ("release", "channel", "there"),
    [
        ("2026.5.7", "bluebubbles", True),
        ("2026.5.12", "bluebubbles", False),
        ("2026.5.28", "clickclack", True),
        ("2026.7.35", "qqbot", True),
        ("2026.8.1", "qqbot", False),
        ("2026.8.1", "reef", True),
    ],
)
def test_channels_by_release(release: str, channel: str, there: bool) -> None:
    assert (channel in registry.channel_ids(release)) is there
