"""Make ``schema/openclaw`` from JSON Schemas of OpenClaw's input type.

    python -m scripts.prepare_schema RELEASES.json [RAW.schema.json …]

RELEASES.json has the schemas of many releases over shared definitions; each RAW schema takes the
place of the one for the release that it names. The result says the same with four changes. Patterns
are written so that JavaScript and Python read them alike and in linear time. A pattern carries
``x-expects``, what it asks for in words, and the same as ``patternErrorMessage``, which VS Code
shows. There are no descriptions: ``schema/descriptions`` has them. And a schema is cut into
sections, so that a check reads what its config has: ``index.json`` says which releases have a form
of a section of their own, a file of ``<section>/<release>.json`` each; a ``$ref`` leads to a
section, or to a definition of one. A pattern without words below stops the script: write them down
here first.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections import Counter
from typing import Any

_VOCABULARY = """
    oneOf if then else uniqueItems patternProperties x-trimMaxLength
    $ref $defs type properties additionalProperties required propertyNames
    minProperties maxProperties items prefixItems minItems maxItems anyOf allOf not enum const
    pattern format minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum
    default description title deprecated
    x-secret x-legacy x-legacyValues x-rule x-open x-expects x-tag
    patternErrorMessage
"""
KEYWORDS = frozenset(_VOCABULARY.split())
"""The keywords that a schema may use: those that ``validation.schema`` knows."""

SPACE = "[\\t-\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff]"
"""JavaScript's ``\\s``; Python's differs in six characters."""

SOLID = SPACE.replace("[", "[^", 1)
END = "(?![\\s\\S])"
"""The very end. ``$`` would also match before a last line feed in Python."""

_NUMBER = "[0-9]+(?:\\.[0-9]+)?"
_UNIT = "(?:[mM][sS]|[sSmMhHdD])"
_DURATION = f"{SPACE}*{_NUMBER}(?:{_UNIT}(?:{_NUMBER}{_UNIT})*)?{SPACE}*"
_LOOPBACK = "127(?:\\.(?:0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])){3}"
_BAD = ";&|`$<>\\r\\n\"'\\x00"
_WITHOUT_AT_HOST = f"[/\\\\]*[^{SPACE[1:-1]}/\\\\?#:@]"

# raw pattern -> (the same, portable and linear; what it asks for); None where the translation of
# ``portable`` is linear already
PATTERNS: dict[str, tuple[str | None, str]] = {
    "^[Hh][Tt][Tt][Pp][Ss]?://": ("^[Hh][Tt][Tt][Pp][Ss]?://", "an http or https URL"),
    "[?#]": ("[?#]", "a URL without query or fragment"),
    "^\\+[1-9][0-9]{1,14}$": (
        f"^\\+[1-9][0-9]{{1,14}}{END}",
        "a phone number in international form, such as +15551234567",
    ),
    "^\\s*(?:[Hh][Tt][Tt][Pp][Ss]?:[/\\\\]*[^\\s/\\\\?#:]|(?![Hh][Tt][Tt][Pp][Ss]?:)"
    "[A-Za-z][A-Za-z0-9+.-]*:)": (
        f"^{SPACE}*(?:[Hh][Tt][Tt][Pp][Ss]?:[/\\\\]*[^{SPACE[1:-1]}/\\\\?#:]|"
        "(?![Hh][Tt][Tt][Pp][Ss]?:)[A-Za-z][A-Za-z0-9+.-]*:)",
        "a URL, such as https://example.com",
    ),
    "^\\s*(?:[.~][^;&|`$<>\\r\\n\"'\\x00]*|(?!-)[A-Za-z0-9._+-]+|"
    "[^;&|`$<>\\r\\n\"'\\x00]*[/\\\\][^;&|`$<>\\r\\n\"'\\x00]*)\\s*$": (
        f"^{SPACE}*(?:[.~]|(?!-)[A-Za-z0-9._+-]+{SPACE}*{END}|"
        f"(?={SOLID})[^/\\\\{_BAD}]*[/\\\\])[^{_BAD}]*(?:[\\r\\n]{SPACE}*)?{END}",
        "a plain program name or path, without shell characters",
    ),
    "\\S": (SOLID, "some text"),
    "^#?[0-9a-fA-F]{6}$": (f"^#?[0-9a-fA-F]{{6}}{END}", "a colour such as #ff8800"),
    "^[a-z0-9-]+$": (f"^[a-z0-9-]+{END}", "lower-case letters, digits and hyphens"),
    "^https://.*": ("^https://", "an https URL"),
    "^\\s*[Hh][Tt][Tt][Pp][Ss]?:[/\\\\]*[^\\s/\\\\?#:@]": (
        f"^{SPACE}*[Hh][Tt][Tt][Pp][Ss]?:{_WITHOUT_AT_HOST}",
        "an http or https URL",
    ),
    "^\\s*(?:[0-9]+(?:\\.[0-9]+)?(?:[mM][sS]|[sSmMhHdD])?|"
    "(?:[0-9]+(?:\\.[0-9]+)?(?:[mM][sS]|[sSmMhHdD]))+)\\s*$": (
        f"^{_DURATION}{END}",
        "a duration such as 30m, 1h30m or 7d (units ms, s, m, h, d)",
    ),
    "^[a-z][a-z0-9_-]{0,63}$": (
        f"^[a-z][a-z0-9_-]{{0,63}}{END}",
        "a name in lower case: a letter, then letters, digits, _ or -, at most 64 in all",
    ),
    "^(?:|\\s*(?:[0-9]+(?:\\.[0-9]+)?(?:[mM][sS]|[sSmMhHdD])?|"
    "(?:[0-9]+(?:\\.[0-9]+)?(?:[mM][sS]|[sSmMhHdD]))+)\\s*)$": (
        f"^(?:{_DURATION})?{END}",
        "a duration such as 30m, 1h30m or 7d (units ms, s, m, h, d)",
    ),
    "^[A-Z][A-Z0-9_]{0,127}$": (
        f"^[A-Z][A-Z0-9_]{{0,127}}{END}",
        "the name of a variable in capitals, such as OPENROUTER_API_KEY",
    ),
    "^\\s*[0-9]+(?:\\.[0-9]+)?(?:[bB]|[kKmMgGtT][bB]?)?\\s*$": (
        f"^{SPACE}*{_NUMBER}(?:[bB]|[kKmMgGtT][bB]?)?{SPACE}*{END}",
        "a size such as 512kb, 10mb or 1gb",
    ),
    "^(?!\\s*[/~])(?!\\s*(?:[^:]*[\\\\/])?\\.\\.(?:[\\\\/]|\\s*$))[^:]*[^:\\s][^:]*$": (
        f"^(?!{SPACE}*[/~])(?!(?:{SPACE}*|[^:]*[\\\\/])\\.\\.(?:[\\\\/]|{SPACE}*{END}))"
        f"{SPACE}*[^:{SPACE[1:-1]}][^:]*{END}",
        "a relative path that stays inside its folder",
    ),
    "^\\s*[Hh][Tt][Tt][Pp]:[/\\\\]*[^\\s/\\\\?#:@]": (
        f"^{SPACE}*[Hh][Tt][Tt][Pp]:{_WITHOUT_AT_HOST}",
        "an http URL",
    ),
    "^(?!\\s*[hH][oO][sS][tT]\\s*$)": (
        f"^(?!{SPACE}*[hH][oO][sS][tT]{SPACE}*{END})",
        'a network other than "host"',
    ),
    "^\\s*/": (f"^{SPACE}*/", "a bind whose host part is an absolute path, such as /data:/data:ro"),
    "^(?!\\s*[uU][nN][cC][oO][nN][fF][iI][nN][eE][dD]\\s*$)": (
        f"^(?!{SPACE}*[uU][nN][cC][oO][nN][fF][iI][nN][eE][dD]{SPACE}*{END})",
        'a profile other than "unconfined"',
    ),
    "^(?:/|[A-Za-z]:[\\\\/]|\\\\\\\\[^\\\\]+\\\\[^\\\\]+)": (
        "^(?:/|[A-Za-z]:[\\\\/]|\\\\\\\\[^\\\\]+\\\\[^\\\\])",
        "an absolute path",
    ),
    "^(?!.*(?:^|/)\\.{1,2}(?:/|$))[A-Za-z0-9][A-Za-z0-9._:/-]{0,255}$": (
        f"^(?![A-Za-z0-9._:/-]*/\\.{{1,2}}(?:/|{END}))[A-Za-z0-9][A-Za-z0-9._:/-]{{0,255}}{END}",
        "a secret's id: letters, digits and . _ : / -, without . or .. as a segment",
    ),
    "^(?:value|/(?:[^~]|~0|~1)*)$": (
        f"^(?:value|/(?:[^~]|~[01])*){END}",
        'a JSON pointer such as /openrouter/apiKey, or "value"',
    ),
    # --- later than 2026.4.29 ---
    "^[a-z0-9][a-z0-9._-]{0,63}$": (None, "a name of lower-case letters, digits and . _ -"),
    "^#.*": (None, "text that begins with #"),
    "^#": (None, "text that begins with #"),
    "^(?!(?:constructor|prototype)$)[a-z0-9][a-z0-9_-]{0,63}$": (
        None,
        "a name of lower-case letters, digits, _ and -, at most 64 in all",
    ),
    "^(?:|(?:[01][0-9]|2[0-3]):[0-5][0-9])$": (None, "a time such as 08:30"),
    "^(?:|(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)$": (None, "a time such as 17:30, or 24:00"),
    "^\\d+$": (None, "digits"),
    "^[0-9]+$": (None, "digits"),
    "^https?:\\/\\/": (None, "an http or https URL"),
    "^https?://": (None, "an http or https URL"),
    "^[a-z0-9][a-z0-9_-]{0,63}$": (
        None,
        "a name of lower-case letters, digits, _ and -, at most 64 in all",
    ),
    "^\\s*[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}\\s*$": (
        None,
        "a name of letters, digits, _ and -, at most 64 in all",
    ),
    "^(?!.*(?:^|/)\\.{1,2}(?:/|$))[A-Za-z0-9][A-Za-z0-9._:/#-]{0,255}$": (
        f"^(?![A-Za-z0-9._:/#-]*/\\.{{1,2}}(?:/|{END}))[A-Za-z0-9][A-Za-z0-9._:/#-]{{0,255}}{END}",
        "a secret's id: letters, digits and . _ : / # -, without . or .. as a segment",
    ),
    "^[A-Z_][A-Z0-9_]*$": (None, "the name of a variable in capitals"),
    "^(?:/|[A-Za-z]:[\\\\/]|\\\\\\\\\\?\\\\[A-Za-z]:[\\\\/])": (None, "an absolute path"),
    "^\\s*(?:[Hh][Tt][Tt][Pp][Ss]:[/\\\\]*[^\\s/\\\\?#]|"
    "[Hh][Tt][Tt][Pp]://(?:localhost|127\\.0\\.0\\.1|\\[::1\\])(?:[:/?#]|$))": (
        None,
        "an https URL, or an http URL of this machine",
    ),
    "^\\s*[Hh][Tt][Tt][Pp][Ss]:[/\\\\]*[^\\s/\\\\?#]+/[^\\s?#]": (None, "an https URL with a path"),
    "^(?:[A-Za-z0-9_'+\\-]+\\.)*[A-Za-z0-9_'+\\-]*[A-Za-z0-9_+-]@"
    "(?:[A-Za-z0-9][A-Za-z0-9\\-]*\\.)+[A-Za-z]{2,}$": (
        None,
        "an e-mail address",
    ),
    "^(?!\\.)(?!.*\\.\\.)([A-Za-z0-9_'+\\-\\.]*)[A-Za-z0-9_+-]@"
    "([A-Za-z0-9][A-Za-z0-9\\-]*\\.)+[A-Za-z]{2,}$": (
        None,
        "an e-mail address",
    ),
    "^(?=.{1,220}$)(?!(?:[0-9]+\\.){3}[0-9]+$)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    "(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)+$": (None, "a host name"),
    "^https:\\/\\/[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\\.cloudflareaccess\\.com$": (
        None,
        "an https URL below cloudflareaccess.com",
    ),
    "^https://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\\.cloudflareaccess\\.com$": (
        None,
        "an https URL below cloudflareaccess.com",
    ),
    "^/": (None, "text that begins with /"),
    "^(?:[1-9][0-9]*[hd]|(?:[6-9][0-9]|[1-9][0-9]{2,})m)(?![\\s\\S])": (
        None,
        "a duration of an hour or more, such as 60m, 2h or 1d",
    ),
    "^(?:[1-9][0-9]*d|(?:2[4-9]|[3-9][0-9]|[1-9][0-9]{2,})h|"
    "(?:14[4-9][0-9]|1[5-9][0-9]{2}|[2-9][0-9]{3}|[1-9][0-9]{4,})m)(?![\\s\\S])": (
        None,
        "a duration of a day or more, such as 24h or 2d",
    ),
    "^\\s*(?:[^/]*[^/\\s][^/]*/[\\s\\S]*\\S[\\s\\S]*)?$": (
        f"^{SPACE}*(?:{END}|[^/{SPACE[1:-1]}][^/]*/{SPACE}*{SOLID})",
        "a model ref such as openai/gpt-5.5",
    ),
    "^(?:[A-Za-z][A-Za-z0-9_./-]*)?$": (None, "a name that begins with a letter"),
    "^https:\\/\\/.*": (None, "an https URL"),
    "^[Hh][Tt][Tt][Pp][Ss]:\\/\\/": (None, "an https URL"),
    "^[Hh][Tt][Tt][Pp][Ss]://": (None, "an https URL"),
    "^[a-z0-9_][a-z0-9_-]{0,63}$": (
        None,
        "a name of lower-case letters, digits, _ and -, at most 64 in all",
    ),
    "^[a-zA-Z0-9_][a-zA-Z0-9_-]{0,63}$": (
        None,
        "a name of letters, digits, _ and -, at most 64 in all",
    ),
    "^\\+[1-9]\\d{1,14}$": (None, "a phone number in international form, such as +15551234567"),
    "^ghp_[a-f0-9]{32}$": (None, "a profile id of ghp_ and 32 hexadecimal digits"),
    "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89aAbB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$": (
        None,
        "a UUID",
    ),
    "^openai:[^\\s:/][^\\s/]*$": (None, "a profile such as openai:default"),
    "^[a-z0-9][a-z0-9_-]{0,62}$": (
        None,
        "a name of lower-case letters, digits, _ and -, at most 63 in all",
    ),
    "^[^.[\\]]+$": (None, "a name without dots and brackets"),
    "^[A-Za-z0-9][A-Za-z0-9_-]*$": (None, "a name of letters, digits, _ and -"),
    "^\\S(?:[\\s\\S]*\\S)?$": (
        f"^{SOLID}(?:[\\s\\S]*{SOLID})?{END}",
        "text without white space at its ends",
    ),
    "^[a-z][a-z0-9-]*$": (None, "a name of lower-case letters, digits and hyphens"),
    "^\\s*(?!(?:auto|default)\\s*$)[a-z][a-z0-9-]{0,127}\\s*$": (
        None,
        "a name of lower-case letters, digits and hyphens, other than auto and default",
    ),
    "^[a-z0-9][a-z0-9-]{0,63}$": (
        None,
        "a name of lower-case letters, digits and hyphens, at most 64 in all",
    ),
    "^[^,]+$": (None, "text without a comma"),
    "^(?=.*[1-9])\\s*(?:[0-9]+(?:\\.[0-9]+)?(?:[mM][sS]|[sSmMhHdD])?|"
    "(?:[0-9]+(?:\\.[0-9]+)?(?:[mM][sS]|[sSmMhHdD]))+)\\s*$": (
        f"^(?=[^\\n\\r1-9]*[1-9]){_DURATION}{END}",
        "a duration above zero, such as 30m, 1h30m or 7d (units ms, s, m, h, d)",
    ),
    "^(?:[Hh][Tt][Tt][Pp][Ss]://[^/?#@\\s]+|"
    "[Hh][Tt][Tt][Pp]://(?:localhost|127\\.0\\.0\\.1|\\[::1\\])(?::[0-9]+)?)/?$": (
        None,
        "an https origin, or an http origin of this machine",
    ),
    "^[wW][sS][sS]?:\\/\\/": (None, "a ws or wss URL"),
    "^[wW][sS][sS]?://": (None, "a ws or wss URL"),
    "^[hH][tT][tT][pP][sS]?:\\/\\/[^\\\\/?#@]+\\/?$": (None, "an http or https origin"),
    "^[hH][tT][tT][pP][sS]?://[^\\/?#@]+/?$": (None, "an http or https origin"),
    "^[Hh][Tt][Tt][Pp][Ss]?://[^/?#@\\s]+/?$": (None, "an http or https origin"),
    "^(github|profile):[^\\s:]+$": (None, "github: or profile: and a name"),
    "^(?!\\s)(?![\\s\\S]*\\s$)[\\s\\S]{1,128}$": (
        f"^(?!{SPACE})(?![\\s\\S]{{0,127}}{SPACE}{END})[\\s\\S]{{1,128}}{END}",
        "1 to 128 characters without white space at the ends",
    ),
    "^(?!\\s)(?![\\s\\S]*\\s$)(?![\\s\\S]*\\.\\.)[^\\x00-\\x1f\\x7f-\\x9f/\\\\]{1,512}$": (
        f"^(?!{SPACE})(?![\\s\\S]{{0,511}}{SPACE}{END})(?![\\s\\S]{{0,511}}\\.\\.)"
        f"[^\\x00-\\x1f\\x7f-\\x9f/\\\\]{{1,512}}{END}",
        "1 to 512 characters without slashes, .. and white space at the ends",
    ),
    "^(?!\\s)(?![\\s\\S]*\\s$)[\\s\\S]{1,64}$": (
        f"^(?!{SPACE})(?![\\s\\S]{{0,63}}{SPACE}{END})[\\s\\S]{{1,64}}{END}",
        "1 to 64 characters without white space at the ends",
    ),
    "^\\s*(?:[0-9]+(?:\\.[0-9]+)?(?:[mM][sS]|[sSmMhHdD]))+$": (
        None,
        "a duration such as 30m or 1h30m (units ms, s, m, h, d)",
    ),
    "^svc:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$": (None, "a service name such as svc:openclaw"),
    "^\\d+(?:ms|s|m|h)$": (None, "a duration such as 30s (units ms, s, m, h)"),
    "^[0-9]+(?:ms|s|m|h)$": (None, "a duration such as 30s (units ms, s, m, h)"),
    "^(?!\\*$)(?![Gg][Rr][Oo][Uu][Pp]:).+": (None, "a name other than * and group:…"),
    "^\\/(?!\\/)[^\\0]*[^/\\0]$": (None, "an absolute path without a slash at its end"),
    "^/(?!/)[^\\x00]*[^/\\x00]$": (None, "an absolute path without a slash at its end"),
    "^[Hh][Tt][Tt][Pp][Ss]?:\\/\\/(?![^/?#]*@)": (None, "an http or https URL without user info"),
    "^[Hh][Tt][Tt][Pp][Ss]?://(?![^/?#]*@)": (None, "an http or https URL without user info"),
    "^(?!\\s*-)": (None, "text that does not begin with a hyphen"),
    "^\\s*[^a-z0-9]*[a-z0-9]+(?:[^a-z0-9]+[a-z0-9]+)?[^a-z0-9]*\\s*$": (
        f"^[^a-z0-9]*[a-z0-9]+(?:[^a-z0-9]+(?:[a-z0-9]+[^a-z0-9]*)?)?{END}",
        "one or two words",
    ),
    "^\\s*(?:/|~(?:/|\\s*$))": (None, "an absolute path, or one that begins with ~"),
    "^\\s*(?:\\[[0-9A-Fa-f:.]+\\]|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+|[^\\s/?#@*:]+)\\s*$": (
        None,
        "a host name or address",
    ),
    "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$": (None, "the name of a header"),
    # --- of what ``STATED`` adds ---
    "^[^\\r\\n\\0]*$": (None, "text of one line"),
    "^(?!\\s*[cC][oO][nN][tT][aA][iI][nN][eE][rR]:)": (
        None,
        "a network that is not another container's, unless docker has "
        "dangerouslyAllowContainerNamespaceJoin: true",
    ),
    "^[a-z0-9.-]+(?::[0-9]+)?(?:/[a-z0-9._-]+){2,}(?<!\\.git)$": (
        None,
        "host/owner/repository in lower case, without .git",
    ),
    f"^\\s*(?:{_LOOPBACK}|\\[{_LOOPBACK}\\])\\s*$": (None, "a loopback address"),
}
_TIMESTAMP = "-02-29|"
"""In the patterns of timestamps, and in no other."""


# Read by a form, where the schema only names it.
FORMATS = {
    "uri": "a URL, such as https://example.com",
    "email": "an e-mail address",
    "date-time": "a time such as 2026-04-29T12:00:00Z",
    "starts_with": "text with the right beginning",
}

_DROPPED = ("description", "title", "$comment", "$id", "$schema", "x-openclaw")
_LINE = 100
OWN_SECTION = 300
"""Characters from which a top-level key, a channel or a plugin entry is a section of its own."""
SHARED = 100
"""Characters from which a part that occurs twice in a section is written once."""
PARTED = ("channels", "plugins/entries")
"""The maps whose known keys are sections too."""

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDER = os.path.join(HERE, "schema", "openclaw")

_TRANSLATED = {"d": "[0-9]", "s": SPACE, "S": SOLID, "/": "/", "0": "\\x00"}
_TRANSLATED_IN_CLASS = {"d": "0-9", "s": SPACE[1:-1], "/": "/", "0": "\\x00"}


def portable(pattern: str) -> str:
    """A JavaScript pattern as Python understands it too."""
    out = []
    at = 0
    inside = False
    while at < len(pattern):
        sign = pattern[at]
        if pattern.startswith("[\\s\\S]", at):
            out.append("[\\s\\S]")
            at += 6
            continue
        if sign == "\\":
            following = pattern[at + 1]
            table = _TRANSLATED_IN_CLASS if inside else _TRANSLATED
            out.append(table.get(following, "\\" + following))
            at += 2
            continue
        if sign == "[" and not inside:
            inside = True
        elif sign == "[":
            sign = "\\["
        elif sign == "]":
            inside = False
        elif sign == "$" and not inside:
            sign = END
        elif sign == "." and not inside:
            sign = "[^\\n\\r\\u2028\\u2029]"
        out.append(sign)
        at += 1
    return "".join(out)


def _pattern(raw: str) -> tuple[str, str]:
    if _TIMESTAMP in raw:
        return portable(raw), FORMATS["date-time"]
    if raw not in PATTERNS:
        raise SystemExit(f"no words are known for the pattern {raw!r}")
    own, words = PATTERNS[raw]
    return own if own is not None else portable(raw), words


class Expanded:
    """The schema of one release with its references followed and in our own form.

    Parts that are the same object in the raw document are the same object here.
    """

    def __init__(self, definitions: dict[str, Any]) -> None:
        self._definitions = definitions
        self._followed: dict[str, Any] = {}

    def of(self, raw: Any) -> Any:
        """The prepared form of a part."""
        if isinstance(raw, list):
            return [self.of(item) for item in raw]
        if not isinstance(raw, dict):
            return raw
        if "$ref" in raw:
            name = raw["$ref"].rpartition("/")[2]
            if name not in self._followed:
                self._followed[name] = self.of(self._definitions[name])
            beside = {key: value for key, value in raw.items() if key != "$ref"}
            found = self._followed[name]
            return {**found, **self.of(beside)} if beside else found
        return self._own_form(raw)

    def _own_form(self, raw: dict[str, Any]) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key, value in raw.items():
            if key in _DROPPED and isinstance(value, str):
                continue
            if key in ("properties", "patternProperties"):
                named = {name: self.of(part) for name, part in value.items()}
                if key == "patternProperties":
                    named = {portable(name): part for name, part in named.items()}
                out[key] = named
            elif key == "pattern" and isinstance(value, str):
                out["pattern"], words = _pattern(value)
                re.compile(out["pattern"])
                out["x-expects"] = words
                out["patternErrorMessage"] = f"needs {words}"
            elif key in ("enum", "const", "default", "required"):
                out[key] = value
            elif key != "$defs":
                out[key] = self.of(value)
        if "pattern" not in out and isinstance(out.get("format"), str):
            out["x-expects"] = FORMATS[out["format"]]
        if isinstance(out.get("x-open"), str) and out.get("additionalProperties") is False:
            # Plugins may bring keys of their own here; a rule in code knows which.
            del out["additionalProperties"]
        if unknown := out.keys() - KEYWORDS:
            raise SystemExit(f"the evaluator does not know these keywords: {sorted(unknown)}")
        return _marked(out)


WITH_EXPONENT = {"anyOf": [{"minimum": 1e21}, {"exclusiveMinimum": 0, "exclusiveMaximum": 1e-6}]}
"""Numbers that JavaScript writes with an exponent."""


def _marked(schema: dict[str, Any]) -> dict[str, Any]:
    """A part with what it does not say itself.

    Which key tags a union; what a string is for; and that a number beside a duration or a size is
    read as JavaScript writes it, where neither has exponents. A port of 0 is none.
    """
    if schema == {"required": ["cdpPort"]}:
        return {**schema, "properties": {"cdpPort": {"exclusiveMinimum": 0}}}
    branches = schema.get("anyOf", ())
    if any(_is_amount(one) for one in branches):
        numbers = {
            "not": WITH_EXPONENT,
            "x-expects": "a number that JavaScript writes without an exponent",
        }
        branches = [{**one, **numbers} if one.get("type") == "number" else one for one in branches]
        return {**schema, "anyOf": branches}
    if any(_property(one, "source") and _property(one, "command") for one in branches):
        sources = {_property(one, "source").get("const") for one in branches}
        return {**schema, "x-tag": "source"} if len(sources) == len(branches) else schema
    if any(_property(one, "type").get("const") == "message.senders" for one in branches):
        return {**schema, "x-tag": "type"}
    if (
        len(branches) == 2
        and _property(branches[1], "primary")
        and branches[0] == {"type": "string"}
    ):
        named = {**branches[0], "x-expects": 'a model ref such as "openrouter/auto"'}
        return {**schema, "anyOf": [named, branches[1]]}
    return schema


def _is_amount(schema: dict[str, Any]) -> bool:
    words = schema.get("x-expects", "")
    return schema.get("type") == "string" and words.startswith(("a duration such", "a size such"))


def _property(schema: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = schema.get("properties", {}).get(name, {})
    return found


# --- releases between the two ends ---------------------------------------------------------------

REFINED = (
    "agents.defaults.heartbeat.target", "agents.list.[].heartbeat.target",
    "agents.entries.*.heartbeat.target", "audio.transcription.command", "gateway.remote.edgeAuth",
    "secrets.egressProxy.allowedHosts", "secrets.egressProxy.bypassHosts",
    "session.maintenance.pruneAfter",
)  # fmt: skip
"""Where the schemas of the releases between know a type alone, and records show that they refuse
what the schema of the end on their side of ``MOVED`` refuses."""
MOVED = "2026.8.1"


def _at(schema: dict[str, Any], path: list[str]) -> dict[str, Any]:
    """The part of a schema at a key path; ``[]`` is any item, ``*`` any other key; {} if none."""
    for step in path:
        inner = {"[]": schema.get("items"), "*": schema.get("additionalProperties")}
        schema = inner.get(step) or schema.get("properties", {}).get(step, {})
    return schema


def _put(schema: dict[str, Any], path: list[str], part: dict[str, Any]) -> dict[str, Any]:
    """A schema with another part at a key path; what it shares with others stays as it is."""
    if not path:
        return part
    step, rest = path[0], path[1:]
    inner = _put(_at(schema, [step]), rest, part)
    key = {"[]": "items", "*": "additionalProperties"}.get(step)
    if key is not None:
        return {**schema, key: inner}
    return {**schema, "properties": {**schema["properties"], step: inner}}


def refined(schema: dict[str, Any], end: dict[str, Any]) -> dict[str, Any]:
    """The schema of a release between, with what it refuses as the end on its side does."""
    for place in REFINED:
        path = place.split(".")
        if _at(schema, path) and _at(end, path):
            schema = _put(schema, path, _at(end, path))
    return _put(schema, ["models", "providers"], _any_case(_at(schema, ["models", "providers"])))


def _any_case(providers: dict[str, Any]) -> dict[str, Any]:
    """The providers, where the built-in ones may be written in any case and with blanks around."""
    if "properties" not in providers:
        return providers
    names = ("".join(f"[{c.upper()}{c}]" if c.isalpha() else c for c in one) for one in
             providers["properties"])  # fmt: skip
    pattern = portable(f"^\\s*(?:{'|'.join(names)})\\s*$")
    (part,) = {json.dumps(one): one for one in providers["properties"].values()}.values()
    rest = {key: value for key, value in providers.items() if key != "properties"}
    return {**rest, "patternProperties": {pattern: part}}


# --- what OpenClaw asks in code and a schema can say ---------------------------------------------

_HOURS = {
    "start": {"type": "string", "pattern": "^(?:|(?:[01][0-9]|2[0-3]):[0-5][0-9])$"},
    "end": {"type": "string", "pattern": "^(?:|(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"},
}
_OWN_NETWORK = {
    "properties": {
        "network": {
            "type": "string",
            "pattern": "^(?!\\s*[cC][oO][nN][tT][aA][iI][nN][eE][rR]:)",
        }
    }
}
_JOINING = {
    "properties": {"dangerouslyAllowContainerNamespaceJoin": {"const": True}},
    "required": ["dangerouslyAllowContainerNamespaceJoin"],
}
_GROUP = "\\s*[^\\s:][^:]*:\\s*\\S"
_EXACT = "\\s*[^\\s/*][^/*]*/\\s*[^\\s*][^*]*$"
_ONLY_EXACT = {"not": {}, "x-expects": "left out under a key that is not one exact provider/model"}
_ENV = {
    "properties": {
        "docker": {
            "properties": {
                "env": {
                    "patternProperties": {
                        "^(?![A-Za-z_][A-Za-z0-9_]*$)": {
                            "not": {},
                            "x-expects": "under a name of letters, digits and _",
                        }
                    },
                    "additionalProperties": {"type": "string", "pattern": "^[^\\r\\n\\0]*$"},
                }
            }
        }
    }
}
_IN_CONTAINER = {"properties": {"backend": {"enum": ["docker", "podman"]}}}
_BACKEND_ELSEWHERE = {"if": {"not": {"required": ["backend"]}}, "then": _ENV}
_NOT_SERVED = {"properties": {"tailscale": {"properties": {"mode": {"const": "off"}}}}}
_SHARED_LOGIN = {"properties": {"oauth": {"properties": {"identity": {"const": "shared"}}}}}

STATED: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    (
        "agents.defaults.heartbeat agents.list.[].heartbeat", "", "2026.8.1",
        {
            "if": {"required": ["every"], "properties": {"every": {"minLength": 1}}},
            "then": {"properties": {"activeHours": {"properties": _HOURS}}},
        },
    ),
    (
        "agents.defaults.sandbox agents.list.[].sandbox agents.entries.*.sandbox", "", "",
        {
            "if": {"required": ["docker"], "properties": {"docker": _JOINING}},
            "else": {"properties": {"docker": _OWN_NETWORK, "browser": _OWN_NETWORK}},
        },
    ),
    (
        "agents.defaults.models agents.entries.*.models", "2026.8.1", "",
        {
            "patternProperties": {
                f"^(?!{_EXACT})": {
                    "properties": {"pickerRuntimes": _ONLY_EXACT, "codeMode": _ONLY_EXACT}
                }
            }
        },
    ),
    (
        "agents.defaults.sandbox agents.entries.*.sandbox", "2026.8.1", "",
        {"if": {"required": ["backend"], **_IN_CONTAINER}, "then": _ENV},
    ),
    (
        "agents", "2026.8.1", "",
        {
            "if": {"properties": {"defaults": {"properties": {"sandbox": _IN_CONTAINER}}}},
            "then": {
                "properties": {
                    "defaults": {"properties": {"sandbox": _BACKEND_ELSEWHERE}},
                    "entries": {
                        "additionalProperties": {"properties": {"sandbox": _BACKEND_ELSEWHERE}}
                    },
                }
            },
        },
    ),
    (
        "broadcast", "2026.9.5", "",
        {
            "patternProperties": {
                f"^{_GROUP}": {"maxItems": 16},
                f"^(?!{_GROUP})": {
                    "not": {"type": "object"},
                    "x-expects": "a list of agents where its key is not channel:peer",
                },
            }
        },
    ),
    (
        "cloudWorkers.projectProfiles", "2026.8.1", "",
        {
            "propertyNames": {
                "pattern": "^[a-z0-9.-]+(?::[0-9]+)?(?:/[a-z0-9._-]+){2,}(?<!\\.git)$"
            }
        },
    ),
    (
        "gateway", "", "",
        {
            "anyOf": [
                _NOT_SERVED,
                {"properties": {"bind": {"const": "loopback"}}},
                {
                    "required": ["customBindHost"],
                    "properties": {
                        "bind": {"const": "custom"},
                        "customBindHost": {
                            "pattern": f"^\\s*(?:{_LOOPBACK}|\\[{_LOOPBACK}\\])\\s*$"
                        },
                    },
                },
            ],
            "x-rule": "gateway-tailscale-bind",
        },
    ),
    (
        "gateway", "2026.5.28", "",
        {
            "anyOf": [
                _NOT_SERVED,
                {
                    "properties": {
                        "auth": {
                            "properties": {"mode": {"enum": ["token", "password", "trusted-proxy"]}}
                        }
                    }
                },
            ],
            "x-rule": "gateway-tailscale-auth",
        },
    ),
    (
        "hooks", "2026.8.1", "",
        {
            "if": {"not": {"required": ["defaultSessionKey"]}},
            "then": {
                "properties": {
                    "mappings": {
                        "items": {
                            "allOf": [
                                {
                                    "anyOf": [
                                        {"properties": {"sessionMode": {"const": "isolated"}}},
                                        {"required": ["sessionKey"]},
                                        {"required": ["transform"]},
                                        {
                                            "required": ["action"],
                                            "properties": {"action": {"const": "wake"}},
                                        },
                                    ],
                                    "x-rule": "hook-persistent-key",
                                }
                            ]
                        }
                    }
                }
            },
        },
    ),
    (
        "mcp.servers.* nodeHost.mcp.servers.*", "2026.8.1", "",
        {
            "anyOf": [
                _SHARED_LOGIN,
                {"properties": {"oauth": {"properties": {"authProfileId": False}}}},
            ],
            "x-rule": "mcp-oauth-profile",
        },
    ),
    (
        "mcp.servers.* nodeHost.mcp.servers.*", "2026.8.1", "",
        {
            "anyOf": [
                _SHARED_LOGIN,
                {"properties": {"oauth": {"required": ["authProfileId"]}}},
                {
                    "required": ["auth", "url"],
                    "properties": {
                        "command": False,
                        "transport": {"enum": ["sse", "streamable-http"]},
                    },
                },
            ],
            "x-rule": "mcp-oauth-identity",
        },
    ),
)  # fmt: skip
"""Parts that hold as well: where, from which release on, and up to which. Each takes a text that is
not known yet, so it says what is right and not what is wrong."""


def stated(schema: dict[str, Any], release: str) -> dict[str, Any]:
    """The schema of a release with the parts that hold in it as well."""
    at = _by_release(release)
    for places, since, until, part in STATED:
        if at < _by_release(since) or (until and at >= _by_release(until)):
            continue
        for place in places.split():
            path = place.split(".")
            if old := _at(schema, path):
                parts = [*old.get("allOf", ()), Expanded({}).of(part)]
                schema = _put(schema, path, {**old, "allOf": parts})
    return schema


# --- sections ------------------------------------------------------------------------------------


def sections(root: dict[str, Any]) -> dict[str, Any]:
    """The sections of an expanded schema by name; ``root`` is what is left of the whole."""
    found: dict[str, Any] = {}
    properties = {key: _cut(found, key, part) for key, part in root["properties"].items()}
    found["root"] = {**root, "properties": properties}
    return found


def _cut(found: dict[str, Any], name: str, part: dict[str, Any]) -> dict[str, Any]:
    """What stands for a part where it was: itself, or the reference to its section."""
    inner = part.get("properties", {})
    if name in PARTED or any(parted.startswith(f"{name}/") for parted in PARTED):
        cut = {}
        for key, value in inner.items():
            below = f"{name}/{key}"
            own = name in PARTED or any(one == below for one in PARTED)
            cut[key] = _cut(found, below, value) if own else value
        part = {**part, "properties": cut}
    elif len(json.dumps(part)) < OWN_SECTION:
        return part
    found[name] = part
    return {"$ref": name}


class Sharing:
    """One section with what occurs twice in it written once, under ``$defs``."""

    def __init__(self, name: str, section: dict[str, Any]) -> None:
        self._section = name
        self._texts: dict[int, str] = {}
        self._uses: Counter[str] = Counter()
        self._names: dict[str, str] = {}
        self._kept: list[Any] = []
        self._definitions: dict[str, Any] = {}
        self._count(section, set())
        self.schema: dict[str, Any] = self._body(section, "Section")
        if self._definitions:
            self.schema["$defs"] = dict(sorted(self._definitions.items()))

    def _text(self, part: Any) -> str:
        found = self._texts.get(id(part))
        if found is None:
            self._kept.append(part)
            found = self._texts[id(part)] = json.dumps(part, ensure_ascii=False)
        return found

    def _count(self, part: Any, seen: set[str]) -> None:
        for _, inner in _parts(part):
            text = self._text(inner)
            if len(text) >= SHARED:
                self._uses[text] += 1
            if text not in seen:
                seen.add(text)
                self._count(inner, seen)

    def _body(self, part: dict[str, Any], hint: str) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key, value in part.items():
            if key in ("properties", "patternProperties"):
                out[key] = {name: self._place(one, name) for name, one in value.items()}
            elif isinstance(value, dict) and key in _SCHEMAS:
                out[key] = self._place(value, hint)
            elif isinstance(value, list) and key in _LISTS_OF_SCHEMAS:
                out[key] = [self._place(one, hint) for one in value]
            else:
                out[key] = value
        return out

    def _place(self, part: Any, hint: str) -> Any:
        if not isinstance(part, dict):
            return part
        text = self._text(part)
        if self._uses[text] < 2:
            return self._body(part, hint)
        if text not in self._names:
            self._names[text] = name = self._free(hint)
            self._definitions[name] = self._body(part, hint)
        return {"$ref": f"{self._section}#/$defs/{self._names[text]}"}

    def _free(self, hint: str) -> str:
        words = re.findall(r"[A-Za-z0-9]+", hint) or ["Part"]
        name = "".join(word[0].upper() + word[1:] for word in words)
        taken = set(self._names.values())
        number = 2
        free = name
        while free in taken:
            free = f"{name}{number}"
            number += 1
        return free


_SCHEMAS = ("additionalProperties", "items", "propertyNames", "not", "if", "then", "else")
_LISTS_OF_SCHEMAS = ("anyOf", "allOf", "oneOf", "prefixItems")


def _parts(schema: Any) -> list[tuple[str, Any]]:
    """The sub-schemas directly in a schema."""
    found = []
    for key, value in schema.items():
        if key in ("properties", "patternProperties"):
            found += [(name, one) for name, one in value.items() if isinstance(one, dict)]
        elif key in _SCHEMAS and isinstance(value, dict):
            found.append((key, value))
        elif key in _LISTS_OF_SCHEMAS:
            found += [(key, one) for one in value if isinstance(one, dict)]
    return found


def layout(value: Any, indent: int = 0) -> str:
    """JSON text: what fits stays on one line."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= _LINE or not isinstance(value, dict | list) or not value:
        return flat
    pad = " " * (indent + 1)
    if isinstance(value, list):
        body = ",\n".join(pad + layout(item, indent + 1) for item in value)
        return f"[\n{body}\n{' ' * indent}]"
    rows = []
    for key, item in value.items():
        name = json.dumps(key, ensure_ascii=False) + ": "
        rows.append(pad + name + layout(item, indent + 1))
    return "{\n" + ",\n".join(rows) + f"\n{' ' * indent}}}"


