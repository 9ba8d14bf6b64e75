"""The runtime over real connections: every surface, every fault at every step."""

from __future__ import annotations

import asyncio
import itertools
import os
import tracemalloc
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from openclaw_config.plan.model import Private, SurfacePlan
from openclaw_config.runtime.bind import bind
from openclaw_config.runtime.errors import ExecutionError, TransportError
from openclaw_config.runtime.events import Delta, Event, Received, Submitted
from openclaw_config.runtime.execute import Executor, execute_sync
from openclaw_config.runtime.http import HttpTransport
from openclaw_config.runtime.results import Result
from openclaw_config.runtime.secrets import Secret
from openclaw_config.runtime.transport import Clock, Outgoing, Policy
from tests.runtime.virtual import VirtualClock
from tests.server import provider as server
from tests.server.plans import CONFIG, KEY, impatient, plan_for, secrets
from tests.server.provider import Provider, Reply, as_json, error, redirect

CALLS: dict[str, dict[str, Any]] = {
    "video": {"prompt": "a lobster", "durationSeconds": 5},
    "image": {"prompt": "a lobster"},
    "speech": {"text": "Hello"},
    "chat": {"messages": [{"role": "user", "content": "hi"}]},
}
NAMES = {"video": "out.mp4", "image": "out.png", "speech": "out.mp3"}


def surface_of(provider: Provider, surface: str) -> SurfacePlan:
    found = getattr(plan_for(provider), surface)
    assert isinstance(found, SurfacePlan)
    # Speech would go on to providers that are not ours.
    first = found._replace(candidates=found.candidates[:1])
    stalled = {
        kind
        for kind, replies in provider.replies.items()
        if any(reply.fault in {server.STALL, server.STALL_BODY} for reply in replies)
    }
    return impatient(first, {step for _, kind, step in STEPS if kind in stalled})


def run(test: Callable[[Provider], Awaitable[None]], provider: Provider | None = None) -> Provider:
    """Run a test against a server. A minute is far more than any of them needs."""
    provider = provider or Provider()

    async def main() -> None:
        async with asyncio.timeout(60), provider.running():
            await test(provider)

    asyncio.run(main())
    return provider


async def call(provider: Provider, surface: str, to: str | None = None, **more: Any) -> Result:
    async with Executor(secrets()) as executor:
        bound = bind(surface_of(provider, surface), {**CALLS[surface], **more})
        return await executor.run(bound, to=to)


async def failure(provider: Provider, surface: str, to: str | None = None, **more: Any) -> Any:
    with pytest.raises(ExecutionError) as caught:
        await call(provider, surface, to, **more)
    assert KEY not in str(caught.value)
    return caught.value


def assert_no_leak(provider: Provider) -> None:
    """The key went to the API's origin and to no other."""
    for served in provider.served:
        sent = " ".join([served.path, *served.headers.values()])
        if served.origin != provider.origin:
            assert KEY not in sent
            assert "openclaw.ai" not in sent
        elif served.kind not in {"models", "download"}:
            assert served.headers["authorization"] == f"Bearer {KEY}"


# --- when all goes well -----------------------------------------------------------------------


def test_a_video_is_submitted_polled_and_written(tmp_path: Any) -> None:
    target = str(tmp_path / "out.mp4")
    seen: list[Event] = []

    async def test(provider: Provider) -> None:
        provider.polls = 2
        async with Executor(secrets()) as executor:
            bound = bind(surface_of(provider, "video"), CALLS["video"])
            result = await executor.run(bound, to=target, progress=seen.append)
        assert result.media[0].path == target
        assert result.media[0].data is None
        assert result.metadata == {"jobId": "job-1", "status": "completed", "usage": {"cost": 0.4}}

    provider = run(test)
    assert provider.kinds() == ["submit", "poll", "poll", "poll", "download"]
    assert provider.served[0].json["duration"] == 6
    assert (tmp_path / "out.mp4").read_bytes() == b"a small film"
    assert os.listdir(tmp_path) == ["out.mp4"]
    assert [event for event in seen if isinstance(event, Received)][-1].size == 12
    assert any(isinstance(event, Submitted) for event in seen)
    assert_no_leak(provider)


