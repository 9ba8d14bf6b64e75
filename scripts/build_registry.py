"""Rebuild what OpenClaw's later releases know by name, from the facts of each.

    python -m scripts.build_registry FACTS CAPABILITIES

``FACTS`` has ``latest/registry.json``, ``latest/retired-models.json`` and
``releases/registry-by-release.json``; ``CAPABILITIES`` says what providers of the newest do. The
files of 2026.4.29 in ``schema/registry`` are no output: the others start from them. Of a release
between the two ends, the facts have the ids of its channels, plugins and built-in providers; for
the rest it counts as the end on its side of 2026.8.1, where the keys moved. A section's file is
that of the first release that has this form.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from openclaw_config.facts import folder, read_json
from openclaw_config.targets import releases, target

Json = Any
OLDEST, NEWEST = "2026.4.29", "2026.9.6"

SECTIONS = (
    "automatic", "builtIn", "channels", "defaults", "endpoints", "environment", "external",
    "plugins", "providerAliases", "providers", "retired", "secretPlaces", "slots", "tools",
    "webSearch",
)  # fmt: skip


def text(value: Json) -> str:
    """One row a line, so that a change of a row is a change of a line."""

    def flat(item: Json) -> str:
        return json.dumps(item, ensure_ascii=False)

    def lines(item: Json, indent: str, deep: int) -> str:
        if not item or not deep or not isinstance(item, dict | list) or len(flat(item)) < 90:
            return flat(item)
        inner = indent + "  "
        if isinstance(item, list):
            return "[\n" + ",\n".join(inner + flat(one) for one in item) + f"\n{indent}]"
        rows = (f"{inner}{flat(key)}: {lines(one, inner, deep - 1)}" for key, one in item.items())
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"

    return lines(value, "", 2) + "\n"


def present(**row: Json) -> Json:
    """A row without the fields that say nothing."""
    return {key: value for key, value in row.items() if value not in (None, "", [], {})}


def automatic(capabilities: Json) -> Json:
    """What is tried by itself, and who understands what; ``auto`` is false for who never is."""
    order, known = capabilities["autoOrder"], capabilities["mediaUnderstanding"]
    rows: Json = {}
    for kind, ids in order["mediaUnderstanding"].items():
        able = [name for name, row in known.items() if kind in row["capabilities"]]
        models = {name: known[name].get("defaultModels", {}).get(kind) for name in able}
        others = [name for name in able if name not in ids]
        rows[kind] = [present(id=name, model=models[name]) for name in ids]
        rows[kind] += [{**present(id=name, model=models[name]), "auto": False} for name in others]
    refs = {kind: [row["ref"] for row in found] for kind, found in order["generation"].items()}
    return {**refs, "speech": order["speech"], "understanding": rows}


def newest(facts: Json, retired: Json, capabilities: Json, old: dict[str, Json]) -> dict[str, Json]:
    """The sections of the newest release. What its facts do not say is as in the oldest."""
    return {
        "automatic": automatic(capabilities),
        "secretPlaces": old["secretPlaces"],
        "tools": old["tools"],  # those of any release
        "builtIn": facts["overlayProviders"],
        "channels": {
            "ids": {
                name: present(
                    aliases=row["aliases"],
                    variables=row["envVars"],
                )
                | {"on": facts["plugins"].get(row["plugin"], {}).get("enabledByDefault", False)}
                for name, row in facts["channels"].items()
                if row.get("configurable", True)
            },
            "reserved": facts["channelReservedKeys"],
            "internal": old["channels"]["internal"],
            "heartbeatTargets": facts["heartbeatTargets"],
        },
        "defaults": {
            "provider": facts["defaults"]["provider"],
            "model": facts["defaults"]["model"],
            "contextTokens": facts["defaults"]["contextTokens"],
            "onboarding": facts["defaults"]["openrouterOnboard"],
            "aliases": facts["defaultModelAliases"],
        },
        "endpoints": [
            present(
                **{"class": row["endpointClass"]},
                plugin=row["plugin"],
                hosts=row.get("hosts"),
                hostSuffixes=row.get("hostSuffixes"),
                baseUrls=row.get("baseUrls"),
            )
            for row in facts["providerEndpoints"]
        ],
        "environment": environment(facts, old["environment"]),
        "external": sorted(facts["externalPlugins"]),
        "plugins": {
            "ids": {name: plugin(row) for name, row in facts["plugins"].items()},
            "aliases": {
                **facts["pluginIdAliases"],
                **{
                    former: name
                    for name, row in facts["plugins"].items()
                    for former in row.get("legacyPluginIds", ())
                },
            },
            "removed": facts["removedPluginIds"],
        },
        "providerAliases": {
            **old["providerAliases"],
            "any": {},  # MODEL-01
            "removed": {},
            "runtime": {},  # MODEL-60
            "credentials": {
                alias: name
                for name, row in facts["providers"].items()
                for alias in row.get("authAliases", ())
            },
        },
        "providers": {
            name: provider(row, old["providers"].get(name, {}))
            for name, row in facts["providers"].items()
        },
        "retired": {
            "renamed": [
                {"provider": row["provider"], "from": row["from"], "to": row["to"]}
                for row in retired["rows"]
                if row["kind"] == "id-alias"
            ],
            "suppressed": [
                present(
                    provider=row["provider"],
                    **{"from": row["from"]},
                    to=full(row["provider"], row["to"]),
                    hosts=row.get("when", {}).get("baseUrlHosts"),
                )
                for row in retired["rows"]
                if row["kind"] in ("suppressed", "suppressed-when")
            ],
            "retired": old["retired"]["retired"],
            "families": old["retired"]["families"],
        },
        "slots": {name: {"ids": [row["default"]], **row} for name, row in facts["slots"].items()},
        "webSearch": web_search(facts["webSearch"], old["webSearch"]),
    }


def full(provider: str, model: str | None) -> str | None:
    """A ref; null where there is no replacement."""
    return model if model is None or "/" in model else f"{provider}/{model}"


def environment(facts: Json, old: Json) -> Json:
    """The variables that count; runs of words become patterns (LOAD-05)."""
    workspace = facts["workspaceDotenv"]
    credentials = facts["credentialEnv"]
    known = set(credentials["providerAuth"])
    return {
        "blocked": {
            "names": facts["envBlock"]["exact"],
            "prefixes": facts["envBlock"]["prefixes"],
            "patterns": facts["envBlock"]["patterns"],
        },
        "blockedInWorkspaceFile": {
            "names": sorted({*workspace["exact"], *known}),
            "prefixes": workspace["prefixes"],
            "suffixes": workspace["suffixes"],
            "patterns": [f"(?:^|_){'_'.join(run)}(?:_|$)" for run in workspace["tokenSequences"]],
        },
        "credentials": {
            "providers": credentials["providerAuth"],
            "others": [name for name in credentials["shellImport"] if name not in known],
        },
        "markers": old["markers"],
    }


def plugin(row: Json) -> Json:
    """A plugin's row."""
    return {
        "on": row["enabledByDefault"],
        **present(
            providers=row.get("providers"),
            channels=row.get("channels"),
            commands=row.get("commandAliases"),
            onWithProviders=row.get("autoEnableWhenConfiguredProviders"),
            kind=row.get("kind"),
            formerIds=row.get("legacyPluginIds"),
            offers=row.get("contracts"),
            atStartup=row.get("onStartup"),
        ),
    }


