"""The rules that loading reports. Their examples are read with no variables set."""

from __future__ import annotations

from openclaw_config.diagnostics.model import WARNING, rule, rules_of

MOST = 1000
"""How many findings of a kind are made, and one more to tell that there are more."""
SUGGESTIONS = 20
"""For how many missing files or variables one with a similar name is looked for."""


@rule()
def unreadable_config() -> None:
    """The config is not there or cannot be read.

    Without a config OpenClaw starts with an empty one and none of its load-time defaults, which is
    seldom what is meant when a file was named. A folder, a pipe, a file without read permission, or
    one of more than 16 MiB (a bound of this tool; OpenClaw has none) is not read.

    good: {}
    source: LOAD-03, LOAD-04
    """


@rule()
def root_not_object() -> None:
    """The whole config must be one object.

    OpenClaw looks its settings up by key in an object. A list at the root is refused; a lone
    string, number or null is refused where the config is validated, and elsewhere counts as an
    empty config, so that no setting has any effect.

    bad: ["gateway"]
    good: { gateway: { mode: "local" } }
    source: LOAD-12
    """


@rule(severity=WARNING, label="only this one counts", hint="remove the one that is not meant")
def duplicate_key() -> None:
    """A key stands more than once in an object.

    OpenClaw takes the last value and says nothing. The earlier one is dead text, and where both are
    objects they are not merged: everything in the earlier one is lost.

    bad: { logging: { level: "info", level: "debug" } }
    good: { logging: { level: "debug" } }
    source: LOAD-11
    """


@rule(severity=WARNING, label="has no effect", hint="give the key another name, or remove it")
def dropped_key() -> None:
    """A key that OpenClaw drops without a word.

    JavaScript gives `__proto__` a meaning of its own, so OpenClaw drops it, with all that is in it,
    wherever it stands. `prototype` and `constructor` are dropped where they are merged over an
    included file.

    bad: { gateway: { mode: "local", __proto__: { port: 18790 } } }
    good: { gateway: { mode: "local", port: 18790 } }
    source: LOAD-21
    """


@rule()
def invalid_include() -> None:
    """`$include` has a value or a neighbour that it cannot have.

    `$include` takes the path of a file, or a list of paths. Other keys beside it are merged over
    what the file holds, so the file must then hold an object.

    bad: { $include: 5 }
    good: { $include: [] }
    source: LOAD-20, LOAD-21
    """


@rule()
def include_outside() -> None:
    """An include leads out of the config's folder.

    An included file must lie in the folder of the top-level config or below it, by its path and,
    after symbolic links are followed, really. `~`, `file:` and variables are not expanded in the
    path. What lies outside is never opened.

    bad: { $include: "../other.json5" }
    good: { $include: [] }
    source: LOAD-20, LOAD-22
    """


@rule()
def unreadable_include() -> None:
    """An included file is not there or is refused.

    OpenClaw reads an included file only when it is a regular file of at most 2 MiB (2,097,152
    bytes) that has no other hard link. A relative path counts from the folder of the file that has
    the `$include`.

    bad: { $include: "./there-is-no-such-file.json5" }
    good: { $include: [] }
    source: LOAD-22, LOAD-23
    """


@rule()
def include_chain() -> None:
    """Includes run in a circle, too deep, or into too much.

    A file may not include itself, directly or by way of others, and includes may be nested at most
    10 deep. To keep a few small files from unfolding into millions of values, this tool also stops
    after 1,000 includes, 16 Mi characters of included text or 1,100 nested values in all; OpenClaw
    has no such bounds.

    bad: { $include: "./openclaw.json" }
    good: { $include: [] }
    source: LOAD-24
    """