def test_images_are_written_one_file_each(tmp_path: Any) -> None:
    async def test(provider: Provider) -> None:
        url = {"url": f"data:image/png;base64,{server.PIXEL}"}
        message = {"message": {"images": [{"image_url": url}, {"image_url": url}]}}
        provider.replies["image"] = [as_json({"choices": [message]})]
        result = await call(provider, "image", str(tmp_path / "a.png"))
        assert [media.path for media in result.media] == [
            str(tmp_path / "a.png"), str(tmp_path / "a-2.png"),
        ]  # fmt: skip

    run(test)
    assert sorted(os.listdir(tmp_path)) == ["a-2.png", "a.png"]


def test_a_folder_takes_the_result_under_its_own_name(tmp_path: Any) -> None:
    async def test(provider: Provider) -> None:
        result = await call(provider, "video", str(tmp_path))
        assert result.media[0].path == str(tmp_path / "video-1.mp4")

    run(test)


def test_speech_without_a_target_stays_in_memory() -> None:
    async def test(provider: Provider) -> None:
        result = await call(provider, "speech")
        assert result.media[0].data == b"ID3 some sound"
        assert result.media[0].mime == "audio/mpeg"
        assert result.extra["voiceNote"] is True

    run(test)


def test_chat_streams() -> None:
    seen: list[Event] = []

    async def test(provider: Provider) -> None:
        async with Executor(secrets()) as executor:
            bound = bind(surface_of(provider, "chat"), CALLS["chat"])
            result = await executor.run(bound, progress=seen.append)
        assert result.text == "Hello there!"
        assert result.answer is not None
        assert result.answer.usage == {"cost": 0.1}

    run(test)
    assert [event.text for event in seen if isinstance(event, Delta)] == ["Hello", " there", "!"]


def test_the_synchronous_form(tmp_path: Any) -> None:
    with server.in_thread(Provider()) as provider:
        bound = bind(surface_of(provider, "image"), CALLS["image"])
        result = execute_sync(bound, secrets(), to=str(tmp_path / "a.png"))
        assert result.media[0].size == 70


def test_the_synchronous_form_inside_a_loop_says_what_to_do() -> None:
    async def main() -> None:
        bound = bind(surface_of(provider, "image"), CALLS["image"])
        with pytest.raises(RuntimeError, match="await execute"):
            execute_sync(bound, secrets())

    provider = Provider()
    provider.origin = "http://127.0.0.1:1"
    asyncio.run(main())


# --- faults: at every step of every surface ---------------------------------------------------

STEPS = [
    ("video", "submit", "submit"),
    ("video", "poll", "poll"),
    ("video", "download", "download"),
    ("image", "image", "generate"),
    ("speech", "speech", "speak"),
    ("chat", "chat", "complete"),
]
KINDS = {
    server.CUT: {"network"},
    server.CUT_BODY: {"network"},
    server.STALL: {"timeout"},
    server.STALL_BODY: {"timeout"},
    server.GARBAGE: {"network"},
    server.GARBAGE_BODY: {"response", "network"},
    server.HUGE: {"too-large"},
    server.ENDLESS: {"too-large"},
}
HEADERS = {
    "download": (("Content-Type", "video/mp4"),),
    "speech": (("Content-Type", "audio/mpeg"),),
    "chat": (("Content-Type", "text/event-stream"),),
}


@pytest.mark.parametrize("fault", server.FAULTS)
@pytest.mark.parametrize(("surface", "kind", "step"), STEPS, ids=[row[1] for row in STEPS])
def test_a_fault_ends_the_call_and_names_its_step(
    surface: str, kind: str, step: str, fault: str, tmp_path: Any
) -> None:
    bytes_are_the_result = kind in {"download", "speech"}

    async def test(provider: Provider) -> None:
        body = b'data: {"choices": []}\n\n' if kind == "chat" else b"{"
        provider.replies[kind] = [Reply(200, HEADERS.get(kind, ()), body, fault)]
        target = str(tmp_path / NAMES[surface]) if surface in NAMES else None
        if bytes_are_the_result and fault == server.GARBAGE_BODY:
            # Bytes are bytes: only the provider could tell that these are no film.
            assert (await call(provider, surface, target)).media[0].size == 12
            return
        failed = await failure(provider, surface, target)
        assert failed.step == step
        assert failed.kind in KINDS[fault]
        assert os.listdir(tmp_path) == []

    assert_no_leak(run(test))


