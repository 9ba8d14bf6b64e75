"""Write schema/spec.json: what each entry of docs/spec is about, for those who read its id.

    python -m scripts.build_spec_titles

A test fails when the file is not what this would write.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "schema" / "spec.json"

ENTRY = re.compile(r"^### ([A-Z]+-[0-9A-Za-z]+'?) (.+)$", re.MULTILINE)
NAMES = ("Anthropic", "Gemini", "Mistral", "Veo")
"""First words of headings that keep their capital."""


def titles() -> dict[str, str]:
    """The heading of each entry by its id, as it stands inside a sentence."""
    found: dict[str, str] = {}
    for page in sorted((ROOT / "docs" / "spec").rglob("*.md")):
        for name, heading in ENTRY.findall(page.read_text(encoding="utf-8")):
            first = heading.split()[0]
            plain = first.istitle() and first not in NAMES
            found[name] = first[0].lower() + heading[1:] if plain else heading
    return dict(sorted(found.items()))


def text() -> str:
    """What the file has to say."""
    return json.dumps(titles(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
