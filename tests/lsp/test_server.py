"""The language server over real stdio sessions."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.lsp.editor import COMMAND, Editor, editor

GOOD = '{ agents: { defaults: { model: { primary: "openrouter/auto" } } } }'
BAD = '{ agents: { defaults: { model: { primry: "openrouter/auto" } } } }'


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Editor]:
    """A session that several tests share, for a server takes most of a second to start."""
    async with editor(tmp_path_factory.mktemp("project")) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def edit(server: Editor, tmp_path: Path) -> AsyncIterator[Editor]:
    """An editor in a folder of its own."""
    opened = Editor(server.client, tmp_path, server.encoding)
    yield opened
    for name in [*opened.texts]:
        opened.close(name)


def codes(found: list[types.Diagnostic]) -> list[Any]:
    return [item.code for item in found]


async def test_findings_come_with_all_that_an_editor_shows(edit: Editor) -> None:
    (found,) = await edit.open("openclaw.json", BAD)
    assert edit.marked("openclaw.json", found) == "primry"
    assert found.severity is types.DiagnosticSeverity.Error
    assert (found.code, found.source) == ("unknown-key", "openclaw-config")
    assert found.message.startswith(
        "unknown key `primry` in agents.defaults.model; did you mean `primary`?"
    )
    assert found.code_description is not None
    page = Path(found.code_description.href.removeprefix("file://"))
    assert page.read_text(encoding="utf-8").startswith("# unknown-key")

    edit.type("openclaw.json", "primry", "primary")
    assert await edit.findings("openclaw.json") == []

    edit.type("openclaw.json", "agents:", 'gateway: { bind: "0.0.0.0" }, agents: {}, agents:')
    twice, old, *_ = sorted(await edit.findings("openclaw.json"), key=lambda item: str(item.code))
    assert [(place.message, place.location.uri) for place in twice.related_information or ()] == [
        ("this one is ignored", edit.uri("openclaw.json"))
    ]
    assert list(old.tags or ()) == [types.DiagnosticTag.Deprecated]

    edit.close("openclaw.json")
    assert await edit.told_of("openclaw.json", None) == []


async def positions(edit: Editor) -> None:
    text = (
        '\ufeff{ /* 😀é */ "gateway": { "prot": 1 },\r\n'
        '  /* 𝒳\u2028 */ agents: { "😀": 1 }, /* \x0b\x85 */ x: 1, }\r'
        "// the end"
    )
    found = await edit.open("openclaw.json", text)
    assert [edit.marked("openclaw.json", item) for item in found] == ['"prot"', '"😀"', "x"]
    edit.type("openclaw.json", '"😀"', '"😀😀é"')
    edit.type("openclaw.json", "// the end", "/* 😀 */ y")
    found = await edit.findings("openclaw.json")
    assert [edit.marked("openclaw.json", item) for item in found] == ["y"]
    edit.close("openclaw.json")


async def test_positions_are_counted_in_utf_16_by_default(edit: Editor) -> None:
    assert edit.encoding == "utf-16"
    await positions(edit)


@pytest.mark.slow
async def test_positions_are_counted_in_the_encoding_that_the_editor_prefers(
    tmp_path: Path,
) -> None:
    preferred = [types.PositionEncodingKind.Utf8, types.PositionEncodingKind.Utf16]
    async with editor(tmp_path, encodings=preferred) as edit:
        assert edit.encoding == "utf-8"
        await positions(edit)


async def test_an_editor_that_resolves_no_action_and_counts_code_points(tmp_path: Path) -> None:
    preferred = [types.PositionEncodingKind.Utf32]
    async with editor(tmp_path, encodings=preferred, resolves=False) as edit:
        assert edit.encoding == "utf-32"
        await positions(edit)
        await offered_actions(edit, resolves=False)


async def test_each_file_of_an_include_graph_gets_its_own_findings(edit: Editor) -> None:
    root, parts = edit.folder / "openclaw.json", edit.folder / "parts"
    parts.mkdir()
    root.write_text('{ agents: { $include: "./parts/agents.json5" }, gateway: { prot: 1 } }')

    name = "parts/agents.json5"
    assert codes(await edit.open(name, "{ defaults: { modle: 1 } }")) == ["unknown-key"]
    assert codes(list(edit.found[edit.uri("openclaw.json")])) == ["unknown-key"]
    # What does not change is not sent again.
    edit.found.clear()
    edit.type(name, "modle: 1", 'model: "openrouter/auto"')
    assert await edit.findings(name) == []
    assert list(edit.found) == [edit.uri(name)]
    # A change on disk counts once it is saved.
    root.write_text('{ agents: { $include: "./parts/agents.json5" } }')
    edit.client.text_document_did_save(types.DidSaveTextDocumentParams(edit.document(name)))
    assert await edit.told_of("openclaw.json", None) == []


async def published_of_a_burst(edit: Editor, text: str, edits: int) -> list[int]:
    """The versions whose findings are published when a file is edited without a pause."""
    name = "openclaw.json"
    await edit.open(name, text)
    for number in range(edits):
        edit.type(name, f"x{number}:", f"x{number + 1}:")
    versions: list[int] = []
    while not versions or versions[-1] != edit.versions[name]:
        told = await edit.told.get()
        if told.uri == edit.uri(name):
            assert told.version is not None
            assert f"x{told.version - 1}" in told.diagnostics[0].message
            versions.append(told.version)
    assert all(after > before for before, after in pairwise(versions))
    return versions


async def test_of_a_burst_of_edits_only_new_versions_are_published(edit: Editor) -> None:
    assert len(await published_of_a_burst(edit, '{ x0: "" }', 40)) < 40


@pytest.mark.slow
async def test_a_large_config_is_checked_no_more_often_than_it_can_be(edit: Editor) -> None:
    agents = "".join(f'{{ id: "agent-{number}" }},\n' for number in range(4000))
    text = f'{{ x0: "", agents: {{ list: [\n{agents}] }} }}'
    assert len(await published_of_a_burst(edit, text, 60)) < 10


OLD = """{
  // ours
  messages: { tts: { openai: { voice: "alloy" } } },
  gateway: { prot: 1, bind: "0.0.0.0" },
}
"""


async def test_actions(edit: Editor) -> None:
    await offered_actions(edit, resolves=True)


async def offered_actions(edit: Editor, *, resolves: bool) -> None:
    name = "openclaw.json"
    await edit.open(name, OLD)
    offered = await edit.actions(name, "prot")
    assert list(offered) == [
        "rename `prot` to `port` (unsafe: it may change the meaning)",
        "ignore unknown-key here",
        "make all safe fixes of this file",
        "migrate this config to OpenClaw 2026.9.6",
    ]
    rename, ignore, fix_all, migrate = offered.values()
    assert rename.diagnostics is not None
    assert rename.is_preferred is None
    assert await edit.chosen(rename) == {name: OLD.replace("prot", "port")}
    comment = "  // openclaw-config: ignore[unknown-key] say why\n"
    assert await edit.chosen(ignore) == {name: OLD.replace("  gateway", f"{comment}  gateway")}
    assert (fix_all.edit is None) is resolves
    fixed = OLD.replace("openai: {", "providers: { openai: {").replace('y" }', 'y" } }')
    assert await edit.chosen(fix_all) == {name: fixed}
    after = (await edit.chosen(migrate))[name]
    assert "// ours" in after
    assert 'tts: { providers: { openai: { speakerVoice: "alloy" } } }' in after

    moved = (await edit.actions(name, "tts"))["migrate messages.tts to OpenClaw 2026.9.6"]
    after = (await edit.chosen(moved))[name]
    assert after.startswith("{\n  // ours\n")
    assert 'tts: { providers: { openai: { speakerVoice: "alloy" } } }' in after
    assert 'gateway: { prot: 1, bind: "0.0.0.0" },' in after

    assert list(await edit.actions(name, only=["source.fixAll"])) == [fix_all.title]
    quick = await edit.actions(name, "openai", only=["quickfix"])
    assert [one.is_preferred for one in quick.values()] == [True, None]


async def test_formatting_of_a_file_and_of_a_range(edit: Editor) -> None:
    text = '{\n  gateway: {port:1},\n\n\n  agents: {defaults:{model:"😀"},},\n}\n'

    name, options = "openclaw.json", types.FormattingOptions(4, True)
    await edit.open(name, text)
    edits = await edit.client.text_document_formatting_async(
        types.DocumentFormattingParams(edit.document(name), options)
    )
    whole = '{\n  gateway: { port: 1 },\n\n  agents: { defaults: { model: "😀" } },\n}\n'
    assert edit.applied(text, edits) == whole
    start = text.index("gateway")
    edits = await edit.client.text_document_range_formatting_async(
        types.DocumentRangeFormattingParams(
            edit.document(name), edit.range(text, start, start + 1), options
        )
    )
    assert edit.applied(text, edits) == text.replace("{port:1}", "{ port: 1 }")
    edit.type(name, "port:1", "port:")
    edits = await edit.client.text_document_formatting_async(
        types.DocumentFormattingParams(edit.document(name), options)
    )
    assert not edits


PROJECT = """{
  /* 😀 */ agents: { $include: "./agents.json5" },
  bindings: [{ agentId: "main", match: { channel: "telegram" } }],
  gate
}
"""
AGENTS = """{
  defaults: { model: "openrouter/auto" },
  list: [{ id: "main", model: "openrouter/openai/gpt-5" }],
}
"""


async def opened_project(edit: Editor) -> None:
    await edit.open("openclaw.json", PROJECT)
    await edit.open("agents.json5", AGENTS)


async def test_completion(edit: Editor) -> None:
    await opened_project(edit)
    found = await edit.client.text_document_completion_async(
        types.CompletionParams(**edit.at("openclaw.json", "  gate"))
    )
    assert isinstance(found, types.CompletionList)
    item = min(found.items, key=lambda one: one.sort_text or "")
    assert (item.label, item.kind) == ("gateway", types.CompletionItemKind.Property)
    assert item.insert_text_format is types.InsertTextFormat.Snippet
    assert isinstance(item.text_edit, types.TextEdit)
    text = edit.applied(PROJECT, [item.text_edit, *(item.additional_text_edits or ())])
    assert text == PROJECT.replace("  gate\n", "  gateway: { $1 }\n")


async def test_hover(edit: Editor) -> None:
    await opened_project(edit)
    edit.type("openclaw.json", "  gate", "  gateway: {}")
    found = await edit.client.text_document_hover_async(
        types.HoverParams(**edit.at("agents.json5", "openrouter/open"))
    )
    assert found is not None
    assert found.range is not None
    assert isinstance(found.contents, types.MarkupContent)
    start, end = edit.span(AGENTS, found.range)
    assert AGENTS[start:end] == '"openrouter/openai/gpt-5"'
    assert "gpt-5" in found.contents.value


async def test_definition_references_links_and_rename(edit: Editor) -> None:
    await opened_project(edit)

    def places(found: Any) -> list[tuple[str, str]]:
        names = {edit.uri(name): name for name in edit.texts}
        spans = [
            (names[one.uri], edit.span(edit.texts[names[one.uri]], one.range)) for one in found
        ]
        return [(name, edit.texts[name][slice(*span)]) for name, span in spans]

    client = edit.client
    at = edit.at("openclaw.json", 'agentId: "ma')
    found = await client.text_document_definition_async(types.DefinitionParams(**at))
    assert places(found) == [("agents.json5", "main")]
    for declaration, count in ((True, 2), (False, 1)):
        context = types.ReferenceContext(declaration)
        found = await client.text_document_references_async(
            types.ReferenceParams(context=context, **at)
        )
        assert len(places(found)) == count
    links = await client.text_document_document_link_async(
        types.DocumentLinkParams(edit.document("openclaw.json"))
    )
    assert [link.target for link in links or ()] == [edit.uri("agents.json5")]

    assert await client.text_document_prepare_rename_async(types.PrepareRenameParams(**at))
    change = await client.text_document_rename_async(types.RenameParams(new_name="first", **at))
    assert change is not None
    assert edit.after(change) == {
        "openclaw.json": PROJECT.replace('"main"', '"first"'),
        "agents.json5": AGENTS.replace('"main"', '"first"'),
    }
    elsewhere = edit.at("openclaw.json", "telegr")
    assert (
        await client.text_document_prepare_rename_async(types.PrepareRenameParams(**elsewhere))
        is None
    )
    with pytest.raises(JsonRpcException, match="only agents and aliases"):
        await client.text_document_rename_async(types.RenameParams(new_name="x", **elsewhere))


async def test_symbols_folds_hints_and_lenses(edit: Editor) -> None:
    await opened_project(edit)
    edit.type("openclaw.json", "  gate", "  gateway: { /* 😀 */ port: 1 }")
    assert await edit.findings("openclaw.json") == []
    client, document = edit.client, edit.document("openclaw.json")
    text = edit.texts["openclaw.json"]
    found: Any = await client.text_document_document_symbol_async(
        types.DocumentSymbolParams(document)
    )
    assert [one.name for one in found] == ["agents", "bindings", "gateway"]
    (port,) = found[-1].children
    assert (port.name, port.kind, port.detail) == ("port", types.SymbolKind.Number, "1")
    start, end = edit.span(text, port.range)
    assert text[start:end] == "port: 1"

    folds = await client.text_document_folding_range_async(types.FoldingRangeParams(document))
    assert [(one.start_line, one.end_line) for one in folds or ()] == [(0, 3)]

    agents = edit.document("agents.json5")
    lenses = await client.text_document_code_lens_async(types.CodeLensParams(agents))
    titles = [one.command.title for one in lenses or () if one.command]
    assert any("openrouter/openai/gpt-5" in title for title in titles)
    whole = edit.range(AGENTS, 0, len(AGENTS))
    hints = await client.text_document_inlay_hint_async(types.InlayHintParams(agents, whole))
    nothing = await client.text_document_inlay_hint_async(
        types.InlayHintParams(agents, edit.range(AGENTS, 0, 0))
    )
    assert [str(one.label).split(":")[0].strip() for one in hints or ()] == ["timeoutSeconds"]
    assert not nothing


async def test_a_request_about_a_file_that_is_not_open_has_no_answer(edit: Editor) -> None:
    await edit.open("openclaw.json", GOOD)
    asked = {**edit.at("openclaw.json", "agents"), "text_document": edit.document("other.json")}
    assert await edit.client.text_document_hover_async(types.HoverParams(**asked)) is None


BROKEN = """
import sys
from openclaw_config.cli.main import main
from openclaw_config.lsp import actions, workspace