@rule(severity=WARNING, label="stays as it is written")
def missing_variable() -> None:
    """A `${NAME}` in a value names a variable that is not set, or is empty.

    OpenClaw leaves the text `${NAME}` in place, warns, and goes on: what uses the value will not
    work. In a place for a key the text counts as a reference to the variable and is looked up again
    when the key is needed. Without `--env` every variable is taken to be there, and this is not
    reported.

    bad: { channels: { telegram: { botToken: "${TELEGRAM_BOT_TOKEN}" } } }
    good: { env: { TELEGRAM_BOT_TOKEN: "1:a" }, channels: { telegram: { botToken:
      "${TELEGRAM_BOT_TOKEN}" } } }
    source: LOAD-31, AUTH-21
    """


@rule(
    severity=WARNING,
    label="stays as it is written",
    hint="use the other variable here, or set this one where OpenClaw is started",
)
def chained_variable() -> None:
    """A value uses a variable that the `env` block makes out of another variable.

    OpenClaw applies the `env` block before it puts variables into values, and then skips every
    entry that itself contains a `${NAME}`. Such an entry is set only after the rest of the config
    is done, too late for the values that use it.

    bad: { env: { TOKEN: "${OTHER}" }, channels: { telegram: { botToken: "${TOKEN}" } } }
    good: { env: { TOKEN: "1:a" }, channels: { telegram: { botToken: "${TOKEN}" } } }
    source: LOAD-32
    """


@rule(
    severity=WARNING,
    message="this looks like a variable, but OpenClaw takes it as text",
    hint="write ${NAME}, in capitals, to have the value of the variable NAME here",
)
def literal_reference() -> None:
    """A value looks like a reference to a variable, but OpenClaw takes it as plain text.

    Only `${NAME}` is replaced, with a name of capital letters, digits and underscores that does not
    start with a digit. `$NAME`, `%NAME%`, `${name}` and `${NAME:-default}` stay as they are
    written.

    bad: { gateway: { auth: { token: "$GATEWAY_TOKEN" } } }
    good: { env: { GATEWAY_TOKEN: "1a" }, gateway: { auth: { token: "${GATEWAY_TOKEN}" } } }
    source: LOAD-30
    """


@rule(label="every JavaScript object has this name", hint="choose another name")
def inherited_env_name() -> None:
    """The `env` block sets a variable that every JavaScript object has.

    OpenClaw looks whether the variable is set already, finds the property that every object
    inherits, and stops with an error of its own.

    bad: { env: { constructor: "x" } }
    good: { env: { CONSTRUCTOR: "x" } }
    source: LOAD-32
    """


@rule(severity=WARNING, label="has no effect", hint="set it where OpenClaw is started")
def blocked_env_name() -> None:
    """The `env` block names a variable that it may not set.

    OpenClaw ignores, without a word, names that could change how programs start, load code or reach
    the network: `NODE_OPTIONS`, `PYTHONPATH`, `LD_…`, `HOME`, `HTTPS_PROXY` and some two hundred
    more, in any case. They can only be set where OpenClaw is started.

    bad: { env: { HTTPS_PROXY: "http://proxy.example:3128" } }
    good: { env: { OPENROUTER_API_KEY: "sk-or-1" } }
    source: LOAD-33
    """


@rule(
    severity=WARNING,
    message="this cannot be the name of a variable, and OpenClaw ignores it",
    hint="use letters, digits and underscores, and no digit at the start",
)
def invalid_env_name() -> None:
    """The `env` block has a key that cannot be a variable's name.

    A name has letters, digits and underscores and does not start with a digit. OpenClaw ignores
    other keys without a word.

    bad: { env: { "MY-KEY": "1" } }
    good: { env: { MY_KEY: "1" } }
    source: LOAD-32
    """


@rule(severity=WARNING, label="has no effect", hint="remove the one that is not meant")
def env_set_twice() -> None:
    """The `env` block sets a variable twice.

    A variable may stand under `env.vars` or directly under `env`. When it stands in both, OpenClaw
    takes the one directly under `env`.

    bad: { env: { vars: { LEVEL: "info" }, LEVEL: "debug" } }
    good: { env: { vars: { LEVEL: "debug" } } }
    source: LOAD-32
    """


LINTS = frozenset(one.name for one in rules_of(__name__) if one.severity == WARNING)
"""Rules about what a text says; they wait until it parses."""
