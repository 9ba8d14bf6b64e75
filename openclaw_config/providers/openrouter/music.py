"""Music through OpenRouter's chat completions, as a stream (spec: MUS rules)."""

from __future__ import annotations

from functools import partial

from openclaw_config.plan.model import MUSIC
from openclaw_config.providers.openrouter.common import single_step

candidate = partial(single_step, surface=MUSIC)
