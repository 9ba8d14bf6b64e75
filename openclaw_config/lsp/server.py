"""The language server: the editor protocol (LSP 3.17) over standard input and output.

The one module that speaks the protocol; features answer in its types. Everything runs in one
thread, a message at a time.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from functools import lru_cache
from typing import Any

from lsprotocol import types
from pygls import uris
from pygls.capabilities import get_capability
from pygls.exceptions import JsonRpcException, JsonRpcInternalError
from pygls.lsp.server import LanguageServer

from openclaw_config import __version__
from openclaw_config.diagnostics.model import SEVERITIES, Diagnostic, Edit
from openclaw_config.facts import folder
from openclaw_config.files import read_regular
from openclaw_config.loading.load import MAX_BYTES
from openclaw_config.lsp import actions, hints, navigate
from openclaw_config.lsp.complete import complete
from openclaw_config.lsp.workspace import Opened, Workspace, range_of
from openclaw_config.syntax.text import Location, Source, Span

NAME = "openclaw-config"

DELAY, LONG = 0.005, 0.1
"""How long more messages are waited for before a check, in seconds: of a burst of edits, only the
last state is checked. A check that takes longer than ``LONG`` is waited for as long as it takes, so
that in a large config the edits are read faster than they are typed."""

_Document = types.OptionalVersionedTextDocumentIdentifier

Fault = Callable[[BaseException, str], str]
"""Words an unexpected exception, given what was being done, without any text of a config."""

_OLD = ("legacy-key", "legacy-base-url", "old-secret-ref", "older-release", "retired-model")
_IDLE = (
    "config-of-disabled-plugin",
    "dropped-key",
    "ineffective-timeout",
    "repeated-model",
    "unused-suppression",
)
_TAGS = {types.DiagnosticTag.Deprecated: _OLD, types.DiagnosticTag.Unnecessary: _IDLE}
"""The rules about what is marked as old, and as without effect."""
_ACTIONS = types.CodeActionOptions(
    [actions.QUICK_FIX, actions.FIX_ALL, actions.MIGRATE], resolve_provider=True
)
_RENAME = types.RenameOptions(prepare_provider=True)
_COMPLETION = types.CompletionOptions([*"\"'/$:[,"])
_WATCHED = "**/{*.json,*.json5,.openclaw-config.toml,pyproject.toml,.env}"


def serve(fault: Fault, version: str = "") -> None:
    """Serve one editor until it ends the session or closes standard input.

    Configs are checked for a version of OpenClaw, "" for that which each of them says.
    """
    # What pygls logs quotes messages, and with them the config.
    logging.getLogger("pygls").setLevel(logging.CRITICAL + 1)
    server = _Server(NAME, __version__, types.TextDocumentSyncKind.Full)
    Session(server, fault, Workspace(version)).register()
    # Streams of its own, since it closes them; whatever else would be printed goes to stderr.
    own = open(os.dup(0), "rb"), open(os.dup(1), "wb")  # noqa: SIM115
    with redirect_stdout(sys.stderr):
        server.start_io(*own)


class _Server(LanguageServer):
    def report_server_error(self, error: Exception, source: Any) -> None:
        """Name the type of what went wrong outside of a handler, such as a message that is none."""
        text = f"a message was not understood: {type(error).__name__}"
        self.window_log_message(types.LogMessageParams(types.MessageType.Error, text))


class Session:
    """What one editor has open, and what it was sent.

    ``published`` has what was last sent of each file's findings, by its path; ``cost`` is
    how long the last check took, in seconds.
    """

    def __init__(self, server: LanguageServer, fault: Fault, workspace: Workspace) -> None:
        self.server = server
        self.fault = fault
        self.workspace = workspace
        self.published: dict[str, types.PublishDiagnosticsParams] = {}
        self.timer: asyncio.TimerHandle | None = None
        self.cost = 0.0

    def register(self) -> None:
        """Have the server call this session."""
        on, about = self.on, self.about
        on(types.INITIALIZED, self.begin)
        on(types.TEXT_DOCUMENT_DID_OPEN, self.did_open)
        on(types.TEXT_DOCUMENT_DID_CHANGE, self.did_change)
        on(types.TEXT_DOCUMENT_DID_CLOSE, self.did_close)
        on(types.TEXT_DOCUMENT_DID_SAVE, self.files_changed)
        on(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, self.files_changed)
        on(types.CODE_ACTION_RESOLVE, self.resolve)
        about(types.TEXT_DOCUMENT_CODE_ACTION, self.code_actions, _ACTIONS)
        about(types.TEXT_DOCUMENT_FORMATTING, actions.formatting)
        about(types.TEXT_DOCUMENT_RANGE_FORMATTING, actions.formatting)
        about(types.TEXT_DOCUMENT_COMPLETION, self.completion, _COMPLETION, waits=False)
        about(types.TEXT_DOCUMENT_HOVER, hints.hover)
        about(types.TEXT_DOCUMENT_DEFINITION, navigate.definition)
        about(types.TEXT_DOCUMENT_REFERENCES, navigate.references)
        about(types.TEXT_DOCUMENT_RENAME, navigate.rename, _RENAME)
        about(types.TEXT_DOCUMENT_PREPARE_RENAME, navigate.renamed)
        about(types.TEXT_DOCUMENT_DOCUMENT_LINK, navigate.links)
        about(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, navigate.symbols)
        about(types.TEXT_DOCUMENT_FOLDING_RANGE, navigate.folds)
        about(types.TEXT_DOCUMENT_INLAY_HINT, hints.hints)
        about(types.TEXT_DOCUMENT_CODE_LENS, hints.lenses)

    def on(self, method: str, handler: Callable[[Any], Any], options: Any = None) -> None:
        """Have a handler called for a message; what it raises ends no session."""

        def guarded(params: Any) -> Any:
            try:
                return handler(params)
            except navigate.RenameError as refused:
                failed = types.LSPErrorCodes.RequestFailed
                raise JsonRpcException(str(refused), failed) from None
            except Exception as error:
                report = self.failed(error, method)
                raise JsonRpcInternalError(report.partition("\n")[0]) from None

        self.server.feature(method, options)(guarded)

    def about(
        self, method: str, feature: Callable[..., Any], options: Any = None, waits: bool = True
    ) -> None:
        """Have a feature answer what is asked about an open file; None for any other.

        It gets the file and what else the request says, and unless it ``waits`` for a check of
        what was typed, the check made last.
        """
        look = self.workspace.opened if waits else self.workspace.glance

        def answer(params: Any) -> Any:
            path = path_of(params.text_document.uri)
            if path not in self.workspace.buffers:
                return None
            opened = look(path)
            return self.sent(opened.source, feature(opened, *self.asked(opened.source, params)))

        self.on(method, answer, options)

    def asked(self, source: Source, params: Any) -> Iterator[Any]:
        """What a request says beside its file, in the order in which features take it."""
        if hasattr(params, "position"):
            yield self.offset(source, params.position)
        if hasattr(params, "range"):
            start, end = params.range.start, params.range.end
            yield Span(self.offset(source, start), self.offset(source, end))
        if isinstance(params, types.RenameParams):
            yield params.new_name
        elif isinstance(params, types.ReferenceParams):
            yield params.context.include_declaration
        elif isinstance(params, types.CodeActionParams):
            yield params.context.only

    def failed(self, error: Exception, doing: str) -> str:
        """Have the editor log a fault of ours; gives the words."""
        report = self.fault(error, f"lsp {doing}")
        self.server.window_log_message(types.LogMessageParams(types.MessageType.Error, report))
        return report

    def able(self, path: str) -> Any:
        """What the editor says that it can do, by a path of capabilities; None for nothing."""
        return get_capability(self.server.client_capabilities, path)

    # --- files ----------------------------------------------------------------------------------

    def begin(self, _: object) -> None:
        """Count as the editor does, and ask it to say when files change on disk, if it can."""
        encoding = self.server.workspace.position_encoding
        self.workspace.encoding = str(getattr(encoding, "value", encoding))
        if self.able("workspace.did_change_watched_files.dynamic_registration"):
            watchers = [types.FileSystemWatcher(_WATCHED)]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
            registration = types.Registration(method, method, options)
            self.server.client_register_capability(types.RegistrationParams([registration]))

    def did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """Take a file in."""
        document = params.text_document
        if path := path_of(document.uri):
            config = document.language_id.startswith("openclaw")
            self.workspace.open(path, document.text, config=config)
            self.publish_soon()

    def did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Take an edit in: the whole new text."""
        path = path_of(params.text_document.uri)
        if path in self.workspace.buffers:
            text = self.server.workspace.get_text_document(params.text_document.uri).source
            self.workspace.change(path, text)
            self.publish_soon()

    def did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """Let a file go."""
        self.workspace.close(path_of(params.text_document.uri))
        self.publish_soon()

    def files_changed(self, _: object) -> None:
        """Look at the files on disk again."""
        self.workspace.reread()
        self.publish_soon()

    # --- findings -------------------------------------------------------------------------------

    def publish_soon(self) -> None:
        """Publish when no more messages are waiting."""
        if self.timer is None:
            delay = self.cost if self.cost > LONG else DELAY
            self.timer = asyncio.get_running_loop().call_later(delay, self.publish)

    def publish(self) -> None:
        """Send the findings of each file for which they are new."""
        self.timer = None
        started = time.monotonic()
        try:
            found = self.workspace.findings()
            for path in [*found, *(self.published.keys() - found.keys())]:
                document = self.document(path)
                diagnostics = [*map(self.diagnostic, found.get(path, ()))]
                new = types.PublishDiagnosticsParams(document.uri, diagnostics, document.version)
                none = types.PublishDiagnosticsParams(document.uri, [])
                if new != self.published.pop(path, none):
                    self.server.text_document_publish_diagnostics(new)
                if path in found:
                    self.published[path] = new
        except Exception as error:
            self.failed(error, "diagnostics")
        self.cost = time.monotonic() - started

    def diagnostic(self, item: Diagnostic) -> types.Diagnostic:
        """A finding as the protocol has it."""
        text = f"{item.message}; {item.label}" if item.label else item.message
        lines = (text, *item.notes, *(f"help: {one}" for one in item.advice))
        tags, page = [it for it in _TAGS if item.rule in _TAGS[it]], _page(item.rule)
        return types.Diagnostic(
            self.range(*item.location) if item.location else types.Range(_START, _START),
            "\n".join(lines),
            types.DiagnosticSeverity(SEVERITIES.index(item.severity) + 1),
            item.rule,
            types.CodeDescription(page) if page else None,
            NAME,
            tags or None,
            [
                types.DiagnosticRelatedInformation(self.sent(place.source, place), message)
                for place, message in item.related
                if place.source.path
            ],
        )

    # --- actions --------------------------------------------------------------------------------

    def code_actions(
        self, opened: Opened, span: Span, wanted: Sequence[str] | None
    ) -> list[types.CodeAction]:
        """What can be done at a span, of the kinds that are wanted; what takes long, if chosen."""
        path, chosen = opened.source.path or "", list[types.CodeAction]()
        resolves = self.able("text_document.code_action.resolve_support.properties") or ()
        findings = self.workspace.findings().get(path, ())
        for action, edits, finding in actions.actions(opened, findings, span):
            if wanted is None or any(f"{action.kind}.".startswith(f"{kind}.") for kind in wanted):
                action.diagnostics = [self.diagnostic(finding)] if finding else None
                action.edit = None if edits is None else self.workspace_edit(edits)
                action.data = self.document(path).uri
                chosen.append(action if "edit" in resolves else self.resolve(action))
        return chosen

    def resolve(self, action: types.CodeAction) -> types.CodeAction:
        """An action with its edits."""
        path = path_of(str(action.data))
        if action.edit is None and path in self.workspace.buffers:
            edits = actions.edits_of(str(action.kind), self.workspace, path)
            action.edit = self.workspace_edit(edits)
        return action

    def workspace_edit(self, edits: actions.Edits) -> types.WorkspaceEdit:
        """Edits of files, for the versions that they were made for."""
        return types.WorkspaceEdit(
            document_changes=[
                types.TextDocumentEdit(self.document(path), self.sent(self.source(path), made))
                for path, made in edits.items()
            ]
        )

    def completion(self, opened: Opened, offset: int) -> types.CompletionList:
        """What may be written at an offset."""
        snippets = self.able("text_document.completion.completion_item.snippet_support")
        return complete(opened, offset, bool(snippets))

    def sent(self, source: Source, found: Any) -> Any:
        """What a feature found in a file, as the protocol has it."""
        match found:
            case Location(place, span):
                return types.Location(self.document(place.path or "").uri, self.range(place, span))
            case Edit(span, text):
                return types.TextEdit(self.range(source, span), text)
            case dict():
                return self.workspace_edit(found)
            case list() | tuple() | Iterator():
                return [self.sent(source, one) for one in found]
            case _:
                return found

    # --- places ---------------------------------------------------------------------------------

    def source(self, path: str) -> Source:
        """The text of a file as the editor sees it."""
        text = self.workspace.buffers.get(path)
        return Source(read_regular(path, MAX_BYTES).decode() if text is None else text, path, path)

    def document(self, path: str) -> _Document:
        """A file as the editor names it, with its version where it is open."""
        for one in self.server.workspace.text_documents.values():
            if path_of(one.uri) == path:
                return _Document(one.uri, one.version)
        return _Document(uris.from_fs_path(path) or path)

    def offset(self, source: Source, position: types.Position) -> int:
        """The offset of a position."""
        return source.offset_of_units(position.line, position.character, self.workspace.encoding)

    def range(self, source: Source, span: Span) -> types.Range:
        """The range of a span."""
        return range_of(source, span, self.workspace.encoding)


_START = types.Position(0, 0)


def path_of(uri: str) -> str:
    """The absolute path of a file, "" for what is none."""
    path = uris.to_fs_path(uri)
    return os.path.normpath(path) if path and os.path.isabs(path) else ""


@lru_cache(maxsize=256)
def _page(rule: str) -> str | None:
    """Where the page of a rule is: beside the data files."""
    page = os.path.join(os.path.dirname(folder()), "docs", "rules", f"{rule}.md")
    return str(uris.from_fs_path(page)) if os.path.isfile(page) else None
