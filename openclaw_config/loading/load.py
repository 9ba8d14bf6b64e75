"""From a path or a text to a Document: one value out of all the files (LOAD-35)."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from openclaw_config import files
from openclaw_config.diagnostics.model import ERROR, Diagnostic, Fix, Related
from openclaw_config.loading import environment as env
from openclaw_config.loading import rules
from openclaw_config.syntax import nodes
from openclaw_config.syntax.nodes import ArrayNode, Member, Node, ObjectNode, Place, Tree
from openclaw_config.syntax.parser import decode, parse
from openclaw_config.syntax.text import Location, Source, Span
from openclaw_config.targets import Target, choose


class Document(NamedTuple):
    """A config as OpenClaw has it in hand before it validates (LOAD-35).

    ``root`` has its includes merged and its variables put in; after an error it is as much as
    could be read, or None. ``source`` is the config's own text, None where there is none;
    ``sources`` has the included files too, and ``trees`` what each was parsed into, in the same
    order. ``environment`` has the ``env`` block applied. ``uses`` are in the order of the text.

    ``readable`` is False when OpenClaw would not get as far as validating: the file is missing or
    cannot be read, does not parse, an include fails, or the root is not an object.

    ``target`` is the version of OpenClaw that it is read for; every later stage reads it here;
    ``target_by`` says how it was chosen (``targets.Choice.by``).

    ``home``, ``state_dir`` and ``config_dir`` are absolute paths; includes stay below the last.

    ``written`` is the root before variables are put in, ``mounts`` are the objects in it that stand
    for other files, each with the names and the roots of these.

    ``tables`` are the capability tables that count for it (``capabilities.lookup``); None stands
    for the built-in ones.
    """

    root: Node | None
    source: Source | None
    sources: tuple[Source, ...]
    trees: tuple[Tree, ...]
    environment: env.Environment
    uses: tuple[env.VariableUse, ...]
    diagnostics: tuple[Diagnostic, ...]
    home: str
    state_dir: str
    config_dir: str
    readable: bool
    target: Target
    target_by: str = "default"
    written: Node | None = None
    mounts: Sequence[tuple[ObjectNode, Sequence[tuple[Node, Node]]]] = ()
    tables: Mapping[str, Any] | None = None

    @property
    def release(self) -> str:
        """The release of OpenClaw whose data count."""
        return self.target.release


MAX_BYTES = 16 * 1024 * 1024
"""The largest config that is read, in bytes. OpenClaw has no such bound; this one keeps a file
that is no config from filling the memory."""

_SHOWN = 20
# How many of the ignored ones a finding points to, or removes; and how many findings of a file have
# a fix: working one out takes a look at the whole file.


def load(
    path: str | None = None,
    *,
    text: str | bytes | None = None,
    name: str | None = None,
    environment: env.Environment | None = None,
    home: str | None = None,
    cwd: str | None = None,
    state_dir: str | None = None,
    read: files.Reader | None = None,
    target: str = "",
) -> Document:
    """Read a config with its includes and variables. Never raises for bad input.

    ``path`` names the file; without it the config is looked for as OpenClaw does (LOAD-03).
    ``text`` is read instead of the file: with a path it is the file's content as an editor has it,
    without one it stands for an ``openclaw.json`` in the working folder. ``name`` is shown in
    place of the path.

    ``environment`` is ``Environment.assumed()`` when it is not given. ``cwd``, ``home`` and
    ``state_dir`` replace the process's working folder and the folders that its environment names.
    ``read`` reads the included files, in place of ``files.read_below``. ``target`` is the version
    of OpenClaw; with "" the config says it. Raises UnknownVersionError for one that is none.
    """
    environment = env.Environment.assumed() if environment is None else environment
    lookup = environment if environment.real else os.environ
    cwd = os.path.abspath(cwd) if cwd else files.working_folder()
    alone = path is None and text is not None
    named = env.CONFIG_NAMES[0] if alone else "" if path is None else path or cwd
    found = env.find_config(lookup, cwd=cwd, home=home or "", state=state_dir or "", named=named)
    name = name or path or ("<text>" if alone else found.path)
    with nodes.gc_paused():
        trees, findings = _parsed(found, name, text, None if alone else found.path)
        return _document(found, trees, findings, environment, read, target)


def may_include(text: str) -> bool:
    """Whether a text may have an ``$include``, or a ``__proto__``, that escapes may hide."""
    return "$include" in text or "__proto__" in text or "\\" in text


def _document(
    place: env.Found,
    trees: tuple[Tree, ...],
    found: list[Diagnostic],
    environment: env.Environment,
    read: files.Reader | None,
    asked: str,
) -> Document:
    """What becomes of a config's own text, and of what was found in it."""
    uses: list[env.VariableUse] = []
    root = written = trees[0].root if trees else None
    mounts: Sequence[tuple[ObjectNode, Sequence[tuple[Node, Node]]]] = ()
    readable = root is not None and all(error.severity != ERROR for error in found)
    if root is not None and may_include(trees[0].source.text):
        # Most small configs need none of this, and a hook then need not load it.
        from openclaw_config.loading.includes import Assembly

        release = choose(asked, root).target.release
        roots = env.include_roots(environment, place.home, release)
        whole = Assembly(trees[0], place.path, read, roots)
        root, trees = whole.root, tuple(whole.trees)
        if len(trees) > 1:
            written, mounts = root, [one for one in whole.mounts.values() if one[1]]
        found += whole.diagnostics
        readable = readable and whole.complete
    target, by = choose(asked, root)
    environment, places = environment.of_release(target.release), nodes.places_of(root)
    for one in trees:
        one.source.release = target.release
        own = places if one.root is root else nodes.places_of(one.root, "$include")
        found += _repeated_keys(one, own)
    if readable and root is not None and not isinstance(root, ObjectNode):
        found.append(_root_not_object(root))
        readable = False
    if root is not None and _may_have_variables(root, trees, environment):
        from openclaw_config.loading.interpolation import interpolate

        environment, done, more = interpolate(root, places, environment)
        root, uses = done.root, done.uses
        found += more
    if any(error.severity == ERROR for one in trees for error in one.errors):
        # What the recovery made of a broken text may repeat a key that the author did not.
        found = [one for one in found if one.severity == ERROR or one.rule not in rules.LINTS]
    sources = tuple(one.source for one in trees)
    order = {id(source): number for number, source in enumerate(sources)}
    return Document(
        root=root,
        source=sources[0] if sources else None,
        sources=sources,
        trees=trees,
        environment=environment,
        uses=tuple(sorted(uses, key=lambda use: _rank(use.location, order))),
        diagnostics=tuple(sorted(found, key=lambda one: _rank(one.location, order))),
        home=place.home,
        state_dir=place.state_dir,
        config_dir=os.path.dirname(place.path),
        readable=readable,
        target=target,
        target_by=by,
        written=written,
        mounts=mounts,
    )


