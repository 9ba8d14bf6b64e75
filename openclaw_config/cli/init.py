"""Write a first config: from options, from questions, or from what the environment allows."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from openclaw_config.cli import command, parameters
from openclaw_config.cli.command import STDIN
from openclaw_config.cli.parameters import option
from openclaw_config.onboarding import PROVIDER, SURFACES, Starter, first_config, of_environment
from openclaw_config.targets import choose

_KINDS = {"image": "pictures", "video": "videos", "music": "music", "speech": "spoken replies"}
_REF: dict[str, Any] = {"is_flag": False, "flag_value": ""}
# An option whose value may be left out.


@parameters.command("init", "Write a first config, with comments.")
@option("--provider NAME", "Who answers.", default=PROVIDER, show_default=True)
@option("--model REF", "The chat model; without it the provider's usual one.", default="")
@option("--image [REF]", "Make pictures, with this model or the provider's usual one.", **_REF)
@option("--video [REF]", "Make videos.", **_REF)
@option("--music [REF]", "Make music.", **_REF)
@option("--speech [PROVIDER]", "Speak replies.", **_REF)
@option("--key", "Write where the provider's key comes from, as ${NAME}.")
@option("--gateway-token", "The gateway asks for the token in OPENCLAW_GATEWAY_TOKEN.")
@option("--from-env", "Take the providers whose key variables are set in this shell.")
@parameters.target_option
@option("-o, --output FILE", "Write to this file; without it to standard output.", default=STDIN)
@option("--force", "Replace the file if it is there.")
def init_command(target: str, output: str, force: bool, from_env: bool, **given: Any) -> int:
    """Write a first config, with comments.

    Every part is explained where it stands, and no secret is written: keys come from variables. On
    a terminal and without options it asks what is wanted. Nothing is replaced without '--force';
    by default the config goes to standard output.

    For example:
      init --video --speech  # OpenRouter, that also makes videos and speaks
      init --from-env --output ~/.openclaw/openclaw.json  # what the keys in this shell allow
      init --provider openai --model openai/gpt-5.5 --image --target 2026.4.29  # for an older one
    """
    chosen = [name for name in given if parameters.was_given(name)]
    release = choose(target).target
    if from_env and chosen:
        raise click.UsageError("'--from-env' goes without options that choose.")
    if from_env:
        asked, uses = of_environment(release.release, os.environ)
        for variable, what in uses.items():
            parameters.remark(f"{variable} is set: {', '.join(what)}")
    else:
        if not chosen and sys.stdin.isatty() and sys.stderr.isatty():
            given |= _answers()
        surfaces = {name: given.pop(name) for name in SURFACES}
        wanted = {name: ref for name, ref in surfaces.items() if ref is not None}
        asked = Starter(surfaces=wanted, **given)
    text = first_config(release, asked)
    if output == STDIN:
        command.write(text)
        return command.FINE
    if not force and os.path.lexists(output):
        command.say(f"{output}: is there already; '--force' replaces it")
        return command.FINDINGS
    command.write_file(output, text.encode())
    parameters.remark(f"{output}: written; now 'openclaw-config env {output}' says what it needs")
    return command.FINE


def _answers() -> dict[str, Any]:
    """What a person at the terminal wants."""
    ask: dict[str, Any] = {"err": True}
    provider = click.prompt("Provider", default=PROVIDER, **ask)
    model = click.prompt("Chat model (empty: its usual one)", default="", show_default=False, **ask)
    answers: dict[str, Any] = {"provider": provider, "model": model}
    for surface, kind in _KINDS.items():
        answers[surface] = "" if click.confirm(f"Also {kind}?", **ask) else None
    return answers
