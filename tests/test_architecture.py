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
    "plan": {"diagnostics", "facts", "files", "syntax"},
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
    "plan": {"diagnostics.display", "diagnostics.model"},
}
LEAVES = {"plan.urls", "plan.checking", "plan.json_form", "plan.values"}
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


CIRCLES = {
    "diagnostics": {"model", "masking", "text"},
    "lint": {"linter", "settings"},
    "validation": {"context", "plugins"},
}
"""Modules that import each other when they are called: a half is loaded where it is needed."""


def module_of(path: Path) -> str:
    """A file's module, as an import below our package names it."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def used_by(node: ast.AST, modules: set[str], when_called: bool) -> Iterator[str]:
    """The modules that a module imports, those for types only left out."""
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.If) and ast.unparse(inner.test) == "TYPE_CHECKING":
            continue
        if isinstance(inner, ast.ImportFrom) and (inner.module or "").startswith("openclaw_config"):
            for alias in inner.names:
                name = f"{inner.module}.{alias.name}".removeprefix("openclaw_config.")
                yield name if name in modules else name.rpartition(".")[0]
        elif when_called or not isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from used_by(inner, modules, when_called)


@cache
def graph(when_called: bool) -> dict[str, set[str]]:
    """The modules that each module imports, when it is imported or also when it is called."""
    files = {module_of(path): path for path in ROOT.rglob("*.py")}
    trees = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in files.items()}
    return {name: {*used_by(trees[name], {*files}, when_called)} - {name, ""} for name in trees}


def circular(used: dict[str, set[str]]) -> set[str]:
    """The modules that lead back to themselves."""
    return {name for name in used if name in reached(name, used)}


def reached(start: str, used: dict[str, set[str]]) -> set[str]:
    """The modules to which imports lead from one."""
    found: set[str] = set()
    left = [start]
    while left:
        new = used.get(left.pop(), set()) - found
        found |= new
        left += new
    return found


def test_no_module_leads_back_to_itself_when_it_is_imported() -> None:
    assert circular(graph(when_called=False)) == set()


PACKAGES = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_of_a_package_leads_back_to_itself(package: str) -> None:
    own = {
        name: {module for module in used if module.startswith(f"{package}.")}
        for name, used in graph(when_called=True).items()
        if name.startswith(f"{package}.")
    }
    assert circular(own) <= {f"{package}.{name}" for name in CIRCLES.get(package, ())}


@pytest.mark.parametrize(
    ("package", "known_by"),
    [("cli", {"__main__"}), ("lsp", {"cli"}), ("lint", {"changes", "cli", "lsp"})],
)
def test_what_stands_on_top_is_known_by_what_stands_on_it_only(
    package: str, known_by: set[str]
) -> None:
    users = {
        name.split(".")[0]
        for name, used in graph(when_called=True).items()
        if any(module.split(".")[0] == package for module in used)
    }
    assert users - {package} <= known_by


@pytest.mark.parametrize("package", PACKAGES)
def test_the_map_names_every_package(package: str) -> None:
    text = (ROOT.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert f"| `{package}` |" in text


def test_the_map_names_what_stands_at_the_top_level() -> None:
    text = (ROOT.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.search("At the top level: (.*?)\n\n", text, re.DOTALL)
    assert named is not None
    own = {path.stem for path in ROOT.glob("*.py")} - {"__init__", "__main__", "errors"}
    assert own - {*re.findall(r"`(\w+)`", named[1])} == set()


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