def fault(*given):
    raise ValueError(f"a secret: {given}")

actions.formatting = fault
real = workspace.Workspace.findings
def findings(self):
    if any("trouble" in text for text in self.buffers.values()):
        fault(self.buffers)
    return real(self)
workspace.Workspace.findings = findings
sys.exit(main(["lsp"]))
"""


async def test_a_fault_of_ours_answers_with_an_error_and_ends_nothing(tmp_path: Path) -> None:
    async with editor(tmp_path, command=[sys.executable, "-c", BROKEN]) as edit:
        name = "openclaw.json"
        assert codes(await edit.open(name, BAD)) == ["unknown-key"]
        with pytest.raises(JsonRpcException, match="a fault of this program"):
            await edit.client.text_document_formatting_async(
                types.DocumentFormattingParams(
                    edit.document(name), types.FormattingOptions(2, True)
                )
            )
        edit.type(name, "primry", "trouble")
        while len(edit.client.log_messages) < 2:
            await asyncio.sleep(0.01)
        edit.type(name, "trouble", "primary")
        assert await edit.findings(name) == []
        said = "".join(message.message for message in edit.client.log_messages)
        assert "ValueError" in said
        assert "lsp textDocument/formatting" in said
        assert "secret" not in said
        assert "openrouter" not in said


async def test_what_is_no_message_ends_no_session() -> None:
    def framed(body: bytes) -> bytes:
        return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)

    sent = framed(
        b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":'
        b'{"processId":null,"rootUri":null,"capabilities":{}}}'
    )
    sent += framed(b"{ nothing") + framed(b'{"jsonrpc":"2.0","method":"x"}') + b"nonsense\r\n\r\n"
    sent += framed(b'{"jsonrpc":"2.0","id":3,"method":"textDocument/hover","params":"secret"}')
    sent += framed(b'{"jsonrpc":"2.0","id":2,"method":"shutdown"}')
    sent += framed(b'{"jsonrpc":"2.0","method":"exit"}')
    done = subprocess.run(COMMAND, input=sent, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0
    assert b'"id": 2, "jsonrpc": "2.0", "result": null' in done.stdout
    assert b"secret" not in done.stdout
    assert done.stderr == b""


async def test_without_pygls_it_says_how_to_get_it() -> None:
    script = "import sys; sys.modules['pygls'] = None\n"
    script += "from openclaw_config.cli.main import main; sys.exit(main(['lsp']))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "pip install 'openclaw-config[lsp]'" in done.stderr
