"""Works out the fixes of one config, its included files among them. Nothing is written here."""

from __future__ import annotations

from collections.abc import Iterator

from openclaw_config.files import in_place_of, read_regular
from openclaw_config.lint.checked import checked
from openclaw_config.lint.fixes import Fixed, Texts, fix, key_of
from openclaw_config.lint.held import Held
from openclaw_config.lint.judge import Judged, judge, outcome
from openclaw_config.lint.options import Change, Outcome, Target
from openclaw_config.loading.load import MAX_BYTES


def fixed(target: Target, path: str, held: Held, unsafe: bool) -> Outcome:
    """Check the config at an absolute path, and see what its fixes make of it. Never raises."""
    data = target.text
    if data is None:
        try:
            data = read_regular(path, MAX_BYTES)
        except (OSError, ValueError):
            # The check tells what is the matter, and there is nothing to fix.
            data = None

    own = "" if target.path is None and target.text is not None else path
    named = target.path if own != path or data is None else path

    def examine(texts: Texts) -> Judged:
        report = checked(
            named,
            text=texts.get(own, data),
            name=target.name or target.path,
            environment=held.environment,
            read=in_place_of({key: text.encode() for key, text in texts.items() if key != own}),
            optional=held.optional,
        )
        return judge(report, held)

    result = fix(examine, unsafe=unsafe)
    changes = tuple(_changes(result))
    text = None
    if target.text is not None:
        text = next((change.after for change in changes if change.path == own), target.text)
    done = outcome(result.after, path, held)
    unfixed = result.before.report if changes else None
    return done._replace(changes=changes, unfixed=unfixed, text=text)


def _changes(result: Fixed) -> Iterator[Change]:
    """What is to be written, the included files first: the config needs them."""
    for source in reversed(result.before.sources):
        key = key_of(source)
        text = result.texts.get(key, source.text)
        if text != source.text:
            rules = [
                item.rule
                for item in result.fixed
                if item.location is not None and key_of(item.location.source) == key
            ]
            before, after = source.text.encode(), text.encode()
            yield Change(key, source.name, before, after, tuple(rules), source.place)
