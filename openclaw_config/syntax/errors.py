"""The rules of syntax: what keeps a text from being a config at all.

OpenClaw reads a config with npm's json5 (LOAD-10), which stops at the first error. Their examples
show one error each; the parser reports all of a file's at once.
"""

from __future__ import annotations

from openclaw_config.diagnostics.model import ERROR, WARNING
from openclaw_config.diagnostics.rules import Rule


def _rule(name: str, summary: str, why: str, bad: str, good: str) -> Rule:
    return Rule(name, ERROR, summary, why, bad, good, blocks=True, source="LOAD-10")


MISSING_COMMA = _rule(
    "missing-comma",
    "Two members or items stand side by side without a comma.",
    "A comma separates the members of an object and the items of an array, also where each stands"
    " on its own line. One after the last is allowed, so it is safe to end every line with one.",
    '{\n  logging: { level: "info" }\n  ui: { seamColor: "#ff4500" },\n}',
    '{\n  logging: { level: "info" },\n  ui: { seamColor: "#ff4500" },\n}',
)

MISSING_COLON = _rule(
    "missing-colon",
    "A key and its value stand side by side without a colon.",
    "A colon separates a key from its value.",
    '{ logging: { level "info" } }',
    '{ logging: { level: "info" } }',
)

MISSING_VALUE = _rule(
    "missing-value",
    "A key has no value.",
    "Every key needs a value. A key that should not be set is left out altogether.",
    "{ logging: { level: } }",
    "{ logging: {} }",
)

NAMELESS_VALUE = _rule(
    "nameless-value",
    "A value in an object has no key.",
    "Everything in an object has a name: `key: value`. A list without names is an array, written"
    " in square brackets.",
    '{ logging: { : "info" } }',
    '{ logging: { level: "info" } }',
)

MISSING_BRACES = _rule(
    "missing-braces",
    "The members of the config stand in no object.",
    "A config is one object, and an object needs its braces, at the top of the file as well. What"
    " indentation says in YAML, braces say here.",
    'logging: { level: "info" }',
    '{ logging: { level: "info" } }',
)

EXTRA_COMMA = _rule(
    "extra-comma",
    "A comma has nothing before it.",
    "One comma after the last item is allowed; two in a row, or one before the first, are not.",
    '{ logging: { level: "info",, file: "a.log" } }',
    '{ logging: { level: "info", file: "a.log" } }',
)

EXTRA_COLON = _rule(
    "extra-colon",
    "There is one colon too many.",
    "One colon stands between a key and its value. A value that holds one is put in quotes.",
    '{ logging: { level:: "info" } }',
    '{ logging: { level: "info" } }',
)

EQUALS_FOR_COLON = _rule(
    "equals-for-colon",
    "An equals sign stands where a colon belongs.",
    "A key and its value are separated by a colon, never by `=`.",
    '{ logging: { level = "info" } }',
    '{ logging: { level: "info" } }',
)

SEMICOLON_FOR_COMMA = _rule(
    "semicolon-for-comma",
    "A semicolon stands where a comma belongs.",
    "Members and items are separated by commas.",
    '{ logging: { level: "info"; file: "a.log" } }',
    '{ logging: { level: "info", file: "a.log" } }',
)

UNCLOSED_STRING = _rule(
    "unclosed-string",
    "A string lacks one of its quotes.",
    "A string ends with the quote that it starts with, on the same line. When one of the two is"
    " missing, everything after it is read the wrong way round.",
    '{\n  logging: {\n    level: "info,\n  },\n}',
    '{\n  logging: {\n    level: "info",\n  },\n}',
)

NEWLINE_IN_STRING = _rule(
    "newline-in-string",
    "A string runs over the end of its line.",
    "A line break in a string is written `\\n`. To break only the line and not the text, end the"
    " line with a backslash.",
    '{ ui: { assistant: { name: "the\nlobster" } } }',
    '{ ui: { assistant: { name: "the\\nlobster" } } }',
)

UNESCAPED_QUOTE = _rule(
    "unescaped-quote",
    "A quote inside a string ends it too early.",
    "Inside a string its own kind of quote is written with a backslash before it. Or put the"
    " string in the other kind of quotes.",
    '{ ui: { assistant: { name: "the "old" lobster" } } }',
    "{ ui: { assistant: { name: 'the \"old\" lobster' } } }",
)

MIXED_QUOTES = _rule(
    "mixed-quotes",
    "A string starts with one kind of quote and ends with another.",
    "Single and double quotes both work, but a string must end with the kind that it starts with.",
    "{ logging: { level: 'info\" } }",
    '{ logging: { level: "info" } }',
)

