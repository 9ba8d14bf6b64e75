"""Images, videos and music: the recipe's requests, and a capability row as the rules of a mode.

Spec: IMG, VID and MUS rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, TypeAlias

from openclaw_config import registry
from openclaw_config.capabilities import lookup
from openclaw_config.capabilities.lookup import Choice, Constraint
from openclaw_config.capabilities.lookup import Mode as Row
from openclaw_config.loading.load import Document
from openclaw_config.plan import model as plans
from openclaw_config.plan.model import Candidate, Json, Mode, Normalize, Step, Surface
from openclaw_config.plan.urls import host_of, origin_of
from openclaw_config.providers import requests
from openclaw_config.resolution import settings
from openclaw_config.resolution.credentials import provider_chain
from openclaw_config.resolution.media import MediaCandidate, most_bytes
from openclaw_config.view.settings import Agent

Names: TypeAlias = dict[str, str]
"""What stands in braces in a recipe's URLs."""


def candidate(agent: Agent, choice: MediaCandidate, surface: Surface) -> requests.Built:
    """The plan of one model.

    The configured base URL counts as it stands (IMG-03, VID-03), and private addresses are refused
    whatever the config allows (HTTP-06).
    """
    document, (written, model) = agent.document, choice.ref
    provider = registry.surface_provider(document.release, surface, written)
    plan = Candidate(f"{written}/{model}", written, model, choice.origin, choice.automatic)
    plan = plan._replace(entry=choice.entry)
    known = registry.provider(document.release, provider)
    compiled = requests.is_compiled(provider, surface)
    if not compiled and (known is None or surface not in known.surfaces):
        problem = f"No {surface}-generation provider registered for {written}"
        return requests.unusable(plan, problem)
    if compiled or not choice.automatic:
        plan = plan._replace(credential=provider_chain(agent, provider))
    if not compiled:
        return requests.not_compiled(plan, provider)
    found = _recipe(document, provider, model, surface)
    more = found.more
    base = _base(document, provider, more)
    # Of private addresses only a server's usual one is taken.
    private = bool(more.get("private")) and base.url in ("", more["private"])
    there = requests.route_of(document, provider, base, more, private=private)
    if more["configured"]:
        # The headers and the transport of the provider's ``request`` (HTTP-05, HTTP-05').
        request = ("models", "providers", provider, "request")
        there = requests.with_transport(document, there, request)
    headers = _headers(agent, provider, more)
    if not more.get("anonymous"):
        requests.add_attribution(agent, provider, headers, there.verified)
    # What holds for single models holds on the provider's own host only, where a recipe names that
    # (IMGP-11, IMGP-12).
    own = more.get("ownHost")
    asked = "" if own and base.url and host_of(base.url) != own else model
    modes = _modes(document, provider, asked, surface, more)
    row = lookup.mode(provider, surface, model, "generate", document.tables)
    names = _names(document, model, more)
    plan = requests.recipe_of(plan, found)._replace(
        steps=tuple(_named(step, names) for step in found.candidate.steps),
        modes=modes,
        options=row.provider_options if row is not None else (),
        result=_result(document, found, model, names),
    )
    sent = {"model": model_sent(model, modes)}
    plan = requests.completed(plan, more, there, headers, sent)
    plan, limited = _limited(plan, choice, more)
    number, body = next((i, one.body) for i, one in enumerate(plan.steps) if one.body is not None)
    at, is_named = f"/steps/{number}", isinstance(body, dict) and "model" in body
    if plan.live is not None:
        asked = model or lookup.default_model(provider, surface, document.tables) or ""
        plan = _after_list(plan, there, asked)
    why = [("/model", choice.origin)]
    why += [(f"{at}/body/model", choice.origin)] if is_named else []
    return requests.Built(plan, (*why, *requests.reached(base, at, headers), *limited))


def _result(document: Document, found: requests.Recipe, model: str, names: Names) -> Json:
    """A recipe's result with the most bytes of it, and the model that edits where it has a name."""
    result, most = found.candidate.result, most_bytes(document.root, found.more["mostBytes"])
    if "suffix" in names:
        result = {**result, "models": {"edit": model + names["suffix"]}}
    # What is saved of a video stands beside what is refused of its bytes.
    largest = {"bytes": {**result["bytes"], "most": most}} if "bytes" in result else {"most": most}
    return {**result, **largest}