@pytest.mark.parametrize(("surface", "kind", "step"), STEPS, ids=[row[1] for row in STEPS])
@pytest.mark.parametrize("status", [402, 429, 500])
def test_a_status_is_told_with_what_the_server_says(
    surface: str, kind: str, step: str, status: int
) -> None:
    async def test(provider: Provider) -> None:
        provider.replies[kind] = [error(status, f"no, because of {KEY}")]
        failed = await failure(provider, surface)
        assert (failed.step, failed.kind) == (step, "http")
        assert failed.attempts[-1].status == status
        assert f"(HTTP {status}): no, because of <secret>" in str(failed)

    run(test)


def test_a_body_that_drips_ends_at_the_limit() -> None:
    async def test(provider: Provider) -> None:
        drip = Reply(200, (), b"{" + b" " * 1000, server.STALL_BODY, slowly=0.01)
        provider.replies["submit"] = [drip]
        failed = await failure(provider, "video")
        assert (failed.step, failed.kind) == ("submit", "timeout")

    run(test)


class _Limits(Clock):
    """The machine's clock; it notes the limits that are set."""

    def __init__(self) -> None:
        self.seconds: list[float | None] = []

    def limit(self, seconds: float | None) -> AbstractAsyncContextManager[Any]:
        self.seconds.append(seconds)
        return super().limit(seconds)


def test_a_chat_that_drips_is_not_silent() -> None:
    clock = _Limits()

    async def test(provider: Provider) -> None:
        provider.replies["chat"] = [server.words("one", " two")._replace(slowly=0.002)]
        async with Executor(secrets(), clock=clock) as executor:
            bound = bind(surface_of(provider, "chat"), CALLS["chat"])
            assert (await executor.run(bound)).text == "one two"

    run(test)
    # The limit of a silence starts anew with each piece.
    assert clock.seconds.count(60) > 3


def test_an_error_page_is_no_video(tmp_path: Any) -> None:
    async def test(provider: Provider) -> None:
        page = Reply(200, (("Content-Type", "text/html; charset=utf-8"),), b"<h1>sorry</h1>")
        provider.replies["download"] = [page]
        failed = await failure(provider, "video", str(tmp_path / "out.mp4"))
        assert (failed.step, failed.kind) == ("download", "response")

    run(test)
    assert os.listdir(tmp_path) == []


def test_a_failed_job_tells_why() -> None:
    async def test(provider: Provider) -> None:
        provider.replies["poll"] = [as_json({"status": "failed", "error": f"policy {KEY}\x1b[2J"})]
        failed = await failure(provider, "video")
        assert (failed.step, failed.kind, str(failed)) == ("poll", "job", "policy <secret> [2J")

    run(test)


def test_the_whole_call_keeps_its_own_limit() -> None:
    async def test(provider: Provider) -> None:
        provider.polls = 10_000
        plan, clock = plan_for(provider).video, VirtualClock()
        assert plan is not None
        bound = bind(plan, {**CALLS["video"], "timeoutMs": 60_000})
        async with Executor(secrets(), clock=clock) as executor:
            with pytest.raises(ExecutionError) as caught:
                await executor.run(bound)
        assert (caught.value.kind, caught.value.step) == ("timeout", "poll")
        assert clock.slept_ms == 60_000

    run(test)


def test_a_target_that_cannot_be_written_costs_nothing(tmp_path: Any) -> None:
    async def test(provider: Provider) -> None:
        failed = await failure(provider, "video", str(tmp_path / "no" / "out.mp4"))
        assert "cannot be written: no such file or directory" in str(failed)

    assert run(test).served == []


def test_a_target_that_vanishes_leaves_nothing_half_done(tmp_path: Any) -> None:
    folder = tmp_path / "out"
    folder.mkdir()

    async def test(provider: Provider) -> None:
        def vanish(event: Event) -> None:
            if isinstance(event, Received):
                (folder / "out.mp4").mkdir()

        async with Executor(secrets()) as executor:
            bound = bind(surface_of(provider, "video"), CALLS["video"])
            with pytest.raises(ExecutionError) as caught:
                await executor.run(bound, to=str(folder / "out.mp4"), progress=vanish)
        assert caught.value.kind == "disk"

    run(test)
    assert os.listdir(folder) == ["out.mp4"]
    assert os.listdir(folder / "out.mp4") == []


