"""Turns problems of structure into findings that say what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import NoneType

from openclaw_config.diagnostics import model
from openclaw_config.diagnostics.model import Diagnostic, Fix, Related, Rule, name_text, rule
from openclaw_config.syntax import edits
from openclaw_config.syntax.nodes import Member, Node, ObjectNode, StringNode, text_of
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import KeyPath, Source
from openclaw_config.validation import schema
from openclaw_config.validation.context import start_of
from openclaw_config.validation.migrations.versions import hint
from openclaw_config.validation.schema import Problem, Shape, evaluate, parts
from openclaw_config.validation.suggest import (
    advice,
    elsewhere,
    meant,
    nearest,
    renaming,
    rewording,
    same,
)
from openclaw_config.validation.wording import expected, found, listing, may_show, present, quoted
from openclaw_config.view.settings import is_secret_ref

# --- the rules ------------------------------------------------------------------------------------


@rule()
def unknown_key() -> None:
    """A key that OpenClaw does not know.

    OpenClaw's configuration is closed almost everywhere: one key that it does not know, at any
    depth, and the gateway refuses to start. Mostly the key is misspelt, belongs one object higher
    or lower, or comes from another version.

    bad: { agents: { defaults: { model: { primry: "openrouter/auto" } } } }
    good: { agents: { defaults: { model: { primary: "openrouter/auto" } } } }
    source: LOAD-40, unknown-key
    """


@rule()
def missing_key() -> None:
    """A key that OpenClaw requires is absent.

    A few objects are only accepted whole. A provider entry, for instance, needs baseUrl and models
    even when all you want to set is its key.

    bad: { models: { providers: { acme: { baseUrl: "https://api.acme.test/v1" } } } }
    good: { models: { providers: { acme: { baseUrl: "https://api.acme.test/v1", models: [] } } } }
    source: LOAD-41
    """


@rule()
def wrong_type() -> None:
    """A value of another type than the key takes.

    OpenClaw does not convert values. A number in quotes is a string, "true" is not true, and null
    does not mean unset: remove the key instead. Where a key takes a text alone, OpenClaw writes or
    compares it while it runs and reads no SecretRef; a ${NAME} is replaced when the file is read.

    bad: { gateway: { port: "18789" } }
    good: { gateway: { port: 18789 } }
    source: LOAD-40, secret-ref-unsupported
    """


@rule()
def unknown_value() -> None:
    """A value outside the list of allowed ones.

    Some keys take one of a few words, compared letter by letter: case counts, and so do spaces
    around the word.

    bad: { gateway: { mode: "Local" } }
    good: { gateway: { mode: "local" } }
    source: LOAD-40
    """


@rule()
def malformed_value() -> None:
    """A text that is not of the form that the key takes.

    Durations, sizes, URLs, ids and colours are strings with a form of their own. OpenClaw refuses
    one that it cannot read. A duration, such as a heartbeat's every or the ages of
    session.maintenance, is a number with a unit (30m), also several in a row (1h30m); a size is a
    number with b, kb, mb or gb; the id of a SecretRef of source env is a name in capitals; a
    heartbeat's active hours are HH:MM on a 24-hour clock, and only the end may be 24:00. A few
    values fit only beside others: a sandbox joins the network of another container, which gives it
    whatever that one can reach, only with dangerouslyAllowContainerNamespaceJoin; pickerRuntimes
    and codeMode are settings of exactly one provider/model; a broadcast with settings is for a
    group, whose key is channel:peer; a variable of a container's sandbox has a plain name and one
    line.

    bad: { agents: { defaults: { heartbeat: { every: "half an hour" } } } }
    good: { agents: { defaults: { heartbeat: { every: "30m" } } } }
    source: heartbeat-every, byte-size, session-maintenance-durations, secret-ref-shape,
      heartbeat-active-hours, sandbox-network-container, agent-models-exact-ref,
      broadcast-group-key, sandbox-env-names
    """


@rule()
def malformed_key() -> None:
    """A name of your own that is not of the form that OpenClaw asks for.

    Where you choose the keys yourself, OpenClaw may still limit which characters they have, or ask
    for a form: a project of cloud workers is named by its host/owner/repository.

    bad: { browser: { profiles: { "My Work": { cdpPort: 9222, color: "#0066cc" } } } }
    good: { browser: { profiles: { "my-work": { cdpPort: 9222, color: "#0066cc" } } } }
    source: LOAD-40, cloud-worker-project-key
    """


@rule()
def out_of_range() -> None:
    """A number outside the bounds of its key.

    OpenClaw refuses a number that is too small or too large; it does not clamp it.

    bad: { messages: { tts: { timeoutMs: 500 } } }
    good: { messages: { tts: { timeoutMs: 1000 } } }
    source: LOAD-41
    """


@rule()
def not_finite() -> None:
    """Infinity or NaN where a number is needed.

    JSON5 can write Infinity and NaN, but no key of OpenClaw takes either.

    bad: { gateway: { port: Infinity } }
    good: { gateway: { port: 18789 } }
    source: non-finite
    """


@rule()
def wrong_length() -> None:
    """Too few or too many characters, items or keys.

    Some texts must not be empty, and some lists, objects and texts have a limit.

    bad: { models: { providers: { acme: { baseUrl: "", models: [] } } } }
    good: { models: { providers: { acme: { baseUrl: "https://api.acme.test/v1", models: [] } } } }
    source: provider-baseUrl-models
    """


@rule(bad="{ agents: { list: [" + "0," * 1001 + "] } }")
def more_findings() -> None:
    """A config has more findings than are shown.

    A thousand findings tell that something is wrong with the file as a whole: it is of another
    program, or damaged. The others are only counted, so that no input costs much time or output.

    good: { gateway: { port: 18789 } }
    source: LOAD-40
    """


# --- findings --------------------------------------------------------------------------------


_LISTED = 14
"""How many allowed keys a message names before it leaves them out."""


def diagnose(problem: Problem, target: str) -> Diagnostic:
    """The finding for one problem; ``missing_keys`` makes those for keys that are missing."""
    kind = problem.kind
    if kind == schema.UNKNOWN_KEY:
        return _unknown_key(problem, target)
    if kind == schema.BAD_KEY:
        return _malformed_key(problem)
    if kind in (schema.BAD_VALUE, schema.NO_BRANCH):
        return _wrong_choice(problem)
    if kind == schema.REPEATED_ITEM:
        text = f"{where(problem.path)} repeats another item"
        return wrong_length.at(problem.node.location, text, problem.path)
    return _must_be(_OF_KIND[kind], problem)


_OF_KIND = {
    schema.WRONG_TYPE: wrong_type,
    schema.BAD_TEXT: malformed_value,
    schema.OUT_OF_RANGE: out_of_range,
    schema.NOT_FINITE: not_finite,
    schema.WRONG_LENGTH: wrong_length,
}


def where(path: KeyPath) -> str:
    """A key path within a sentence."""
    return model.key_path_text(path) if path else "the configuration"


# --- keys -------------------------------------------------------------------------------------


def _unknown_key(problem: Problem, target: str) -> Diagnostic:
    member, key = problem.member, problem.key
    place = f"in {model.key_path_text(problem.path)}" if problem.path else "at the top level"
    near, helps = meant_key(problem, target)
    fix = None if near is None else renaming(member, near, safe=same(near, key))
    label = meant(near)
    related: tuple[Related, ...] = ()
    if near is None and not helps:
        twin = nearest(key, [name for name in problem.shape.keys if name in problem.members])
        if twin:
            label = f"{name_text(twin)} is there already"
            there = problem.members[twin].key_location
            related = (Related(there, f"{name_text(twin)} is here"),)
    names = sorted(_names(problem.shape))
    if not names:
        helps.append("no key is allowed here")
    elif len(names) <= _LISTED:
        helps.append(f"allowed here: {', '.join(names)}")
    return unknown_key.at(
        member.key_location,
        f"unknown key {name_text(key)} {place}",
        (*problem.path, key),
        label=label,
        helps=tuple(helps),
        related=related,
        fix=fix,
    )


def meant_key(problem: Problem, target: str) -> tuple[str | None, list[str]]:
    """The key of the same object that was meant here, or else advice where the key belongs."""
    key, path = problem.key, problem.path
    advised = advice(problem.member, path, target)
    if advised:
        return None, [advised]
    names = [name for name in _names(problem.shape) if name not in problem.members]
    near = _likeliest(names, problem)
    if near is not None and same(near, key):
        return near, []
    moved = hint((*path, key), target)
    if moved:
        return None, [moved]
    if not path and (place := _section_of(target, key)):
        return None, [f"this belongs in {place}"]
    found = elsewhere(key, path, target)
    if found and (near is None or not path):
        return None, [f"{name_text(key)} is a key of {listing(found, limit=4)}"]
    return near, []


def _names(shape: Shape) -> list[str]:
    """The keys that a shape names, without those that are only read for old configs' sake."""
    shapes = [(name, shape.of_key(name)) for name in shape.keys]
    return [name for name, inner in shapes if inner is None or not inner.old]