def _parsed(
    found: env.Found, name: str, text: str | bytes | None, path: str | None
) -> tuple[tuple[Tree, ...], list[Diagnostic]]:
    """The tree of the config's own text, none where there is no text, and what is wrong with it."""
    try:
        if text is not None and len(text) > MAX_BYTES:
            raise files.RefusedError(files.TOO_LARGE, f"larger than {MAX_BYTES >> 20} MiB")
        data = files.read_regular(found.path, MAX_BYTES) if text is None else text
    except FileNotFoundError:
        message = f"{name}: there is no such file"
        if found.how:
            message = f"there is no config: looked for {name}, {found.how}"
        helps = ["name the file, or set OPENCLAW_CONFIG_PATH"] if found.how else []
        notes = ("OpenClaw would start with an empty config",)
        missing = rules.unreadable_config
        return (), [missing.at(None, message, notes=notes, helps=helps, blocks=False)]
    except (OSError, ValueError) as error:
        why = "is" if isinstance(error, files.RefusedError) else "cannot be read:"
        message = f"{name} {why} {files.reason_of(error)}"
        return (), [rules.unreadable_config.at(None, message)]
    errors: tuple[Diagnostic, ...] = ()
    if isinstance(data, str):
        source = Source(data, name, path)
    else:
        source, errors = decode(data, name, path)
    tree = parse(source)
    return (tree,), [*errors, *tree.errors]


def _may_have_variables(root: Node, trees: tuple[Tree, ...], environment: env.Environment) -> bool:
    # The same holds for what deals with variables.
    if not environment.assume or (isinstance(root, ObjectNode) and "env" in root.values):
        return True
    return any(sign in tree.source.text for tree in trees for sign in ("$", "%", "\\"))


def _root_not_object(root: Node) -> Diagnostic:
    taken = ("a running OpenClaw takes it for an empty config",)
    notes = () if isinstance(root, ArrayNode) else taken
    message = f"the config is {nodes.IN_WORDS[root.kind]}, and must be an object"
    return rules.root_not_object.at(root.location, message, notes=notes)


def _rank(location: Location | None, order: dict[int, int]) -> tuple[int, int]:
    """Where something comes in a list: by file, in the order of reading, and by place in it."""
    if location is None:
        return -1, 0
    return order.get(id(location.source), len(order)), location.span.start


# --- repeated keys (LOAD-11) ----------------------------------------------------------------------


def _repeated_keys(tree: Tree, places: list[Place]) -> list[Diagnostic]:
    """A warning for each repeated key of a file that OpenClaw gets to see."""
    found: list[Diagnostic] = []
    for number, (node, _, _) in enumerate(places):
        if isinstance(node, ObjectNode) and len(node.values) != len(node.member_values):
            path = (*(tree.source.place or ()), *nodes.path_of(places, number))
            members: dict[str, list[Member]] = {}
            for member in node.members:
                members.setdefault(member.key, []).append(member)
            for key, (*earlier, last) in members.items():
                if not earlier:
                    continue
                times = "twice" if len(earlier) == 1 else f"{len(earlier) + 1} times"
                message = f"`{key}` stands {times} in this object"
                shown = [Related(it.key_location, "this one is ignored") for it in earlier[:_SHOWN]]
                fixed = len(found) < _SHOWN and len(earlier) <= _SHOWN
                fix = _removal(tree, node, earlier, last) if fixed else None
                place, at = last.key_location, (*path, key)
                found.append(rules.duplicate_key.at(place, message, at, related=shown, fix=fix))
                if len(found) > rules.MOST:
                    return found
    return found


def _removal(tree: Tree, owner: ObjectNode, earlier: list[Member], last: Member) -> Fix:
    """A fix that removes the members that do not count.

    OpenClaw reads the same afterwards. What the author meant may be another matter, unless all
    the members say the same.
    """
    from openclaw_config.syntax.edits import remove_part

    bounds = [Span(member.key_start, member.value.end) for member in earlier]
    edits = [edit for span in bounds for edit in remove_part(owner, span)]
    # Compared as JSON text: to Python, true and 1 are equal.
    value = json.dumps(nodes.to_value(last.value))
    same = all(json.dumps(nodes.to_value(member.value)) == value for member in earlier)
    title = "remove the repetition" if same else "remove what is ignored"
    lost = any(tree.has_comment(*span) for span in bounds)
    return Fix(title, tuple(edits), safe=same and not lost)
