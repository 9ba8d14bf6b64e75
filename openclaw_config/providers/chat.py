"""The plan of a chat model: through OpenRouter (CHAT rules), or over any wire (COM rules).

A custom provider whose base URL is OpenRouter's is asked as OpenRouter is (SL-08): what OpenClaw
does for the provider ``openrouter`` alone is left out there.
"""

from __future__ import annotations

from openclaw_config.plan.model import Candidate, Facts, Header, Json, Origin, Surface
from openclaw_config.plan.urls import host_of, is_local
from openclaw_config.plan.values import fitting
from openclaw_config.providers import chat_models, requests, wires
from openclaw_config.resolution.chat import ChatCandidate, run_limit_ms
from openclaw_config.resolution.credentials import provider_chain
from openclaw_config.resolution.settings import Setting, at, default
from openclaw_config.view.settings import Agent

Why = dict[str, Origin]


def candidate(agent: Agent, choice: ChatCandidate, _: Surface) -> requests.Built:
    """The plan of one chat model."""
    ref, asked = choice.ref, chat_models.asked(agent, choice)
    model, more = asked.model, asked.recipe.more
    credential = provider_chain(agent, asked.home, choice.profile)
    plan = Candidate(ref.key, asked.home, ref.model, choice.origin, credential=credential)
    if model.problem:
        return requests.unusable(plan, model.problem)
    headers = requests.HeaderSet(requests.key_of(more))
    known, marker = wires.known(asked), wires.marker(asked, credential)
    wires.add_headers(asked, known, headers)
    if wires.is_keyless(asked):
        plan = plan._replace(credential=credential._replace(missing=""))
    if marker:
        headers.set(Header("Authorization", f"Bearer {marker}"))
        plan = plan._replace(credential=None)
    _add_configured(asked, headers)
    headers.add_fixed(requests.settled(more.get("settingHeaders", {}), known))
    body, reasons = _body(asked, known)
    sent = str(body.get("model", known.get("id")))
    idle, timeout = _limits(asked)
    *listed, step = asked.recipe.candidate.steps
    step = step._replace(
        url=step.url + more.get("path", "").replace("{id}", sent),
        body=body,
        timeout_ms=int(timeout.value),
        idle_timeout_ms=int(idle.value),
    )
    facts = _facts(asked)
    steps = listed if facts.lookup is not None else []
    at = f"/steps/{len(steps)}"
    why = [
        ("/model", choice.origin),
        ("/route/baseUrl", asked.base.origin),
        (f"{at}/url", asked.base.origin),
        (f"{at}/idleTimeoutMs", idle.origin),
        (f"{at}/timeoutMs", timeout.origin),
        ("/facts/maxTokens", model.max_tokens_origin),
        *headers.why(at),
    ]
    if "model" in body:
        why.insert(1 if asked.ours else len(why), (f"{at}/body/model", choice.origin))
    why += ((f"{at}/body/{field}", origin) for field, origin in reasons.items())
    plan = plan._replace(
        model=sent,
        route=asked.route,
        facts=facts,
        steps=(*steps, requests.addressed(step, more, asked.route.base_url, headers, known)),
        result=asked.recipe.candidate.result,
    )
    return requests.Built(plan, tuple(why))


def _body(asked: chat_models.Asked, known: requests.Known) -> tuple[dict[str, Json], Why]:
    """The body of a model, and why its fields have their values (CHAT-03, COM-35).

    Its slots take the config's values where a call gives none.
    """
    choice, why = asked.choice, Why()

    def setting_of(field: str, names: list[str]) -> Setting | None:
        found = choice.param(*names)
        value = found.value if found is not None and field == "response_format" else None
        if not isinstance(value, dict) or value.get("type") != "json_schema":
            return found
        # A format that lacks its JSON schema is passed over (CHAT-31').
        return found if isinstance(value.get("json_schema"), dict) else None

    def filled(form: Json, field: str) -> Json:
        if isinstance(form, list):
            return [filled(item, field) for item in form]
        if not isinstance(form, dict) or "$literal" in form:
            return form
        if "$slot" not in form:
            # The members of a form of the template's own are no fields.
            above = f"{field}/" if field else ""
            plain = not field or not any(one.startswith("$") for one in form)
            return {
                key: filled(item, above + key if plain else field) for key, item in form.items()
            }
        slot = form["$slot"]
        others = slot.get("or", ())
        ways = (slot["parameter"], *([others] if isinstance(others, str) else others))
        setting = setting_of(field, [way.partition("/")[2] for way in ways])
        value = None if setting is None else fitting(setting.value, slot)
        if setting is not None and value is not None:
            slot = {**slot, "default": requests.literal(value)}
            why.setdefault(field, setting.origin)
        return {**form, "$slot": {key: one for key, one in slot.items() if one is not None}}

    body = filled(requests.settled(asked.recipe.candidate.steps[-1].body, known), "")
    if choice.thinking is not None and "reasoning" in body:
        why["reasoning"] = choice.thinking.origin
    return body, why


def _facts(asked: chat_models.Asked) -> Facts:
    """What the model can do; a call's level that it does not take is refused (COM-30)."""
    facts, ref, said = asked.model.facts, asked.choice.ref, ""
    if asked.native:
        return facts
    if not asked.ours:
        rows = chat_models.row_of(ref.provider).get("levels", ())
        said = chat_models.first_of(rows, ref.model).get("said", "")
        thinking = "usual" if facts.reasoning else "none"
        facts = facts._replace(thinking=thinking, levels=asked.levels)
    if not asked.refused:
        return facts
    refused = asked.refused.replace("{offered}", said or ", ".join(asked.levels))
    return facts._replace(levels=asked.levels, refused=refused)


def _add_configured(asked: chat_models.Asked, headers: requests.HeaderSet) -> None:
    """Add what is configured (CHAT-04), and what OpenClaw says of itself."""
    document, more = asked.agent.document, asked.recipe.more
    beside = more.get("authBesideKey", True)
    headers.add_all(document, chat_models.block_of(asked.home), asked.model.headers, beside=beside)
    if asked.provider == chat_models.PROVIDER:
        requests.add_attribution(asked.agent, chat_models.PROVIDER, headers, asked.route.verified)
    else:
        # What OpenClaw's embedded runtime says of itself for a custom provider (CHAT-11).
        headers.add_fixed(more.get("embedded", {}))


def _limits(asked: chat_models.Asked) -> tuple[Setting, Setting]:
    """How long a stream may be silent, and a request take, in ms.

    Rules CHAT-55, CHAT-56, SL-01 and COM-50.
    """
    more, usual = asked.recipe.more, asked.recipe.candidate.steps[-1]
    silence_rule, request_rule = more.get("timeoutRules", ("COM-50", "COM-50"))
    request = default(usual.timeout_ms, request_rule)
    silent_ms = usual.idle_timeout_ms
    if not silent_ms:
        return default(0, silence_rule), request
    if asked.base.url and is_local(host_of(asked.base.url)):
        silent_ms = more.get("localIdleMs", silent_ms)
    root = asked.agent.document.root
    path = (*chat_models.block_of(asked.home), "timeoutSeconds")
    found, run_ms = at(root, path), run_limit_ms(root).value
    if found is None or type(found.value) not in {int, float}:
        return default(min(silent_ms, run_ms), silence_rule), request
    limit = found._replace(value=int(found.value * 1000))
    silence = limit._replace(value=min(limit.value, run_ms))
    if asked.native:
        return silence, silence
    return silence, limit if asked.own and usual.timeout_ms else request
