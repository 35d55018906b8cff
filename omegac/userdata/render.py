"""Renders a userdata template with what is known when building, and remembers the result.

Every stretch of the result knows the line of the template that wrote it, and the values printed in it. Only
this module and the environment that it makes (`sandbox`) import Jinja2, and only where nothing is remembered.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any, NamedTuple

from omegac import memo
from omegac.diagnostics import Diagnostic, Rejected, fault, suggestion
from omegac.source import Origin, Source, Span, Traced
from omegac.userdata.alphabet import Place, Text
from omegac.userdata.convert import literal

Find = Callable[[str], Source]
"""Gives the template of a name, or raises `Rejected`."""


_TOO_DEEP = (RecursionError, MemoryError, SyntaxError)
"""What Jinja2's parser, and Python's of what Jinja2 has made, raise for a template that is nested too deeply."""


class Rendered(NamedTuple):
    """A rendered script, and every template that had a part in it."""

    text: Text
    sources: tuple[Source, ...]


def render(template: Source, variables: Traced, find: Find) -> Rendered:
    """The script that a template gives with some variables, a traced mapping of names to values.

    Raises `Rejected` where the template does not parse, names what is not defined, or does too much.
    """
    if "{{" not in template.text and "{%" not in template.text:
        return Rendered(literal(template), (template,))
    if memo.folder() is None:
        return _rendered(template, variables, find)
    key = memo.key(memo.library("jinja2"), template.name, template.text, json.dumps(variables.value))
    remembered = memo.recall("rendered", key)
    if remembered:
        recalled = _recalled(json.loads(remembered), template, variables, find)
        if recalled:
            return recalled
    rendered = _rendered(template, variables, find)
    memo.remember("rendered", key, json.dumps(_memorable(rendered)).encode())
    return rendered


def _rendered(template: Source, variables: Traced, find: Find) -> Rendered:
    from jinja2 import TemplateError

    from omegac.userdata.sandbox import Sandbox
    from omegac.userdata.variables import variable

    sandbox = Sandbox(lambda name: template if name == template.name else find(name))
    names = {name: variable(value, (name,)) for name, value in variables.value.items()}
    try:
        parts = sandbox.script(template.name, names)
        text = sandbox.marks.peel(parts, variables)
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, *_TOO_DEEP) as error:
        raise Rejected([_fault(error, sandbox.sources, variables)]) from error
    except Rejected as rejected:
        # A template that another one names is not there: the place is the line that names it.
        place = Origin(_place(rejected, sandbox.sources))
        raise Rejected(d if d.span else d._replace(origin=place) for d in rejected.diagnostics) from rejected
    return Rendered(text, tuple(sandbox.sources.values()))


def _fault(error: BaseException, sources: dict[str, Source], variables: Traced) -> Diagnostic:
    """A diagnostic for what went wrong while rendering, at the line of the template."""
    from jinja2 import TemplateSyntaxError, UndefinedError

    from omegac.userdata.sandbox import TooMuch
    from omegac.userdata.variables import NotKnown

    place = _place(error, sources)
    message = str(error).strip() or type(error).__name__
    if isinstance(error, TemplateSyntaxError):
        return fault("OM2002", f"the template does not parse: {error.message}", place, hint=_syntax_hint(place))
    if isinstance(error, UndefinedError):
        name = message.split("'")[1] if "'" in message else ""
        return fault("OM2003", message, place, hint=_undefined_hint(name, place, variables))
    if isinstance(error, NotKnown):
        return fault("OM2006", message, place)
    if isinstance(error, (TooMuch, OverflowError, *_TOO_DEEP)):
        endless = "the template calls itself without end" if place else "the template is nested too deeply"
        return fault("OM2005", message if isinstance(error, TooMuch) else endless, place or _start(sources))
    return fault("OM2004", f"the template fails: {message}", place or _start(sources))


def _undefined_hint(name: str, place: Span | None, variables: Traced) -> str | None:
    """`{{.Name}}` may be meant for another program, such as docker ps."""
    line = place.source.line(place.line) if place else ""
    near = suggestion(name, variables.value)
    if near is None and f"{{{{.{name}}}}}" in line:
        return f"to keep it as text for another program, write {{% raw %}}{{{{.{name}}}}}{{% endraw %}}"
    return near or f"defined here: {', '.join(sorted(variables.value)) or 'nothing'}"


def _syntax_hint(place: Span | None) -> str | None:
    line = place.source.line(place.line) if place else ""
    if "{{" in line or "{%" in line:
        return "shell text with {{ or {% in it goes between {% raw %} and {% endraw %}"
    return None


def _place(error: BaseException, sources: dict[str, Source]) -> Span | None:
    """The template's line that an error comes from: Jinja2 puts it into the traceback."""
    name, line = getattr(error, "name", None), getattr(error, "lineno", None)
    trace = error.__traceback__
    while line is None and trace:
        if trace.tb_frame.f_code.co_filename in sources:
            name = trace.tb_frame.f_code.co_filename
            found = trace.tb_lineno
            trace = trace.tb_next
            if trace is None or not _further(trace, sources):
                line = found
            continue
        trace = trace.tb_next
    if line is None or name not in sources:
        return None
    source = sources[name]
    line = min(line, len(source.line_starts))
    start = source.line_starts[line - 1]
    return source.span(start, start + len(source.line(line)))


def _start(sources: dict[str, Source]) -> Span:
    """The first line of the template that was read last, for what comes from none of its lines."""
    source = next(reversed(sources.values()))
    return source.span(0, len(source.line(1)))


def _further(trace: Any, sources: dict[str, Source]) -> bool:
    while trace:
        if trace.tb_frame.f_code.co_filename in sources:
            return True
        trace = trace.tb_next
    return False


# What is remembered: places by the number of their template, which is known by its digest


def _memorable(rendered: Rendered) -> dict[str, Any]:
    text, sources = rendered
    number = {id(source): index for index, source in enumerate(sources)}
    return {
        "sources": [[source.name, _digest(source)] for source in sources],
        "text": text.text,
        "openers": text.openers,
        "places": [[offset, number[id(place.source)], place.offset, place.stop] for offset, place in text.places],
        "values": text.values,
        "holes": text.holes,
    }


def _recalled(memory: dict[str, Any], template: Source, variables: Traced, find: Find) -> Rendered | None:
    """The remembered rendering, if every template that it was made of is still the same."""
    sources = []
    for name, digest in memory.pop("sources"):
        source = template if name == template.name else find(name)
        if _digest(source) != digest:
            return None
        sources.append(source)
    places = [(offset, Place(sources[number], at, stop)) for offset, number, at, stop in memory.pop("places")]
    return Rendered(Text(**memory, places=places, variables=variables), tuple(sources))


def _digest(source: Source) -> str:
    return sha256(source.text.encode()).hexdigest()
