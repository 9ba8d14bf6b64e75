"""The Plan: what will be sent, as data.

A plan is complete in itself. Whoever holds one can bind a call to it and send the requests
without knowing OpenClaw, its configuration or the provider. It holds no secret: where one is
needed it names the place (``env:OPENROUTER_API_KEY``), and only the runtime goes there.

``docs/plan.md`` explains the form for people, ``schema/plan.schema.json`` for programs. Times are
in milliseconds and sizes in bytes; a field that does not apply is None or empty, and the JSON form
leaves it out.
"""

# No "from __future__ import annotations" here: with it NamedTuple compiles every annotation again,
# which doubles the time that importing this module takes.
import json
import typing
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

from openclaw_config.facts import camel_case
from openclaw_config.files import read_regular

if TYPE_CHECKING:
    from openclaw_config.runtime.bind import Bound

PLAN_VERSION = 2

Json: TypeAlias = Any
"""A JSON value: what ``json.loads`` gives. Templates are JSON values too; never change one."""

BASE_URL = "{baseUrl}"
"""What stands in a URL for a base URL that may hold a secret."""

Surface: TypeAlias = Literal["chat", "image", "video", "music", "speech", "transcription", "vision"]
CHAT: Final = "chat"
IMAGE: Final = "image"
VIDEO: Final = "video"
MUSIC: Final = "music"
SPEECH: Final = "speech"
TRANSCRIPTION: Final = "transcription"
VISION: Final = "vision"
SURFACES: tuple[Surface, ...] = (CHAT, IMAGE, VIDEO, MUSIC, SPEECH, TRANSCRIPTION, VISION)

LinkState: TypeAlias = Literal[
    "wins", "shadowed", "absent", "empty", "marker", "unusable", "unknown"
]
Private: TypeAlias = Literal["refuse", "allow"]
VariableState: TypeAlias = Literal["set", "missing", "unknown"]


class Origin(NamedTuple):
    """Why a field has its value.

    ``kind`` is ``config`` (then ``file``, ``line``, ``column`` and the key path ``path`` say
    where), ``env`` (``name`` is the variable; the place is that of the env block, where one set
    it) or ``default`` (``rule`` names the rule that gives it) or ``call`` (a call asks for it).
    """

    kind: Literal["config", "env", "default", "call"]
    file: str = ""
    line: int = 0
    column: int = 0
    path: str = ""
    name: str = ""
    rule: str = ""


PROFILE_BYTES = 8 * 1024 * 1024
"""The largest store of auth profiles that is read, in bytes."""

KEY_FIELDS = {"oauth": "access", "token": "token", "api_key": "key"}
"""Where each type of profile holds a key as it is sent, in the order in which they are taken."""

Stored: TypeAlias = dict[str, dict[str, Any]]
"""``profiles``, ``order`` and ``usageStats`` of a store, by id or provider."""


