"""A job that runs at the provider, written down so that a crash does not lose it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

_VERSION = 1


class Job(NamedTuple):
    """A submitted job: the surface, the candidate, and the responses that later steps need.

    It holds no secret. Whoever alters it can make us ask another server for the result, but no
    key goes there: that is decided by the plan's origin.
    """

    surface: str
    ref: str
    responses: Mapping[str, Any]


class JobError(ValueError):
    """A text is not a saved job."""


def dumps(job: Job) -> str:
    """A job as JSON text."""
    body = {
        "jobVersion": _VERSION,
        "surface": job.surface,
        "ref": job.ref,
        "responses": job.responses,
    }
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def loads(text: str) -> Job:
    """Read a saved job. Raises JobError."""
    try:
        body = json.loads(text)
        version, responses = body["jobVersion"], body["responses"]
        job = Job(str(body["surface"]), str(body["ref"]), responses)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise JobError("this is not a saved job") from error
    if version != _VERSION or not isinstance(responses, dict):
        raise JobError("this is not a saved job of a version that we read")
    return job
