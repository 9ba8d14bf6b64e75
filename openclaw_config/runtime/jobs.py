"""A job that runs at the provider, written down so that a crash does not lose it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from openclaw_config.errors import OpenClawConfigError
from openclaw_config.runtime.mask import json_of

_VERSION = 1


class Job(NamedTuple):
    """A submitted job: the surface, the candidate, and the responses that later steps need.

    ``values`` are those of the call's arguments that bound its steps (``timeoutMs``).

    It holds no secret. Whoever alters it can make us ask another server for the result, but no
    key goes there: that is decided by the plan's origin.
    """

    surface: str
    ref: str
    responses: Mapping[str, Any]
    values: Mapping[str, Any] = {}


class JobError(OpenClawConfigError, ValueError):
    """A text is not a saved job."""


def dumps(job: Job) -> str:
    """A job as JSON text."""
    body = {
        "jobVersion": _VERSION,
        "surface": job.surface,
        "ref": job.ref,
        "responses": job.responses,
        "values": job.values,
    }
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def loads(text: str) -> Job:
    """Read a saved job. Raises JobError."""
    body = json_of(text)
    fields = body if isinstance(body, dict) else {}
    surface, ref = fields.get("surface"), fields.get("ref")
    responses, values = fields.get("responses"), fields.get("values", {})
    if not (isinstance(surface, str) and isinstance(ref, str) and isinstance(responses, dict)):
        raise JobError("this is not a saved job")
    if fields.get("jobVersion") != _VERSION or not isinstance(values, dict):
        raise JobError("this is not a saved job of a version that we read")
    return Job(surface, ref, responses, values)
