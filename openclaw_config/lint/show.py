"""Show effective rules and settings: levels, values, and where they come from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from openclaw_config.diagnostics.display import printable, width, wrapped
from openclaw_config.diagnostics.model import all_rules
from openclaw_config.files import shown
from openclaw_config.lint.linter import Linter
from openclaw_config.lint.options import Layer
from openclaw_config.lint.selection import DEFAULT, Selection

_DEFAULTS = "by default"
_OPTIONS = "command line"


class Row(NamedTuple):
    """One part of a setting's value, and where it comes from."""

    setting: str
    value: str
    origin: str


# --- rules ----------------------------------------------------------------------------------------


def rules(selection: Selection, columns: int) -> tuple[dict[str, Any], str]:
    """Every rule with the effective level: as ``schema answers`` describes it, and as text.

    The text has a line for each rule where there is room.
    """
    known = all_rules()
    rows = [
        {
            "name": rule.name,
            "level": selection.level(rule.name, rule.severity),
            "severity": rule.severity,
            "default": rule.default,
            "blocks": rule.blocks,
            "subject": rule.subject,
            "summary": rule.summary,
        }
        for rule in known.values()
    ]
    first = max(map(len, known))
    lines = []
    for row in rows:
        lead = f"{row['name']:<{first}}  {row['level']:<7}  "
        summary, *more = wrapped(str(row["summary"]), max(columns - len(lead), 30))
        lines += [lead + summary, *(" " * len(lead) + line for line in more)]
    return {"version": 1, "rules": rows}, "\n".join(lines) + "\n"


# --- settings -------------------------------------------------------------------------------------


def settings_rows(linter: Linter, path: str) -> list[Row]:
    """The effective settings of the config at an absolute path.

    Of two rows about a rule, the later wins.
    """
    options, settings = linter.options, linter.settings_for(path)
    name = settings.name or "none"
    chosen = "" if settings.path else _DEFAULTS
    rows = [Row("settings", name, chosen if options.settings is None else _OPTIONS)]

    def place(*key: str) -> str:
        return str(settings.locations.get(key, name))

    rows += _layer_rows(settings.layer, place)
    for part in settings.matching(path):
        rows += _layer_rows(part.layer, lambda *_, part=part: f"{part.location}")
    rows += _layer_rows(linter.asked, lambda *_: _OPTIONS)
    if not any(row.setting == "select" for row in rows):
        rows.insert(1, Row("select", DEFAULT, _DEFAULTS))
    variables = options.env_file or f"none ({options.env})"
    for setting, value, asked in (
        ("roots", _listed(settings.roots), None),
        ("schemas", _listed(settings.schemas), _listed(options.schemas)),
        ("baseline", settings.baseline, options.baseline),
        ("env-file", settings.env_file, variables if options.env_given else None),
        ("capabilities", settings.capabilities, options.capabilities),
        ("target", settings.target or None, options.target or None),
    ):
        if asked is not None:
            rows.append(Row(setting, asked or "none", _OPTIONS))
        elif value is not None:
            rows.append(Row(setting, shown(value), place(setting)))
        elif setting in ("baseline", "env-file"):
            rows.append(Row(setting, "none", _DEFAULTS))
    return rows


def _listed(paths: Sequence[str]) -> str | None:
    return ", ".join(map(shown, paths)) or None


def _layer_rows(layer: Layer, origin: Callable[..., str]) -> list[Row]:
    rows = [
        Row(setting, ", ".join(rules) or "nothing", origin(setting))
        for setting, rules in (("select", layer.select), ("ignore", layer.ignore or None))
        if rules is not None
    ]
    return rows + [
        Row("severity", f"{rule} = {level}", origin("severity", rule))
        for rule, level in layer.severity
    ]


def settings(name: str, rows: Sequence[Row]) -> tuple[dict[str, Any], str]:
    """The effective settings of the config ``name``, as ``rules`` gives those.

    The text has a line for each part of a setting.
    """
    shown = [Row(*map(printable, row)) for row in rows]
    first = max(9, *(len(row.setting) for row in shown))
    second = max(width(row.value) for row in shown)
    lines = [f"for {printable(name)}"]
    for setting, value, origin in shown:
        gap = " " * (second - width(value))
        lines.append(f"  {setting:<{first}} {value}{gap}  {origin}".rstrip())
    answer = {"version": 1, "file": name, "settings": [row._asdict() for row in rows]}
    return answer, "\n".join(lines) + "\n"
