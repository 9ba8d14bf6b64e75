"""The rules of syntax: what keeps a text from being a config at all.

OpenClaw reads a config with npm's json5 (LOAD-10), which stops at the first error. Their examples
show one error each; the parser reports all of a file's at once.
"""

from __future__ import annotations

from openclaw_config.diagnostics.model import WARNING, rule


@rule(label="a comma is missing before this", fix="put a comma between them")
def missing_comma() -> None:
    """Two members or items stand side by side without a comma.

    A comma separates the members of an object and the items of an array, also where each stands on
    its own line. One after the last is allowed, so it is safe to end every line with one.

    bad:
        {
          logging: { level: "info" }
          ui: { seamColor: "#ff4500" },
        }
    good:
        {
          logging: { level: "info" },
          ui: { seamColor: "#ff4500" },
        }
    source: LOAD-10
    """


@rule(message="a colon is missing between a key and its value", fix="put a colon after the key")
def missing_colon() -> None:
    """A key and its value stand side by side without a colon.

    A colon separates a key from its value.

    bad: { logging: { level "info" } }
    good: { logging: { level: "info" } }
    source: LOAD-10
    """


@rule(message="a key has no value")
def missing_value() -> None:
    """A key has no value.

    Every key needs a value. A key that should not be set is left out altogether.

    bad: { logging: { level: } }
    good: { logging: {} }
    source: LOAD-10
    """


@rule(message="a value in an object needs a key")
def nameless_value() -> None:
    """A value in an object has no key.

    Everything in an object has a name: `key: value`. A list without names is an array, written in
    square brackets.

    bad: { logging: { : "info" } }
    good: { logging: { level: "info" } }
    source: LOAD-10
    """


@rule(
    message="a config is one object, in { and }",
    label="expected { before the first key",
    fix="put braces around everything",
)
def missing_braces() -> None:
    """The members of the config stand in no object.

    A config is one object, and an object needs its braces, at the top of the file as well. What
    indentation says in YAML, braces say here.

    bad: logging: { level: "info" }
    good: { logging: { level: "info" } }
    source: LOAD-10
    """


@rule(message="there is a comma too many", label="it separates nothing", fix="delete the comma")
def extra_comma() -> None:
    """A comma has nothing before it.

    One comma after the last item is allowed; two in a row, or one before the first, are not.

    bad: { logging: { level: "info",, file: "a.log" } }
    good: { logging: { level: "info", file: "a.log" } }
    source: LOAD-10
    """


@rule(message="expected a value after the colon", label="this is one sign too many")
def extra_colon() -> None:
    """There is one colon too many.

    One colon stands between a key and its value. A value that holds one is put in quotes.

    bad: { logging: { level:: "info" } }
    good: { logging: { level: "info" } }
    source: LOAD-10
    """


@rule(message="expected a colon and not an equals sign", fix="write a colon")
def equals_for_colon() -> None:
    """An equals sign stands where a colon belongs.

    A key and its value are separated by a colon, never by `=`.

    bad: { logging: { level = "info" } }
    good: { logging: { level: "info" } }
    source: LOAD-10
    """


@rule(message="expected a comma and not a semicolon", fix="write a comma")
def semicolon_for_comma() -> None:
    """A semicolon stands where a comma belongs.

    Members and items are separated by commas.

    bad: { logging: { level: "info"; file: "a.log" } }
    good: { logging: { level: "info", file: "a.log" } }
    source: LOAD-10
    """


@rule(message="a string is not closed")
def unclosed_string() -> None:
    """A string lacks one of its quotes.

    A string ends with the quote that it starts with, on the same line. When one of the two is
    missing, everything after it is read the wrong way round.

    bad:
        {
          logging: {
            level: "info,
          },
        }
    good:
        {
          logging: {
            level: "info",
          },
        }
    source: LOAD-10
    """


@rule(message="a string cannot run over the end of its line", label="expected the closing quote")
def newline_in_string() -> None:
    r"""A string runs over the end of its line.

    A line break in a string is written `\n`. To break only the line and not the text, end the line
    with a backslash.

    bad:
        { ui: { assistant: { name: "the
        lobster" } } }
    good: { ui: { assistant: { name: "the\nlobster" } } }
    source: LOAD-10
    """


@rule(
    message="a quote inside a string needs a backslash before it",
    label="the string ends here",
    fix="put a backslash before it",
)
def unescaped_quote() -> None:
    """A quote inside a string ends it too early.

    Inside a string its own kind of quote is written with a backslash before it. Or put the string
    in the other kind of quotes.

    bad: { ui: { assistant: { name: "the "old" lobster" } } }
    good: { ui: { assistant: { name: 'the "old" lobster' } } }
    source: LOAD-10
    """


@rule(message="a string ends with another quote than it starts with")
def mixed_quotes() -> None:
    """A string starts with one kind of quote and ends with another.

    Single and double quotes both work, but a string must end with the kind that it starts with.

    bad: { logging: { level: 'info" } }
    good: { logging: { level: "info" } }
    source: LOAD-10
    """


