"""Build the playground: a folder that any static host serves, complete in itself.

    python -m scripts.build_playground FOLDER

It has the sources of docs/playground, Pyodide from the npm registry, the package with its data as
one archive, and the examples out of fixtures/. Needs npm, the first time.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path

from openclaw_config import facts
from openclaw_config.page import digest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "docs" / "playground"
RUNTIME = SOURCES / "node_modules" / "pyodide"

PAGE = ("index.html", "*.css", "*.js", "playground.py")
"""The sources that are served as they are."""

OF_PYODIDE = (
    "pyodide.mjs",
    "pyodide.asm.mjs",
    "pyodide.asm.wasm",
    "python_stdlib.zip",
    "pyodide-lock.json",
)
"""What Pyodide loads without any package."""

PACKAGED = ("openclaw_config", "schema", "docs/rules")
UNUSED = ("cli", "lsp", "__pycache__")
"""Parts of the package that the page has no use for."""

EXAMPLES = {
    "Several mistakes": "fixes/several.json5",
    "A number with underscores": "plans/image-numeric-separator-2026.9.6/openclaw.json",
    "Everything at once": "plans/everything-2026.9.6/openclaw.json",
    "Video": "plans/video-2026.9.6/openclaw.json",
    "Several ways to a key": "plans/credentials/openclaw.json",
    "Other providers": "plans/other-providers/openclaw.json",
    "An older config, to migrate": "plans/everything/openclaw.json",
}
"""The menu: files of fixtures/ by their titles."""


def archive(path: Path) -> None:
    """Write the package with its data, the same bytes for the same files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for folder in PACKAGED:
            for file in sorted((ROOT / folder).rglob("*")):
                name = file.relative_to(ROOT)
                if file.is_file() and not set(UNUSED) & {*name.parts}:
                    out.writestr(
                        zipfile.ZipInfo(name.as_posix()), file.read_bytes(), zipfile.ZIP_DEFLATED, 9
                    )


def examples() -> list[dict[str, str]]:
    """The examples of the menu."""
    folder = ROOT / "fixtures"
    return [
        {"title": title, "text": (folder / file).read_text(encoding="utf-8")}
        for title, file in EXAMPLES.items()
    ]


def install() -> None:
    """Have Pyodide in the version that the lock file names; several builds may ask at once."""
    manifest = RUNTIME / "package.json"
    locked = json.loads((SOURCES / "package-lock.json").read_bytes())["packages"]
    wanted = locked["node_modules/pyodide"]["version"]
    if manifest.is_file() and json.loads(manifest.read_bytes())["version"] == wanted:
        return
    with tempfile.TemporaryDirectory(dir=SOURCES, prefix="node_modules.") as made:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(SOURCES / name, made)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        subprocess.run(command, cwd=made, check=True)
        shutil.rmtree(RUNTIME.parent, ignore_errors=True)
        with suppress(OSError):  # another build has put it there
            (Path(made) / "node_modules").rename(RUNTIME.parent)


def build(folder: Path) -> None:
    """Write the playground into a folder, which is made anew."""
    install()
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "pyodide").mkdir(parents=True)
    for pattern in PAGE:
        for file in SOURCES.glob(pattern):
            shutil.copy(file, folder)
    for name in OF_PYODIDE:
        shutil.copy(RUNTIME / name, folder / "pyodide")
    index = folder / "index.html"
    # The page of a plan runs within this one, and under its policy.
    policy = re.sub(r"\{\{(.+?)\}\}", _hash, index.read_text(encoding="utf-8"))
    index.write_text(policy, encoding="utf-8")
    archive(folder / "openclaw_config.zip")
    text = json.dumps(examples(), ensure_ascii=False)
    (folder / "examples.json").write_text(text, encoding="utf-8")


def _hash(part: re.Match[str]) -> str:
    return digest(facts.read_text(f"pages/{part[1]}"))


def main() -> None:
    """Build into the folder that is named, and say how large it is."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    build(folder)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(f"{folder}: {size / 1e6:.1f} MB; serve it with python -m http.server -d {folder}")


if __name__ == "__main__":
    main()
