"""An editor for tests: it speaks with the server over a real stdio session, and keeps the texts."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient

COMMAND = [sys.executable, "-m", "openclaw_config", "lsp"]
UTF_16 = types.PositionEncodingKind.Utf16
PATIENCE = 60.0
"""Seconds after which an answer counts as missing; a good one takes milliseconds."""

_SIZES = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


class Editor:
    """A client with its open files, by name, in a project's folder."""

    def __init__(self, client: LanguageClient, folder: Path, encoding: str) -> None:
        self.client = client
        self.folder = folder
        self.encoding = encoding
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.told: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
        self.found: dict[str, Sequence[types.Diagnostic]] = {}
        told = types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS
        client.protocol.fm.features[told] = self.told.put_nowait

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def document(self, name: str) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri(name))

    async def open(self, name: str, text: str, language: str = "json5") -> list[types.Diagnostic]:
        """Open a file; gives what is found in it."""
        self.texts[name], self.versions[name] = text, 1
        item = types.TextDocumentItem(self.uri(name), language, 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return await self.findings(name)

    def type(self, name: str, old: str, new: str) -> None:
        """Write ``new`` in place of ``old``, which stands once in the file."""
        text = self.texts[name]
        assert text.count(old) == 1, (old, text)
        self.texts[name] = text.replace(old, new)
        self.versions[name] += 1
        change = types.TextDocumentContentChangeWholeDocument(self.texts[name])
        document = types.VersionedTextDocumentIdentifier(self.versions[name], self.uri(name))
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))

    def close(self, name: str) -> None:
        del self.texts[name], self.versions[name]
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(self.document(name)))

    async def findings(self, name: str) -> list[types.Diagnostic]:
        """The findings of the present version of an open file."""
        return await self.told_of(name, self.versions[name])

    async def told_of(self, name: str, version: int | None) -> list[types.Diagnostic]:
        """The findings that are published for a version of a file; None: one that is not open."""
        while True:
            told = await asyncio.wait_for(self.told.get(), PATIENCE)
            self.found[told.uri] = told.diagnostics
            if told.uri == self.uri(name) and told.version == version:
                return list(told.diagnostics)

    async def actions(
        self, name: str, at: str = "", only: list[str] | None = None
    ) -> dict[str, types.CodeAction]:
        """What is offered at a text, "" being the whole file, by title."""
        text = self.texts[name]
        start = text.index(at)
        offered = await self.client.text_document_code_action_async(
            types.CodeActionParams(
                self.document(name),
                self.range(text, start, start + len(at or text)),
                types.CodeActionContext([], only),
            )
        )
        actions = [one for one in offered or () if isinstance(one, types.CodeAction)]
        return {one.title: one for one in actions}

    async def chosen(self, action: types.CodeAction) -> dict[str, str]:
        """The texts after an action, by name."""
        if action.edit is None:
            action = await self.client.code_action_resolve_async(action)
        assert action.edit is not None
        return self.after(action.edit)

    def after(self, edit: types.WorkspaceEdit) -> dict[str, str]:
        """The texts that an edit changes, after it."""
        changes: dict[str, Sequence[Any]] = {}
        for one in edit.document_changes or ():
            assert isinstance(one, types.TextDocumentEdit)
            name = Path(one.text_document.uri).name
            assert one.text_document.version == self.versions.get(name)
            changes[one.text_document.uri] = one.edits
        names = {self.uri(name): name for name in self.texts}
        return {
            names[uri]: self.applied(self.texts[names[uri]], edits)
            for uri, edits in changes.items()
        }

    def applied(self, text: str, edits: Sequence[types.TextEdit] | None) -> str:
        """A text after edits."""
        spans = [(*self.span(text, one.range), one.new_text) for one in edits or ()]
        for start, end, new in sorted(spans, reverse=True):
            text = text[:start] + new + text[end:]
        return text

    def at(self, name: str, text: str) -> dict[str, Any]:
        """The document and the position behind a text, as requests name them."""
        whole = self.texts[name]
        assert whole.count(text) == 1, (text, whole)
        end = whole.index(text) + len(text)
        return {"text_document": self.document(name), "position": self.place(whole, end)}

    # --- positions, counted here in a way of their own ------------------------------------------

    def place(self, text: str, at: int) -> types.Position:
        codec, size = _SIZES[self.encoding]
        lines = re.split("\r\n|\r|\n", text[:at])
        return types.Position(len(lines) - 1, len(lines[-1].encode(codec)) // size)

    def range(self, text: str, start: int, end: int) -> types.Range:
        return types.Range(self.place(text, start), self.place(text, end))

    def span(self, text: str, place: types.Range) -> tuple[int, int]:
        codec, size = _SIZES[self.encoding]

        def offset(position: types.Position) -> int:
            lines = re.split("(?<=\n)|(?<=\r)(?!\n)", text)
            line = lines[position.line].encode(codec) if position.line < len(lines) else b""
            return sum(map(len, lines[: position.line])) + len(
                line[: position.character * size].decode(codec)
            )

        return offset(place.start), offset(place.end)

    def marked(self, name: str, finding: types.Diagnostic) -> str:
        """The text that a finding marks."""
        start, end = self.span(self.texts[name], finding.range)
        return self.texts[name][start:end]


@asynccontextmanager
async def editor(
    folder: Path,
    *,
    encodings: Sequence[types.PositionEncodingKind] = (),
    resolves: bool = True,
    command: Sequence[str] = COMMAND,
) -> AsyncIterator[Editor]:
    """An editor in a folder, with a server of its own; it prefers some encodings of positions."""
    client = await ClientServerConfig([*command]).start()
    assert isinstance(client, LanguageClient)
    resolve = types.ClientCodeActionResolveOptions(["edit"]) if resolves else None
    result = await client.initialize_session(
        types.InitializeParams(
            types.ClientCapabilities(
                general=types.GeneralClientCapabilities(position_encodings=list(encodings) or None),
                text_document=types.TextDocumentClientCapabilities(
                    completion=types.CompletionClientCapabilities(
                        completion_item=types.ClientCompletionItemOptions(snippet_support=resolves)
                    ),
                    code_action=types.CodeActionClientCapabilities(resolve_support=resolve),
                ),
            ),
            root_uri=folder.as_uri(),
        )
    )
    encoding = result.capabilities.position_encoding or UTF_16
    yield Editor(client, folder, getattr(encoding, "value", encoding))
    await client.shutdown_session()
    await client.stop()  # type: ignore[no-untyped-call]
