"""Rules about talk."""

from __future__ import annotations

from collections.abc import Iterator

from openclaw_config.diagnostics.model import ERROR, Diagnostic, Fix
from openclaw_config.diagnostics.rules import Rule
from openclaw_config.syntax.nodes import StringNode
from openclaw_config.syntax.scanner import trim
from openclaw_config.validation.config import Config, check
from openclaw_config.validation.issues import SCHEMA
from openclaw_config.validation.suggest import nearest

TALK_PROVIDER = Rule(
    name="talk-provider",
    severity=ERROR,
    summary="talk.provider does not choose one of talk.providers.",
    why=(
        "When talk.providers configures providers, talk.provider has to name one of them, in lower"
        " case; with a single one it may be left out."
    ),
    bad=(
        '{ talk: { provider: "openai",'
        ' providers: { elevenlabs: { apiKey: "${ELEVENLABS_API_KEY}" } } } }'
    ),
    good=(
        '{ talk: { provider: "elevenlabs",'
        ' providers: { elevenlabs: { apiKey: "${ELEVENLABS_API_KEY}" } } } }'
    ),
    blocks=True,
    source="talk-provider-known, talk-provider-required",
)


@check(SCHEMA, "talk")
def talk_provider(config: Config) -> Iterator[Diagnostic]:
    """talk-provider-known and talk-provider-required."""
    providers = config.object("talk", "providers")
    if providers is None or not providers.index or not config.sound(("talk",)):
        return
    names = list(providers.index)
    helps = (f"configured: {', '.join(names)}",)
    path = ("talk", "provider")
    chosen = config.get(*path)
    if isinstance(chosen, StringNode) and (trim(chosen.value) or chosen.assumed):
        if not chosen.assumed and trim(chosen.value).lower() not in names:
            from openclaw_config.validation import edits

            near = nearest(chosen.value, names)
            change = edits.reword(chosen, near) if near else None
            yield TALK_PROVIDER.at(
                chosen.location,
                "talk.provider is not one of talk.providers",
                path,
                label=f'did you mean "{near}"?' if near else "",
                helps=helps,
                fix=Fix(f'write "{near}"', change, safe=False) if change else None,
            )
    elif len(names) > 1:
        yield TALK_PROVIDER.at(
            config.key(("talk", "providers")),
            "talk.provider must say which of talk.providers to use",
            path,
            helps=helps,
        )