def test_cancelling_leaves_nothing_behind(tmp_path: Any) -> None:
    async def test(provider: Provider) -> None:
        stall = Reply(200, HEADERS["download"], b"begun", server.STALL_BODY)
        provider.replies["download"] = [stall]
        begun = asyncio.Event()

        def listen(event: Event) -> None:
            if isinstance(event, Received):
                begun.set()

        async with Executor(secrets()) as executor:
            bound = bind(surface_of(provider, "video"), CALLS["video"])
            task = asyncio.create_task(
                executor.run(bound, to=str(tmp_path / "out.mp4"), progress=listen)
            )
            await begun.wait()
            assert len(os.listdir(tmp_path)) == 1
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert os.listdir(tmp_path) == []

    run(test)


# --- trust ------------------------------------------------------------------------------------


def test_redirects_carry_the_key_only_within_the_origin() -> None:
    async def test(provider: Provider) -> None:
        provider.replies["poll"] = [
            redirect("/api/v1/videos/job-1?again=1", 307),
            redirect(f"{provider.files}/elsewhere", 307),
        ]
        provider.replies["download"] = [
            redirect(f"{provider.origin}/api/v1/videos/job-1/content", 307),
            as_json({"id": "job-1", "status": "completed"}),
        ]
        await failure(provider, "video")

    provider = run(test)
    polled = [served for served in provider.served if served.kind in {"poll", "download"}]
    keyed = ["authorization" in served.headers for served in polled]
    # The fourth came back to the origin and stayed without; the fifth is a request of its own.
    assert keyed == [True, True, False, False, True]
    assert [served.origin == provider.origin for served in polled] == [
        True,
        True,
        False,
        True,
        True,
    ]


def test_a_body_does_not_follow_a_redirect_to_another_origin() -> None:
    async def test(provider: Provider) -> None:
        provider.replies["submit"] = [redirect(f"{provider.files}/videos", 307)]
        await failure(provider, "video")

    provider = run(test)
    assert provider.served[1].origin == provider.files
    assert provider.served[1].body == b""
    assert_no_leak(provider)


def test_redirects_end() -> None:
    async def test(provider: Provider) -> None:
        provider.replies["submit"] = [redirect(f"/api/v{n}/videos", 307) for n in range(2, 7)]
        failed = await failure(provider, "video")
        assert "more than 3 redirects" in str(failed)

    assert len(run(test).served) == 4


def test_loopback_is_refused_on_the_address_itself() -> None:
    """HTTP-06: no matter how the address is written, or what a name leads to."""

    async def test(provider: Provider) -> None:
        port = provider.origin.rpartition(":")[2]
        plan = surface_of(provider, "video")
        candidate = plan.candidates[0]
        assert candidate.route is not None
        for host in ("127.0.0.1", "localhost", "127.1", "2130706433", "[::1]", "0.0.0.0"):
            origin = f"http://{host}:{port}"
            steps = tuple(
                step._replace(url=step.url.replace(provider.origin, origin), origin=origin)
                for step in candidate.steps
            )
            route = candidate.route._replace(private="refuse")
            shut = plan._replace(candidates=(candidate._replace(steps=steps, route=route),))
            async with Executor(secrets()) as executor:
                with pytest.raises(ExecutionError) as caught:
                    await executor.run(bind(shut, CALLS["video"]))
            assert caught.value.kind == "blocked", host

    assert run(test).served == []


def test_a_name_that_leads_to_loopback_is_refused_when_it_is_looked_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_up = []

    async def test(provider: Provider) -> None:
        loop = asyncio.get_running_loop()
        real = loop.getaddrinfo

        async def to_loopback(host: Any, port: Any, **more: Any) -> Any:
            looked_up.append(host)
            return await real("127.0.0.1", port, **more)

        monkeypatch.setattr(loop, "getaddrinfo", to_loopback)
        plan = surface_of(provider, "image")
        candidate = plan.candidates[0]
        assert candidate.route is not None
        port = provider.origin.rpartition(":")[2]
        origin = f"http://images.example.com:{port}"
        step = candidate.steps[0]._replace(url=f"{origin}/v1/chat/completions", origin=origin)
        wanted: tuple[tuple[Private, str], ...] = (("refuse", "blocked"), ("allow", ""))
        for private, kind in wanted:
            route = candidate.route._replace(private=private)
            changed = candidate._replace(steps=(step,), route=route)
            async with Executor(secrets()) as executor:
                bound = bind(plan._replace(candidates=(changed,)), CALLS["image"])
                if kind:
                    with pytest.raises(ExecutionError) as caught:
                        await executor.run(bound)
                    assert caught.value.kind == kind
                    assert provider.served == []
                else:
                    assert (await executor.run(bound)).media

    provider = run(test)
    assert looked_up == ["images.example.com"] * 2
    assert provider.served[0].headers["host"].startswith("images.example.com:")