def _recipe(document: Document, provider: str, model: str, surface: Surface) -> requests.Recipe:
    """The recipe of a surface, or that which some hosts or models have elsewhere (IMG-40)."""
    release = document.target.requests
    found = requests.recipe(provider, surface, release)
    written = settings.configured(document.root, provider)
    known = registry.provider(document.release, provider)
    own = ("", known.base_urls[0], *known.former_base_urls) if known is not None else ()
    for one in found.more.get("elsewhere", ()):
        at_host = host_of(written.url).endswith(tuple(one.get("suffixes", ("",))))
        is_named = (
            model.startswith(tuple(one.get("models", ("",)))) and one.get("holds", "") in model
        )
        if at_host and is_named and (written.url in own or not one.get("own")):
            return requests.recipe(provider, one["surface"], release)
    return found


def _headers(agent: Agent, provider: str, more: Json) -> requests.HeaderSet:
    """The key and the recipe's headers, then those of the provider's ``request``."""
    request = ("models", "providers", provider, "request")
    headers = requests.HeaderSet(requests.key_of(more), requests.JSON_CONTENT)
    headers.add_fixed(more.get("headers", {}))
    if more["configured"] or more.get("requestHeaders"):
        headers.add_configured(agent.document, (*request, "headers"), blank=False)
    if more["configured"]:
        headers.add_auth(agent.document, (*request, "auth"))
    return headers


def _after_list(found: Candidate, there: plans.Route, model: str) -> Candidate:
    """A candidate whose provider's list of models is asked for first (VID-61)."""
    listed, *others = found.steps
    if there.base_url_ref:
        # A query stays where it is, and so takes a part of the path along.
        beside = plans.UrlFromResponse((), f"{there.base_url}/", "videos/models")
        listed = listed._replace(url="", url_from=beside)
    return found._replace(steps=(listed, *others), live={**found.live, "model": model})


def _base(document: Document, provider: str, more: Json) -> settings.BaseUrl:
    """The base URL: the configured one, as far as the recipe takes it, else the provider's."""
    written = settings.configured(document.root, provider)
    usual = more.get("baseUrl") or settings.usual_url(document, provider)
    china = more.get("china")
    if china is not None:
        hosts = (document.environment.get(china["variable"]) or "", written.url)
        if any(host_of(one).endswith(china["suffix"]) for one in hosts):
            usual = china["baseUrl"]
    url = written.url if more.get("base") != "none" else ""
    url = more.get("rehost", {}).get(host_of(url), url)
    for suffix in more.get("cut", ()):
        url = url.removesuffix(suffix)
    if more.get("base") == "origin" and url:
        url = origin_of(url)
    if not url and not more.get("baseUrl") and china is None:
        return written
    written = written if url else settings.BaseUrl("", settings.from_default("IMGP-10"))
    return written._replace(url=url or usual.rstrip("/"))


def _names(document: Document, model: str, more: Json) -> Names:
    """What stands in braces in the recipe's URLs besides the base URL."""
    suffix, version, names = more.get("suffix"), more.get("version", {}), {"model": model}
    if suffix is not None:
        there = model.endswith(tuple(suffix["unless"])) or suffix["holds"] in model
        names["suffix"] = "" if there else suffix["add"]
    if "variable" in version:
        set_to = document.environment.get(version["variable"])
        names["version"] = set_to or version["default"]
    return names


def _named(step: Step, names: Names) -> Step:
    for name, value in names.items():
        step = step._replace(url=step.url.replace(f"{{{name}}}", value))
    return step


def _limited(plan: Candidate, choice: MediaCandidate, more: Json) -> requests.Built:
    """The candidate with the time limit of the surface's config: of its only step, or of all."""
    time = choice.timeout_ms
    if "timeoutRule" not in more:
        if time is None:
            return requests.Built(plan)
        plan = plan._replace(deadline_ms=int(time.value))
        return requests.Built(plan, (("/deadlineMs", time.origin),))
    if time is None or type(time.value) not in {int, float} or time.value <= 0:
        time = settings.default(plan.steps[0].timeout_ms, more["timeoutRule"])
    limit = max(int(time.value), more.get("leastMs", 0))
    steps = tuple(step._replace(timeout_ms=limit) for step in plan.steps)
    return requests.Built(plan._replace(steps=steps), (("/steps/0/timeoutMs", time.origin),))


