"""A conversation in OpenAI's form (CHAT-03, CHAT-40, CHAT-41, CHAT-45; docs/plan.md)."""

from __future__ import annotations

from typing import Any

import pytest

from openclaw_config.plan.values import stringify
from openclaw_config.runtime.conversations import (
    AFTER_TOOLS,
    NO_IMAGES,
    NO_RESULT,
    NO_TOOL_IMAGES,
    conversation,
    tools,
)
from openclaw_config.runtime.errors import CallError

PLAIN = {"systemRole": "system"}
MARK = {"type": "ephemeral"}


def form(messages: list[Any], images: bool = True, **more: Any) -> list[Any]:
    return conversation(messages, {**PLAIN, "images": images, **more})


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def assistant(*parts: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": list(parts)}


def call(**more: Any) -> dict[str, Any]:
    return {"type": "toolCall", "id": "c1", "name": "f", "arguments": {"ü": 1}, **more}


def test_roles() -> None:
    talk = [
        {"role": "system", "content": "S"},
        user("one"),
        assistant({"type": "text", "text": "A"}),
    ]
    assert form(talk) == [
        {"role": "system", "content": "S"},
        {"role": "user", "content": [{"type": "text", "text": "one"}]},
        {"role": "assistant", "content": "A"},
    ]
    assert form(talk, systemRole="developer")[0]["role"] == "developer"


@pytest.mark.parametrize("images", [True, False])
def test_images(images: bool) -> None:
    image = {"type": "image", "data": "AAAA", "mimeType": "image/png"}
    part = form([user([{"type": "text", "text": "see"}, image])], images)[0]["content"][1]
    if images:
        assert part == {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    else:
        assert part == {"type": "text", "text": NO_IMAGES}


def test_tool_calls_and_their_results() -> None:
    talk = [
        assistant(call()),
        {"role": "toolResult", "toolCallId": "c1", "content": [{"type": "text", "text": "done"}]},
    ]
    assert form(talk) == [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"ü":1}'}}
            ],
        },
        {"role": "tool", "content": "done", "tool_call_id": "c1"},
    ]


def test_images_of_tool_results_follow_after_the_last_of_them() -> None:
    image = {"type": "image", "data": "AAAA", "mimeType": "image/png"}
    results = [{"role": "toolResult", "toolCallId": f"c{n}", "content": [image]} for n in (1, 2)]
    assert [message["role"] for message in form([*results, user("so?")])] == [
        "tool", "tool", "user", "user",
    ]  # fmt: skip
    assert [message["role"] for message in form(results)] == ["tool", "tool", "user"]
    assert [message["role"] for message in form(results, images=False)] == ["tool", "tool"]


def test_thoughts_go_to_the_field_that_their_signature_names() -> None:
    thought = {"type": "thinking", "thinking": "hm", "thinkingSignature": "reasoning"}
    text = {"type": "text", "text": "A"}
    assert form([assistant(thought, text)])[0]["reasoning"] == "hm"
    evil = {**thought, "thinkingSignature": "role"}
    assert form([assistant(evil, text)])[0]["role"] == "assistant"


@pytest.mark.parametrize(
    ("signature", "kept", "kept_for_gemini"),
    [('{"a": 1}', True, False), ("AAAA", False, False), ("not base64", False, False)],
)
def test_thought_signatures(signature: str, kept: bool, kept_for_gemini: bool) -> None:
    gemini: dict[str, Any] = {"signatures": "base64-only"}
    for more, expected in (({}, kept), (gemini, kept_for_gemini)):
        for name in ("thoughtSignature", "thought_signature"):
            turn = form([assistant(call(**{name: signature}))], **more)[0]
            assert ("reasoning_details" in turn) == expected  # CHAT-45


def test_turns_without_words_are_left_out() -> None:
    assert form([assistant(), user([]), {"role": "assistant", "content": ""}]) == []


def test_cache_markers() -> None:
    talk = [{"role": "system", "content": "S"}, user("one"), assistant(call()), user("two")]
    sent = form(talk, cache={"system": True, "last": True})
    assert sent[0]["content"] == [{"type": "text", "text": "S", "cache_control": MARK}]
    assert "cache_control" not in sent[1]["content"][0]
    assert sent[-1]["content"] == [{"type": "text", "text": "two", "cache_control": MARK}]
    long = form(talk, cache={"system": True, "last": True, "ttl": "1h"})
    assert long[0]["content"][0]["cache_control"] == MARK  # SL-11
    assert long[-1]["content"][0]["cache_control"] == {**MARK, "ttl": "1h"}
    only_system = form(talk, cache={"system": True, "last": False})
    assert "cache_control" not in only_system[-1]["content"][0]