# --- failing over -----------------------------------------------------------------------------


def test_the_next_model_is_tried_and_the_attempts_are_told() -> None:
    defaults = CONFIG["agents"]["defaults"]  # type: ignore[index]
    config = {
        **CONFIG,
        "agents": {
            "defaults": {
                **defaults,
                "videoGenerationModel": {
                    "primary": "openrouter/a/first",
                    "fallbacks": ["openrouter/b/second"],
                },
            }
        },
    }

    async def test(provider: Provider) -> None:
        provider.replies["submit"] = [error(402, "no credit"), _submitted()]
        provider._jobs["job-x"] = 0
        plan = plan_for(provider, config).video
        assert plan is not None
        async with Executor(secrets()) as executor:
            result = await executor.run(bind(impatient(plan), CALLS["video"]))
        assert result.ref == "openrouter/b/second"
        assert [(one.ref, one.kind, one.step, one.status) for one in result.attempts] == [
            ("openrouter/a/first", "http", "submit", 402)
        ]

    run(test)


def _submitted() -> Reply:
    return as_json({"id": "job-x", "polling_url": "/api/v1/videos/job-x"}, 202)


def test_a_job_is_picked_up_again() -> None:
    saved: list[Any] = []

    async def test(provider: Provider) -> None:
        provider.replies["poll"] = [error(500, "crash")]

        def listen(event: Event) -> None:
            if isinstance(event, Submitted):
                saved.append(event.job)

        plan = surface_of(provider, "video")
        async with Executor(secrets()) as executor:
            with pytest.raises(ExecutionError):
                await executor.run(bind(plan, CALLS["video"]), progress=listen)
            del provider.replies["poll"]
            result = await executor.resume(plan, saved[0])
        assert result.media[0].data == b"a small film"
        assert result.metadata["jobId"] == "job-1"

    provider = run(test)
    assert provider.kinds().count("submit") == 1
    assert_no_leak(provider)


# --- many at once -----------------------------------------------------------------------------


@pytest.mark.slow
def test_200_videos_at_once_in_bounded_memory(tmp_path: Any) -> None:
    size, count = 1 << 20, 200

    async def test(provider: Provider) -> None:
        provider.video = b"v" * size
        plan = surface_of(provider, "video")
        candidate = plan.candidates[0]
        patient = tuple(step._replace(timeout_ms=60_000) for step in candidate.steps)
        plan = plan._replace(candidates=(candidate._replace(steps=patient),))
        async with Executor(secrets()) as executor:
            tracemalloc.start()
            try:
                results = await asyncio.gather(
                    *(
                        executor.run(bind(plan, CALLS["video"]), to=str(tmp_path / f"{n}.mp4"))
                        for n in range(count)
                    )
                )
                _, peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
        assert all(result.media[0].size == size for result in results)
        # All bodies together are 200 MiB; what is held is a few pieces of each.
        assert peak < 80 * (1 << 20)

    provider = Provider()

    async def main() -> None:
        async with asyncio.timeout(120), provider.running():
            await test(provider)

    asyncio.run(main())
    assert len(os.listdir(tmp_path)) == count
    assert all(os.path.getsize(tmp_path / name) == size for name in os.listdir(tmp_path))
    assert_no_leak(provider)


def test_a_large_download_is_never_held_whole(tmp_path: Any) -> None:
    size = 64 << 20

    async def test(provider: Provider) -> None:
        provider.video = b"v" * size
        plan = surface_of(provider, "video")
        candidate = plan.candidates[0]
        result = {**candidate.result, "bytes": {"step": "download", "most": size}}
        patient = tuple(step._replace(timeout_ms=60_000) for step in candidate.steps)
        plan = plan._replace(candidates=(candidate._replace(result=result, steps=patient),))
        async with Executor(secrets()) as executor:
            tracemalloc.start()
            try:
                await executor.run(bind(plan, CALLS["video"]), to=str(tmp_path / "v.mp4"))
                _, peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
        assert peak < 4 * (1 << 20)

    provider = Provider()

    async def main() -> None:
        async with asyncio.timeout(60), provider.running():
            await test(provider)

    asyncio.run(main())
    assert os.path.getsize(tmp_path / "v.mp4") == size


