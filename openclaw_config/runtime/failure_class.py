"""What kind of failure a chat's failure is, by its text as OpenClaw's client has it (SL-20).

The text starts with the status where there is one (``402 Insufficient credits``). OpenClaw looks
for words in it, in a fixed order, and then at the status; what it cannot tell ends the run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

BILLING = "billing"
RATE_LIMIT = "rate_limit"
OVERLOADED = "overloaded"
TIMEOUT = "timeout"
AUTH = "auth"
FORMAT = "format"
NOT_FOUND = "model_not_found"
EXPIRED = "session_expired"
NO_DETAILS = "no_error_details"
OVERFLOW = "context_overflow"
"""Not a reason to try another model: the conversation is too long."""


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE | re.DOTALL)


_STATUS = re.compile(r"(?:http\s*)?(\d{3})(?:(?:\s*:\s*|\s+)(.+))?", re.IGNORECASE | re.DOTALL)
_HTML = re.compile(r"\s*(?:<!doctype\s+html\b|<html\b).*</html>", re.IGNORECASE | re.DOTALL)
_NO_BODY = _any(r"^(?:no body(?: response)?|no response body|status code \(no body\))$")
_TOO_BIG_IMAGE = _any(
    r"image dimensions exceed max allowed size", r"image exceeds.*mb", r"mb.*image exceeds"
)
_EXPIRED = _any(
    r"(?:session|conversation) (?:not found|does not exist|expired|invalid)",
    r"no conversation found", r"no such session", r"invalid session",
    r"(?:session|conversation) id not found",
)  # fmt: skip
_NOT_FOUND = _any(
    r"no endpoints found for", r"\brouter not found\b", r"unknown model",
    r"model[_\-\s]?not[_\-\s]?found", r"\b404\b.*not[_\-\s]?found",
    r"not[_\-\s]?found.*\b404\b", r"not_found_error", r"model:\s*[a-z0-9._/-]+.*not[_\-\s]?found",
    r"not[_\-\s]?found.*model:\s*[a-z0-9._/-]", r"models/\S+ is not found",
    r"model.*does not exist", r"does not exist.*model",
    r"(?=.*model)(?=.*deprecated)(?=.*(?:upgrade|transition) to)",
    r"(?=.*stealth model)(?=.*find it here)", r"is not a valid model id",
    r"^(?!.*invalid model reference).*invalid model",
)  # fmt: skip
_TOKENS_PER_MINUTE = _any(r"\btpm\b", r"tokens per minute")
_NEEDS_REASONING = _any(
    r"reasoning is (?:mandatory|required)", r"requires reasoning",
    r"(?=.*reasoning)(?=.*cannot be disabled)",
)  # fmt: skip
_OVERFLOW = _any(
    r"request_too_large", r"(?=.*invalid_argument)(?=.*maximum number of tokens)",
    r"request exceeds the maximum size", r"context length exceeded", r"maximum context length",
    r"prompt (?:is )?too long", r"exceeds model context window", r"model token limit",
    r"(?=.*input exceeds)(?=.*maximum number of tokens)",
    r"(?=.*request size exceeds)(?=.*context (?:window|length))", r"context overflow:",
    r"exceed context limit", r"exceeds the model's maximum context",
    r"(?=.*max_tokens)(?=.*exceed)(?=.*context)", r"(?=.*input length)(?=.*exceed)(?=.*context)",
    r"(?=.*413)(?=.*too large)", r"context_window_exceeded",
    r"上下文(?:过长|超出|长度超)", r"超出最大上下文", r"请压缩上下文",
    r"input token count exceeds the maximum number of input tokens",
    r"input is too long for this model", r"input (?:is )?too long for (?:the )?model",
    r"ollama error:\s*context length exceeded",
    r"total tokens?.*exceeds? (?:the )?(?:model(?:'s)? )?(?:max|limit)",
    r"(?:request|prompt) \(\d[\d,]*\s*tokens?\) exceeds (?:the )?available context size",
)  # fmt: skip
_LIKELY_OVERFLOW = _any(
    r"context.*overflow",
    r"context window.*(?:too (?:large|long)|exceed|over|limit|max|requested|sent|tokens)",
    r"prompt.*(?:too (?:large|long)|exceed|over|limit|max)",
    r"(?:request|input).*(?:context|window|length|token).*(?:too (?:large|long)|exceed|over|limit"
    r"|max)",
)
_NO_OVERFLOW = _any(
    r"context window.*(?:too small|minimum is)", r"rate limit", r"too many requests",
    r"requests per (?:minute|hour|day)", r"quota", r"throttl", r"429\b", r"tokens per day",
)  # fmt: skip
_KEY_LIMIT = _any(r"\bkey\s+limit\s*(?:exceeded|reached|hit)\b")
_PERIOD = r"(?:daily|weekly|monthly)"
_PERIODIC_LIMIT = _any(rf"\b{_PERIOD}(?:/{_PERIOD})* (?:usage )?limits?\b")
_RATE_LIMIT = _any(
    r"rate[_ ]limit", r"too many (?:concurrent )?requests", r"429", r"throttl(?:ed|ing)",
    r"model_cooldown", r"exceeded your current quota", r"resource has been exhausted",
    r"quota exceeded", r"resource_exhausted", r"usage limit", r"\btpm\b",
    r"tokens per (?:minute|day)",
    r"请求过于频繁", r"调用频率", r"频率限制", r"(?:配额|额度)(?:不足|已用尽)",
)  # fmt: skip
_OVERLOADED = _any(
    r"overloaded", r"\bmodel\s+(?:is\s+)?at capacity\b",
    r"(?=.*service[_ ]unavailable)(?=.*(?:overload|capacity|high[_ ]demand))",
    r"high demand", r"high load", r"服务过载", r"当前负载过高",
)  # fmt: skip
_SAYS_402 = (
    r"[\"']?(?:status|code)[\"']?\s*[:=]\s*402\b|\bhttp\s*402\b|\berror(?:\s+code)?\s*[:=]?\s*402\b"
    r"|\b(?:got|returned|received)\s+(?:a\s+)?402\b"
)
_BILLING = _any(
    _SAYS_402, r"^\s*402\s+payment", r"payment required", r"insufficient credits",
    r"insufficient[_ ]quota", r"credit balance", r"plans & billing", r"insufficient[_ ]balance",
    r"\binsufficient\s+\w+\s+balance\b", r"insufficient usd or diem balance",
    r"requires?\s+more\s+credits", r"out of extra usage", r"draw from your extra usage",
    r"extra usage is required", r"余额不足", r"欠费", r'"code"\s*:\s*1311\b',
)  # fmt: skip
_HARD_402 = _any(_SAYS_402, r"^\s*402\s+payment", r'"code"\s*:\s*1311\b')
_LONGEST_BILLING = 512
_BILLING_HEAD = _any(r"^(?:error[:\s-]+)?billing(?:\s+error)?(?:[:\s-]+|$)")
_BILLING_WORDS = _any(r"upgrade|credits|payment|purchase|subscription|plan")
_REVOKED = _any(
    r"api[_ ]?key[_ ]?(?:revoked|deactivated|deleted)", r"key has been (?:disabled|revoked)",
    r"account has been deactivated", r"not allowed for this organization",
)  # fmt: skip
_AUTH = _any(
    r"invalid[_ ]?api[_ ]?key", r"could not (?:authenticate|validate).*(?:api[_ ]?key|credentials)",
    r"permission_error", r"incorrect api key", r"invalid token", r"authentication",
    r"re-authenticate", r"oauth token refresh failed", r"unauthorized", r"forbidden",
    r"access denied", r"insufficient permissions?", r"missing scopes?:", r"expired", r"\b40[13]\b",
    r"no credentials found", r"no api key found",
    r"\bfailed to (?:extract|parse|validate|decode)\b.*\btoken\b", r'"code"\s*:\s*1113\b',
    r"无权访问", r"(?:认证|鉴权)失败", r"密钥无效", r"apikey 无效",
)  # fmt: skip
_SERVER_ERROR = _any(
    r"an error occurred while processing", r"internal server error", r"internal_error",
    r"server_error", r"service temporarily unavailable", r"service_unavailable", r"bad gateway",
    r"gateway timeout", r"upstream error", r"upstream connect error", r"connection reset",
    r"内部错误", r"服务器错误", r"服务器内部错误", r"系统(?:错误|繁忙|异常)",
)  # fmt: skip
_API_ERROR = _any(
    r'(?=.*"type":"api_error")(?=.*(?:overload|temporarily unavailable|service unavailable'
    r"|unknown error|server error|backend error|try again later|temporarily.+unable"
    r"|unexpected error))",
)
_FORMAT = _any(
    r"string should match pattern", r"tool_use\.id", r"tool_use_id", r"invalid request format",
    r"tool call id was.*must be",
)  # fmt: skip
_TIMEOUT = _any(
    r"timeout", r"timed out", r"service unavailable", r"deadline exceeded", r"connection error",
    r"network error", r"network request failed", r"fetch failed", r"socket hang up",
    r"(?=.*[\"']status[\"']\s*:\s*[\"']internal[\"'])(?=.*[\"']code[\"']\s*:\s*500\b)",
    r"\be(?:conn(?:refused|reset|aborted)|netunreach|hostunreach|hostdown|netreset|timedout"
    r"|sockettimedout|pipe|notfound|ai_again)\b",
    r"without sending (?:any )?chunks?",
    r"\b(?:stop |finish_)?reason:\s*(?:abort|error|malformed_response|network_error)\b",
    r"\boperation was aborted\b", r"\bstream (?:was )?(?:closed|aborted)\b", r"\Aterminated\Z",
    r"\bund_err_(?:socket|connect|headers?|body|req_content_length_mismatch|aborted|closed)\b",
    r"\Arequest failed\Z", r"\brequest failed after repeated internal retries\b",
    r"网络(?:错误|异常)", r"服务(?:暂时不可用|繁忙)", r"(?:请求|连接)超时", r"连接错误",
)  # fmt: skip
_BY_PROVIDER = (
    (RATE_LIMIT, _any(r"\bconcurrency limit(?: has been)? reached\b")),
    (RATE_LIMIT, _any(r"\bworkers_ai\b.*\bquota limit exceeded\b")),
    (OVERLOADED, _any(r"\bmodelnotreadyexception\b")),
    (NOT_FOUND, _any(r"model(?:_is)?_deactivated", r"model has been deactivated")),
)
_TRANSIENT = frozenset({499, 500, 502, 503, 504, 521, 522, 523, 524, 529})

_402_HEAD = re.compile(
    r"(?:error[:\s-]+)?(?:(?:http\s*)?402(?:\s+payment required)?|payment required)(?:[:\s-]+|$)"
)
_402_MARKED = _any(
    _SAYS_402,
    r"^\s*402\s+(?:payment required\b|.*used up your points\b|no available asset for api access\b)",
)
_402_QUOTA = _any(
    r"(?=.*subscription quota limit)(?=.*(?:automatic quota refresh|rolling time window))"
)
_402_BILLING = _any(
    r"insufficient (?:credits|quota|balance)", r"credit balance", r"plans & billing",
    r"add more credits", r"top up",
    r"(?=.*(?:upgrade (?:your )?plan|current plan|subscription))(?=.*limit)",
    r"billing hard limit", r"hard limit reached", r"(?=.*maximum allowed)(?=.*limit)",
)  # fmt: skip
_402_PASSES = _any(
    r"(?=.*(?:try again|retry|temporary|cooldown))(?=.*(?:usage limit|rate limit"
    r"|organization usage))",
    rf"(?=.*{_PERIOD})(?=.*(?:usage limit|spend(?:ing)? limit))",
    rf"(?=.*{_PERIOD})(?=.*limit)(?=.*reset)",
    r"(?=.*(?:organization|workspace))(?=.*limit)(?=.*(?:spend(?:ing)? limit|billing period"
    r"|exceeded|reached|exhausted))",
)


def failure_class(text: str) -> str:
    """The class of a failure, ``OVERFLOW``, or "" for one that OpenClaw cannot tell."""
    if _is_likely_overflow(text):
        return OVERFLOW
    status, rest = _status_of(text)
    if (status in {408, 499} or status >= 500) and _HTML.match(rest):
        return TIMEOUT
    by_text = next(_by_text(text), "")
    return _by_status(status, text, rest, by_text) or by_text


def _status_of(text: str) -> tuple[int, str]:
    plain = re.sub(r"^error:\s*", "", text.strip(), flags=re.IGNORECASE).strip()
    match = _STATUS.fullmatch(plain)
    return (int(match[1]), (match[2] or "").strip()) if match is not None else (0, plain)


def _by_text(text: str) -> Iterator[str]:
    """The classes that the words speak for, the first of which counts."""
    if _TOO_BIG_IMAGE.search(text):
        yield ""
    if _EXPIRED.search(text):
        yield EXPIRED
    if _NOT_FOUND.search(text):
        yield NOT_FOUND
    if is_overflow(text):
        yield OVERFLOW
    if by_402 := _by_402(text):
        yield by_402
    if _KEY_LIMIT.search(text):
        yield BILLING
    if _PERIODIC_LIMIT.search(text):
        yield BILLING if _is_billing(text) else RATE_LIMIT
    status, _ = _status_of(text)
    if _RATE_LIMIT.search(text):
        yield RATE_LIMIT
    if _OVERLOADED.search(text) or status == 529:
        yield OVERLOADED
    if status in _TRANSIENT:
        yield TIMEOUT
    if _is_billing(text):
        yield BILLING
    if _REVOKED.search(text) or _AUTH.search(text):
        yield AUTH
    plain = text.strip().lower()
    if plain in {"an unknown error occurred", "an unknown error occurred."}:
        yield TIMEOUT
    # A router's words for any fault behind it.
    if "provider returned error" in plain or _SERVER_ERROR.search(text) or _API_ERROR.search(text):
        yield TIMEOUT
    if _FORMAT.search(text):
        yield FORMAT
    if plain == "unknown error (no error details in response)":
        yield NO_DETAILS
    if _TIMEOUT.search(text):
        yield TIMEOUT
    yield from (name for name, pattern in _BY_PROVIDER if pattern.search(text))


def is_overflow(text: str) -> bool:
    """Whether a text says that the conversation is too long for the model."""
    if _TOKENS_PER_MINUTE.search(text) or _NEEDS_REASONING.search(text):
        return False
    return _OVERFLOW.search(text) is not None


def _is_likely_overflow(text: str) -> bool:
    if _TOKENS_PER_MINUTE.search(text) or _NEEDS_REASONING.search(text) or _is_billing(text):
        return False
    if _RATE_LIMIT.search(text) or _NO_OVERFLOW.search(text):
        return False
    return is_overflow(text) or _LIKELY_OVERFLOW.search(text) is not None


def _is_billing(text: str) -> bool:
    if len(text) > _LONGEST_BILLING:
        return _HARD_402.search(text) is not None
    if _BILLING.search(text):
        return True
    return _BILLING_HEAD.search(text) is not None and _BILLING_WORDS.search(text) is not None


def _by_402(text: str) -> str:
    """What a text with the status 402 means; "" where OpenClaw does not know its words."""
    rest = _402_HEAD.sub("", text.strip().lower(), count=1).strip() if text else ""
    known = any(
        pattern.search(rest) for pattern in (_402_QUOTA, _402_BILLING, _RATE_LIMIT, _402_PASSES)
    )
    if not _402_MARKED.search(text) and not (re.match(r"\s*402\b", text) and rest and known):
        return ""
    if _402_QUOTA.search(rest):
        return RATE_LIMIT
    if not _402_BILLING.search(rest) and (_RATE_LIMIT.search(rest) or _402_PASSES.search(rest)):
        return RATE_LIMIT
    return BILLING


def _by_status(status: int, text: str, rest: str, by_text: str) -> str:
    """What the status says beside the words, "" where it says nothing."""
    if status == 402:
        return _by_402(text)
    if status in {401, 403}:
        return BILLING if by_text == BILLING else AUTH
    if status == 404:
        kept = {OVERFLOW, EXPIRED, BILLING, AUTH}
        return by_text if by_text in kept else NOT_FOUND
    if status == 410:
        return by_text if by_text in {EXPIRED, BILLING, AUTH} else TIMEOUT
    if status in {499, 503}:
        return OVERLOADED if by_text == OVERLOADED else TIMEOUT
    if status in {400, 422}:
        return by_text or ("" if _NO_BODY.search(rest) else FORMAT)
    fixed = {429: RATE_LIMIT, 408: TIMEOUT, 529: OVERLOADED}
    return fixed.get(status, TIMEOUT if status in {500, 502, 504} else "")