def _by_release(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"[0-9]+", version)]


def _schemas(arguments: list[str]) -> dict[str, dict[str, Any]]:
    """The expanded schema of each release, in their order."""
    with open(arguments[0], encoding="utf-8") as file:
        joint = json.load(file)
    expanded = Expanded(joint["$defs"])
    found = {version: expanded.of(part) for version, part in joint["releases"].items()}
    between = set(found)
    for path in arguments[1:]:
        with open(path, encoding="utf-8") as file:
            raw = json.load(file)
        found[raw["x-openclaw"]] = Expanded(raw["$defs"]).of(raw)
        between.discard(raw["x-openclaw"])
    order = sorted(found, key=_by_release)
    for version in between:
        later = _by_release(version) >= _by_release(MOVED)
        found[version] = refined(found[version], found[order[-1 if later else 0]])
    return {version: stated(found[version], version) for version in order}


def main() -> None:
    """Write ``schema/openclaw`` anew."""
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    schemas = _schemas(sys.argv[1:])
    index: dict[str, list[str]] = {}
    last: dict[str, str] = {}
    shutil.rmtree(FOLDER, ignore_errors=True)
    for version, schema in schemas.items():
        for name, section in sections(schema).items():
            text = json.dumps(section, ensure_ascii=False)
            if last.get(name) == text:
                continue
            last[name] = text
            index.setdefault(name, []).append(version)
            path = os.path.join(FOLDER, *name.split("/"), f"{version}.json")
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(layout(Sharing(name, section).schema) + "\n")
    with open(os.path.join(FOLDER, "index.json"), "w", encoding="utf-8") as file:
        file.write(
            layout({"releases": list(schemas), "sections": dict(sorted(index.items()))}) + "\n"
        )


if __name__ == "__main__":
    main()
