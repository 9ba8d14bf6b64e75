"""What a rule is, and the list of all rules.

A rule's documentation stands beside the code that reports it: a module that makes diagnostics
declares its rules as module constants and makes each finding with ``Rule.at``. ``all_rules`` is
for those who want every rule at once (``explain``, the documentation, SARIF); a check never
calls it, so it never pays for the texts of rules that do not fire.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from sys import modules
from typing import Any, NamedTuple

from openclaw_config.diagnostics.model import ERROR, Diagnostic, Severity
from openclaw_config.syntax.spans import KeyPath, Location

MODULES_WITH_RULES: tuple[str, ...] = (
    "openclaw_config.syntax.errors",
    "openclaw_config.loading.rules",
    "openclaw_config.validation.structure_rules",
    "openclaw_config.validation.migrations.report",
    "openclaw_config.validation.rules.agents",
    "openclaw_config.validation.rules.browser",
    "openclaw_config.validation.rules.divergences",
    "openclaw_config.validation.rules.gateway",
    "openclaw_config.validation.rules.keys",
    "openclaw_config.validation.rules.plugins",
    "openclaw_config.validation.rules.providers",
    "openclaw_config.validation.rules.refs",
    "openclaw_config.validation.rules.secrets",
    "openclaw_config.validation.rules.speech",
    "openclaw_config.validation.rules.talk",
    "openclaw_config.capabilities.rules",
    "openclaw_config.lint.rules",
)


class Rule(NamedTuple):
    """A rule and its documentation.

    ``summary`` is one line, ``why`` one paragraph. ``bad`` and ``good`` are whole configs: a test
    checks that the rule fires on the first and not on the second. ``blocks`` is true when OpenClaw
    refuses the file for it; ``source`` names the rule ids or facts that the rule stands on.
    ``default`` is False for a rule that runs only when it is selected. ``subject`` is what ``bad``
    and ``good`` are: a ``config``, a user's capability ``table``, a file of ``settings``, or a
    ``variables file``.
    """

    name: str
    severity: Severity
    summary: str
    why: str
    bad: str
    good: str
    blocks: bool = False
    source: str = ""
    default: bool = True
    subject: str = "config"

    def at(
        self,
        location: Location | None,
        message: str,
        key_path: KeyPath = (),
        **details: Any,
    ) -> Diagnostic:
        """A finding of this rule at a place; ``details`` are Diagnostic's other fields.

        What looks like a secret is taken out of every sentence.
        """
        from openclaw_config.diagnostics.masking import masked

        for field in ("notes", "helps"):
            if field in details:
                details[field] = tuple(map(masked, details[field]))
        for related in details.pop("related", ()):
            shown = related._replace(message=masked(related.message))
            details["related"] = (*details.get("related", ()), shown)
        if details.get("fix") is not None:
            details["fix"] = details["fix"]._replace(title=masked(details["fix"].title))
        details["label"] = masked(details.get("label", ""))
        blocks = details.pop("blocks", self.blocks and self.severity == ERROR)
        return Diagnostic(
            self.name, self.severity, masked(message), location, key_path, blocks=blocks, **details
        )


def find_rules(names: Iterable[str]) -> dict[str, Rule]:
    """The rules of these names, as far as there are any; loads no more modules than it takes."""
    missing = set(names)
    found: dict[str, Rule] = {}
    for module in sorted(MODULES_WITH_RULES, key=lambda name: name not in modules):
        if not missing:
            break
        for value in vars(import_module(module)).values():
            if isinstance(value, Rule) and value.name in missing:
                found[value.name] = value
        missing -= found.keys()
    return found


def all_rules() -> dict[str, Rule]:
    """Every rule by name, in alphabetical order. Imports the modules that declare them."""
    found = [
        value
        for module in MODULES_WITH_RULES
        for value in vars(import_module(module)).values()
        if isinstance(value, Rule)
    ]
    return {rule.name: rule for rule in sorted(found)}
