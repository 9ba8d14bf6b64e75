"""Write the expected files of ``fixtures/plans`` anew: ``python -m tests.plans.regenerate``."""

from __future__ import annotations

from tests.plans.cases import EXPECTED, FOLDER, names, produce


def main() -> None:
    """Write every case's expected files, and remove those that it no longer has."""
    for name in names():
        found = produce(name)
        for file in EXPECTED:
            target = FOLDER / name / file
            if file in found:
                target.write_text(found[file], encoding="utf-8")
            elif target.exists():
                target.unlink()


if __name__ == "__main__":
    main()