@rule(
    message="these quotes do not make a string", label="expected \" or '", fix="write plain quotes"
)
def wrong_quotes() -> None:
    """A string stands in quotes that are not plain ones.

    Only the straight quotes " and ' begin a string. Curly ones come from word processors and chats,
    backticks from JavaScript and Markdown.

    bad: { logging: { level: “info” } }
    good: { logging: { level: "info" } }
    source: LOAD-10
    """


@rule(message="a text needs quotes", fix="put it in quotes")
def unquoted_string() -> None:
    """A text has no quotes.

    Keys may go without quotes, values may not: a text always stands in quotes.

    bad: { logging: { level: info } }
    good: { logging: { level: "info" } }
    source: LOAD-10
    """


@rule(message="this key needs quotes", fix="put the key in quotes")
def unquoted_key() -> None:
    """A key needs quotes.

    A key may go without quotes when it consists of letters, digits, `_` and `$` and does not start
    with a digit. Any other key, with a dash, a dot, a slash or a space in it, needs them.

    bad: { env: { vars: { my-name: 'x' } } }
    good: { env: { vars: { 'my-name': 'x' } } }
    source: LOAD-10
    """


@rule()
def misspelt_literal() -> None:
    """true, false, null, Infinity or NaN is spelt differently.

    The five words that are values are written exactly so. Python's `True` and `None`, and every
    other spelling, are not known.

    bad: { browser: { enabled: True } }
    good: { browser: { enabled: true } }
    source: LOAD-10
    """


@rule(
    message="undefined is not a value",
    label="leave the key out, or write null where null is allowed",
)
def undefined_value() -> None:
    """A key is given the value undefined.

    JavaScript's `undefined` cannot be written in a config. Leave the key out; `null` is a value of
    its own, and few keys take it.

    bad: { logging: { level: undefined } }
    good: { logging: {} }
    source: LOAD-10
    """


@rule(
    message="the digits of a number are not separated by underscores",
    fix="write the number without underscores",
)
def numeric_separator() -> None:
    """A number is written with underscores.

    JavaScript and Python let underscores group the digits of a number; JSON5 does not.

    bad: { agents: { defaults: { timeoutSeconds: 1_800 } } }
    good: { agents: { defaults: { timeoutSeconds: 1800 } } }
    source: LOAD-10
    """


@rule(message="a number does not start with a zero", fix="leave out the zero")
def leading_zero() -> None:
    """A number starts with a zero.

    Some languages read `010` as ten, others as eight. JSON5 refuses it. A number in base sixteen
    starts with `0x`; digits whose zero matters are a text and need quotes.

    bad: { agents: { defaults: { timeoutSeconds: 060 } } }
    good: { agents: { defaults: { timeoutSeconds: 60 } } }
    source: LOAD-10
    """


@rule(message="this is not a number", fix="if it is a text, put it in quotes")
def malformed_number() -> None:
    """Something starts like a number but is none.

    A number has digits, at most one decimal point, an exponent if need be, and no unit. A time or a
    size with its unit, a date, a version and an address are texts and need quotes.

    bad: { agents: { defaults: { heartbeat: { every: 30m } } } }
    good: { agents: { defaults: { heartbeat: { every: "30m" } } } }
    source: LOAD-10
    """


@rule(message="a backslash and a digit do not make a character", fix="write the backslash twice")
def invalid_escape() -> None:
    r"""A backslash is followed by something that it cannot be followed by.

    `\x` takes two and `\u` four hexadecimal digits, and `\1` to `\9` do not exist. A backslash that
    is meant, as in a Windows path, is written twice.

    bad: { agents: { defaults: { workspace: "C:\users\me" } } }
    good: { agents: { defaults: { workspace: "C:\\users\\me" } } }
    source: LOAD-10
    """


@rule(message="a comment starts with // and not with #", fix="write //")
def wrong_comment() -> None:
    """A comment starts with a mark of another language.

    Comments start with `//`, or stand between `/*` and `*/`.

    bad:
        {
          # keep it short
          logging: {},
        }
    good:
        {
          // keep it short
          logging: {},
        }
    source: LOAD-10
    """


@rule(
    message="this comment is never closed", label="expected */ after this", fix="close it with */"
)
def unclosed_comment() -> None:
    """A comment is opened and never closed.

    A comment that starts with `/*` goes on until `*/`, over as many lines as it takes.

    bad:
        {
          logging: {}, /* keep it short
        }
    good:
        {
          logging: {}, /* keep it short */
        }
    source: LOAD-10
    """


@rule(fix="close what is open")
def unclosed_bracket() -> None:
    """An object or an array is opened and never closed.

    Each `{` needs its `}` and each `[` its `]`. The place where one is missed is often far behind
    the place where it was forgotten; indentation tells where that was.

    bad:
        {
          logging: {
            level: "info",
          },
    good:
        {
          logging: {
            level: "info",
          },
        }
    source: LOAD-10
    """