SENT_MODEL = "sentModel"
"""The name under which a rule between parameters sets the id that is sent instead."""


FITTED = {"2026.4.29": False, "2026.9.6": True}
"""Whether a release fits a call to a row: a value that is not listed becomes the nearest one, and a
candidate is passed over that takes fewer inputs (VID-60)."""


def _modes(
    document: Document, provider: str, model: str, surface: Surface, more: Json
) -> tuple[Mode, ...]:
    """What the capability table says that a model takes, as modes of a plan (VID-01, IMG-01).

    A recipe may drop URLs of inputs without a word (VIDP-13).
    """
    found, quiet = [], more.get("quiet")
    kinds = ("images", "videos", "audios") if surface == "video" else ("images",)
    fitted = FITTED[document.target.requests]
    for name in lookup.MODES[surface]:
        inputs = _INPUTS.get(name, ())
        row = lookup.mode(provider, surface, model, name, document.tables)
        if row is None:
            found += [Mode(name, inputs, enabled=False)] if name == "videoToVideo" else []
            continue
        most = dict(zip(kinds, (row.max_images, row.max_videos, row.max_audios), strict=False))
        rules = fitting(surface, row, fitted)
        if not quiet:  # What cannot be sent is reported (IMGP-04).
            rules = tuple(
                rule if rule.parameter in row.unsent else _reported(rule, given=rules)
                for rule in rules
            )
        for kind in inputs if fitted or not quiet else ():
            why = f"it takes at most {{most}} input {kind}"
            gate = Normalize(f"input{kind.title()}", "at-most", (most[kind],), why=why)
            rules = (*rules, gate)
        if more.get("urls") == "dropped":
            rules = tuple(rule for rule in rules if rule.parameter != "inputUrls")
        found.append(Mode(name, inputs, True, tuple(most.items()), rules))
    return tuple(found)


_INPUTS = {"imageToVideo": ("images",), "videoToVideo": ("videos",), "edit": ("images",)}


def _reported(rule: Normalize, given: tuple[Normalize, ...]) -> Normalize:
    ratio = rule.parameter == "aspectRatio" and rule.to == "drop"
    made = any(one.to == "size-of-ratio" for one in given)
    return rule._replace(silent=ratio and made) if rule.to == "drop" else rule


def model_sent(model: str, modes: tuple[Mode, ...]) -> Json:
    """The id in a body: the model's, in a slot where some rule sends another one instead."""
    if any(rule.parameter == SENT_MODEL for mode in modes for rule in mode.normalize):
        return {"$slot": {"parameter": SENT_MODEL, "default": model}}
    return model


def fitting(surface: str, row: Row, fitted: bool = False) -> tuple[Normalize, ...]:
    """The rules of a mode, in order: what it takes, what holds between parameters, what is sent."""
    rules = list(_rules(surface, row, fitted))
    for constraint in row.constraints:
        found = _constrained(surface, row, constraint, fitted)
        rules += (rule._replace(when=constraint.when, why=constraint.why) for rule in found)
    if row.max_inputs is not None:
        why = f"it takes {row.max_inputs} inputs in all"
        rules.append(Normalize("inputs", "at-most", (row.max_inputs,), why=why))
    if row.sources:
        other, noun = ("inputFiles", "URLs") if row.sources == ("url",) else ("inputUrls", "files")
        rules.append(Normalize(other, "at-most", (0,), why=f"it takes inputs as {noun} only"))
    rules += (Normalize(name, "drop", silent=True) for name in row.unsent)
    return tuple(rules)


_FLAGS = {"video": ("audio", "watermark"), "music": ("lyrics", "instrumental")}
"""What a row says only yes or no of, by surface."""
_LISTED = {
    "image": {"quality": "qualities", "outputFormat": "formats", "background": "backgrounds"},
    "music": {"format": "formats"},
}
"""The parameters of which a row lists the values, in which of its fields."""


def _rules(surface: str, row: Row, fitted: bool) -> Iterator[Normalize]:
    if surface != "music":
        yield from _rules_of_pictures(row, fitted, is_image=surface == "image")
    for name in _FLAGS.get(surface, ()):
        if not getattr(row, name):
            yield Normalize(name, "drop")
    if surface == "music":
        yield Normalize("durationSeconds", "nearest" if row.duration else "drop")
        if row.duration and row.max_duration is not None:
            yield Normalize("durationSeconds", "clamp", (1, row.max_duration))
    for name, field in _LISTED.get(surface, {}).items():
        yield from _choice(name, "listed", getattr(row, field) or None)