_GUESSES = 4
"""How many similar keys are tried."""


def _likeliest(names: list[str], problem: Problem) -> str | None:
    """The nearest of some keys; the nearest that takes the value, if one of the next few does."""
    guesses: list[str] = []
    while len(guesses) < _GUESSES and (near := nearest(problem.key, names)) is not None:
        guesses.append(near)
        names = [name for name in names if name != near]
        shape = problem.shape.of_key(near)
        if shape is None or not evaluate(problem.member.value, shape):
            return near
    return guesses[0] if guesses else None


def _section_of(release: str, key: str) -> str:
    """The place of a channel or a model provider that was written at the top level."""
    from openclaw_config import registry

    if key in registry.channel_ids(release):
        return f"channels.{key}"
    return f"models.providers.{key}" if registry.provider(release, key) is not None else ""


def _malformed_key(problem: Problem) -> Diagnostic:
    text = f"{name_text(problem.key)} cannot be a name in {where(problem.path)}"
    label = f"needs {problem.shape.expects or expected(problem.shape)}"
    path = (*problem.path, problem.key)
    return malformed_key.at(problem.member.key_location, text, path, label=label)


def missing_keys(root: Node, problems: Sequence[Problem]) -> Diagnostic:
    """The finding for all the keys that one object lacks."""
    first = problems[0]
    keys = [problem.key for problem in problems]
    helps = []
    for problem in problems:
        inner = problem.shape.of_key(problem.key)
        what = listing([quoted(value) for value in problem.values])
        what = what or (expected(inner) if inner is not None else "")
        if what:
            helps.append(f"`{problem.key}` is {what}")
    misspelt = _misspelt(first)
    label, fix = "", _provider_block(first.path, first.node, keys)
    if misspelt is not None:
        label = f"{name_text(misspelt.key)} stands there: did you mean `{first.key}`?"
        fix = renaming(misspelt, first.key, safe=same(misspelt.key, first.key))
    return missing_key.at(
        start_of(root, first.path),
        f"{where(first.path)} lacks the required key{'s' if len(keys) > 1 else ''}"
        f" {listing([f'`{key}`' for key in keys], 'and')}",
        (*first.path, keys[0]),
        label=label,
        helps=tuple(helps),
        fix=fix,
    )


