"""Which names and which stretches of a text count as secret."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclaw_config.descriptions import schema_of
from openclaw_config.diagnostics.masking import (
    SECRET_BLOCKS,
    is_secret_name,
    may_show,
    secret_spans,
)
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import KeyPath, Source
from tests.support import OLDEST, sampled


def masked(text: str, place: KeyPath | None = None) -> str:
    """The text with three dots in the place of each secret."""
    shown, at = "", 0
    for start, end in secret_spans(Source(text, place=place)):
        shown += text[at:start] + "•••"
        at = end
    return shown + text[at:]


SECRET_NAMES = [
    "apiKey", "api_key", "APIKEY", "OPENROUTER_API_KEY", "botToken", "BOT-TOKEN", "password",
    "appPassword", "clientSecret", "webhookSecret", "passphrase", "Authorization", "privateKey",
    "x-api-key", "env", "headers", "cookie", "tlsCert", "webhookUrl",
]  # fmt: skip
PLAIN_NAMES = [
    "model", "primary", "baseUrl", "timeoutMs", "id", "name", "enabled", "keyboard", "monkey2",
    "agents", "passed", "mode", "secrets", "identity", "auth", "session", "workspace",
]  # fmt: skip


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_secret_name(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", PLAIN_NAMES)
def test_plain_name(name: str) -> None:
    assert not is_secret_name(name)


def secret_keys() -> Iterator[tuple[str, str]]:
    """Each key of the schema that is marked as secret: the name of its object, and its own."""
    schema = schema_of(OLDEST, described=False)

    def is_secret(part: Any) -> bool:
        if not isinstance(part, dict):
            return False
        if "$ref" in part:
            return is_secret(schema["$defs"][part["$ref"].rpartition("/")[2]])
        branches = [*part.get("anyOf", []), *part.get("allOf", [])]
        return bool(part.get("x-secret")) or any(is_secret(branch) for branch in branches)

    def walk(part: Any, name: str) -> Iterator[tuple[str, str]]:
        if isinstance(part, list):
            for item in part:
                yield from walk(item, name)
        if not isinstance(part, dict):
            return
        for key, value in (part.get("properties") or {}).items():
            if is_secret(value) or is_secret(value.get("items")):
                yield name, key
            if is_secret(value.get("additionalProperties")):
                yield key, "*"
            yield from walk(value, key)
        for keyword in ("$defs", "anyOf", "allOf", "items", "additionalProperties"):
            value = part.get(keyword)
            if keyword == "$defs" and value:
                for key, definition in value.items():
                    yield from walk(definition, key)
            else:
                yield from walk(value, name)

    yield from sorted(set(walk(schema, "")))


def test_every_secret_key_of_the_schema_has_a_telling_name() -> None:
    keys = list(secret_keys())
    assert len(keys) > 60
    unknown = [
        (parent, key)
        for parent, key in keys
        if not is_secret_name(parent if key == "*" else key)
    ]  # fmt: skip
    assert unknown == []


MASKED = {
    "a value at a secret key, however short": ("{ apiKey: 'a' }", "{ apiKey: '•••' }"),
    "quoted keys": ('{ "apiKey": "abc" }', '{ "apiKey": "•••" }'),
    "each value of an env block": (
        "{ env: { FOO: 'abc', vars: { b: 'c' }, shellEnv: { timeoutMs: 15000 } } }",
        "{ env: { FOO: '•••', vars: { b: '•••' }, shellEnv: { timeoutMs: 15000 } } }",
    ),
    "each value of headers": ("{ headers: { 'X-A': 'b' } }", "{ headers: { 'X-A': '•••' } }"),
    "lists of secrets": ("{ keys: ['a', { b: 'c' }] }", "{ keys: ['•••', { b: '•••' }] }"),
    "numbers where a secret belongs": ("{ password: 123456 }", "{ password: ••• }"),
    "and in a block": ("{ env: { FOO: 123456 } }", "{ env: { FOO: ••• } }"),
    "but no count of tokens": ("{ maxTokens: 200000 }", "{ maxTokens: 200000 }"),
    "nor true and false": ("{ apiKey: true }", "{ apiKey: true }"),
    "no reference to a variable": ("{ apiKey: '${KEY}' }", "{ apiKey: '${KEY}' }"),
    "no SecretRef": (
        "{ apiKey: { source: 'env', provider: 'default', id: 'MY_KEY' } }",
        "{ apiKey: { source: 'env', provider: 'default', id: 'MY_KEY' } }",
    ),
    "but a key put in its place": (
        "{ apiKey: { source: 'env', id: 'hunter22' } }",
        "{ apiKey: { source: 'env', id: '•••' } }",
    ),
    "nor a model": (
        "{ primary: 'openrouter/anthropic/claude-sonnet-4.5' }",
        "{ primary: 'openrouter/anthropic/claude-sonnet-4.5' }",
    ),
    "what looks like a key, anywhere": ("{ x: 'sk-or-v1-01234' }", "{ x: '•••' }"),
    "a password in a URL": ("{ x: 'https://u:p@h.io/' }", "{ x: 'https://•••@h.io/' }"),
    "a token in a query": ("{ x: 'h.io/?token=abc&b=1' }", "{ x: 'h.io/?•••&b=1' }"),
    "in comments": ("// apiKey: abc\n{ a: 1 }", "// apiKey: •••\n{ a: 1 }"),
    "without quotes, up to the line's end": (
        "{ apiKey: abc def, x\n b: c }",
        "{ apiKey: •••\n b: c }",
    ),
    "without the closing quote": ("{ apiKey: 'abc\n b: 1 }", "{ apiKey: '•••\n b: 1 }"),
    "without the opening quote": ("{ apiKey: abc',\n b: 1 }", "{ apiKey: •••',\n b: 1 }"),
    "without a colon": ("{ apiKey 'abc' }", "{ apiKey '•••' }"),
    "with an equals sign": ("OPENROUTER_API_KEY=abc", "OPENROUTER_API_KEY=•••"),
    "in smart quotes": ("{ apiKey: “abc” }", "{ apiKey: “•••” }"),
    "with quotes inside": ("{ apiKey: 'ab'cd' }", "{ apiKey: '•••'•••"),
    "on the next line": ("{ apiKey:\n 'abc' }", "{ apiKey:\n '•••' }"),
    "with a brace missing before": ("{ a: { b: 1, apiKey: 'abc' }", "{ a: { b: 1, apiKey: '•••' }"),
}


@pytest.mark.parametrize("text, expected", MASKED.values(), ids=MASKED.keys())
def test_masked(text: str, expected: str) -> None:
    assert masked(text) == expected


MASKED_IN_A_CONFIG = {
    "no value that the schema declares": (
        "{ gateway: { mode: 'local', port: 18789, bind: lan } }",
        "{ gateway: { mode: 'local', port: 18789, bind: lan } }",
    ),
    "the value of an unknown key": (
        "{ hooks: { enabled: true, tokan: 'abc' } }",
        "{ hooks: { enabled: true, tokan: '•••' } }",
    ),
    "a number there": ("{ hooks: { pni: 1234 } }", "{ hooks: { pni: ••• } }"),
    "but true and false": ("{ hooks: { enabeld: true } }", "{ hooks: { enabeld: true } }"),
    "all below an unknown key": (
        "{ hook: { path: 'abc', a: ['b', { c: d }] } }",
        "{ hook: { path: '•••', a: ['•••', { c: ••• }] } }",
    ),
    "a text where an object must be": ("{ tools: 'abc' }", "{ tools: '•••' }"),
    "a text in place of a config": ("'abc'", "•••"),
    "a name of the author's own is no secret": (
        "{ models: { providers: { mine: { baseUrl: 'http://a.test' } } } }",
        "{ models: { providers: { mine: { baseUrl: 'http://a.test' } } } }",
    ),
    "user info, query and fragment of a URL": (
        "{ cron: { webhook: 'a' }, proxy: {}, browser: { cdpUrl: 'ws://u:p@h/x?y=1#z' } }",
        "{ cron: { webhook: '•••' }, proxy: {}, browser: { cdpUrl: 'ws://•••@h/x?•••' } }",
    ),
    "arguments": (
        "{ mcp: { servers: { a: { args: ['-y', '--token', 'b', '--key=c', 'KEY=d e'] } } } }",
        "{ mcp: { servers: { a: { args: ['-y', '--token', '•••', '--key=•••', 'KEY=••• e'] } } } }",
    ),
    "a key in place of a key": ("{ 'sk-or-v1-0123': 1 }", "{ '•••': ••• }"),
    "what runs on behind a quote that is missing": (
        "{ gateway: { auth: { mode: 'password, password: 'abc' } } }",
        "{ gateway: { auth: { mode: 'password, password: '•••' } } }",
    ),
    "a value over two lines": (
        '{ gateway: { auth: { password: "ab\nc" } }, tools: {} }',
        '{ gateway: { auth: { password: "•••\n•••',
    ),
    "an included path": ("{ $include: './a.json5' }", "{ $include: './a.json5' }"),
    "an assignment in a comment": ("{} // tokan=abc", "{} // tokan=•••"),
}  # fmt: skip


@pytest.mark.parametrize(
    "text, expected", MASKED_IN_A_CONFIG.values(), ids=MASKED_IN_A_CONFIG.keys()
)
def test_masked_in_a_config(text: str, expected: str) -> None:
    assert masked(text, ()) == expected


def test_an_included_file_is_masked_by_its_place() -> None:
    text = "{ mode: 'local', tokan: 'abc' }"
    assert masked(text, ("gateway",)) == "{ mode: 'local', tokan: '•••' }"
    assert masked(text) == text


CONFIG = """{
  "gateway": { "mode": "local", "auth": { "mode": "password", "password": "hunter2" } },
  "channels": { "telegram": { "enabled": true, "botToken":
    "hunter2" } }, "models": { "providers": { "a": {"baseUrl":"x","apiKey":"hunter2"} } },
  env: { FOO: 'hunter2', vars: { "A": "hunter2" } }, "hooks": { "tokan": "hunter2" }
}"""


@pytest.mark.parametrize("start", sampled(range(4), 4))
def test_a_typo_unmasks_no_secret(start: int) -> None:
    for at in range(start, len(CONFIG), 4):
        for sign in ("", *"\"':,{}[]\n\\ x"):
            for end in {at, at + 1} if sign else {at + 1}:
                shown = masked(CONFIG[:at] + sign + CONFIG[end:], ())
                assert "hunt" not in shown, shown
                assert "ter2" not in shown, shown


HOSTILE: dict[str, Callable[[int], str]] = {
    "a word in a comment": lambda size: "// " + "a" * size,
    "dashes in a comment": lambda size: "/*" + "a-" * (size // 2),
    "dashes in a string": lambda size: '{ x: "' + "a-" * (size // 2) + '" }',
    "one text": lambda size: '{ x: "' + "lorem " * (size // 6) + '" }',
    "schemes": lambda size: '{ x: "' + "://a@" * (size // 5) + '" }',
    "names": lambda size: 'token:"' * (size // 7),
    "open quotes": lambda size: "{a:'x\n\"b\n“\n" * (size // 13),
    "open brackets": lambda size: "{a:[" * (size // 4),
}


@pytest.mark.parametrize("shape", HOSTILE.values(), ids=HOSTILE.keys())
def test_masking_takes_time_in_proportion(shape: Callable[[int], str]) -> None:
    start = time.monotonic()
    secret_spans(Source(shape(100_000)))
    assert time.monotonic() - start < 60  # some 0.2 s; hours if it grew by the square


def test_what_is_written_out_has_no_secret() -> None:
    source = Source(CONFIG, "a.json")
    unseen = pickle.dumps(source)
    secrets = secret_spans(source)
    seen = pickle.dumps(source)
    assert b"hunter2" not in unseen + seen
    copy = pickle.loads(seen)
    assert secret_spans(copy) == secrets
    assert copy.line_starts == source.line_starts
    with pytest.raises(TypeError, match="not written out"):
        pickle.dumps(parse(Source("{}")).root)


@given(st.text(), st.sampled_from(SECRET_NAMES), st.text("ab{}[]:,'\"\n\\/ \t#“", max_size=40))
def test_any_string_at_a_secret_key_is_hidden(value: str, name: str, before: str) -> None:
    # Whatever stands on the lines before, in any state of disrepair, short of an open comment.
    if "/*" in before:
        return
    content = "Canary7" + "".join(sign for sign in value if sign.isalnum())
    assert content not in masked(f'{before}\n}}\n{{ "{name}": "{content}" }}')


@given(st.text("apiKeyenv{}[]:=,'\"\n\r\\/ \t#“sk-or-v1-0123", max_size=200))
def test_spans_are_in_order_and_inside(text: str) -> None:
    at = 0
    for start, end in secret_spans(Source(text, place=None)):
        assert at <= start < end <= len(text)
        at = end


def test_blocks_are_secret_names() -> None:
    assert all(is_secret_name(name) for name in SECRET_BLOCKS)


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ('"hunter2 pass"', ("gateway", "port"), True),
        # A key or a password may have been pasted where a number belongs.
        ('"hunter2 pass"', ("models", "providers", "x", "models", 0, "maxTokens"), False),
        ("4096", ("models", "providers", "x", "models", 0, "maxTokens"), True),
        ("4096", ("gateway", "auth", "password"), False),
        ("true", ("gateway", "auth", "password"), True),
    ],
)
def test_what_a_message_may_show(text: str, path: KeyPath, expected: bool) -> None:
    root = parse(Source(text)).root
    assert root is not None
    assert may_show(root, path) is expected