def _rules_of_pictures(row: Row, fitted: bool, *, is_image: bool) -> Iterator[Normalize]:
    if is_image:
        yield Normalize("count", "clamp", (1, row.outputs))
    elif row.durations:
        yield Normalize("durationSeconds", "nearest", row.durations)
    elif row.min_duration is not None or row.max_duration is not None:
        low = row.min_duration or 1
        yield Normalize("durationSeconds", "clamp", (low, row.max_duration or 2**31))
    if row.sizes is None and row.aspect_ratios is not None and (is_image or not fitted):
        yield Normalize("size", "ratio-of-size", row.aspect_ratios, instead="aspectRatio")
    elif row.sizes and row.aspect_ratios is None and (is_image or not fitted):
        yield Normalize("aspectRatio", "size-of-ratio", row.sizes, instead="size", silent=True)
        yield Normalize("size", "nearest-size", row.sizes, silent=True)
    elif is_image and row.sizes:
        yield Normalize("size", "nearest-size", row.sizes, silent=True)
    elif fitted and not is_image and row.sizes is not None:
        yield Normalize("size", "nearest-size", row.sizes, "aspectRatio", silent=True)
    else:
        yield from _choice("size", "listed", row.sizes)
    instead = "" if is_image else "size"
    yield from _choice("aspectRatio", "ratio", row.aspect_ratios, instead, silent=is_image)
    nearest: To = "nearest-number" if is_image else "nearest-resolution"
    to = nearest if fitted else "listed"
    yield from _choice("resolution", to, row.resolutions, silent=is_image or not fitted)


To: TypeAlias = Literal["listed", "ratio", "nearest-number", "nearest-resolution"]


def _choice(
    name: str, to: To, values: Choice, instead: str = "", *, silent: bool = False
) -> Iterator[Normalize]:
    """Nothing where any value goes, else the rule for what is listed, or that nothing is taken."""
    if values is None:
        yield Normalize(name, "drop", silent=silent)
    elif values:
        yield Normalize(name, to, values, instead, silent)


def _constrained(surface: str, row: Row, limit: Constraint, fitted: bool) -> Iterator[Normalize]:
    """What a constraint makes of the mode's rules, where its condition holds."""
    narrow = _applied(row, limit)
    if narrow is None:
        yield Normalize(limit.when[0][0], "refuse")
        return
    plain = set(_rules(surface, row, fitted))
    yield from (rule for rule in _rules(surface, narrow, fitted) if rule not in plain)
    if narrow.max_images != row.max_images:
        yield Normalize("inputImages", "at-most", (narrow.max_images,))
    if limit.model is not None:
        yield Normalize(SENT_MODEL, "set", (limit.model,))


def _applied(row: Row, rule: Constraint) -> Row | None:
    """The row with a constraint applied; never wider than before.

    None when the constraint refuses the combination, or leaves no duration.
    """
    low = _tighter(max, row.min_duration, rule.min_duration)
    high = _tighter(min, row.max_duration, rule.max_duration)
    listed = row.durations or rule.durations or ()
    left = tuple(
        value
        for value in listed
        if value in (rule.durations or listed) and (low or value) <= value <= (high or value)
    )
    is_empty = low is not None and high is not None and low > high
    if rule.refused or is_empty or (listed and not left):
        return None
    return row._replace(
        aspect_ratios=_common(row.aspect_ratios, rule.aspect_ratios),
        resolutions=_common(row.resolutions, rule.resolutions),
        sizes=_common(row.sizes, rule.sizes),
        max_images=_tighter(min, row.max_images, rule.max_images) or 0,
        durations=left,
        min_duration=low,
        max_duration=high,
    )


def _common(supported: Choice, allowed: tuple[str, ...] | None) -> Choice:
    if allowed is None or supported is None:
        return supported
    # An empty tuple would mean "any value"; nothing in common means "not supported".
    return tuple(value for value in supported or allowed if value in allowed) or None


def _tighter(pick: Callable[..., int | None], *limits: int | None) -> int | None:
    return pick((limit for limit in limits if limit is not None), default=None)