def test_the_marker_goes_to_the_last_turn_that_has_text() -> None:
    talk = [user("one"), {"role": "assistant", "content": "answer"}, assistant(call())]
    sent = form(talk, cache={"last": True})
    assert sent[1]["content"] == [{"type": "text", "text": "answer", "cache_control": MARK}]


@pytest.mark.parametrize(
    "message",
    [
        {"role": "robot", "content": "x"},
        {"role": "user", "content": 7},
        {"role": "user", "content": [{"type": "video"}]},
        {"role": "user", "content": [{"type": "text"}]},
        {"role": "user", "content": [{"type": "image"}]},
        {"role": "assistant", "content": [{"type": "image"}]},
        {"role": "toolResult", "content": "x"},
    ],
)
def test_what_is_no_message_is_refused(message: dict[str, Any]) -> None:
    with pytest.raises(CallError) as caught:
        form([message])
    assert caught.value.argument == "messages"


def test_tools() -> None:
    plain = {"name": "f", "description": "d", "parameters": {"type": "object"}, "extra": 1}
    function = {"name": "f", "description": "d", "parameters": {"type": "object"}}
    assert tools([plain], [], {}) == [{"type": "function", "function": function}]
    assert tools([plain, {"type": "function", "function": {"name": "g"}}], [], {"cache": True}) == [
        {"type": "function", "function": function},
        {"type": "function", "function": {"name": "g"}, "cache_control": MARK},
    ]
    strict = tools([plain], [], {"strict": False})
    assert strict == [{"type": "function", "function": {**function, "strict": False}}]
    with pytest.raises(CallError):
        tools([{"description": "nameless"}], [], {})


def test_no_tools_is_an_empty_list_only_after_tool_calls() -> None:
    assert tools(None, [user("hi")], {"cache": True}) is None
    assert tools(None, [user("hi")], {"always": True}) == []  # SL-01
    assert tools([], [assistant(call())], {}) == []
    assert tools(None, [{"role": "toolResult", "content": "x"}], {}) == []


IMAGE = {"type": "image", "data": "AAAA", "mimeType": "image/png"}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def result(*parts: Any, of: str = "c1") -> dict[str, Any]:
    return {"role": "toolResult", "toolCallId": of, "content": list(parts)}


def test_images_in_a_row_leave_one_word_behind() -> None:
    parts = [IMAGE, IMAGE, text("and"), IMAGE]
    expected = [text(NO_IMAGES), text("and"), text(NO_IMAGES)]
    assert form([user(parts)], images=False) == [{"role": "user", "content": expected}]


@pytest.mark.parametrize(
    ("parts", "content"),
    [
        ([IMAGE, IMAGE], NO_TOOL_IMAGES),
        ([text("seen"), IMAGE], f"seen\n{NO_TOOL_IMAGES}"),
        ([], "(see attached image)"),
    ],
)
def test_a_tools_images_for_a_model_that_takes_none(parts: list[Any], content: str) -> None:
    assert form([assistant(call()), result(*parts)], images=False)[1]["content"] == content


def test_blank_text_of_an_assistant_is_left_out() -> None:
    assert form([assistant(text(" \n"))]) == []
    assert form([assistant(text("a"), text("  "), text("b"))])[0]["content"] == "ab"
    assert form([assistant(text(" "), call())])[0]["content"] is None


def test_a_tool_call_without_a_result_gets_one() -> None:
    talk = [assistant(call(), call(id="c2")), result(text("done")), user("go on")]
    assert form(talk)[1:3] == [
        {"role": "tool", "content": "done", "tool_call_id": "c1"},
        {"role": "tool", "content": NO_RESULT, "tool_call_id": "c2"},
    ]
    assert form([assistant(call()), assistant(text("next"))])[1]["content"] == NO_RESULT
    assert form([assistant(call())])[1]["content"] == NO_RESULT  # SL-03
    assert form([assistant(call())], noResult="none")[1]["content"] == "none"


