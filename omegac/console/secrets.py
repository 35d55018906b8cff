"""What must never be shown: texts that are replaced in what is said, before it is cut, escaped or laid out."""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from omegac.source import Source, Span

_INSTEAD = "****"
"""As CloudFormation shows a value of `NoEcho`."""
_LEAST = 4
"""Characters of a text that is hidden within words, too.

To take a shorter one out of every word would show what it is by what is missing, and leave nothing to read.
"""
_LEAST_PART = 8
"""Characters of a line, or an item between commas, that is hidden by itself: shorter ones are words of anybody."""
_TERMS = frozenset(
    {
        *("action", "change_set", "code", "detailed_status", "keeps", "logical_id", "operation", "outcome"),
        *("path", "recreates", "severity", "status", "type", "via"),
    }
)
"""The fields of records that hold names of omegac's or of the template's, by which programs tell things apart."""


class Secrets:
    """The texts that are hidden from now on: as they were given, and in the forms that AWS quotes them in.

    A text of `_LEAST` characters or more is hidden wherever it stands, a shorter one where it stands by itself, and one
    of a few signs alone, or of spaces, nowhere: it tells nothing. Nobody can find what has been cut off in between.
    """

    def __init__(self) -> None:
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._masked: dict[Source, Source] = {}

    def add(self, text: str) -> None:
        """Hides a text."""
        forms = {form for form in _forms(text) if len(form) >= _LEAST or any(map(str.isalnum, form))} - self._forms
        if forms:
            self._forms |= forms
            # One secret may stand within another, which is then to be hidden as a whole.
            longest_first = sorted(self._forms, key=lambda form: (-len(form), form))
            self._pattern = re.compile("|".join(map(_sought, longest_first)))
            self._masked.clear()

    def hidden_in(self, text: str) -> str:
        """A text without them."""
        return self._pattern.sub(_INSTEAD, text) if self._pattern else text

    def hidden(self, value: Any) -> Any:
        """A record, or plain data, without them; keys, numbers, and the terms of records stay as they are."""
        if not self._pattern:
            return value
        if isinstance(value, str):
            return self.hidden_in(value)
        if isinstance(value, Span):
            return value._replace(source=self._masked_source(value.source))
        if isinstance(value, Mapping):
            return {key: self.hidden(item) for key, item in value.items()}
        if isinstance(value, tuple):
            fields = getattr(value, "_fields", ())
            if fields:
                # A NamedTuple is made of its fields, one by one.
                return type(value)(*map(self._field, fields, value))
            return tuple(self.hidden(item) for item in value)
        return [self.hidden(item) for item in value] if isinstance(value, list) else value

    def _field(self, name: str, value: Any) -> Any:
        return value if name in _TERMS else self.hidden(value)

    def _masked_source(self, source: Source) -> Source:
        """A source whose lines may be shown: all that stands in it keeps its place."""
        if source not in self._masked:
            text = self._pattern.sub(_asterisks, source.text) if self._pattern else source.text
            self._masked[source] = source if text == source.text else Source(source.name, text, source.path)
        return self._masked[source]


def _forms(text: str) -> Iterator[str]:
    """The forms of a text, without the spaces around it, some of them more than once.

    AWS joins its lines, handles the items of a list one by one, and quotes in JSON, in addresses and in markup.
    `Fn::Base64` makes of it what it does as a whole.
    """
    for whole in (text, text.strip()):
        yield b64encode(whole.encode("utf-8", "surrogatepass")).decode() if whole.strip() else ""
    lines = [line.strip() for line in text.splitlines()]
    items = [item.strip() for item in text.split(",")]
    parts = [part for part in (*lines, *items) if len(part) >= _LEAST_PART]
    for form in (text, " ".join(lines), ", ".join(items), *parts):
        yield from (each.strip() for each in (form, *_quoted(form)))


def _quoted(text: str) -> Iterator[str]:
    bare = text.strip()
    yield from (json.dumps(bare, ensure_ascii=escaped)[1:-1] for escaped in (True, False))
    yield from (quote(bare, safe, errors="surrogatepass") for safe in ("", "/"))
    yield quote_plus(bare, errors="surrogatepass")
    yield from (html.escape(bare, quote=quotes) for quotes in (True, False))


def _sought(form: str) -> str:
    """The pattern of a form."""
    text = re.escape(form)
    return text if len(form) >= _LEAST else rf"(?<![\w./-]){text}(?![\w/-]|\.\w)"


def _asterisks(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", "*", found[0])
