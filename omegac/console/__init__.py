"""Shows what an operation says, and asks its questions: on a terminal, line by line, or as JSON for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TextIO

from omegac.deployment.talk import Record, Talk


def talk(
    form: Literal["text", "json"],
    streams: tuple[TextIO, TextIO, TextIO],
    environ: Mapping[str, str],
    product: tuple[type[Record], ...],
) -> Talk:
    """Whoever an operation talks to by standard input, output and error; `product` is what goes to standard output."""
    from omegac.console.json_lines import JsonLines
    from omegac.console.lines import Lines, Streams
    from omegac.console.terminal import Terminal
    from omegac.report.text import wants_colour

    stdin, stdout, stderr = streams
    if form == "json":
        return JsonLines(stdout)
    # Some runners of CI have a terminal, but nobody sits there: a question would wait for ever.
    attended = stderr.isatty() and not environ.get("CI")
    asked = stdin if attended and stdin.isatty() else None
    told = Streams(asked, stdout, stderr, wants_colour(stderr, environ), product)
    return Terminal(told) if attended and environ.get("TERM", "dumb") != "dumb" else Lines(told)