WRONG_QUOTES = _rule(
    "wrong-quotes",
    "A string stands in quotes that are not plain ones.",
    "Only the straight quotes \" and ' begin a string. Curly ones come from word processors and"
    " chats, backticks from JavaScript and Markdown.",
    "{ logging: { level: “info” } }",
    '{ logging: { level: "info" } }',
)

UNQUOTED_STRING = _rule(
    "unquoted-string",
    "A text has no quotes.",
    "Keys may go without quotes, values may not: a text always stands in quotes.",
    "{ logging: { level: info } }",
    '{ logging: { level: "info" } }',
)

UNQUOTED_KEY = _rule(
    "unquoted-key",
    "A key needs quotes.",
    "A key may go without quotes when it consists of letters, digits, `_` and `$` and does not"
    " start with a digit. Any other key, with a dash, a dot, a slash or a space in it, needs them.",
    "{ env: { vars: { my-name: 'x' } } }",
    "{ env: { vars: { 'my-name': 'x' } } }",
)

MISSPELT_LITERAL = _rule(
    "misspelt-literal",
    "true, false, null, Infinity or NaN is spelt differently.",
    "The five words that are values are written exactly so. Python's `True` and `None`, and every"
    " other spelling, are not known.",
    "{ browser: { enabled: True } }",
    "{ browser: { enabled: true } }",
)

UNDEFINED_VALUE = _rule(
    "undefined-value",
    "A key is given the value undefined.",
    "JavaScript's `undefined` cannot be written in a config. Leave the key out; `null` is a value"
    " of its own, and few keys take it.",
    "{ logging: { level: undefined } }",
    "{ logging: {} }",
)

NUMERIC_SEPARATOR = _rule(
    "numeric-separator",
    "A number is written with underscores.",
    "JavaScript and Python let underscores group the digits of a number; JSON5 does not.",
    "{ agents: { defaults: { timeoutSeconds: 1_800 } } }",
    "{ agents: { defaults: { timeoutSeconds: 1800 } } }",
)

LEADING_ZERO = _rule(
    "leading-zero",
    "A number starts with a zero.",
    "Some languages read `010` as ten, others as eight. JSON5 refuses it. A number in base sixteen"
    " starts with `0x`; digits whose zero matters are a text and need quotes.",
    "{ agents: { defaults: { timeoutSeconds: 060 } } }",
    "{ agents: { defaults: { timeoutSeconds: 60 } } }",
)

MALFORMED_NUMBER = _rule(
    "malformed-number",
    "Something starts like a number but is none.",
    "A number has digits, at most one decimal point, an exponent if need be, and no unit. A time"
    " or a size with its unit, a date, a version and an address are texts and need quotes.",
    "{ agents: { defaults: { heartbeat: { every: 30m } } } }",
    '{ agents: { defaults: { heartbeat: { every: "30m" } } } }',
)

INVALID_ESCAPE = _rule(
    "invalid-escape",
    "A backslash is followed by something that it cannot be followed by.",
    "`\\x` takes two and `\\u` four hexadecimal digits, and `\\1` to `\\9` do not exist. A"
    " backslash that is meant, as in a Windows path, is written twice.",
    '{ agents: { defaults: { workspace: "C:\\users\\me" } } }',
    '{ agents: { defaults: { workspace: "C:\\\\users\\\\me" } } }',
)

WRONG_COMMENT = _rule(
    "wrong-comment",
    "A comment starts with a mark of another language.",
    "Comments start with `//`, or stand between `/*` and `*/`.",
    "{\n  # keep it short\n  logging: {},\n}",
    "{\n  // keep it short\n  logging: {},\n}",
)

UNCLOSED_COMMENT = _rule(
    "unclosed-comment",
    "A comment is opened and never closed.",
    "A comment that starts with `/*` goes on until `*/`, over as many lines as it takes.",
    "{\n  logging: {}, /* keep it short\n}",
    "{\n  logging: {}, /* keep it short */\n}",
)

UNCLOSED_BRACKET = _rule(
    "unclosed-bracket",
    "An object or an array is opened and never closed.",
    "Each `{` needs its `}` and each `[` its `]`. The place where one is missed is often far behind"
    " the place where it was forgotten; indentation tells where that was.",
    '{\n  logging: {\n    level: "info",\n  },\n',
    '{\n  logging: {\n    level: "info",\n  },\n}\n',
)

WRONG_BRACKET = _rule(
    "wrong-bracket",
    "A container is closed by the bracket of the other kind.",
    "Objects stand in `{}`, arrays in `[]`.",
    '{ tools: { deny: ["exec"} } }',
    '{ tools: { deny: ["exec"] } }',
)

