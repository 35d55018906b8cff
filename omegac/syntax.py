"""Says in plain words why a text is no YAML: what its scanner says is for those who know how scanners work.

Each function here stands for one thing that the scanner may say, and looks at the text for what was done. What
none of them knows is said in the scanner's own words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from omegac.diagnostics import Diagnostic, Related, fault
from omegac.source import Source, Span

_CLOSING = {"[": "]", "{": "}"}
_QUOTE_IT = "put the value in quotes"
_NO_TABS = "YAML indents by spaces, never by tabs"
_ONE_COLUMN = "the keys of one mapping begin in one column"


class Slip(NamedTuple):
    """Where the scanner gave up."""

    source: Source
    at: int
    """Offset of what it could not read."""
    since: int
    """Offset of what it was reading."""
    words: str
    """What it says."""

    @property
    def character(self) -> str:
        return self.source.text[self.at : self.at + 1]

    @property
    def before(self) -> str:
        """What stands before it in its line."""
        return self.source.text[self.source.line_starts[self.source.position(self.at)[0] - 1] : self.at]

    def word(self, start: int) -> Span:
        """What begins at an offset, up to white space."""
        found = re.compile(r"\S*").match(self.source.text, start)
        return self.source.span(start, max(found.end() if found else start, start + 1))

    def rest(self, start: int) -> Span:
        """What begins at an offset, up to the end of its line or a comment."""
        found = re.compile(r"[^\n]*?(?=\s*(?:\n|\s#|\Z))").match(self.source.text, start)
        return self.source.span(start, max(found.end() if found else start, start + 1))

    def line_above(self) -> Span | None:
        """The nearest line above that says something."""
        for number in range(self.source.position(self.at)[0] - 1, 0, -1):
            text = self.source.line(number)
            if text.strip() and not text.lstrip().startswith("#"):
                return self.rest(self.source.line_starts[number - 1] + len(text) - len(text.lstrip()))
        return None

    def fault(self, message: str, at: Span, *, hint: str | None = None, see: Related | None = None) -> Diagnostic:
        return fault("OM1003", f"not YAML: {message}", at, hint=hint, related=[see] if see else [])


def syntax_fault(source: Source, error: Any) -> Diagnostic:
    """The diagnostic of an error of the scanner or the parser, a `yaml.MarkedYAMLError`."""
    mark = error.problem_mark or error.context_mark
    at = min(mark.index, len(source.text)) if mark else 0
    since = min(error.context_mark.index, len(source.text)) if error.context_mark else at
    slip = Slip(source, at, since, " ".join(str(part) for part in (error.context, error.problem) if part))
    known = (explain for words, explain in _KNOWN.items() if words in slip.words)
    return next(known, _unknown)(slip)


def _unknown(slip: Slip) -> Diagnostic:
    return slip.fault(slip.words, slip.source.span(slip.at, slip.at + 1))


def _open_quote(slip: Slip) -> Diagnostic:
    return slip.fault("this quote is never closed", slip.source.span(slip.since, slip.since + 1))


def _no_colon(slip: Slip) -> Diagnostic:
    """`service:Shop`, or a line without any colon."""
    line = slip.rest(slip.since)
    text = slip.source.text[line.start : line.end]
    if re.match(r"[\w.-]+:\S", text):
        hint = "a space must follow the colon"
    elif "\u00a0" in text:
        hint = "here is a no-break space, where a plain one is meant"
    else:
        hint = "a key is followed by a colon"
    return slip.fault("this line is no key with a value", line, hint=hint)


def _second_colon(slip: Slip) -> Diagnostic:
    """`note: this: that`, a line too far to the right, or one below a key that has no colon."""
    first = re.search(r":\s+", slip.before)
    start = slip.at - len(slip.before)
    if first:
        hint = "put the value in quotes, or the second key on a line of its own"
        return slip.fault("a second colon in one line", slip.rest(start + first.end()), hint=hint)
    key = slip.source.span(start + len(slip.before) - len(slip.before.lstrip()), slip.at)
    above = slip.line_above()
    if above and ":" not in slip.source.text[above.start : above.end]:
        return slip.fault("this line is no key with a value", above, hint="a key is followed by a colon")
    see = Related(above, "the line above has its value already") if above else None
    return slip.fault("this key is too far to the right", key, hint=_ONE_COLUMN, see=see)


def _no_key(slip: Slip) -> Diagnostic:
    """Something among the keys of a mapping that is none."""
    if slip.character in _CLOSING.values():
        return slip.fault(f"this {slip.character} closes nothing", slip.source.span(slip.at, slip.at + 1))
    if slip.character == ",":
        hint = "commas stand between braces or brackets alone"
        return slip.fault("a comma after a value", slip.source.span(slip.at, slip.at + 1), hint=hint)
    if slip.before.strip():
        hint = r"""in double quotes a quote is written \", in single quotes '' """.strip()
        return slip.fault("text after the end of a value", slip.rest(slip.at), hint=hint)
    see = Related(slip.word(slip.since), "the mapping begins here")
    if re.compile(r"-\s").match(slip.source.text, slip.at):
        hint = "the elements of a list stand below their key"
        return slip.fault("an element of a list among keys", slip.rest(slip.at), hint=hint, see=see)
    return slip.fault("this line begins in a column of its own", slip.word(slip.at), hint=_ONE_COLUMN, see=see)