def provider(row: Json, old: Json) -> Json:
    """A provider's row; what its manifest does not say is as it was, its keys if it moved out."""
    kept = ("auth", "onboarding", "keyless", "noCooldown", "label", "formerBaseUrls")
    surfaces = ("webFetch", "webSearch", "embedding")  # none of ours
    return {
        "plugin": row["plugin"],
        "surfaces": [name for name in row["surfaces"] if name not in surfaces],
        **present(
            keys=row.get("envVars") or (old.get("keys") if row.get("external") else None),
            baseUrls=[row["baseUrl"]] if "baseUrl" in row else old.get("baseUrls"),
            api=row.get("api", old.get("api")),
            external=row.get("external"),
            **{name: old.get(name) for name in kept},
        ),
    }


def web_search(facts: Json, old: Json) -> Json:
    """The bundled providers of web search and those that can be installed."""
    known = {row["id"]: row for row in old}
    rows = [*({"id": name} for name in facts["active"]), *facts["installable"]]
    last = max(row["order"] for row in old) + 10
    found = [{"order": last, **known.get(row["id"], {}), **row} for row in rows]
    return sorted(found, key=lambda row: row["order"])


FIRST_REFUSED = ("2026.5.12", ("gemini-2.0-flash-exp",))
"""The release since which a config with one of these models of Google was seen to be refused."""


