"""What any provider's requests are made of: recipes, headers, proxy and TLS, values in bodies.

A provider whose requests are compiled has a file in ``schema/requests`` with a recipe for each of
its surfaces. The modules beside this one read them, each for some surfaces.

Header values are secret unless we wrote them ourselves, so a plan names where a configured one
stands and the runtime reads it there (HTTP-04, HTTP-05).
"""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

from openclaw_config.facts import read_json
from openclaw_config.loading.load import Document
from openclaw_config.plan import model
from openclaw_config.plan.model import Json
from openclaw_config.plan.urls import host_of, origin_of
from openclaw_config.plan.values import fitting, is_number, objects_in, pointer
from openclaw_config.resolution import settings
from openclaw_config.resolution.credentials import secret_ref
from openclaw_config.resolution.settings import BaseUrl, from_config
from openclaw_config.syntax.nodes import Node, StringNode, child
from openclaw_config.syntax.text import KeyPath
from openclaw_config.view.settings import Agent, mapping, members, text, truth

BEARER = model.Header("Authorization", credential=True, prefix="Bearer ")
JSON_CONTENT = model.Header("Content-Type", "application/json")


class Built(NamedTuple):
    """A candidate, and for its fields that the config decided, why they have their value.

    The pointers of ``why`` start at the candidate.
    """

    candidate: model.Candidate
    why: tuple[tuple[str, model.Origin], ...] = ()


def unusable(candidate: model.Candidate, problem: str) -> Built:
    """A candidate that can only fail, with the reason."""
    return Built(candidate._replace(problem=problem), (("/model", candidate.origin),))


def not_compiled(candidate: model.Candidate, provider: str) -> Built:
    """A candidate of a provider whose requests are not compiled."""
    said = f"requests to the provider {provider} are not compiled by this version"
    return unusable(candidate, f"{said}: it has an API of its own")


class Recipe(NamedTuple):
    """How a provider makes the requests of a surface: a file of ``schema/requests``.

    ``candidate`` has what holds for any model. Its steps lack their headers, have ``{baseUrl}`` in
    their URLs and forms in a body where a model or a setting is filled in (``settled``). ``more``
    is what the surface's module reads besides; never change it.
    """

    candidate: model.Candidate
    more: Json


def recipe_of(plan: model.Candidate, found: Recipe) -> model.Candidate:
    """A recipe's candidate under the name of one."""
    own = ("ref", "provider", "model", "origin", "automatic", "entry", "credential")
    return found.candidate._replace(**{name: getattr(plan, name) for name in own})


def is_compiled(provider: str, surface: str) -> bool:
    """Whether there is a recipe for a surface of a provider: ``schema/requests/compiled.json``."""
    return provider in read_json("requests/compiled.json")["providers"].get(surface, ())


SIBLINGS = {"minimax-portal": "minimax", "alibaba": "qwen"}
"""Providers that are asked as another one is."""


@lru_cache(maxsize=64)
def recipe(provider: str, surface: str, release: str) -> Recipe:
    """The recipe of a release: a later one only says what differs from the first.

    One that is ``like`` another only says what differs from that.
    """
    releases = read_json(f"requests/{SIBLINGS.get(provider, provider)}.json")
    both = (next(iter(releases.values())), releases[release])
    layers = [rows[surface] for rows in both if surface in rows]
    if layers and "like" in layers[0]:
        layers = [rows[like] for rows in both if (like := layers[0]["like"]) in rows] + layers
    more = {key: value for layer in layers for key, value in layer.items()}
    fields = {key: value for layer in layers for key, value in layer.get("candidate", {}).items()}
    unnamed = model.Candidate("", "", "", model.Origin("default"))
    return Recipe(unnamed._replace(**model.fields_of(model.Candidate, fields)), more)


def completed(
    plan: model.Candidate, more: Json, route: model.Route, headers: HeaderSet, known: Known
) -> model.Candidate:
    """A recipe's candidate with the steps of a model, and the route that they take.

    What is ``known`` settles their bodies and the templates of their URLs.
    """
    steps = (
        step._replace(body=settled(step.body, known), fill=settled(step.fill, known))
        for step in plan.steps
    )
    sent = tuple(addressed(step, more, route.base_url, headers, known) for step in steps)
    return plan._replace(route=route, steps=sent)