def _no_dash(slip: Slip) -> Diagnostic:
    see = Related(slip.word(slip.since), "the list begins here")
    hint = "an element begins with a dash; what belongs to it is indented further than the dash"
    return slip.fault("this is no element of the list", slip.word(slip.at), hint=hint, see=see)


def _open_bracket(slip: Slip) -> Diagnostic:
    opening = slip.source.span(slip.since, slip.since + 1)
    bracket = slip.source.text[slip.since : slip.since + 1]
    if _is_closed(slip.source.text, slip.since):
        hint = "or what holds a colon or a bracket needs quotes"
        return slip.fault("a comma is missing before this", slip.word(slip.at), hint=hint)
    closing = _CLOSING.get(bracket, "bracket")
    see = Related(slip.word(slip.at), f"here at the latest there should be a {closing}")
    return slip.fault(f"this {bracket} is never closed", opening, see=see)


def _is_closed(text: str, start: int) -> bool:
    """Whether the bracket at an offset is closed, brackets in quotes not counted."""
    waiting: list[str] = []
    for found in re.compile(r""""(?:\\.|[^"\\])*"|'[^']*'|[][{}]""", re.DOTALL).finditer(text, start):
        token = found[0]
        if token in _CLOSING:
            waiting.append(_CLOSING[token])
        elif token in _CLOSING.values():
            if waiting.pop() != token:
                return False
            if not waiting:
                return True
    return False


def _reserved(slip: Slip) -> Diagnostic:
    if slip.character == "\t":
        return _tab(slip)
    message = f"no value begins with {slip.character}"
    return slip.fault(message, slip.source.span(slip.at, slip.at + 1), hint=_QUOTE_IT)


def _tab(slip: Slip) -> Diagnostic:
    tabs = re.compile(r"\t+").match(slip.source.text, slip.at)
    place = slip.source.span(slip.at, tabs.end() if tabs else slip.at + 1)
    return slip.fault("a tab instead of spaces", place, hint=_NO_TABS)


def _escape(slip: Slip) -> Diagnostic:
    start = max(slip.source.text.rfind("\\", slip.since, slip.at + 1), slip.since)
    shown = slip.source.text[start : start + 2]
    hint = r"in single quotes a \ is a \ and nothing more"
    return slip.fault(f"{shown} is no escape that YAML has", slip.source.span(start, start + 2), hint=hint)


def _nameless(slip: Slip) -> Diagnostic:
    sign = slip.source.text[slip.since : slip.since + 1]
    what = "an alias" if sign == "*" else "an anchor"
    return slip.fault(f"{sign} begins {what}, and no name follows", slip.word(slip.since), hint=_QUOTE_IT)


def _dash_in_line(slip: Slip) -> Diagnostic:
    hint = "a list begins below its key, or is written [a, b]; text that begins with a dash needs quotes"
    return slip.fault("a dash behind a key", slip.rest(slip.at), hint=hint)


def _no_value(slip: Slip) -> Diagnostic:
    if slip.character in _CLOSING.values():
        return _no_key(slip)
    hint = "a comma too many, or a value that needs quotes" if slip.character == "," else _QUOTE_IT
    return slip.fault("there is no value before this", slip.source.span(slip.at, slip.at + 1), hint=hint)


def _block_header(slip: Slip) -> Diagnostic:
    sign = slip.source.text[slip.since : slip.since + 1]
    hint = f"the text begins in the next line, indented; text that begins with {sign} needs quotes"
    return slip.fault(f"text behind {sign}", slip.rest(slip.at), hint=hint)


def _after_end(slip: Slip) -> Diagnostic:
    above = slip.line_above()
    if above and slip.source.text[above.start : above.end] == "...":
        return slip.fault("text after the end of the document", slip.rest(slip.at), see=Related(above, "it ends here"))
    first = re.compile(r"(?:[ ]*(?:\#.*)?\n)*[ ]*").match(slip.source.text)
    see = Related(slip.word(first.end()), "the first line begins here") if first else None
    return slip.fault("this line begins before the first", slip.word(slip.at), hint=_ONE_COLUMN, see=see)


_KNOWN: dict[str, Callable[[Slip], Diagnostic]] = {
    "found unexpected end of stream": _open_quote,
    "found unexpected document indicator": _open_quote,
    "could not find expected ':'": _no_colon,
    "mapping values are not allowed": _second_colon,
    "did not find expected key": _no_key,
    "did not find expected '-' indicator": _no_dash,
    "did not find expected ',' or": _open_bracket,
    "cannot start any token": _reserved,
    "found a tab character": _tab,
    "found unknown escape character": _escape,
    "expected hexdecimal number": _escape,
    "invalid Unicode character escape code": _escape,
    "did not find expected alphabetic or numeric character": _nameless,
    "block sequence entries are not allowed": _dash_in_line,
    "did not find expected node content": _no_value,
    "while scanning a block scalar did not find expected comment or line break": _block_header,
    "did not find expected <document start>": _after_end,
}
"""By the words of libyaml; a newer one that chooses others is quoted."""