FIRST_SEPARATE_MEMORY = "2026.5.18"
"""The release since which a memory plugin that is installed separately was seen to be let pass."""


def retired_between(release: str, old: dict[str, Json], new: dict[str, Json]) -> Json:
    """Which models are gone before 2026.8.1, of which the others of the newest are not known."""
    since, ids = FIRST_REFUSED
    if releases().index(release) < releases().index(since):
        return old["retired"]
    rows = [
        row
        for row in new["retired"]["suppressed"]
        if row["provider"] == "google" and row["from"] in ids
    ]
    return {**old["retired"], "suppressed": [*old["retired"]["suppressed"], *rows]}


def between(release: str, spans: Json, old: Json, new: Json) -> dict[str, Json]:
    """The sections of a release between the two ends."""
    order = spans["releases"]

    def ids(group: str) -> set[str]:
        at = order.index(release)
        return {
            name
            for row in spans[group]
            if order.index(row["since"]) <= at <= order.index(row["until"])
            for name in row["ids"]
        }

    def rows(section: str) -> Json:
        known = {**new[section]["ids"], **old[section]["ids"]}
        here = ids(section)
        ordered = [*(name for name in known if name in here), *sorted(here - known.keys())]
        return {name: known.get(name, {"on": False}) for name in ordered}

    side = old if target(release).keys == target(OLDEST).keys else new
    return {
        **side,
        "builtIn": sorted(ids("providersWithoutBaseUrl")),
        "channels": {**side["channels"], "ids": rows("channels")},
        "plugins": {**side["plugins"], "ids": rows("plugins")},
        "retired": retired_between(release, old, new) if side is old else new["retired"],
        "slots": (old, new)[order.index(release) >= order.index(FIRST_SEPARATE_MEMORY)]["slots"],
    }


def main(facts: str, capabilities: str) -> None:
    """Write the files of a folder of facts."""

    def read(name: str) -> Json:
        with open(os.path.join(facts, name), encoding="utf-8") as file:
            return json.load(file)

    where = os.path.join(folder(), "registry")
    old = {name: read_json(f"registry/{name}/{OLDEST}.json") for name in SECTIONS}
    new = newest(
        read("latest/registry.json"),
        read("latest/retired-models.json"),
        read(os.path.abspath(capabilities)),
        old,
    )
    spans = read("releases/registry-by-release.json")
    index: dict[str, list[str]] = {name: [OLDEST] for name in SECTIONS}
    last = old
    for release in releases()[1:]:
        now = new if release == NEWEST else between(release, spans, old, new)
        for name in SECTIONS:
            if now[name] != last[name]:
                index[name].append(release)
                with open(os.path.join(where, name, f"{release}.json"), "w") as file:
                    file.write(text(now[name]))
        last = now
    with open(os.path.join(where, "index.json"), "w") as file:
        file.write(text({"releases": list(releases()), "sections": index}))


if __name__ == "__main__":
    main(*sys.argv[1:])