class ProfileStore(NamedTuple):
    """Which auth profiles a chain may use, and in which order (AUTH-30).

    ``docs/plan.md`` ("Keys") has the rules. A plan holds no profile: only where they are.

    ``path`` is the store's file; one that ends in ``.sqlite`` is OpenClaw's own database, which is
    not read: its profiles have to be given (AUTH-30'). ``order`` lists profile ids as
    ``auth.order`` has them, empty when it says nothing; then the ids of ``modes`` count, if there
    are any. ``modes`` gives for an id of ``auth.profiles`` the mode that its stored type must have.
    With ``no_cooldown`` the order stays as it is when profiles are cooled down (SL-30). Profiles of
    the type oauth count with ``oauth`` alone, as long as they hold: nothing here renews them.
    """

    path: str
    provider: str
    order: tuple[str, ...] = ()
    modes: tuple[tuple[str, str], ...] = ()
    fallback_path: str = ""
    only: str = ""
    no_cooldown: bool = False
    oauth: bool = False

    @property
    def is_database(self) -> bool:
        """Whether it is a database, which nothing here reads: its profiles have to be given."""
        return self.path.endswith(".sqlite")

    def content(self, given: Any, place: Callable[[str], str]) -> Stored:
        """What it holds: what is ``given`` for it, else its own file over the main agent's.

        ``place`` gives a file's path on this machine by that in the plan. What is broken is empty.
        """
        found = [] if given is None else [given]
        if given is None and not self.is_database:
            for path in filter(None, (self.fallback_path, self.path)):
                with suppress(OSError, ValueError, RecursionError):
                    found.append(json.loads(read_regular(place(path), PROFILE_BYTES)))
        merged: Stored = {"profiles": {}, "order": {}, "usageStats": {}}
        for part, rows in merged.items():
            for one in found:
                own = one.get(part) if isinstance(one, Mapping) else None
                rows.update(own if isinstance(own, Mapping) else {})
        return merged

    def of_provider(self, found: Stored) -> dict[str, Mapping[str, Any]]:
        """The profiles of its provider, by id."""
        return {
            name: row
            for name, row in found["profiles"].items()
            if isinstance(row, Mapping)
            and str(row.get("provider")).strip().lower() == self.provider
        }

    def usable(self, found: Stored, today: float) -> list[str]:
        """The ids of the profiles that may give a key, in order; ``today`` is in s since 1970."""
        now = today * 1000
        rows, modes = self.of_provider(found), dict(self.modes)
        if not self.oauth:
            rows = {name: row for name, row in rows.items() if row.get("type") != "oauth"}
        own = found["order"].get(self.provider)
        order = [name for name in own if isinstance(name, str)] if isinstance(own, list) else []
        explicit = [self.only] if self.only else order or list(self.order)
        listed = explicit or list(modes) or list(rows)
        names = [name for name in listed if _is_usable(rows.get(name), modes.get(name), now)]
        if not names and not self.only and found["profiles"].keys().isdisjoint(listed):
            names = [name for name, row in rows.items() if _is_usable(row, None, now)]
        usage, kinds = found["usageStats"], list(KEY_FIELDS)
        if not explicit:
            names.sort(key=lambda name: _number(usage.get(name), "lastUsed"))
            names.sort(key=lambda name: kinds.index(rows[name]["type"]))
        if not self.no_cooldown:
            names.sort(key=lambda name: _cooled_until(usage.get(name), now))
        return names


def _is_usable(row: Mapping[str, Any] | None, mode: str | None, now: float) -> bool:
    kind = row.get("type") if row is not None else None
    if row is None or not isinstance(kind, str) or kind not in KEY_FIELDS:
        return False
    if mode and mode != kind and (mode, kind) != ("oauth", "token"):
        return False
    key = row.get(KEY_FIELDS[kind])
    if not isinstance(row.get(f"{KEY_FIELDS[kind]}Ref"), Mapping) and not str(key or "").strip():
        return False
    return not (kind != "api_key" and 0 < _number(row, "expires") <= now)


def _cooled_until(usage: Any, now: float) -> float:
    """When a profile may be used again, in ms; 0 when it may be now."""
    until = max(_number(usage, "cooldownUntil"), _number(usage, "disabledUntil"))
    return until if until > now else 0.0


def _number(row: Any, field: str) -> float:
    """A number of a row, 0 where there is none."""
    value = row.get(field) if isinstance(row, Mapping) else None
    if not isinstance(value, int | float) or isinstance(value, bool):
        return 0.0
    return float(value) if abs(value) < 1e300 else 0.0  # neither infinite nor NaN


def placed(path: str, state_dir: str, home: str) -> str:
    """A store's path on a machine with these folders."""
    path = path.replace("{stateDir}", state_dir)
    return home + path[1:] if path.startswith("~/") and home else path


