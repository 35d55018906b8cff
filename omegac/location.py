"""A place in a spec: how it is called, where it is written, and which alias or stage brings it there.

A fault is shown where the text that is wrong is written, be it behind an anchor; the aliases that bring it to where
it is wrong are shown with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from omegac.diagnostics import Diagnostic, Fix, Related, fault
from omegac.source import Origin, Route, Traced

_PLAIN = r"(?i:(?!(?:y|yes|n|no|on|off|true|false|null)\Z)[a-z][\w.-]*)"
"""Text that stands without quotes, whatever YAML it is read as."""


class Location(NamedTuple):
    """A route into a spec over which a stage may have been laid."""

    document: Traced
    route: Route = ()
    stage: str | None = None

    def at(self, *steps: str | int) -> Location:
        """A place within this one."""
        return self._replace(route=(*self.route, *steps))

    @property
    def around(self) -> Location:
        """The mapping or list that it stands in."""
        return self._replace(route=self.route[:-1])

    @property
    def value(self) -> Any:
        return self.document.at(*self.route).value

    @property
    def origin(self) -> Origin:
        return self.document.at(*self.route).origin

    @property
    def is_staged(self) -> bool:
        """Whether it is the stage that says it."""
        return self.stage is not None and self.origin.via == "stage"

    @property
    def name(self) -> str:
        """How the place is called in messages."""
        return self.called(staged=self.is_staged)

    def called(self, *, staged: bool) -> str:
        """How it is called by what the stage says of it, or by what the rest of the spec does."""
        steps = ("stages", self.stage, *self.route) if staged else self.route
        return ".".join(str(step) for step in steps) or "the spec"

    def deleted(self, key: str) -> Traced | None:
        """The null of the stage that takes a key away here."""
        found = self.document.find("stages", self.stage or "", *map(str, self.route), key)
        return found if found and found.value is None else None

    def fault(
        self,
        code: str,
        message: str,
        *,
        hint: str | None = None,
        at_key: bool = False,
        fix: Fix | None = None,
    ) -> Diagnostic:
        """A diagnostic where this is written, with the aliases that bring it here."""
        origin = self.origin
        if origin.via == "alias" and not at_key:
            origin = origin.parents[0]
        found = fault(code, message, origin, hint=hint, related=self._ways(at_key=at_key), at_key=at_key)
        return found._replace(fix=fix)

    def _ways(self, *, at_key: bool = False) -> Iterator[Related]:
        """The aliases that bring it here; of one that is itself wrong by its key, what it stands for."""
        for length in range(1, len(self.route) + 1):
            origin = self.document.at(*self.route[:length]).origin
            alone = at_key and length == len(self.route)
            if origin.via == "alias":
                shown = (origin.parents[0].span, "the alias stands for this") if alone else (origin.span, "used here")
                yield from (Related(span, text) for span, text in [shown] if span)
            elif origin.via == "spec":
                merges = (parent for parent in origin.parents if parent.via == "alias")
                yield from (Related(merge.span, "merged in here") for merge in merges if merge.span)

    def text(self, *, at_key: bool = False) -> str:
        """The value, or its key, as it is written; empty where an alias brings it here."""
        span = self.origin.key if at_key else self.origin.span
        return "" if span is None or any(self._ways()) else span.source.text[span.start : span.end]

    def rewritten(self, text: str, *, at_key: bool = False) -> Fix | None:
        """The fix that writes the value, or its key, as another text, in the quotes that it has."""
        written = self.text(at_key=at_key)
        span = self.origin.key if at_key else self.origin.span
        if span is None or not written:
            return None
        quote = written[0]
        if quote in "\"'":
            return Fix(span, f"{quote}{text}{quote}")
        if not re.fullmatch(_PLAIN, written):
            return None
        return Fix(span, text if re.fullmatch(_PLAIN, text) else json.dumps(text))

    def quoted(self) -> Fix | None:
        """The fix that puts a number or a boolean into quotes, as it is written."""
        written = self.text()
        span = self.origin.span
        plain = span is not None and re.fullmatch(r"[-+.\w]+", written)
        return Fix(span, f'"{written}"') if span and plain else None
