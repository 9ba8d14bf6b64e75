"""A canary in every variable and value: nothing of loading shows it (but the tree, which is it)."""

from __future__ import annotations

import os
import pickle
import traceback
from pathlib import Path

import pytest

from openclaw_config.loading.environment import Environment
from openclaw_config.loading.load import Document, load

CANARY = "c4n4ry-VALUE"
TEXT = """{
  env: {
    vars: { A: "c4n4ry-VALUE", "1A": "c4n4ry-VALUE", B: "c4n4ry-VALUE${C}",
      D: "${NONE}c4n4ry-VALUE" },
    A: "c4n4ry-VALUE", HOME: "c4n4ry-VALUE", SHELL: "c4n4ry-VALUE",
  },
  all: ["${A}", "${B}", "${C}", "${D}", "${E}", "c4n4ry-VALUE${NONE}", "$C4N4RY",
     "${c4n4ry:-c4n4ry-VALUE}"],
  twice: "c4n4ry-VALUE", twice: "c4n4ry-VALUE",
  __proto__: "c4n4ry-VALUE",
  merged: { $include: ["./x.json5"], secret: "c4n4ry-VALUE" },
  missing: { $include: "./none.json5" },
  wrong: { $include: ["none", 5] },
}
"""


@pytest.fixture
def document(tmp_path: Path) -> Document:
    (tmp_path / "openclaw.json").write_text(TEXT, encoding="utf-8")
    (tmp_path / "x.json5").write_text(
        '{ secret: ["c4n4ry-VALUE"], constructor: 1 }', encoding="utf-8"
    )
    (tmp_path / ".env").write_text(f"C='{CANARY}'\n# old: {CANARY}\n", encoding="utf-8")
    environment = Environment.process(
        {"HOME": "/h", "E": CANARY, "EMPTY": ""}, cwd=os.fspath(tmp_path)
    )
    return load(os.fspath(tmp_path / "openclaw.json"), environment=environment)


def test_no_text_of_ours_has_it(document: Document) -> None:
    shown = [repr(document), str(document), repr(document._asdict())]
    for found in document.diagnostics:
        shown.append(repr(found))
        shown.extend(found.helps)
        shown.extend(found.notes)
    shown.extend(repr(document.environment.variable(name)) for name in document.environment.names())
    for text in shown:
        assert CANARY not in text
        assert "C4N4RY" not in text
    assert len(document.diagnostics) > 8


def test_no_dotenv_source_has_it(document: Document) -> None:
    variable = document.environment.variable("C")
    assert variable is not None
    assert variable.value == CANARY
    assert variable.location is not None
    assert CANARY not in variable.location.source.text


def test_no_exception_has_it(document: Document) -> None:
    for thing in (document, document.environment, document.environment.variable("E")):
        try:
            pickle.dumps(thing)
        except TypeError as error:
            assert CANARY not in "".join(traceback.format_exception(error))
        else:
            pytest.fail("a document must not be written out")