def _misspelt(problem: Problem) -> Member | None:
    """The member that was meant to be the missing key, where nothing else is said about it."""
    members, branches = problem.members, parts(problem.shape)
    strange = [key for key in members if all(branch.of_key(key) is None for branch in branches)]
    near = nearest(problem.key, strange)
    member = members[near] if near is not None else None
    return member if member is not None and member.key_start < member.key_end else None


def _provider_block(path: KeyPath, node: Node, missing: list[str]) -> Fix | None:
    """For a model provider: the keys that make its block complete, where they are known."""
    if path[:2] != ("models", "providers") or len(path) != 3 or not isinstance(node, ObjectNode):
        return None
    from openclaw_config import registry

    release = node.source.release
    known = registry.provider(release, registry.canonical_provider(release, str(path[2])))
    texts = {"models": "models: []"}
    if known is not None and known.base_urls:
        texts["baseUrl"] = f"baseUrl: {quoted(known.base_urls[0])}"
    if not texts.keys() >= set(missing) or node.source.text[node.start : node.start + 1] != "{":
        return None
    text = ", ".join(texts[key] for key in missing)
    return Fix("complete the block", (edits.insertion(node, text),))


# --- values -----------------------------------------------------------------------------------


_BESIDE: dict[KeyPath, tuple[str, ...]] = {
    ("gateway", "bind"): ('for an address of your own: bind: "custom" and customBindHost',),
}
"""What else to write where a value is none of the allowed ones."""


def _must_be(rule: Rule, problem: Problem, what: str = "") -> Diagnostic:
    """The finding that says what a value must be, and what it is where that helps."""
    node, path, shape = problem.node, problem.path, problem.shape
    if rule is malformed_value and problem.kind == schema.BAD_TEXT:
        what = shape.expects
    elif rule is wrong_length:
        what = _length(shape, node)
    text = f"{where(path)} must be {what or expected(shape)}"
    kinds = {kind for leaf in parts(shape) for kind in leaf.kinds or ()}
    # Saying that a string is a string would not help, nor what it is where nothing is right.
    if shape.schema.get("not") != {} and (node.kind not in kinds or may_show(node, path, shape)):
        text += f", not {found(node, path, shape)}"
    fix: Fix | None = None
    helps: tuple[str, ...] = ()
    if rule is wrong_type or problem.kind == schema.NO_BRANCH:
        fix = _conversion(problem)
    if problem.kind == schema.WRONG_TYPE and isinstance(node, StringNode) and node.variables:
        helps = ("a variable always gives a text: write the value itself",)
    elif problem.kind == schema.WRONG_TYPE and is_secret_ref(node):
        helps = ("no SecretRef is read here: write a variable in a text, ${NAME}",)
    return rule.at(node.location, text, path, label=fix.title if fix else "", helps=helps, fix=fix)


