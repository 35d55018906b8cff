"""Reads a spec: YAML text to plain data with origins, refusing what YAML hides.

By events, not by libyaml's own composer, which crashes on deep nesting (a 40 KB file is enough); so the depth
is counted here, and aliases keep marks of their own. Scalars are read as YAML 1.2 reads them; where YAML 1.1,
which CloudFormation's tools speak, would read another value, the scalar is refused and its way out is named.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from omegac import surrogates
from omegac.cloudformation import intrinsics
from omegac.diagnostics import Diagnostic, Rejected, Related, fault, suggestion
from omegac.scalars import Disputed, meaning
from omegac.source import Origin, Origins, Source, Span, Traced, because

if TYPE_CHECKING:
    import yaml

MAX_DEPTH = 100
MAX_VALUES = 200_000
"""Values a document may hold, each alias counted with all that it stands for."""

# A byte order mark is text to one parser, and is not there to the next: it may stand at the start alone.
_FORBIDDEN = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"  # YAML 1.1, 5.1
_TAG = r"![^\s,\[\]{}]*"
_STANDARD_TAGS = {"tag:yaml.org,2002:str": str, "tag:yaml.org,2002:map": dict, "tag:yaml.org,2002:seq": list}


def load(source: Source, *, disputes: bool = True) -> Traced:
    """The one mapping that a YAML text holds. Raises `Rejected` with every fault found.

    Without `disputes`, a scalar that YAML readers dispute is text: for templates that others wrote.
    """
    import yaml

    if forbidden := _forbidden(source.text):
        message = f"a character that YAML does not allow: U+{ord(forbidden[0]):04X}"
        raise Rejected([fault("OM1003", message, source.span(*forbidden.span()))])
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    reader = _Reader(source, disputes=disputes)
    try:
        text = surrogates.stood_in(source.text)
        reader.has_stand_ins = text != source.text
        reader.events = loader(text)
        document = reader.document()
    except yaml.MarkedYAMLError as error:
        reader.faults.append(_unread(source, error))
    except RecursionError as error:  # pragma: no cover - MAX_DEPTH is far below
        raise AssertionError("the depth limit does not hold") from error
    if reader.faults:
        raise Rejected(reader.faults)
    return document


def _unread(source: Source, error: yaml.MarkedYAMLError) -> Diagnostic:
    """What the parser of YAML does not take: libyaml has a limit of its own, for what it reads ahead."""
    from omegac.syntax import syntax_fault

    if "nesting depth" in str(error.problem) and error.problem_mark:
        at = min(error.problem_mark.index, len(source.text))
        return fault("OM1006", f"nested deeper than {MAX_DEPTH}", source.span(at, at + 1))
    return syntax_fault(source, error)


def _forbidden(text: str) -> re.Match[str] | None:
    """The first character that no YAML may hold; the usual text is asked the fast way."""
    if text.isascii() and text.translate({0x09: None, 0x0A: None, 0x0D: None}).isprintable():
        return None
    return re.search(_FORBIDDEN, text)


class _Anchor(NamedTuple):
    span: Span
    """Where what it names begins."""
    traced: Traced | None = None
    """None inside of it."""
    size: int = 0


class _Reader:
    """Builds values out of events, one method a kind of event."""

    def __init__(self, source: Source, *, disputes: bool) -> None:
        self.source = source
        self.disputes = disputes
        self.events: Any = None
        self.faults: list[Diagnostic] = []
        self.anchors: dict[str, _Anchor] = {}
        self.size = 0
        self.has_stand_ins = False
        """Whether scalars have halves of surrogate pairs that `surrogates` replaced."""

    def text(self, event: Any) -> str:
        """The text of a scalar."""
        text: str = event.value
        return surrogates.put_back(text) if self.has_stand_ins else text

    def document(self) -> Traced:
        import yaml

        events = self.events
        events.get_event()
        start = events.get_event()
        if not isinstance(start, yaml.DocumentStartEvent):
            raise Rejected([fault("OM1010", f"{self.source.name} is empty", Span(self.source, 0, 0))])
        root = self.value(events.get_event(), 0)
        events.get_event()
        end = events.get_event()
        if isinstance(end, yaml.DocumentStartEvent):
            self.faults.append(fault("OM1010", "a second document: a spec is one", self.span(end)))
        if not isinstance(root.value, dict):
            self.faults.append(fault("OM1010", "a spec is a mapping of keys to values", root))
        return root

    def span(self, event: Any) -> Span:
        return Span(self.source, event.start_mark.index, event.end_mark.index)

    def value(self, event: Any, depth: int) -> Traced:
        import yaml

        self.size += 1
        if depth > MAX_DEPTH:
            raise Rejected([fault("OM1006", f"nested deeper than {MAX_DEPTH}", self.span(event)), *self.faults])
        if self.size > MAX_VALUES:
            hint = "write the parts out, or fewer of them"
            raise Rejected(
                [fault("OM1007", f"more than {MAX_VALUES:,} values", self.span(event), hint=hint), *self.faults]
            )
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event)
        if event.anchor:
            self.anchors[event.anchor] = _Anchor(self.span(event))
        before = self.size
        if isinstance(event, yaml.ScalarEvent):
            traced = self.scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            traced = self.sequence(event, depth)
        else:
            traced = self.mapping(event, depth)
        if event.anchor:
            self.anchors[event.anchor] = _Anchor(self.span(event), traced, self.size - before)
        return traced

    def alias(self, event: Any) -> Traced:
        span = self.span(event)
        anchor = self.anchors.get(event.anchor)
        if anchor is None:
            hint = suggestion(f"*{event.anchor}", (f"*{known}" for known in self.anchors))
            message = f"there is no anchor &{event.anchor} before this alias"
            self.faults.append(fault("OM1007", message, span, hint=hint))
            return Traced(None, Origins(Origin(span)))
        if anchor.traced is None:
            message = f"the alias *{event.anchor} stands inside its own anchor"
            self.faults.append(fault("OM1007", message, span, related=[Related(anchor.span, "the anchor")]))
            return Traced(None, Origins(Origin(span)))
        self.size += anchor.size
        origins = anchor.traced.origins
        return Traced(anchor.traced.value, Origins(Origin(span, "alias", (anchor.traced.origin,)), origins.within))

    def scalar(self, event: Any) -> Traced:
        span = self.span(event)
        if event.style in ("|", ">"):
            span = span._replace(end=span.start + len(self.source.text[span.start : span.end].rstrip()))
        origins = Origins(Origin(span))
        tagged = self.tag(event, span)
        if tagged:
            return self.intrinsic(tagged, Traced(self.text(event), origins), span)
        plain = not event.style and event.tag != "tag:yaml.org,2002:str"
        return Traced(self.plain(self.text(event), span) if plain else self.text(event), origins)

    def plain(self, text: str, span: Span) -> Any:
        """What a scalar without quotes stands for; refused where YAML 1.1 and 1.2 differ, or digits would be lost."""
        value = meaning(text)
        if not isinstance(value, Disputed):
            return value
        if self.disputes:
            or_else = f", or {value.or_else} if not" if value.or_else else ""
            hint = f'write "{text}" in quotes if text is meant{or_else}'
            self.faults.append(fault("OM1005", f"{text} is ambiguous: {value.reason}", span, hint=hint))
        return text

    def tag(self, event: Any, span: Span) -> str | None:
        """The intrinsic that an event's tag names."""
        tag = event.tag
        if tag is None or tag == "!" or tag in _STANDARD_TAGS:
            return None
        name = intrinsics.of_tag(tag)
        if name is None:
            shown = tag.replace("tag:yaml.org,2002:", "!!")
            near = suggestion(shown, (f"!{known.removeprefix('Fn::')}" for known in intrinsics.INTRINSICS))
            hint = near or "intrinsics are written !Ref, !GetAtt, !Sub, …; text in quotes needs no tag"
            written = re.compile(_TAG).search(self.source.text, span.start)
            place = self.source.span(*written.span()) if written else span
            self.faults.append(fault("OM1008", f"the tag {shown} is no intrinsic's", place, hint=hint))
        return name

    def intrinsic(self, name: str, argument: Traced, span: Span) -> Traced:
        """The long form of a tagged value: a mapping of the intrinsic's name to its argument."""
        value, origins = argument
        if name == "Fn::GetAtt" and isinstance(value, str) and "." in value:
            value = list(value.split(".", 1))
        return Traced({name: value}, Origins(Origin(span), {name: origins}))

    def sequence(self, event: Any, depth: int) -> Traced:
        import yaml

        items: list[Any] = []
        within: dict[str | int, Origins] = {}
        start = self.span(event)
        tagged = self.tag(event, start)
        while not isinstance(inner := self.events.get_event(), yaml.SequenceEndEvent):
            item = self.value(inner, depth + 1)
            within[len(items)] = item.origins
            items.append(item.value)
        span = self.enclosing(start, inner, items, within)
        traced = Traced(items, Origins(Origin(span), within))
        return self.intrinsic(tagged, traced, span) if tagged else traced

    def mapping(self, event: Any, depth: int) -> Traced:
        import yaml

        entries: dict[str, Any] = {}
        within: dict[str | int, Origins] = {}
        merged: list[Traced] = []
        start = self.span(event)
        tagged = self.tag(event, start)
        while not isinstance(inner := self.events.get_event(), yaml.MappingEndEvent):
            key, key_span = self.key(inner, depth)
            item = self.value(self.events.get_event(), depth + 1)
            if key == "<<" and not getattr(inner, "style", None):
                merged += self.merged(item)
                continue
            if key in entries:
                first = within[key].origin
                related = [Related(first.key, "first written here")] if first and first.key else []
                self.faults.append(fault("OM1004", f'"{key}" is written twice', key_span, related=related))
                continue
            entries[key] = item.value
            within[key] = Origins(item.origin._replace(key=key_span), item.origins.within)
        for traced in merged:
            for key, item in traced.items():
                if key not in entries:
                    entries[key], within[key] = because(item, traced)
        span = self.enclosing(start, inner, entries, within)
        traced = Traced(entries, Origins(Origin(span), within))
        return self.intrinsic(tagged, traced, span) if tagged else traced

    def key(self, event: Any, depth: int) -> tuple[str, Span]:
        """A mapping's key: its text as written, whatever YAML would make of it."""
        import yaml

        span = self.span(event)
        if isinstance(event, yaml.ScalarEvent) and event.tag in (None, "!", "tag:yaml.org,2002:str"):
            return self.text(event), span
        in_braces = isinstance(event, yaml.MappingStartEvent) and self.source.text[span.start - 1 : span.end] == "{{"
        hint = "a value that begins with {{ needs quotes" if in_braces else None
        self.faults.append(fault("OM1009", "a key must be a plain string", span, hint=hint))
        self.value(event, depth + 1)
        return f"\0{span.start}", span

    def merged(self, item: Traced) -> list[Traced]:
        """What a merge key `<<` brings in: a mapping, or a list of them."""
        parts = list(item.elements()) if isinstance(item.value, list) else [item]
        for part in parts:
            if not isinstance(part.value, dict):
                self.faults.append(fault("OM1009", "<< merges a mapping, or a list of mappings", part))
        return [part for part in parts if isinstance(part.value, dict)]

    def enclosing(self, start: Span, end: Any, items: Any, within: dict[str | int, Origins]) -> Span:
        """From a collection's start to its end; a block collection ends where its last value does."""
        stop = end.end_mark.index
        if stop == end.start_mark.index:
            last = within[list(items)[-1] if isinstance(items, dict) else len(items) - 1] if items else None
            stop = last.origin.span.end if last and last.origin and last.origin.span else start.end
        return start._replace(end=max(stop, start.start))
