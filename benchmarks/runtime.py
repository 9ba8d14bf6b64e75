"""What binding a call costs, and how executing many goes.

    python -m benchmarks.runtime [RUNS]

Prints the time to bind a video call (arguments checked, values fitted, body filled) and its ratio
to ``json.dumps`` of the resulting body; the aim is at most 100 µs warm. With httpcore it also runs
calls against the test server: 200 videos at once on one event loop.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from openclaw_config.runtime.bind import bind
from tests.runtime.calls import PLANS

CALL = {
    "prompt": "a lobster surfing at dawn",
    "durationSeconds": 5,
    "resolution": "1080p",
    "aspectRatio": "1:1",
    "audio": True,
}
FRAMES = {**CALL, "images": ["https://a/1.png", "https://a/2.png", "https://a/3.png"]}
CHAT = {"messages": [{"role": "user", "content": "hi"}] * 20}
VIDEOS = 200
MEGABYTE = 1 << 20


def microseconds(work: Callable[[], Any], runs: int) -> float:
    """The time of one call, the median of groups: µs."""
    groups = []
    for _ in range(9):
        start = time.perf_counter()
        for _ in range(runs):
            work()
        groups.append((time.perf_counter() - start) / runs)
    return median(groups) * 1e6


def binding(runs: int) -> None:
    """Print what binding costs."""
    for name, surface, call in (
        ("video", "video", CALL),
        ("video, three images", "video", FRAMES),
        ("image", "image", {"prompt": "a lobster", "size": "1024x1024"}),
        ("speech", "speech", {"text": "Hello there!"}),
        ("chat, 20 messages", "chat", CHAT),
    ):
        plan = PLANS[surface]
        body = bind(plan, call).requests[0].body
        once = microseconds(lambda plan=plan, call=call: bind(plan, call), runs)  # type: ignore[misc]
        dumps = microseconds(lambda body=body: json.dumps(body), runs)  # type: ignore[misc]
        print(f"bind {name:22}{once:8.1f} µs   {once / dumps:5.1f} x json.dumps of its body")


async def videos(folder: str) -> None:
    """Print how long many videos at once take."""
    from openclaw_config.runtime.execute import Executor
    from tests.server.plans import impatient, plan_for, secrets
    from tests.server.provider import Provider

    provider = Provider()
    provider.video = b"v" * MEGABYTE
    async with provider.running():
        plan = plan_for(provider).video
        assert plan is not None
        plan = impatient(plan, limit_ms=60_000)
        async with Executor(secrets()) as executor:
            start = time.perf_counter()
            await asyncio.gather(
                *(
                    executor.run(bind(plan, CALL), to=os.path.join(folder, f"{number}.mp4"))
                    for number in range(VIDEOS)
                )
            )
            taken = time.perf_counter() - start
    rate = VIDEOS * MEGABYTE / taken / 1e6
    print(f"{VIDEOS} videos of 1 MiB at once: {taken:.1f} s, {rate:.0f} MB/s with the server")


def main() -> None:
    """Print all figures."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    binding(runs)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(videos(folder))


if __name__ == "__main__":
    main()