class Link(NamedTuple):
    """One place of a credential chain, in the order of the chain.

    ``kind`` is ``profiles`` (the auth-profile store), ``env`` or ``config``. ``ref`` names the
    secret: ``profile:openrouter``, ``env:NAME``, ``config:/json/pointer``, ``file:alias:id`` or
    ``exec:alias:id``. ``state`` is ``wins``, ``shadowed``, ``absent``, ``empty``, ``marker`` (a
    word that is no key), ``unusable``, or ``unknown`` (only the environment where it runs can
    tell). A ``config`` link with ``profiles`` has no key but the id of the only profile that counts
    (AUTH-24). ``verbatim`` links are taken as they stand, trimmed only (AUTH-60); the others are
    cleaned first (AUTH-01).
    """

    kind: Literal["profiles", "env", "config"]
    ref: str
    state: LinkState
    label: str = ""
    note: str = ""
    origin: Origin | None = None
    verbatim: bool = False
    profiles: ProfileStore | None = None


class Credential(NamedTuple):
    """How a request is authorised: the chain is walked until a link yields a key.

    ``missing`` is the message of the failure when none does. ``more`` are variables with further
    keys, a list split at commas and semicolons: where the failover rotates, they follow the
    chain's own key in order, each once (STT-21).
    """

    chain: tuple[Link, ...]
    missing: str
    more: tuple[str, ...] = ()


class Route(NamedTuple):
    """Where requests go.

    ``kind`` is the endpoint class of HTTP-02; ``verified`` is true when it is really the
    provider, which decides attribution headers and cache markers.
    ``private`` says what a private or loopback address does: ``refuse`` or ``allow`` (HTTP-06).
    ``transport`` holds the configured proxy and TLS settings, secrets as references, or None
    (HTTP-05). ``problem`` is why no request can be made there at all.
    A base URL that may hold a secret (user info, a query, a fragment, an environment variable) is
    only referred to: ``base_url`` is then ``{baseUrl}``, with which the steps' URLs begin,
    ``base_url_ref`` names the place of the real one, and ``base_url_shown`` is what of it may be
    shown. ``cut`` goes from the end of the real one, where it stands there (COM-02).
    """

    base_url: str
    kind: str
    verified: bool
    private: Private = "refuse"
    problem: str = ""
    transport: Json = None
    base_url_ref: str = ""
    base_url_shown: str = ""
    cut: str = ""

    def shown(self, url: str) -> str:
        """A URL of this route as it may be shown."""
        return url.replace(BASE_URL, self.base_url_shown, 1) if self.base_url_ref else url


class Header(NamedTuple):
    """A header: a fixed ``value``; or the chain's key, when ``credential``; or the secret ``ref``.

    ``prefix`` stands before a secret (``Bearer ``). ``fill`` is a template whose text is the value;
    where it comes out absent there is no such header (ORS-31). Of a key that is a JSON object
    ``member`` is what is sent (GGL-31).
    """

    name: str
    value: str = ""
    credential: bool = False
    ref: str = ""
    prefix: str = ""
    fill: Json = None
    member: str = ""


class ResponseValue(NamedTuple):
    """A value out of an earlier step's JSON response.

    ``pointer`` is a JSON pointer, in which ``*`` stands for every item; the first text that is
    not blank counts, trimmed. ``encode`` is ``uri-component``, ``verbatim`` (not trimmed) or empty.
    """

    step: str
    pointer: str
    encode: str = ""


class UrlFromResponse(NamedTuple):
    """A URL that a response names, else one made from a template.

    ``sources`` are tried in order and resolved against ``against``. In ``template`` each
    ``{name}`` is replaced from ``values``: for a name the first of its values that is there.
    """

    sources: tuple[ResponseValue, ...]
    against: str
    template: str = ""
    values: tuple[tuple[str, tuple[ResponseValue, ...]], ...] = ()


class Require(NamedTuple):
    """Non-blank texts that a response must hold; ``message`` tells the failure.

    ``shapes`` says what stands at a pointer where anything but null does: ``object``, ``list`` or
    ``texts`` (a list of texts that are not blank); ``malformed`` tells that failure (VID-50').
    ``equals`` are values that must stand at a pointer where anything does (IMGP-51), ``absent`` are
    pointers to an error: what stands there fails the step (VIDP-14).
    """

    pointers: tuple[str, ...]
    message: str
    shapes: tuple[tuple[str, str], ...] = ()
    malformed: str = ""
    equals: Json = None
    absent: tuple[str, ...] = ()