def addressed(
    step: model.Step, more: Json, base_url: str, headers: HeaderSet, known: Known
) -> model.Step:
    """A recipe's step at a base URL, with its headers: some have more of their own, or none.

    Unless the recipe is ``typed``, the type of a body goes with one only. ``byKey`` is what goes
    out with a key of another kind: Claude Code's own (ANT-31), a JSON object (GGL-31).
    """

    def here(url: str) -> str:
        return url.replace(model.BASE_URL, base_url)

    sent = [] if step.name in more.get("bare", ()) else [*headers.headers()]
    own = more.get("stepHeaders", {}).get(step.name, {})
    sent += (model.Header(name, value) for name, value in own.items())
    if step.encoding or (step.body is None and not more.get("typed")):
        sent = [one for one in sent if one.name.lower() != "content-type"]
    by_key, linked = step.by_key, step.url_from
    if "byKey" in more:
        form = settled(more["byKey"], known)
        kept = HeaderSet(model.Header(**form["key"]), *(one for one in sent if not one.credential))
        kept.add_fixed(form.get("headers", {}))
        parts = {name: {**step.body[name], **part} for name, part in form.get("body", {}).items()}
        body = {**step.body, **parts} if parts else step.body
        by_key = (model.KeyForm(form["contains"], kept.headers(), body),)
    if linked is not None:
        linked = linked._replace(against=here(linked.against), template=here(linked.template))
    return step._replace(
        url=here(step.url),
        url_from=linked,
        origin=origin_of(here(step.origin)),
        headers=tuple(sent),
        by_key=by_key,
    )


Known = dict[str, Json]
"""What decides a recipe's form, by name.

The thinking ``levels`` are those that the model is offered, ``order`` has all that there are,
``level`` is the one that counts when the call gives none. ``param`` reads the config's parameters.
"""
_ABSENT: Json = object()


def settled(form: Json, known: Known) -> Json:
    """A recipe's form with its cases decided.

    ``{"$when": "local !verified", "then": ..., "else": ...}`` is its ``then`` where all of these
    values hold, those with ``!`` not, else its ``else``; of a list of such texts one has to hold.
    ``{"$is": name}`` is a value, ``{"$either": [...]}`` the first of several forms that is there,
    ``{"$param": names}`` what the config gives for a parameter (``_param``), and ``{"$levels":
    ...}`` what each level of thinking comes to (``_levels``); for ``on`` the level's own ``word``
    is a value. What has no such part or value is left out of the object or the list that it stands
    in.
    """
    if isinstance(form, list):
        parts = (settled(item, known) for item in form)
        return [item for item in parts if item is not _ABSENT]
    if not isinstance(form, dict):
        return form
    if next(iter(form), "") in _FORMS:
        return _decided(form, known)
    found = {}
    for key, item in form.items():
        value = settled(item, known) if isinstance(item, dict | list) else item
        if value is not _ABSENT:
            found[key] = value
    return found


_FORMS = frozenset({"$is", "$when", "$levels", "$param", "$either"})
"""The first keys of what is settled; templates have forms of their own, which stay."""


def _decided(form: Json, known: Known) -> Json:
    if "$is" in form:
        value = known.get(form["$is"])
        return _ABSENT if value is None else value
    if "$when" in form:
        ways = [form["$when"]] if isinstance(form["$when"], str) else form["$when"]
        holds = any(all(_holds(word, known) for word in way.split()) for way in ways)
        return settled(form.get("then" if holds else "else", _ABSENT), known)
    if "$levels" in form:
        return _levels(form["$levels"], known)
    if "$param" in form:
        return _param(form, known)
    every = (settled(item, known) for item in form["$either"])
    return next((item for item in every if item is not _ABSENT), _ABSENT)


def _holds(word: str, known: Known) -> bool:
    return not known.get(word[1:]) if word[0] == "!" else bool(known.get(word))


def part(form: Json, known: Known) -> Json:
    """A form of its own, None where there is nothing of it."""
    value = settled(form, known)
    return None if value is _ABSENT else value


