"""The commands that read and change keys of a config, or write a first config."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import click

from openclaw_config import changes, explain, onboarding
from openclaw_config.cli import command, parameters
from openclaw_config.cli.parameters import format_option, option
from openclaw_config.diagnostics.display import printable
from openclaw_config.diagnostics.formats import rows
from openclaw_config.diagnostics.masking import masked
from openclaw_config.diagnostics.model import in_order, key_path_text
from openclaw_config.files import read_regular
from openclaw_config.lint.options import Target
from openclaw_config.loading.load import MAX_BYTES, Document
from openclaw_config.syntax.nodes import to_value
from openclaw_config.targets import choose
from openclaw_config.view.settings import SOURCES

SURFACES = ("chat", "image", "video", "music", "vision")
"""What ``models`` chooses a model for."""

VERSION = 1
"""The version of the JSON shapes. They grow by new keys only."""

config_option = option(
    "--config FILE", "The config, '-' for standard input; else the one that OpenClaw would load."
)
writing_options = parameters.together(
    config_option,
    option("--dry-run", "Write nothing, and show what would change."),
    option(
        "--if-unchanged HASH",
        "Write nothing if the config has another hash by now; 'get' and 'set' give it as JSON.",
        default="",
    ),
    format_option("text", "json"),
)
change_options = parameters.together(writing_options, parameters.environment_options)


@parameters.command("get", "Print the value of a key, as it is written.")
@click.argument("path")
@config_option
@format_option("text", "json")
@parameters.environment_options
def get_command(path: str, config: str | None, form: str) -> int:
    """Print the value of a key, as it is written: variables are not put in.

    PATH is a key path: agents.list[0].model or agents.list.0.model; a key that has dots in it is
    quoted, models.providers["my.proxy"]. A text is printed as it is, anything else as JSON. What
    may be a secret is masked. With --format json also says where the value stands, and the hash
    of the config for --if-unchanged. The exit code is 1 when the key is not set.

    For example:
      get agents.defaults.model  # a value
      get 'agents.defaults.models["openrouter/auto"].alias'  # under a key with odd signs
      get agents.defaults.model --format json  # for a program
    """
    state = changes.change(**parameters.arguments(_config(config)))
    if state.errors:
        command.say_findings([state.before])
        return command.FINDINGS
    found = state.get(path)
    shown, steps = (found.shown, found.path) if found else (None, ())
    value = {
        "version": VERSION,
        "file": state.name,
        "path": masked(key_path_text(steps) if found else path),
        "keyPath": [masked(it) if isinstance(it, str) else it for it in steps] if found else None,
        "set": found is not None,
        "value": shown,
        "masked": found is not None and shown != found.value,
        "place": explain.place_of(found.node.location) if found else None,
        "hash": state.hash,
    }
    command.write_answer(form, value, _value_text(shown) if found else "")
    if found is not None:
        return command.FINE
    command.say(_not_set(path, state))
    return command.FINDINGS


def _value_text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    return "\n".join(map(printable, text.split("\n"))) + "\n"


def _not_set(path: str, state: changes.Changed) -> str:
    document = state.before.document
    release = "" if document is None else document.release
    close = explain.nearest_key(explain.read_key_path(path), release)
    return f"{masked(path)} is not set{command.did_you_mean(close)}"


@parameters.command("set", "Set keys of a config, and check it first.")
@click.argument("path", required=False)
@click.argument("value", required=False)
@option("--string", "VALUE is a text, whatever it looks like.", dest="as_text")
@option("--ref SOURCE:NAME", "In place of VALUE: a reference to a secret, such as env:MY_KEY.")
@option("--append", "VALUE is one more item of the list.")
@option("--merge", "VALUE is merged into what is there: null removes a key (RFC 7396).")
@option(
    "--patch FILE",
    "In place of PATH and VALUE: several changes, as a JSON object to merge (RFC 7396) or a list"
    " of operations (RFC 6902); '-' for standard input.",
)
@option("--allow-literal-secret", "Write a secret that stands on the command line.", dest="literal")
@change_options
def set_command(path: str | None, value: str | None, **given: Any) -> int:
    """Set keys of a config, in the file in which they stand, and keep its comments and layout.

    PATH is a key path, as in 'get'. VALUE is JSON5; a word that is none is a text, as 'openclaw
    config set' takes it. A new key goes where the schema has it. The result is checked before it
    is written: what would not load is not written, and the exit code is 1. Says which requests
    change. A secret on the command line is refused, since others see it there: use --ref.

    For example:
      set agents.defaults.model openrouter/auto  # a text
      set gateway '{ port: 18790, bind: "loopback" }' --merge  # some keys of an object
      set agents.defaults.model.fallbacks openrouter/free --append  # one more item
      set gateway.auth.token --ref env:GATEWAY_TOKEN  # a secret
      set --patch changes.json --dry-run  # several changes; show what they come to
    """
    as_text, ref, patch = given["as_text"], given["ref"], given["patch"]
    append, merge = given["append"], given["merge"]
    if sum((as_text, ref is not None, patch is not None)) > 1 or (append and merge):
        raise click.UsageError("of --string, --ref and --patch, and of --append and --merge, one")
    if patch is not None:
        if path is not None or append or merge:
            raise click.UsageError("--patch takes the place of PATH, VALUE, --append and --merge")
        return _change(_patch(patch, given["config"]), given)
    if path is None or (value is None) is (ref is None):
        raise click.UsageError("a PATH is needed, and a VALUE or --ref")
    kind = changes.Append if append else changes.Merge if merge else changes.Set
    operation = kind(path, _ref(ref) if ref is not None else _value(value or "", as_text))
    return _change([operation], given, None if given["literal"] else operation)


@parameters.command("unset", "Remove keys from a config, and check it first.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@change_options
def unset_command(paths: tuple[str, ...], **given: Any) -> int:
    """Remove keys from a config; comments stay, and the result is checked before it is written.

    PATH is a key path, as in 'get'. A key that is not set is an error.

    For example:
      unset agents.defaults.heartbeat  # a key
      unset 'agents.list[2]'  # an item of a list
    """
    return _change([*map(changes.Unset, paths)], given)


@parameters.command("models", "Choose a model, as 'openclaw models set' does.")
@click.argument("action", type=click.Choice(("set", "add")))
@click.argument("ref", metavar="MODEL")
@parameters.agent_option
@parameters.choice_option("--surface", "What it is for; vision is to understand images.", *SURFACES)
@option("--alias NAME", "With 'add': a name for the model, and no fallback.", default="")
@change_options
def models_command(action: str, ref: str, agent: str, surface: str, **given: Any) -> int:
    """Choose a model: 'set' makes it the first one, 'add' one more to fall back to.

    Writes what 'openclaw models set' writes, and nothing else: no stamps in meta, and comments
    stay. Chat takes an alias too. Until 2026.7 the first entry in agents.defaults.models forbids
    all models that have none, so 'set' makes one there only beside others.

    For example:
      models set openrouter/auto  # for chat
      models set openrouter/moonshotai/kimi-k2.6 --agent work  # for one agent
      models set openrouter/google/veo-3.1-fast --surface video  # for videos
      models add openrouter/free  # one more to fall back to
      models add openrouter/moonshotai/kimi-k2.6 --alias kimi  # a name
    """
    if (alias := given["alias"]) and (action == "set" or agent or surface != SURFACES[0]):
        raise click.UsageError("--alias goes with 'add', for all agents' chat")
    made = partial(onboarding.add_model, alias=alias) if action == "add" else onboarding.set_model
    return _change(partial(made, ref=ref, agent=agent, surface=surface), given)


@parameters.command("auth", "Take a provider's key from a variable.")
@click.argument("action", type=click.Choice(("key",)))
@click.argument("provider")
@option("--env NAME", "The variable that has the key.", dest="variable", required=True)
@writing_options
def auth_command(action: str, provider: str, variable: str, **given: Any) -> int:
    """Take a provider's key from a variable, with the profile that 'openclaw onboard' names.

    The key itself is not written anywhere. A variable that OpenClaw reads for the provider by
    itself needs no more than the profile; one of another name is passed on in the env block, or
    replaces the key that the provider's own block has. 'models set' chooses a model.

    For example:
      auth key openrouter --env OPENROUTER_API_KEY  # the variable that OpenClaw reads by itself
      auth key openrouter --env WORK_KEY  # another one
    """
    return _change(lambda document: onboarding.set_key(document, provider, variable), given)


# --- what is asked for ----------------------------------------------------------------------------


def _config(config: str | None) -> Target:
    return command.configs(() if config is None else (config,))[0]


def _value(text: str, as_text: bool) -> Any:
    """VALUE as JSON5, or a text where it cannot be meant as that. Raises click.UsageError."""
    if as_text:
        return text
    import json5

    try:
        return json5.loads(text, allow_duplicate_keys=False)
    except (ValueError, RecursionError) as error:
        if text.lstrip()[:1] not in ("{", "[", '"', "'"):
            return text
        where = str(error).rpartition(" at ")[2] if " at column" in str(error) else ""
        place = f" ({where})" if where else ""
        message = f"VALUE is no JSON5{place}; with --string it is a text as it is"
        raise click.UsageError(message) from None


def _ref(text: str) -> changes.Ref:
    source, *rest = text.split(":", 2)
    if source not in SOURCES or not rest or not all(rest) or (source != "env" and not rest[1:]):
        raise click.UsageError("--ref takes env:NAME, or SOURCE:PROVIDER:ID of env, file or exec")
    return changes.Ref(source, rest[-1], rest[0] if len(rest) > 1 else "")


def _patch(file: str, config: str | None) -> Sequence[changes.Operation]:
    if file == command.STDIN == config:
        raise click.UsageError("standard input is either the config or the patch")
    try:
        data = sys.stdin.buffer.read() if file == command.STDIN else read_regular(file, MAX_BYTES)
    except (OSError, ValueError) as error:
        raise command.cannot("read", file, error) from error
    name = "<stdin>" if file == command.STDIN else file
    tree = command.parsed(data, name, place=None)
    try:
        if tree is not None and tree.root is not None:
            return changes.operations(to_value(tree.root))
    except changes.ChangeError as error:
        command.say(f"{name}: {error}")
    raise click.exceptions.Exit(command.FINDINGS)


# --- making it ------------------------------------------------------------------------------------


def _change(
    operations: Sequence[changes.Operation] | Callable[[Document], Sequence[changes.Operation]],
    options: dict[str, Any],
    checked: changes.Set | changes.Append | changes.Merge | None = None,
) -> int:
    """Make changes, and say what came of it; ``checked`` is the one whose value was typed."""
    item, form, dry_run = _config(options["config"]), options["form"], options["dry_run"]
    if item.text is not None and form == "json" and not dry_run:
        raise click.UsageError("of a config from standard input the result is its text")
    given = parameters.arguments(item)
    if not parameters.kept("env"):
        given["environment"] = None
    problem = ""
    try:
        state = changes.change(operations=operations, if_unchanged=options["if_unchanged"], **given)
    except changes.ChangeError as error:
        problem, state = str(error), changes.change(**given)
    if checked is not None and (secrets := state.secrets_in(checked)):
        raise click.UsageError(
            f"the value for {masked(secrets[0])} is a secret: on the command line others see it,"
            " and the shell keeps it. Put it into a variable and use --ref env:NAME;"
            " --allow-literal-secret writes it all the same"
        )
    if state.errors:
        problem = "it cannot be read, and is left as it is"
    elif state.texts and not state.after.loads:
        problem = _REFUSED
    if not problem and not dry_run:
        if item.text is None:
            problem = state.write()
        else:
            command.write_exact(state.text)
    if form == "json":
        command.write_value(_as_json(state, problem, dry_run))
    else:
        _show(state, dry_run, problem)
    return command.FINDINGS if problem else command.FINE


_REFUSED = (
    "OpenClaw would not load the result, so nothing is written; 'set --patch' changes several keys"
    " at once, and 'check --fix' what can be fixed"
)


def _show(state: changes.Changed, dry_run: bool, problem: str) -> None:
    """Say to a person what came of it: the result on stdout, the rest on stderr."""
    found = state.errors or (*state.found, *(state.standing if state.texts else ()))
    command.say_findings([state.after._replace(diagnostics=in_order(found, state.name))])
    if problem:
        command.say(f"{state.name}: {problem}")
    elif not state.texts:
        parameters.remark(f"{state.name}: nothing to change")
    elif not dry_run and state.path is not None:
        parameters.remark(f"{', '.join(source.name for source, _ in state.files)}: changed")
    if state.texts and dry_run:
        command.write(state.diff(command.style_of(sys.stdout)))
    if state.texts and not problem and (dry_run or state.path is not None):
        differences = state.requests()
        command.write("the requests differ:\n" if differences else "")
        for line in differences or ():
            command.write(f"  {printable(line)}\n")


def _as_json(state: changes.Changed, problem: str, dry_run: bool) -> dict[str, Any]:
    written = bool(state.texts) and not problem and not dry_run
    return {
        "version": VERSION,
        "file": state.name,
        "written": written,
        "problem": problem or None,
        "loads": state.after.loads,
        "changed": [source.name for source, _ in state.files],
        "diff": state.diff(),
        "findings": rows(state.errors or state.found),
        "standing": rows(() if state.errors else state.standing),
        "requests": state.requests(),
        "hash": state.new_hash if written else state.hash,
    }


# --- a first config -------------------------------------------------------------------------------

_KINDS = {"image": "pictures", "video": "videos", "music": "music", "speech": "spoken replies"}
_REF: dict[str, Any] = {"is_flag": False, "flag_value": ""}
# An option whose value may be left out.


@parameters.command("init", "Write a first config, with comments.")
@option("--provider NAME", "Who answers.", default=onboarding.PROVIDER, show_default=True)
@option("--model REF", "The chat model; without it the provider's usual one.", default="")
@option("--image [REF]", "Make pictures, with this model or the provider's usual one.", **_REF)
@option("--video [REF]", "Make videos.", **_REF)
@option("--music [REF]", "Make music.", **_REF)
@option("--speech [PROVIDER]", "Speak replies.", **_REF)
@option("--key", "Write where the provider's key comes from, as ${NAME}.")
@option("--gateway-token", "The gateway asks for the token in OPENCLAW_GATEWAY_TOKEN.")
@option("--from-env", "Take the providers whose key variables are set in this shell.")
@option(
    "-o, --output FILE", "Write to this file; without it to standard output.", default=command.STDIN
)
@option("--force", "Replace the file if it is there.")
def init_command(output: str, force: bool, from_env: bool, **given: Any) -> int:
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
    release = choose(parameters.asked_target()).target
    if from_env and chosen:
        raise click.UsageError("'--from-env' goes without options that choose.")
    if from_env:
        asked, uses = onboarding.of_environment(release.release, os.environ)
        for variable, what in uses.items():
            parameters.remark(f"{variable} is set: {', '.join(what)}")
    else:
        if not chosen and sys.stdin.isatty() and sys.stderr.isatty():
            given |= _answers()
        surfaces = {name: given.pop(name) for name in onboarding.SURFACES}
        wanted = {name: ref for name, ref in surfaces.items() if ref is not None}
        asked = onboarding.Starter(surfaces=wanted, **given)
    text = onboarding.first_config(release, asked)
    if output == command.STDIN:
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
    provider = click.prompt("Provider", default=onboarding.PROVIDER, **ask)
    model = click.prompt("Chat model (empty: its usual one)", default="", show_default=False, **ask)
    answers: dict[str, Any] = {"provider": provider, "model": model}
    for surface, kind in _KINDS.items():
        answers[surface] = "" if click.confirm(f"Also {kind}?", **ask) else None
    return answers