def _length(shape: Shape, node: Node) -> str:
    low, high = shape.sizes[node.kind]
    high = shape.trimmed_max_length if high is None else high
    noun = {"string": "character", "array": "item"}.get(node.kind, "key")
    if high == 0:
        return "empty"
    if low == 1 and high is None:
        return "a non-empty string" if noun == "character" else f"of one {noun} or more"
    limits = [f"at least {low}"] * bool(low) + [f"at most {high}"] * (high is not None)
    return f"of {listing(limits, 'and')} {noun}s"


def _wrong_choice(problem: Problem) -> Diagnostic:
    """A value that is none of the allowed ones, or right for no branch of a union."""
    node, path, shape = problem.node, problem.path, problem.shape
    fitting = [leaf for leaf in parts(shape) if leaf.kinds is None or node.kind in leaf.kinds]
    if problem.kind == schema.BAD_VALUE:
        values = present(shape, problem.values)
        allowed = listing([quoted(value) for value in values], limit=40)
    else:
        values = [value for leaf in fitting for value in present(leaf, leaf.values)]
        allowed = expected(shape)
    if node.kind not in {_KINDS.get(type(value), "number") for value in values}:
        rule = wrong_type
        if node.kind == "string" and any(leaf.expects for leaf in fitting):
            rule = malformed_value
        elif node.kind == "number" and any(leaf.limits for leaf in fitting):
            rule = out_of_range
        return _must_be(rule, problem, allowed)
    label, fix = "", None
    if isinstance(node, StringNode) and _is_literal(node):
        near = nearest(node.value, [value for value in values if isinstance(value, str)])
        if near is not None:
            label = f"did you mean {quoted(near)}?"
            fix = rewording(node, near, safe=same(near, node.value))
    shown = found(node, path, shape)
    text = f"{where(path)} cannot be {'this text' if shown == 'a string' else shown}"
    helps = (f"allowed: {allowed}", *_BESIDE.get(path, ()))
    return unknown_value.at(node.location, text, path, label=label, helps=helps, fix=fix)


_KINDS = {str: "string", bool: "boolean", NoneType: "null"}
"""The kinds of allowed values; all others are numbers."""


# --- fixes ------------------------------------------------------------------------------------


def _is_literal(node: StringNode) -> bool:
    """Whether a string stands in the text as it is: no variable made it, nor a migration."""
    return not node.variables and node.source.text[node.start : node.start + 1] in ("'", '"')


_PLAIN = re.compile(r"(?:-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]+)?|true|false)\Z")


def _conversion(problem: Problem) -> Fix | None:
    """The same value in the type that is asked for, where that is plain to see."""
    node, shape = problem.node, problem.shape
    for text in _otherwise(node, shape):
        root = parse(Source(text)).root
        # The bounds of the shape count as well.
        if root is None or evaluate(root, shape):
            continue
        if node.kind == "object" or (len(text) <= 8 and may_show(node, problem.path, shape)):
            title = f"write {text}"
        elif text.startswith("["):
            title = "make it a list"
        else:
            title = "take away the quotes" if isinstance(node, StringNode) else "put it in quotes"
        return Fix(title, (edits.replace(node, text),))
    return None


def _otherwise(node: Node, shape: Shape) -> tuple[str, ...]:
    """How a scalar, or a SecretRef, may be written in another type."""
    if isinstance(node, ObjectNode):
        name, env = text_of(node.get("id")) or "", text_of(node.get("source")) == "env"
        # A name of another form may be the secret itself.
        named = is_secret_ref(node) and name.isidentifier() and name.isupper()
        return (f'"${{{name}}}"',) if env and named else ()
    raw = node.source.text[node.start : node.end]
    if isinstance(node, StringNode):
        text = node.value.strip().lower()
        plain = (text,) if _PLAIN.match(text) else ()
        return (*plain, f"[{raw}]") if _is_literal(node) else ()
    leaves = parts(shape)
    is_text = node.kind == "number" and not any(leaf.expects for leaf in leaves)
    wanted = is_text or any(leaf.values for leaf in leaves)
    return (f'"{raw}"',) if wanted and _PLAIN.match(raw) else ()
