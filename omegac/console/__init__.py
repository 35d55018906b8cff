"""Shows what an operation says, and asks its questions: on a terminal, line by line, or as JSON for programs."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Literal, TextIO

from omegac.deployment.talk import Record, Talk


def talk(
    form: Literal["text", "json"],
    streams: tuple[TextIO | None, TextIO | None, TextIO | None],
    environ: Mapping[str, str],
    product: tuple[type[Record], ...],
) -> Talk:
    """Whoever an operation talks to by standard input, output and error; `product` is what goes to standard output.

    A stream is None where it was closed before omegac began, as by `>&-`: what is said there is said to nobody.
    """
    from omegac.console.json_lines import JsonLines
    from omegac.console.lines import Lines, Streams
    from omegac.console.terminal import Terminal
    from omegac.report.text import wants_colour

    stdin, *others = streams
    stdout, stderr = (each or io.StringIO() for each in others)
    if form == "json":
        return JsonLines(stdout)
    # Some runners of CI have a terminal, but nobody sits there: a question would wait for ever.
    attended = stderr.isatty() and not environ.get("CI")
    asked = stdin if attended and stdin and stdin.isatty() else None
    told = Streams(asked, stdout, stderr, wants_colour(stderr, environ), product)
    return Terminal(told) if attended and environ.get("TERM", "dumb") != "dumb" else Lines(told)