class Poll(NamedTuple):
    """How a step is repeated until a job is done (VID-51, VID-53).

    The first request goes out at once, the next ones ``interval_ms`` after the last answer, at
    most ``attempts`` in all and ``total_ms`` from the phase's start. The text at ``status``,
    trimmed, decides: in ``done`` ends it; in ``failed`` fails with the text at ``error`` or
    ``failed_message`` (``{status}`` is replaced); anything else waits on. Where there are words in
    ``waiting``, anything but these fails as ``malformed``. Nothing is sent when
    the step named ``skip_if_done`` already answered with a status in ``done``, or, with words in
    ``waiting``, with one that fails. A true value at ``status`` counts as the word ``true``. With
    ``waits_first`` an interval passes before the first request; with ``replaced`` the deadline of
    the candidate, where it has one, takes the place of ``total_ms`` (VIDP-01).
    """

    interval_ms: int
    attempts: int
    total_ms: int
    status: str
    done: tuple[str, ...]
    failed: tuple[str, ...]
    error: str
    failed_message: str
    exhausted_message: str
    skip_if_done: str = ""
    waiting: tuple[str, ...] = ()
    malformed: str = ""
    waits_first: bool = False
    replaced: bool = False


class Retry(NamedTuple):
    """Repetition of one request, as often as there are delays (CHAT-56).

    It is repeated on a listed status, on any from ``from_status`` up and on a broken connection,
    with ``timeouts`` also where a time limit runs out (FAIL-14).
    """

    statuses: tuple[int, ...]
    from_status: int
    delays_ms: tuple[int, ...]
    timeouts: bool = False


class KeyForm(NamedTuple):
    """What a step sends instead where its key contains a text (ANT-31)."""

    contains: str
    headers: tuple[Header, ...]
    body: Json


class Step(NamedTuple):
    """One request.

    ``url`` is fixed, or ``url_from`` takes it from a response. ``headers`` are sent only to
    ``origin`` (scheme, host and port; empty: that of the route's real base URL); to another one
    goes nothing, not even attribution.
    ``body`` is a JSON template (see ``docs/plan.md``) or None. ``timeout_ms`` bounds the request;
    a call's ``timeout_parameter`` replaces it. ``idle_timeout_ms`` bounds each silence of a
    stream. ``label`` starts the message of an HTTP failure (HTTP-08). ``optional`` steps may fail.
    The value of ``copies_parameter`` is how many times it is sent at once, all alike (IMG-02').
    ``by_key`` is what it sends instead with some keys: the first form that fits counts. With
    ``modes`` it is sent in these alone. ``fill`` are templates by the names that the URL has in
    braces. With ``encoding`` "multipart" the body is a list of parts (IMGP-13). ``key_query`` is
    the name under which the key is added to the URL's query, towards ``origin`` only (VIDP-15).
    """

    name: str
    method: Literal["GET", "POST"]
    url: str
    origin: str
    headers: tuple[Header, ...] = ()
    body: Json = None
    timeout_ms: int = 0
    timeout_parameter: str = ""
    idle_timeout_ms: int = 0
    label: str = ""
    url_from: UrlFromResponse | None = None
    require: Require | None = None
    poll: Poll | None = None
    retry: Retry | None = None
    stream: bool = False
    optional: bool = False
    copies_parameter: str = ""
    by_key: tuple[KeyForm, ...] = ()
    modes: tuple[str, ...] = ()
    fill: Json = None
    encoding: Literal["", "multipart"] = ""
    key_query: str = ""


Nearest: TypeAlias = Literal["nearest", "nearest-resolution", "nearest-number", "nearest-size"]
OfRatio: TypeAlias = Literal["ratio", "ratio-of-size", "size-of-ratio"]
Limit: TypeAlias = Literal["listed", "clamp", "drop", "refuse", "at-most", "at-least", "set"]


