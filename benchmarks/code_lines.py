"""Count the code lines of the package: without docstrings, comments and blank lines.

    python -m benchmarks.code_lines [FOLDER]

Prints files and code lines by package, then the total, and the functions above 60 code lines.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections import defaultdict
from pathlib import Path

LONG = 60
"""Code lines above which a function needs a reason to be so long."""

_NOT_CODE = frozenset(
    {
        tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
        tokenize.ENDMARKER,
    }
)  # fmt: skip


def code_lines(source: str) -> set[int]:
    """The numbers of the lines that hold code."""
    documentation: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            documentation.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _NOT_CODE:
            code.update(range(token.start[0], token.end[0] + 1))
    return code - documentation


def long_functions(source: str, code: set[int]) -> list[tuple[str, int]]:
    """The functions of more than LONG code lines, with their length."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = len(code & set(range(node.lineno, (node.end_lineno or node.lineno) + 1)))
            if length > LONG:
                found.append((node.name, length))
    return found


def main() -> None:
    """Print the table for a folder, by default the package."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "openclaw_config")
    files: dict[str, int] = defaultdict(int)
    lines: dict[str, int] = defaultdict(int)
    long: list[str] = []
    for path in sorted(folder.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        code = code_lines(source)
        parts = path.relative_to(folder).parts
        package = parts[0] if len(parts) > 1 else "(top level)"
        files[package] += 1
        lines[package] += len(code)
        long += [f"{path}:{name} {length}" for name, length in long_functions(source, code)]
    for package in sorted(files):
        print(f"{package:<16} {files[package]:>4} files {lines[package]:>7,} lines")
    print(f"{'total':<16} {sum(files.values()):>4} files {sum(lines.values()):>7,} lines")
    for line in long:
        print(f"long: {line}")


if __name__ == "__main__":
    main()