def _param(form: Json, known: Known) -> Json:
    """A parameter by the first of its names, where it is of the ``type`` and ``among`` the values.

    With ``words`` it is what they make of it, a text of no type in any case, of a number nothing;
    with ``between`` a number, also one in a text, as the text of the nearest whole one between two.
    """
    setting = known["param"](*form["$param"])
    value = None if setting is None else fitting(setting.value, form)
    if value is None:
        return _ABSENT
    if "words" in form:
        exact = is_number(value) or ("type" in form and isinstance(value, str))
        word = value if exact else str(value).strip().lower()
        return form["words"].get(word, _ABSENT)
    if "between" in form:
        low, high = form["between"]
        with suppress(TypeError, ValueError, OverflowError):
            if not isinstance(value, bool):
                return str(min(max(int(float(value)), low), high))
        return _ABSENT
    return value if value in form.get("among", [value]) else _ABSENT


def _levels(form: Json, known: Known) -> Json:
    """What a level comes to where the model thinks, of those that it takes (COM-30).

    For ``off`` and ``on`` that is what the form says, or what stands in its ``table``; where the
    model does not think it is ``otherwise``.
    """
    words = part(form.get("words"), known) or {}
    table = {"off": settled(form.get("off", _ABSENT), known)}
    for level in known["levels"]:
        if "on" in form and level != "off":
            table[level] = settled(form["on"], {**known, "word": words.get(level, level)})
    table = {level: value for level, value in table.items() if value is not _ABSENT}
    table |= part(form.get("table"), known) or {}
    otherwise = settled(form.get("otherwise", _ABSENT), known)
    never = {} if otherwise is _ABSENT else dict.fromkeys(known["order"], otherwise)
    if not table and not never:
        return _ABSENT
    return {
        "$choose": "thinking",
        "by": "thinking",
        "tables": {"usual": table, "none": never},
        "defaults": {"usual": known["level"], "none": known["level"]},
        "offered": "levels",
        "order": known["order"],
    }


def key_of(more: Json) -> model.Header:
    """The header in which a recipe sends the key."""
    return model.Header(**more["key"]) if "key" in more else BEARER


def route_of(
    document: Document, provider: str, base: BaseUrl, more: Json, *, private: bool = False
) -> model.Route:
    """The route of a base URL; a recipe may know the only host that is asked."""
    canonical = bool(more.get("canonical"))
    route = settings.route(document, provider, base, canonical=canonical, private=private)
    only, url = more.get("only"), base.url if route.base_url_ref else route.base_url
    if only and (host_of(url) != only or not url.startswith("https://")):
        return route._replace(problem=f"{provider} is only asked at https://{only}")
    return route


