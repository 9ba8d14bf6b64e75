"""The cases of ``fixtures/fixes``: a config with mistakes, and what its fixes make of it.

``<rule>.json5`` is repaired by safe fixes, ``<rule>.unsafe.json5`` needs the unsafe ones too;
``….fixed.json5`` is the outcome. A first line
``// target: VERSION`` names the release that the config is for. To add a case, write the config,
run ``python -m tests.lint.fix_cases`` and read what it made.
"""

from __future__ import annotations

from pathlib import Path

from openclaw_config.lint.linter import Linter
from openclaw_config.lint.options import Options, Outcome, Settings, Target
from tests.support import OLDEST

TARGET = "// target: "
FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "fixes"


def names() -> list[str]:
    """Every case."""
    paths = FOLDER.glob("*.json5")
    return sorted(path.name[:-6] for path in paths if not path.name.endswith(".fixed.json5"))


def before(name: str) -> bytes:
    """A case's config."""
    return (FOLDER / f"{name}.json5").read_bytes()


def after(name: str) -> bytes:
    """What its fixes are to make of it."""
    return (FOLDER / f"{name}.fixed.json5").read_bytes()


def fixed(text: bytes, *, unsafe: bool = False) -> Outcome:
    """What the fixes of a config make of it."""
    first = text.partition(b"\n")[0].decode(errors="replace")
    target = first.removeprefix(TARGET) if first.startswith(TARGET) else OLDEST
    linter = Linter(Options(Settings(target=target), fix=True, unsafe=unsafe))
    return linter.check(Target(text=text, name="openclaw.json"))


def is_unsafe(name: str) -> bool:
    """Whether a case is about unsafe fixes."""
    return name.endswith(".unsafe")


def regenerate() -> None:
    """Write every outcome anew."""
    for name in names():
        text = fixed(before(name), unsafe=is_unsafe(name)).text
        assert text is not None
        (FOLDER / f"{name}.fixed.json5").write_bytes(text)


if __name__ == "__main__":
    regenerate()