# --- proxies and certificates (HTTP-05) -------------------------------------------------------


async def through(provider: Provider, policy: Policy, url: str) -> int:
    transport = HttpTransport()
    request = Outgoing("generate", "GET", url, (("X-A", "b"),), None, 60_000, 0, policy)
    try:
        answer = await transport.send(request)
        await answer.close()
        return answer.status
    finally:
        await transport.close()


@pytest.mark.parametrize("mode", ["explicit-proxy", "env-proxy"])
def test_a_proxy_is_asked_for_the_whole_url(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(provider: Provider) -> None:
        monkeypatch.setenv("http_proxy", provider.origin)
        monkeypatch.setenv("no_proxy", "direct.example.com")
        proxy = Secret(provider.origin) if mode == "explicit-proxy" else None
        # The proxy is on this machine, and may be; what it is asked for may not.
        policy = Policy("refuse", mode, proxy)
        await through(provider, policy, "http://models.example.com/api/v1/models")
        assert provider.served[0].path == "http://models.example.com/api/v1/models"
        assert provider.served[0].headers["host"] == "models.example.com"
        with pytest.raises(TransportError) as caught:
            await through(provider, policy, "http://10.0.0.1/x")
        assert caught.value.kind == "blocked"
        assert len(provider.served) == 1

    run(test)


def test_no_proxy_of_the_environment_is_used_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(provider: Provider) -> None:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        assert await through(provider, Policy("allow"), f"{provider.origin}/api/v1/models") == 200

    run(test)


def test_certificates_that_are_none_are_told_without_their_text() -> None:
    async def test(provider: Provider) -> None:
        for name, pem in itertools.product(("ca", "cert"), ("-----BEGIN nonsense canary", "")):
            policy = Policy("allow", tls=((name, Secret(pem)),))
            with pytest.raises(TransportError) as caught:
                await through(provider, policy, f"{provider.origin}/api/v1/models")
            assert "certificates" in caught.value.message
            assert "canary" not in caught.value.message

    run(test)


@pytest.mark.parametrize(
    "name",
    [".", ".a", "a..b", "a b", "x" * 300, "a\0b", "b\u00fccher.example", "\ud800", "127.0.0.1",
     "[::1]", "\U0001f600.example", "-", "a\r\nb", "*.example.com", "no-such-server"],
)  # fmt: skip
def test_an_odd_server_name_is_a_failure_and_no_error_of_ours(name: str) -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def test(provider: Provider) -> None:
        listening = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        async with listening:
            port = listening.sockets[0].getsockname()[1]
            policy = Policy("allow", server_name=name)
            with pytest.raises(TransportError) as caught:
                await through(provider, policy, f"https://127.0.0.1:{port}/")
        assert caught.value.kind in {"network", "url"}

    run(test)


def test_few_connections_stay_open_after_many_calls() -> None:
    async def test(provider: Provider) -> None:
        transport = HttpTransport()
        url, policy = f"{provider.origin}/api/v1/models", Policy("allow")
        request = Outgoing("models", "GET", url, (), None, 60_000, 0, policy)
        answers = [await transport.send(request) for _ in range(40)]
        for answer in answers:
            assert [piece async for piece in answer.chunks]
            await answer.close()
        (pool,) = transport._pools.values()
        assert len(pool.connections) == 32
        await transport.close()

    run(test)


def test_a_closed_transport_opens_no_connection_again() -> None:
    async def test(provider: Provider) -> None:
        transport = HttpTransport()
        await transport.close()
        url, policy = f"{provider.origin}/x", Policy("allow")
        with pytest.raises(TransportError) as caught:
            await transport.send(Outgoing("speak", "GET", url, (), None, 60_000, 0, policy))
        assert (caught.value.kind, caught.value.final) == ("closed", True)
        assert provider.served == []

    run(test)


def test_a_header_that_cannot_be_sent_is_told_without_its_value() -> None:
    async def test(provider: Provider) -> None:
        for value in ("can\nary", "canary\u4e2d"):
            transport = HttpTransport()
            url = f"{provider.origin}/x"
            request = Outgoing(
                "speak", "GET", url, (("X", value),), None, 60_000, 0, Policy("allow")
            )
            with pytest.raises(TransportError) as caught:
                await transport.send(request)
            assert "ary" not in caught.value.message.replace("binary", "")
            await transport.close()
        assert provider.served == []

    run(test)