class HeaderSet:
    """Headers by name, compared without regard to case; a later one replaces an earlier one."""

    __slots__ = ("_headers",)

    def __init__(self, *headers: model.Header) -> None:
        self._headers: dict[str, tuple[model.Header, model.Origin | None]] = {}
        for header in headers:
            self.set(header)

    def set(self, header: model.Header, origin: model.Origin | None = None) -> None:
        """Add a header, in the place of one of the same name if there is one."""
        self._headers[header.name.lower()] = (header, origin)

    def add_fixed(self, values: dict[str, Json], release: str = "") -> None:
        """Add headers of a recipe: templates, and texts in which ``{release}`` is OpenClaw's."""
        for name, value in values.items():
            header = model.Header(name, fill=value)
            if isinstance(value, str):
                header = model.Header(name, value.replace("{release}", release))
            self.set(header)

    def add_configured(self, document: Document, path: KeyPath, *, blank: bool = True) -> None:
        """Add the headers that an object of the config lists, ``blank`` ones or without those."""
        for name, value in members(child(document.root, *path)):
            if not blank and isinstance(value, StringNode) and not text(value):
                continue
            ref = value_ref(document, value, (*path, name))
            if ref:
                self.set(model.Header(name, ref=ref), from_config(value, (*path, name)))

    def add_all(self, document: Document, block: KeyPath, own: KeyPath, *, beside: bool) -> None:
        """Add what a provider's block, a model's own headers and ``request`` say (CHAT-04, COM-12).

        ``beside`` is as in ``add_auth``.
        """
        self.add_configured(document, (*block, "headers"))
        if own:
            self.add_configured(document, own)
        self.add_configured(document, (*block, "request", "headers"), blank=False)
        self.add_auth(document, (*block, "request", "auth"), beside=beside)
        self.set(JSON_CONTENT)

    def add_auth(self, document: Document, path: KeyPath, *, beside: bool = False) -> None:
        """Apply a ``request.auth`` block: a bearer token, or a header of its own.

        With ``beside`` such a header does not take the key's place (SL-13).
        """
        block = child(document.root, *path)
        kinds = {"authorization-bearer": "token", "header": "value"}
        key = kinds.get(text(child(block, "mode")), "")
        node = child(block, key)
        ref = value_ref(document, node, (*path, key))
        if not key or node is None or not ref:
            return
        header = BEARER._replace(credential=False, ref=ref)
        if key == "value":
            name = text(child(block, "headerName")) or text(child(block, "name"))
            header = model.Header(name, ref=ref, prefix=text(child(block, "prefix")))
            if name and not beside:
                self._headers.pop("authorization", None)
        if header.name:
            self.set(header, from_config(node, (*path, key)))

    def headers(self) -> tuple[model.Header, ...]:
        """The headers in the order of their names' first appearance."""
        return tuple(header for header, _ in self._headers.values())

    def why(self, at: str) -> list[tuple[str, model.Origin]]:
        """Origins of the configured headers, as pointers below ``at``."""
        return [
            (f"{at}/headers/{index}", origin)
            for index, (_, origin) in enumerate(self._headers.values())
            if origin is not None
        ]


def reached(base: BaseUrl, at: str, headers: HeaderSet) -> list[tuple[str, model.Origin]]:
    """Why the step ``at`` a pointer is sent where it is, with which configured headers."""
    return [("/route/baseUrl", base.origin), (f"{at}/url", base.origin), *headers.why(at)]


def add_attribution(agent: Agent, provider: str, headers: HeaderSet, verified: bool) -> None:
    """Add the headers by which a provider knows the application on a verified route (HTTP-03).

    Nothing may override them there; on any other route there are none: HTTP-03, and DIV-1 where
    OpenClaw itself does otherwise.
    """
    said = recipe(provider, "attribution", agent.document.target.requests).more
    if verified:
        headers.add_fixed(said, agent.document.release)


def value_ref(document: Document, node: Node | None, path: KeyPath) -> str:
    """How a plan names a configured value that may be secret; "" when there is none."""
    secret = secret_ref(node, document.root)
    if secret is not None:
        return secret.ref
    return f"config:{pointer(path)}" if isinstance(node, StringNode) else ""


def with_transport(document: Document, route: model.Route, request: KeyPath) -> model.Route:
    """The route with the proxy and TLS settings of a ``request`` block."""

    def secrets(block: str, *names: str) -> dict[str, Json]:
        node, path = child(document.root, *request, block), (*request, block)
        refs = {name: value_ref(document, child(node, name), (*path, name)) for name in names}
        return {name: ref for name, ref in refs.items() if ref}

    transport: dict[str, Json] = {}
    proxy = mapping(child(document.root, *request, "proxy"))
    if proxy is not None:
        transport["proxy"] = {"mode": text(proxy.get("mode")), **secrets("proxy", "url")}
    tls = secrets("tls", "ca", "cert", "key", "passphrase")
    server = text(child(document.root, *request, "tls", "serverName"))
    if tls or server:
        transport["tls"] = tls | ({"serverName": server} if server else {})
    problem = route.problem
    if truth(child(document.root, *request, "tls", "insecureSkipVerify")):
        problem = "request.tls.insecureSkipVerify is refused by OpenClaw"
    return route._replace(transport=transport or None, problem=problem)


def literal(value: Json) -> Json:
    """A config's value as it stands in a template.

    Marked as literal where it would otherwise be read as one of the template's own forms.
    """
    inner = objects_in(value) if isinstance(value, dict | list) else ()
    has_form = any(key.startswith("$") for _, one in inner for key in one)
    return {"$literal": value} if has_form else value