@rule()
def wrong_bracket() -> None:
    """A container is closed by the bracket of the other kind.

    Objects stand in `{}`, arrays in `[]`.

    bad: { tools: { deny: ["exec"} } }
    good: { tools: { deny: ["exec"] } }
    source: LOAD-10
    """


@rule()
def stray_bracket() -> None:
    """There is a bracket too many.

    It opens or closes nothing, so everything behind it would stand at the wrong depth.

    bad: { logging: { level: "info" } } }
    good: { logging: { level: "info" } }
    source: LOAD-10
    """


@rule(message="an array cannot hold keys")
def array_with_keys() -> None:
    """An array has members with keys.

    An array holds values without names, in `[]`. What has names is an object, in `{}`.

    bad: { logging: [level: "info"] }
    good: { logging: { level: "info" } }
    source: LOAD-10
    """


@rule(bad="{ logging: {},\u200b }", fix="put a space in its place")
def invisible_character() -> None:
    """A character that nobody can see stands between the words.

    Control characters and zero-width characters come in by copying from web pages, documents and
    terminals. Outside strings and comments none of them is allowed.

    good: { logging: {}, }
    source: LOAD-10
    """


@rule(message="this does not belong here")
def unexpected_text() -> None:
    """Something stands where it does not belong.

    A config consists of values only. There are no expressions in it, no function calls, no
    variables of a program.

    bad: { logging: { file: "a" + ".log" } }
    good: { logging: { file: "a.log" } }
    source: LOAD-10
    """


@rule(message="there is text before the config", label="expected { here", fix="delete it")
def text_before_root() -> None:
    """There is text before the config.

    The file holds the config's object and, besides comments, nothing else: no assignment, no
    export, no heading.

    bad:
        module.exports = {
          logging: { level: "info" },
        }
    good:
        {
          logging: { level: "info" },
        }
    source: LOAD-10
    """


@rule(message="there is text after the config", label="it has ended before this", fix="delete it")
def text_after_root() -> None:
    """There is text after the config.

    The config ends with the bracket that closes its first one. Only comments may follow.

    bad: { logging: { level: "info" } },
    good: { logging: { level: "info" } }
    source: LOAD-10
    """


@rule(message="this is YAML, and a config is JSON5", label="reading stopped here")
def yaml() -> None:
    """The text is YAML.

    OpenClaw reads JSON5: objects stand in `{}`, lists in `[]`, with commas between their parts.
    Indentation and dashes mean nothing in it.

    bad:
        {
          tools: {
            deny:
              - exec
          },
        }
    good:
        {
          tools: {
            deny: ["exec"],
          },
        }
    source: LOAD-10
    """


@rule(message="git left a merge conflict here")
def merge_conflict() -> None:
    """Git left the marks of a merge conflict.

    The lines between `<<<<<<<` and `>>>>>>>` are two versions of the same text. Keep what is right
    of both and delete the marks.

    bad:
        {
        <<<<<<< HEAD
          logging: { level: "info" },
        =======
          logging: { level: "debug" },
        >>>>>>> main
        }
    good:
        {
          logging: { level: "info" },
        }
    source: LOAD-10
    """


@rule(label="expected {")
def empty_file() -> None:
    """The file holds no value.

    An empty file, or one with comments only, is not a config. The smallest config is `{}`.

    bad:
        // nothing here yet
    good:
        // nothing here yet
        {}
    source: LOAD-10
    """


@rule(bad="[" * 1101 + "]" * 1101, label="reading stopped here")
def nesting_too_deep() -> None:
    """Objects and arrays stand in one another more than a thousand deep.

    No real config is nested deeper than some twenty levels. Past 1,100 this tool stops reading; it
    is a bound of ours, and OpenClaw fails in its own way.

    good: [[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]
    source: LOAD-10
    """


@rule(severity=WARNING, bad="{ ui: { assistant: { name: 'the\u2028lobster' } } }")
def line_separator_in_string() -> None:
    r"""A string holds a raw line or paragraph separator.

    The characters U+2028 and U+2029 look like nothing or like a space, and end a line in
    JavaScript. json5 reads them but warns on every start. Written `\u2028` they are seen.

    good: { ui: { assistant: { name: 'the\u2028lobster' } } }
    source: LOAD-10
    """


@rule(severity=WARNING)
def invalid_utf8() -> None:
    """The file has bytes that are not UTF-8.

    OpenClaw reads the file as UTF-8 and puts U+FFFD in the place of each byte that does not fit, so
    a name or a key is silently not what was typed. Mostly the file was saved in an old encoding.

    good: { ui: { assistant: { name: 'André' } } }
    source: LOAD-10
    """


@rule()
def wrong_encoding() -> None:
    """The file is in UTF-16 or UTF-32, not in UTF-8.

    Some Windows programs save text in UTF-16 unless set otherwise. OpenClaw reads UTF-8 only.

    good: {}
    source: LOAD-10
    """