class Normalize(NamedTuple):
    """How one parameter's value is fitted to the model, in a mode.

    ``to`` is one of: ``nearest`` (the nearest of ``values``, ties upward, after rounding half up
    and raising to 1: VID-30); ``ratio`` (the nearest aspect ratio of ``values``: VID-31; one
    that is no ratio takes that of ``instead``, where that is given, else is dropped);
    ``ratio-of-size`` (a ``WxH`` becomes the nearest ratio of ``values`` for the parameter
    ``instead``, unless that is given: IMG-12); ``listed`` (kept when in ``values``, else
    dropped); ``clamp`` (truncated, within the two ``values``, the first when not finite:
    IMG-06); ``drop``; ``refuse`` (the candidate fails, saying ``why``); ``at-most`` and
    ``at-least`` (so it does when the number is above or below the only one of ``values``); ``set``
    (becomes the only one of ``values``, whether it was given or not); ``nearest-resolution`` and
    ``nearest-number`` (the
    word of ``values`` with the nearest number, ties upward, of the same letter or of any: VID-33',
    IMG-14'); ``nearest-size`` (the nearest size by ratio, then area, then text; what is none goes
    by the ratio of ``instead``: VID-32'); ``size-of-ratio`` (a ratio becomes the nearest size of
    ``values`` for the parameter ``instead``, unless that is given: IMGP-04). ``silent`` is true
    where OpenClaw drops without a word. ``when`` gives parameters and the values of which each must
    have one for the rule to hold, ``given`` for any; ``inputImages``, ``inputVideos`` and
    ``inputAudios`` are the numbers of inputs, ``inputs`` of all, ``inputUrls`` and ``inputFiles``
    of those given as a URL and as bytes, ``inputBytes`` the size of the largest, where one is
    known, ``imageRole`` the role of any image (``unset`` without one).
    """

    parameter: str
    to: Literal[Nearest, OfRatio, Limit]
    values: tuple[Json, ...] = ()
    instead: str = ""
    silent: bool = False
    when: tuple[tuple[str, tuple[Json, ...]], ...] = ()
    why: str = ""


class Mode(NamedTuple):
    """A surface's variant, chosen by which inputs a call brings, and what the model takes in it.

    ``inputs`` names the kinds of input that make this mode (``images``, ``videos``), sorted.
    ``limits`` gives the most of each kind.
    """

    name: str
    inputs: tuple[str, ...] = ()
    enabled: bool = True
    limits: tuple[tuple[str, int], ...] = ()
    normalize: tuple[Normalize, ...] = ()


class Place(NamedTuple):
    """A place for input images, and how many it holds (0: any number)."""

    name: str
    holds: int = 0


class Placing(NamedTuple):
    """How input images are shared out (VID-05).

    An image whose role is a key of ``roles`` goes to that place, any other to the first place of
    ``unnamed`` with room; what finds its place full goes to ``overflow``.
    """

    places: tuple[Place, ...]
    roles: tuple[tuple[str, str], ...]
    unnamed: tuple[str, ...]
    overflow: str


class Facts(NamedTuple):
    """What is known of a chat model, for the slots that depend on it (CHAT-22, CHAT-51).

    ``thinking`` is how a model is asked to think: ``none`` (it does not), ``usual`` (by levels that
    it does not list), ``efforts`` (by those it lists) or ``switch`` (on and off); ``levels`` are
    those that it offers, the lowest first (CHAT-20'). ``tools`` is whether it takes any (CHAT-06).
    ``lookup`` says how the response of an optional step may know better, or is None
    (``docs/plan.md``). With ``refused`` a call that asks for another level fails with that text, in
    which ``{value}`` is the level (COM-30). ``price`` has US dollars per million tokens: ``input``
    and ``output``, and those of caches where they are known; None where no source tells.
    """

    reasoning: bool
    images: bool
    max_tokens: int
    context_window: int
    lookup: Json = None
    thinking: str = ""
    levels: tuple[str, ...] = ()
    tools: bool = True
    refused: str = ""
    price: Json = None