STRAY_BRACKET = _rule(
    "stray-bracket",
    "There is a bracket too many.",
    "It opens or closes nothing, so everything behind it would stand at the wrong depth.",
    '{ logging: { level: "info" } } }',
    '{ logging: { level: "info" } }',
)

ARRAY_WITH_KEYS = _rule(
    "array-with-keys",
    "An array has members with keys.",
    "An array holds values without names, in `[]`. What has names is an object, in `{}`.",
    '{ logging: [level: "info"] }',
    '{ logging: { level: "info" } }',
)

INVISIBLE_CHARACTER = _rule(
    "invisible-character",
    "A character that nobody can see stands between the words.",
    "Control characters and zero-width characters come in by copying from web pages, documents and"
    " terminals. Outside strings and comments none of them is allowed.",
    "{ logging: {},\u200b }",
    "{ logging: {}, }",
)

UNEXPECTED_TEXT = _rule(
    "unexpected-text",
    "Something stands where it does not belong.",
    "A config consists of values only. There are no expressions in it, no function calls, no"
    " variables of a program.",
    '{ logging: { file: "a" + ".log" } }',
    '{ logging: { file: "a.log" } }',
)

TEXT_BEFORE_ROOT = _rule(
    "text-before-root",
    "There is text before the config.",
    "The file holds the config's object and, besides comments, nothing else: no assignment, no"
    " export, no heading.",
    'module.exports = {\n  logging: { level: "info" },\n}',
    '{\n  logging: { level: "info" },\n}',
)

TEXT_AFTER_ROOT = _rule(
    "text-after-root",
    "There is text after the config.",
    "The config ends with the bracket that closes its first one. Only comments may follow.",
    '{ logging: { level: "info" } },',
    '{ logging: { level: "info" } }',
)

YAML = _rule(
    "yaml",
    "The text is YAML.",
    "OpenClaw reads JSON5: objects stand in `{}`, lists in `[]`, with commas between their parts."
    " Indentation and dashes mean nothing in it.",
    "{\n  tools: {\n    deny:\n      - exec\n  },\n}",
    '{\n  tools: {\n    deny: ["exec"],\n  },\n}',
)

MERGE_CONFLICT = _rule(
    "merge-conflict",
    "Git left the marks of a merge conflict.",
    "The lines between `<<<<<<<` and `>>>>>>>` are two versions of the same text. Keep what is"
    " right of both and delete the marks.",
    '{\n<<<<<<< HEAD\n  logging: { level: "info" },\n=======\n  logging: { level: "debug" },\n'
    ">>>>>>> main\n}",
    '{\n  logging: { level: "info" },\n}',
)

EMPTY_FILE = _rule(
    "empty-file",
    "The file holds no value.",
    "An empty file, or one with comments only, is not a config. The smallest config is `{}`.",
    "// nothing here yet\n",
    "// nothing here yet\n{}\n",
)

NESTING_TOO_DEEP = _rule(
    "nesting-too-deep",
    "Objects and arrays stand in one another more than a thousand deep.",
    "No real config is nested deeper than some twenty levels. Past 1,100 this tool stops reading;"
    " it is a bound of ours, and OpenClaw fails in its own way.",
    "[" * 1101 + "]" * 1101,
    "[" * 20 + "]" * 20,
)

LINE_SEPARATOR_IN_STRING = Rule(
    "line-separator-in-string",
    WARNING,
    "A string holds a raw line or paragraph separator.",
    "The characters U+2028 and U+2029 look like nothing or like a space, and end a line in"
    " JavaScript. json5 reads them but warns on every start. Written `\\u2028` they are seen.",
    "{ ui: { assistant: { name: 'the\u2028lobster' } } }",
    "{ ui: { assistant: { name: 'the\\u2028lobster' } } }",
    source="LOAD-10",
)

INVALID_UTF8 = Rule(
    "invalid-utf8",
    WARNING,
    "The file has bytes that are not UTF-8.",
    "OpenClaw reads the file as UTF-8 and puts U+FFFD in the place of each byte that does not fit,"
    " so a name or a key is silently not what was typed. Mostly the file was saved in an old"
    " encoding.",
    "",
    "{ ui: { assistant: { name: 'André' } } }",
    source="LOAD-10",
)

WRONG_ENCODING = _rule(
    "wrong-encoding",
    "The file is in UTF-16 or UTF-32, not in UTF-8.",
    "Some Windows programs save text in UTF-16 unless set otherwise. OpenClaw reads UTF-8 only.",
    "",
    "{}",
)
