"""``run``: bind a call to a config's plan and send it."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from openclaw_config.cli import command, parameters
from openclaw_config.cli.parameters import Command, option
from openclaw_config.files import read_regular

if TYPE_CHECKING:
    from openclaw_config.plan.model import Surface


def _or_stdin(ctx: click.Context, _: click.Parameter, value: str | None) -> str | None:
    return sys.stdin.read() if value == command.STDIN and not ctx.resilient_parsing else value


_PROMPT = option(
    "-p, --prompt TEXT", "What to make; '-' reads it from standard input.", callback=_or_stdin
)
_MODEL = option("--model REF", "Only this model.")
_IMAGES = option(
    "--image URL|PATH", "An input image; may be given more than once.", dest="images", multiple=True
)
_ASPECT = option("--aspect-ratio W:H", "For example 16:9.")
_SIZE = option("--size WxH", "In pixels.")


_common = parameters.together(
    option("--config FILE", "The config; by default OpenClaw's own."),
    parameters.agent_option,
    option(
        "--env-file FILE", "Take exactly the variables of this .env file instead of the process's."
    ),
    option(
        "--dry-run",
        "Send nothing; print the requests, for example as --dry-run=curl.",
        type=click.Choice(["text", "json", "curl"]),
        is_flag=False,
        flag_value="text",
    ),
    parameters.capabilities_option,
    parameters.profiles_option,
    option("--no-fallback", "Try the first model only."),
    option("--allow-exec", "Let the config's secret providers run their commands."),
)
_output = parameters.together(
    option("-o, --output FILE", "Where the result goes; '-' is standard output."),
    option("--force", "Write over an existing file."),
)
_limited = parameters.together(_MODEL, option("--timeout-ms MS", "The time limit.", type=int))


def _run(surface: Surface, **given: Any) -> int:
    """Run a call whose arguments are the options that were given, in the names of ``bind``."""
    from openclaw_config.cli.calls import run_call

    return run_call(surface, given)


@click.group("run", short_help="Send a call as OpenClaw would, and save what comes of it.")
def run_command() -> None:
    """Send a call as OpenClaw would with this config, and save what comes of it.

    The requests go to the providers that the config names and may cost money; --dry-run prints
    them instead. What the model does not take is fitted to what it takes, and reported on stderr.
    """


def _provider_options(_: Any, __: Any, pairs: tuple[str, ...]) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise click.UsageError(f"'{name}' is no NAME=JSON")
        try:
            found[name] = json.loads(text)
        except (ValueError, RecursionError):
            found[name] = text
    return found or None


@run_command.command("video", cls=Command)
@_PROMPT
@option("--duration SECONDS", dest="duration_seconds", type=float)
@option("--resolution 480P|720P|768P|1080P")
@_ASPECT
@_SIZE
@option("--audio/--no-audio", "With sound, or without.", default=None)
@_IMAGES
@option(
    "--image-role ROLE",
    "The image's use, in the order of the images: first_frame, last_frame, reference_image.",
    dest="image_roles",
    multiple=True,
)
@option(
    "--option NAME=JSON",
    "An option of the provider's own, such as seed=7; may be given more than once.",
    dest="provider_options",
    multiple=True,
    callback=_provider_options,
)
@_limited
@_output
@option("--resume", "Fetch the job that was saved beside the output.")
@_common
def video_command(**given: Any) -> int:
    """Make a video.

    The job is saved beside the output as soon as it is submitted, so that neither a crash nor
    Ctrl-C loses what was paid for: --resume fetches it.

    For example:
      run video --prompt "a lobster surfing" --duration 5 -o out.mp4  # make a video
      run video --prompt "…" --dry-run=curl  # see the requests only
      run video --resume -o out.mp4  # fetch what was submitted before
    """
    return _run("video", **given)


@run_command.command("image", cls=Command)
@_PROMPT
@_IMAGES
@_ASPECT
@option("--resolution 1K|2K|4K")
@_SIZE
@option("--count N", "How many, 1 to 4.", type=int)
@option("--quality low|medium|high|auto")
@_limited
@_output
@_common
def image_command(**given: Any) -> int:
    """Make or change an image.

    With more than one result the second goes to out-2.png, and so on.

    For example:
      run image --prompt "a lobster in a bow tie" -o out.png  # make an image
      run image --prompt "at night" --image day.jpg -o night.png  # change one
    """
    return _run("image", **given)


@run_command.command("music", cls=Command)
@_PROMPT
@option("--lyrics TEXT", "What is sung.")
@option("--instrumental/--vocals", "Without a voice, or with one.", default=None)
@option("--duration SECONDS", dest="duration_seconds", type=float)
@option("--format mp3|wav", "By default that of the output's name, else wav.")
@_IMAGES
@_MODEL
@_output
@_common
def music_command(**given: Any) -> int:
    """Make a piece of music (OpenClaw 2026.8 and later).

    The words that are sung go to standard output, unless the music itself does.

    For example:
      run music --prompt "a calm lobster waltz" -o waltz.wav  # make a track
      run music --prompt "a march" --instrumental --format mp3 -o march.mp3  # no voice, as MP3
    """
    if given["format"] is None and (given["output"] or "").lower().endswith(".mp3"):
        given["format"] = "mp3"
    return _run("music", **given)


@run_command.command("transcription", cls=Command)
@click.argument("audio", metavar="URL|PATH")
@option("--language CODE", "The language that is spoken, for example de.")
@_limited
@_common
def transcription_command(audio: str, **given: Any) -> int:
    """Write down what is said in a recording (OpenClaw 2026.8 and later).

    The text goes to standard output.

    For example:
      run transcription talk.mp3  # what is said in it
    """
    return _run("transcription", audios=[audio], **given)


@run_command.command("vision", cls=Command)
@click.argument("image", metavar="URL|PATH")
@option("-p, --prompt TEXT", "What to say of it; '-' reads standard input.", callback=_or_stdin)
@_limited
@_common
def vision_command(image: str, **given: Any) -> int:
    """Say what an image shows (OpenClaw 2026.8 and later).

    The text goes to standard output.

    For example:
      run vision cat.png  # what is on it
      run vision cat.png --prompt "Which breed is it?"  # an answer to a question
    """
    return _run("vision", images=[image], **given)


@run_command.command("speech", cls=Command)
@option("-t, --text TEXT", "What to say; '-' reads standard input.", callback=_or_stdin)
@option("--voice NAME")
@_limited
@_output
@_common
def speech_command(**given: Any) -> int:
    """Speak a text.

    For example:
      run speech --text "Hello there!" -o hello.mp3  # speak a sentence
      run speech --text - -o talk.mp3 < talk.txt  # speak a file
    """
    return _run("speech", **given)


@run_command.command("chat", cls=Command, short_help="Ask the agent's model.")
@click.argument("message", required=False)
@option("--system TEXT", "The system prompt.")
@option(
    "--messages FILE",
    "The conversation so far: a JSON list of messages, as docs/plan.md has them.",
    dest="conversation",
)
@option(
    "--thinking LEVEL",
    "How much the model thinks: off, minimal, low, medium, high, or another that it offers.",
)
@_MODEL
@option("--timeout-seconds SECONDS", "The time limit.", type=float)
@_common
def chat_command(message: str | None, **given: Any) -> int:
    """Ask the agent's model; the answer goes to standard output as it comes.

    Without a MESSAGE, or when it is '-', standard input is read.

    For example:
      run chat "Why is the sky blue?"  # the answer comes as it is written
      run chat --messages conversation.json  # go on with a conversation
    """
    conversation, system = given.pop("conversation"), given.pop("system")
    messages = _conversation(conversation) if conversation else []
    if system:
        messages.insert(0, {"role": "system", "content": system})
    if message is not None or not messages:
        text = sys.stdin.read() if message in {None, command.STDIN} else message
        messages.append({"role": "user", "content": text})
    return _run("chat", messages=messages, **given)


def _conversation(path: str) -> list[Any]:
    with suppress(OSError, ValueError, RecursionError):
        found = json.loads(read_regular(path, 64 * 1024 * 1024))
        if isinstance(found, list):
            return found
    raise click.UsageError(f"cannot read a conversation, a list of messages, from '{path}'")
