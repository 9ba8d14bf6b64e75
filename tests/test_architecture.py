"""The shape of the packages: one direction, no back edges (docs/architecture.md)."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "openclaw_config"

MAY_IMPORT = {
    "facts": set(),
    "errors": set(),
    "files": {"errors"},
    "registry": {"facts"},
    "targets": {"facts", "syntax"},
    "syntax": {"diagnostics", "facts"},
    "diagnostics": {"syntax", "__version__", "facts", "targets"},
    "loading": {"syntax", "diagnostics", "registry", "targets", "files"},
    "capabilities": {"plan", "targets", "syntax", "diagnostics", "registry", "facts", "files"},
    "view": {"syntax", "loading", "registry", "targets", "plan"},
    "validation": {
        "targets",
        "files",
        "syntax",
        "loading",
        "view",
        "capabilities",
        "diagnostics",
        "registry",
        "facts",
        "plan",
    },
    "plan": {"diagnostics", "facts", "syntax"},
    "resolution": {
        "capabilities",
        "targets",
        "syntax",
        "loading",
        "view",
        "plan",
        "registry",
        "files",
    },
    "providers": {
        "facts",
        "targets",
        "syntax",
        "loading",
        "view",
        "capabilities",
        "resolution",
        "plan",
        "registry",
    },
    "compiler": {
        "facts",
        "targets",
        "syntax",
        "loading",
        "view",
        "capabilities",
        "resolution",
        "providers",
        "plan",
        "registry",
    },
    "runtime": {"plan", "files", "facts"},
}
"""What each package may import of ours. The rest (api, cli, …) stands on top and may use all."""

WHEN_CALLED = {"plan": {"runtime.bind"}, "diagnostics": {"loading.load"}}
"""What a package may import when it is called, or for its types only: ``plan.video.bind(…)`` and
``report.document`` are worth an arrow up each."""

GROUND_FLOOR = {
    "syntax": {"diagnostics.model"},
    "loading": {"diagnostics.model"},
    "plan": {"diagnostics.display", "diagnostics.markdown", "diagnostics.model"},
}
LEAVES = {"plan.urls", "plan.checking"}
"""What the early stages may import of ``plan``."""
"""Packages that get only these modules of ``diagnostics``."""


@cache
def imports() -> list[tuple[str, str, Path]]:
    """Every import of ours: the importing package, the imported module, the file."""
    return list(_imports())


def _imports() -> Iterator[tuple[str, str, Path]]:
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
                if node.module == "openclaw_config":
                    names = [f"openclaw_config.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            for name in names:
                if name.startswith("openclaw_config."):
                    yield parts[0], name.removeprefix("openclaw_config."), path


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    allowed = MAY_IMPORT[package] | {package, "errors"}
    wrong = {
        f"{path.relative_to(ROOT)} imports {module}"
        for importer, module, path in imports()
        if importer == package
        and module.split(".")[0] not in allowed
        and module not in WHEN_CALLED.get(package, ())
    }
    assert wrong == set()


@pytest.mark.parametrize("package", sorted(WHEN_CALLED))
def test_what_is_imported_when_called_is_not_imported_before(package: str) -> None:
    modules = [f"openclaw_config.{name}" for name in WHEN_CALLED[package]]
    script = f"import openclaw_config.{package}.model, sys; print(sys.modules.keys() & {modules!r})"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("package", sorted(GROUND_FLOOR))
def test_of_the_diagnostics_the_early_stages_know_the_model_only(package: str) -> None:
    used = {
        m for importer, m, _ in imports() if importer == package and m.startswith("diagnostics")
    }
    assert used <= GROUND_FLOOR[package]


@pytest.mark.parametrize("package", ["capabilities", "view", "validation"])
def test_of_the_plan_the_early_stages_know_the_leaves_only(package: str) -> None:
    used = {m for importer, m, _ in imports() if importer == package and m.startswith("plan.")}
    assert used <= LEAVES


def test_no_module_of_the_runtime_leads_back_to_itself() -> None:
    used: dict[str, set[str]] = {}
    for importer, module, path in imports():
        if importer == "runtime" and module.startswith("runtime."):
            used.setdefault(path.stem, set()).add(module.split(".")[1])
    left = dict(used)
    while ready := {name for name in left if not left[name] & left.keys()}:
        left = {name: modules for name, modules in left.items() if name not in ready}
    assert left == {}


def test_the_runtime_knows_no_provider() -> None:
    for path in (ROOT / "runtime").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) and id(node) not in prose else ""
            name = node.id if isinstance(node, ast.Name) else ""
            assert "openrouter" not in f"{text!r} {name}".lower(), path


HEAVY = ("jsonschema", "json5", "ruamel", "httpcore", "asyncio", "dataclasses", "click")


@pytest.mark.parametrize(
    "use",
    [
        "import openclaw_config",
        "import openclaw_config as oc; oc.check(text='{}')",
        "import openclaw_config as oc; oc.compile(text='{}')",
    ],
)
def test_checking_and_compiling_import_nothing_heavy(use: str) -> None:
    script = f"{use}\nimport sys\nprint([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("page", ["architecture.md", "data.md"])
def test_every_module_that_a_page_names_exists(page: str) -> None:
    text = (ROOT.parent / "docs" / page).read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:\w+/)*\w+\.py)`", text))
    assert len(named) > 5
    tops = [ROOT, *(ROOT.parent / top for top in ("scripts", "tests", "benchmarks"))]
    known = [path.as_posix() for top in tops for path in top.rglob("*.py")]
    assert [name for name in named if not any(path.endswith(f"/{name}") for path in known)] == []