class Candidate(NamedTuple):
    """One model that a surface may try.

    ``problem`` is why it cannot be used, in which case it has no steps. ``automatic`` candidates
    were not configured but added by OpenClaw (MODEL-31). ``deadline_parameter`` names the
    parameter that bounds all of the candidate's steps together (VID-41). ``options`` are the
    provider options it takes, with their types (VID-21). ``result`` says how the answer is taken
    out of the responses (``docs/plan.md``). ``deadline_ms`` bounds the steps where the parameter
    is not given (VID-40'). With ``live`` a list of models, asked for first, may know better than
    the modes (VID-61). ``entry`` is the only entry of a call by which it is tried (VID-62).
    """

    ref: str
    provider: str
    model: str
    origin: Origin
    automatic: bool = False
    problem: str = ""
    route: Route | None = None
    credential: Credential | None = None
    modes: tuple[Mode, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    placing: Placing | None = None
    facts: Facts | None = None
    steps: tuple[Step, ...] = ()
    result: Json = None
    deadline_parameter: str = ""
    timeout_message: str = ""
    deadline_ms: int = 0
    live: Json = None
    entry: Literal["", "tool", "direct"] = ""


Plain: TypeAlias = Literal["text", "number", "flag", "object"]
Inputs: TypeAlias = Literal["images", "videos", "audios", "roles", "messages", "tools"]


class Parameter(NamedTuple):
    """An argument of a call.

    ``type`` is ``text``, ``number``, ``flag`` (a boolean, or the words true and false),
    ``images``, ``videos``, ``audios``, ``object``, ``messages`` or ``tools``. ``checks`` apply in
    order and are data (``docs/plan.md``): trimming, case, allowed values, ranges, counts.
    """

    name: str
    type: Literal[Plain, Inputs]
    aliases: tuple[str, ...] = ()
    required: bool = False
    checks: tuple[Json, ...] = ()
    rule: str = ""


class Nudge(NamedTuple):
    """What a chat is asked again with after an answer without a word (SL-24).

    ``after`` is ``nothing`` or ``reasoning``: what the answer had. ``text`` is added to the last
    message of the user, up to ``times`` times a candidate.
    """

    after: Literal["nothing", "reasoning"]
    times: int
    text: str


class Backoff(NamedTuple):
    """How a candidate is tried again after failures of some ``classes`` (CHAT-56').

    The k-th wait is ``first_ms`` times 2 to the power k - 1, at most ``most_ms``, times a random
    number from ``low_percent`` to ``high_percent``, and at least what the server asks for.
    ``times`` counts the tries that follow, as long as the waits come to no more than
    ``within_ms``; failures of the classes ``unbounded`` are followed by up to ``times_unbounded``
    whatever they take.
    """

    classes: tuple[str, ...]
    unbounded: tuple[str, ...]
    first_ms: int
    most_ms: int
    low_percent: int
    high_percent: int
    times: int
    times_unbounded: int
    within_ms: int


class Failover(NamedTuple):
    """When the next candidate is tried, and how failures are reported (MODEL-21, MODEL-32).

    ``policy`` is ``any`` (every failure moves on) or ``chat``: only failures of a class move on
    (``docs/plan.md``). ``settle_ms`` passes after each request that failed. ``rerun_delays_ms``
    are the waits before the same candidate is tried again after a failure that may pass, or
    ``backoff`` says so.
    ``rotations`` says for a class how many auth profiles are tried before another candidate.
    ``rotates_on`` are classes after which, under ``any``, the candidate's next key is tried.
    ``all_failed`` starts the message when nothing worked. ``limit_ms`` bounds all tries together,
    and a call's ``limit_parameter``, in seconds, replaces it.
    """

    policy: Literal["any", "chat"]
    all_failed: str
    settle_ms: int = 0
    rerun_delays_ms: tuple[int, ...] = ()
    limit_ms: int = 0
    limit_parameter: str = ""
    rotations: tuple[tuple[str, int], ...] = ()
    nudges: tuple[Nudge, ...] = ()
    backoff: Backoff | None = None
    rotates_on: tuple[str, ...] = ()


class Preflight(NamedTuple):
    """A secret reference that OpenClaw resolves before anything is sent; failing stops the call.

    ``problem`` says why it cannot be resolved whatever the environment holds: its secret provider
    is not declared, is of another kind, or does not give this variable. A file of an older
    release's auth profiles is a problem by being there; then ``ref`` is its path (AUTH-30').
    """

    ref: str
    origin: Origin
    problem: str = ""


class SurfacePlan(NamedTuple):
    """All that one surface will do. ``problem`` says why it can do nothing (no candidate)."""

    surface: Surface
    origin: Origin
    candidates: tuple[Candidate, ...]
    parameters: tuple[Parameter, ...]
    failover: Failover
    problem: str = ""
    preflight: tuple[Preflight, ...] = ()
    checked_candidate: int = -1
    settings: Json = None

    def bind(self, *, entry: str = "tool", fallback: bool = True, **call: Any) -> "Bound":
        """Bind a call, its arguments as keywords: ``runtime.bind.bind`` says what comes of it."""
        # Plans are data and need no runtime; only who binds one pays for it.
        from openclaw_config.runtime.bind import bind

        return bind(self, call, entry=entry, fallback=fallback)


class SecretProvider(NamedTuple):
    """A provider of file or exec secrets as the config declares it; no secret is in it."""

    alias: str
    source: str
    settings: Json = None


class Variable(NamedTuple):
    """An environment variable that the requests depend on.

    ``state`` is ``set``, ``missing`` or ``unknown``.
    """

    name: str
    state: VariableState
    uses: tuple[str, ...] = ()


class Plan(NamedTuple):
    """What a config will cause. Same config and environment, same plan, to the byte.

    ``provenance`` gives for fields (JSON pointers into the plan's JSON form) why they have their
    value, wherever the config or the environment decided.
    """

    agent: str
    target: str
    chat: SurfacePlan | None = None
    image: SurfacePlan | None = None
    video: SurfacePlan | None = None
    music: SurfacePlan | None = None
    speech: SurfacePlan | None = None
    transcription: SurfacePlan | None = None
    vision: SurfacePlan | None = None
    environment: tuple[Variable, ...] = ()
    secret_providers: tuple[SecretProvider, ...] = ()
    provenance: tuple[tuple[str, Origin], ...] = ()
    version: int = PLAN_VERSION

    @property
    def surfaces(self) -> tuple[SurfacePlan, ...]:
        """The surfaces that the plan has, in their fixed order."""
        return tuple(filter(None, (getattr(self, surface) for surface in SURFACES)))


def fields_of(kind: Any, value: Json) -> dict[str, Any]:
    """The fields of a record that its JSON form gives, by their names."""
    fields = fields_by_key(kind)
    return {fields[key][0]: _read(fields[key][1], item) for key, item in value.items()}


@cache
def fields_by_key(kind: Any) -> dict[str, tuple[str, Any]]:
    """The name and the type of a record's fields, by their keys in JSON."""
    hints = typing.get_type_hints(kind)
    return {camel_case(name): (name, hints[name]) for name in kind._fields}


def _read(kind: Any, value: Json) -> Any:
    """A value of a field's declared type, from its JSON form."""
    args = typing.get_args(kind)
    if hasattr(kind, "_fields"):
        return kind(**fields_of(kind, value))
    if typing.get_origin(kind) is tuple and args[-1] is not Ellipsis:
        return tuple(_read(one, item) for one, item in zip(args, value, strict=True))
    if typing.get_origin(kind) is tuple:
        items = value.items() if isinstance(value, dict) else value
        return tuple(_read(args[0], item) for item in items)
    # What may be absent is a type or None; any other value stands as it is.
    return _read(args[0], value) if type(None) in args and value is not None else value
