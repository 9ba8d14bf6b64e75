"""In which releases does a config load? Our verdicts beside the recorded ones.

    python -m tests.conformance.releases FILE… [--release VERSION] [--json]

Each line of a file is a case as ``tests.conformance.loads`` has them, but that ``expect`` holds the
verdict of each release that judged it. Every one of them is compared, and counted by itself. Prints
a line for each file and each release and, last, ``agree N of M``; ``--json`` prints the
disagreements of a release before its line, one object a line; ``--release`` compares with one
release alone.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator

from tests.conformance import loads


def run(path: str, only: str = "") -> Iterator[tuple[str, list[loads.Result]]]:
    """How our verdicts compare with those of a file, release by release.

    One release after the other, since a schema takes longer to read than a case.
    """
    cases = list(loads.cases(path))
    for release in dict.fromkeys(release for case in cases for release in case["expect"]):
        if only in ("", release):
            yield (
                release,
                loads.judged(
                    (
                        {**case, "expect": case["expect"][release]}
                        for case in cases
                        if release in case["expect"]
                    ),
                    release,
                ),
            )


def main(arguments: list[str] | None = None) -> int:
    """Run the files named on the command line; 0 when every case agrees, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.releases")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--json", action="store_true", help="print the disagreements")
    parser.add_argument("--release", default="", metavar="VERSION", help="that one alone")
    options = parser.parse_args(arguments)
    agreed = total = 0
    for path in options.files:
        for release, results in run(path, options.release):
            for result in results if options.json else ():
                if not result.agrees or result.paths_agree is False:
                    print(json.dumps({"release": release, **loads.disagreement(result)}))
            print(loads.summary(f"{os.path.basename(path)} {release}", results))
            agreed += sum(result.agrees for result in results)
            total += len(results)
    print(f"agree {agreed} of {total}")
    return 0 if agreed == total else 1


if __name__ == "__main__":
    sys.exit(main())