SELF = {"provider": "openrouter", "api": "openai-completions", "model": "a/b"}
THOUGHT = {"type": "thinking", "thinking": "Easy.", "thinkingSignature": "reasoning"}


@pytest.mark.parametrize(
    ("turn", "foreign"),
    [
        ({}, False),
        (SELF, False),
        ({"model": "a/b"}, False),
        ({**SELF, "model": "a/c"}, True),
        ({**SELF, "api": "openai-responses"}, True),
        ({"provider": "anthropic"}, True),
    ],
)
def test_of_another_model_only_the_words_are_replayed(turn: dict[str, Any], foreign: bool) -> None:
    said = {**assistant(THOUGHT, text("4"), call(id="a|b/c", thoughtSignature='{"a": 1}')), **turn}
    sent = form([said, result(text("done"), of="a|b/c")], model=SELF)  # SL-03
    assert sent[0]["content"] == ("Easy.4" if foreign else "4")
    assert ("reasoning" in sent[0]) is not foreign
    assert ("reasoning_details" in sent[0]) is not foreign
    identifier = "a" if foreign else "a|b/c"
    assert sent[0]["tool_calls"][0]["id"] == sent[1]["tool_call_id"] == identifier


def test_hidden_thoughts_of_another_model_are_left_out() -> None:
    said = {**assistant({**THOUGHT, "redacted": True}, text("4")), "model": "x"}
    assert form([said], model=SELF) == [{"role": "assistant", "content": "4"}]


@pytest.mark.parametrize("reason", ["error", "aborted"])
def test_turns_that_failed_are_not_replayed(reason: str) -> None:
    failed = {**assistant(text("par"), call()), "stopReason": reason}
    assert form([user("one"), failed, user("two")]) == form([user("one"), user("two")])


def test_system_texts_are_one_prompt() -> None:
    talk = [
        {"role": "developer", "content": "D"},
        user("one"),
        {"role": "system", "content": "S"},
    ]
    assert form(talk)[0] == {"role": "system", "content": "D\n\nS"}  # SL-13


def test_flags_of_a_model() -> None:
    """SL-02."""
    done = {**result(text("done")), "toolName": "f"}
    talk = [assistant(THOUGHT, text("A"), call()), done, user("go on")]
    assert form(talk, toolNames=True)[1]["name"] == "f"
    between = form(talk, assistantAfterTools=True)
    assert between[2] == {"role": "assistant", "content": AFTER_TOOLS}
    assert form([assistant(call())], assistantAfterTools=True)[0]["content"] == ""
    thought = form(talk, thinkingAsText=True)[0]
    assert thought["content"] == [text("Easy."), text("A")]
    assert "reasoning" not in thought
    plain = form([user([text("a"), text("b")]), user([text("a"), IMAGE])], plainText=True)
    assert plain[0]["content"] == "a\nb"
    assert len(plain[1]["content"]) == 2
    strict = form(
        [assistant(call(id="a_1")), result(of="a_1"), result(of="b_2")], toolCallIds="alphanumeric"
    )
    assert strict[0]["tool_calls"][0]["id"] == strict[1]["tool_call_id"] == "a1"
    assert strict[2]["tool_call_id"] == "b2"


def test_an_answer_stands_between_the_images_of_tools_and_the_tools() -> None:
    sent = form([assistant(call()), result(IMAGE), user("so?")], assistantAfterTools=True)
    assert [one["role"] for one in sent] == ["assistant", "tool", "assistant", "user", "user"]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1.0, "1"),
        (-0.0, "0"),
        (1e21, "1e+21"),
        (1e20, "100000000000000000000"),
        (1e-6, "0.000001"),
        (1.5e-7, "1.5e-7"),
        (2**53 + 1, "9007199254740992"),
        (10**400, "null"),
        (float("nan"), "null"),
        (-12.5, "-12.5"),
        (True, "true"),
        ({"b": 1, "10": 2, "2": [None, "ü"], "01": 3}, '{"2":[null,"ü"],"10":2,"b":1,"01":3}'),
        ("\ud83d", '"\\ud83d"'),
    ],
)
def test_json_is_written_as_javascript_writes_it(value: Any, written: str) -> None:
    assert stringify(value) == written  # SL-03


def test_halves_of_characters_are_not_sent() -> None:
    assert form([user("a\ud83db😀")])[0]["content"] == [text("ab😀")]
