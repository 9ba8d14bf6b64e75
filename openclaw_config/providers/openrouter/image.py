"""Images through OpenRouter (spec: IMG rules): chat completions, or its API for images (IMG-40)."""

from __future__ import annotations

from functools import partial

from openclaw_config.plan.model import IMAGE
from openclaw_config.providers.openrouter.common import single_step

candidate = partial(single_step, surface=IMAGE)
