"""What a call cost."""

from __future__ import annotations

import pytest

from openclaw_config.plan.model import Json
from openclaw_config.runtime.results import spent

PRICE = {"input": 2.0, "output": 10.0, "cacheRead": 0.5, "cacheWrite": 2.5}


@pytest.mark.parametrize(
    ("usage", "price", "dollars"),
    [
        ({"prompt_tokens": 1000, "completion_tokens": 100}, PRICE, 0.003),
        ({"input_tokens": 1000, "output_tokens": 100}, {"input": 2, "output": 10}, 0.003),
        ({"prompt_eval_count": 1000, "eval_count": 100}, PRICE, 0.003),
        (
            {"promptTokenCount": 1000, "candidatesTokenCount": 60, "thoughtsTokenCount": 40},
            PRICE,
            0.003,
        ),
        (  # OpenAI counts what was cached among the input,
            {
                "prompt_tokens": 1000,
                "completion_tokens": 100,
                "prompt_tokens_details": {"cached_tokens": 800},
            },
            PRICE,
            0.0018,
        ),
        (  # Anthropic beside it.
            {
                "input_tokens": 200,
                "output_tokens": 100,
                "cache_read_input_tokens": 800,
                "cache_creation_input_tokens": 400,
            },
            PRICE,
            0.0028,
        ),
        ({"prompt_tokens": 1, "completion_tokens": 1, "cost": 0.5}, None, 0.5),
        ({"prompt_tokens": 1000, "completion_tokens": 100}, None, None),
        ({"total_tokens": 5}, PRICE, None),
        (None, PRICE, None),
    ],
)
def test_what_a_chat_cost(usage: Json, price: Json, dollars: float | None) -> None:
    assert spent(usage, price) == (dollars and pytest.approx(dollars))
