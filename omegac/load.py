"""Reads a spec: YAML text to plain data with origins, refusing what YAML hides.

By events, not by libyaml's own composer, which crashes on deep nesting (a 40 KB file is enough); so the depth
is counted here, and aliases keep marks of their own. Scalars are read as YAML 1.2 reads them; where YAML 1.1,
which CloudFormation's tools speak, would read another value, the scalar is refused and its way out is named.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from omegac.cloudformation import intrinsics
from omegac.diagnostics import Diagnostic, Rejected, Related, fault
from omegac.source import Origin, Origins, Source, Span, Traced

MAX_DEPTH = 100
MAX_VALUES = 200_000
"""Values a document may hold, each alias counted with all that it stands for."""

_NULL = re.compile(r"~|null|Null|NULL|")
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_OLD_TRUTH = re.compile(r"(?:yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)")
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+][0-9]+)?")
_DISPUTED = re.compile(
    r"""(?P<octal> [-+]?0o?[0-9_]+ )
      | (?P<sexagesimal> [-+]?[0-9][0-9_]*(?: :[0-5]?[0-9] )+ (?: \.[0-9_]* )? )
      | (?P<number> [-+]? (?: 0b[01_]+ | 0x[0-9a-fA-F_]+ | [0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?
                            | \.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)? | \.(?:inf|Inf|INF) ) | \.(?:nan|NaN|NAN) )""",
    re.VERBOSE,
)
_STANDARD_TAGS = {"tag:yaml.org,2002:str": str, "tag:yaml.org,2002:map": dict, "tag:yaml.org,2002:seq": list}


def load(source: Source, *, disputes: bool = True) -> Traced:
    """The one mapping that a YAML text holds. Raises `Rejected` with every fault found.

    Without `disputes`, a scalar that YAML readers dispute is text: for templates that others wrote.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    reader = _Reader(source, disputes=disputes)
    at = source.text.find("\ufeff")
    if at >= 0:
        # A byte order mark inside of the text: parsers differ on whether it is there.
        raise Rejected([fault("OM1003", "a character that YAML does not allow: U+FEFF", Span(source, at, at + 1))])
    try:
        reader.events = loader(source.text)
        document = reader.document()
    except yaml.reader.ReaderError as error:
        place = Span(source, error.position, error.position + 1)
        reader.faults.append(fault("OM1003", f"a character that YAML does not allow: {_shown(error.character)}", place))
    except yaml.MarkedYAMLError as error:
        reader.faults.append(_syntax_fault(source, error))
    except RecursionError as error:  # pragma: no cover - MAX_DEPTH is far below
        raise AssertionError("the depth limit does not hold") from error
    if reader.faults:
        raise Rejected(reader.faults)
    return document


def _shown(character: object) -> str:
    return f"U+{ord(character):04X}" if isinstance(character, str) else f"byte {character!r}"


def _syntax_fault(source: Source, error: Any) -> Diagnostic:
    mark = error.problem_mark or error.context_mark
    at = min(mark.index, len(source.text)) if mark else 0
    message = " ".join(str(part) for part in (error.context, error.problem) if part)
    hint = None
    if "'\\t'" in message or source.text[at : at + 1] == "\t":
        hint = "YAML indents by spaces, never by tabs"
    elif "found character '%'" in message or "found character '@'" in message or "found character '`'" in message:
        hint = "put the value in quotes"
    return fault("OM1003", f"not YAML: {message}", Span(source, at, at + 1), hint=hint)


class _Anchor(NamedTuple):
    traced: Traced
    size: int


class _Reader:
    """Builds values out of events, one method a kind of event."""

    def __init__(self, source: Source, *, disputes: bool) -> None:
        self.source = source
        self.disputes = disputes
        self.events: Any = None
        self.faults: list[Diagnostic] = []
        self.anchors: dict[str, _Anchor | None] = {}
        self.size = 0

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
            raise Rejected([*self.faults, fault("OM1006", f"nested deeper than {MAX_DEPTH}", self.span(event))])
        if self.size > MAX_VALUES:
            hint = "write the parts out, or fewer of them"
            raise Rejected(
                [*self.faults, fault("OM1007", f"more than {MAX_VALUES:,} values", self.span(event), hint=hint)]
            )
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event)
        if event.anchor:
            self.anchors[event.anchor] = None
        before = self.size
        if isinstance(event, yaml.ScalarEvent):
            traced = self.scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            traced = self.sequence(event, depth)
        else:
            traced = self.mapping(event, depth)
        if event.anchor:
            self.anchors[event.anchor] = _Anchor(traced, self.size - before)
        return traced

    def alias(self, event: Any) -> Traced:
        span = self.span(event)
        if event.anchor not in self.anchors:
            self.faults.append(fault("OM1007", f"there is no anchor &{event.anchor} before this alias", span))
            return Traced(None, Origins(Origin(span)))
        anchor = self.anchors[event.anchor]
        if anchor is None:
            self.faults.append(fault("OM1007", f"the alias *{event.anchor} stands inside its own anchor", span))
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
            return self.intrinsic(tagged, Traced(event.value, origins), span)
        plain = not event.style and event.tag != "tag:yaml.org,2002:str"
        return Traced(self.plain(event.value, span) if plain else event.value, origins)

    def plain(self, text: str, span: Span) -> Any:
        """What a scalar without quotes stands for; refused where YAML 1.1 and 1.2 differ, or digits would be lost."""
        if text in _TRUTH:
            return _TRUTH[text]
        if _NULL.fullmatch(text):
            return None
        if _OLD_TRUTH.fullmatch(text):
            truth = "true" if text.lower() in ("yes", "on") else "false"
            return self.disputed(text, span, "YAML 1.1 reads it as a boolean, YAML 1.2 as text", f"or {truth}")
        if _INTEGER.fullmatch(text) and len(text) <= 18:
            return int(text)
        if _HEXADECIMAL.fullmatch(text) and len(text) <= 17:
            return int(text, 16)
        if _DECIMAL.fullmatch(text):
            number = float(text)
            if repr(number) == text:
                return number
            return self.disputed(text, span, f"as a number it becomes {number!r}", f"or {number!r}")
        if kind := _DISPUTED.fullmatch(text):
            return self.disputed(text, span, _DISPUTES[kind.lastgroup or "number"])
        return text

    def disputed(self, text: str, span: Span, reason: str, or_else: str = "") -> str:
        if not self.disputes:
            return text
        hint = f'write "{text}" in quotes if text is meant' + (f", {or_else} if not" if or_else else "")
        self.faults.append(fault("OM1005", f"{text} is ambiguous: {reason}", span, hint=hint))
        return text

    def tag(self, event: Any, span: Span) -> str | None:
        """The intrinsic that an event's tag names."""
        tag = event.tag
        if tag is None or tag == "!" or tag in _STANDARD_TAGS:
            return None
        name = intrinsics.of_tag(tag)
        if name is None:
            shown = tag.replace("tag:yaml.org,2002:", "!!")
            hint = "intrinsics are written !Ref, !GetAtt, !Sub, …; text in quotes needs no tag"
            self.faults.append(fault("OM1008", f"the tag {shown} is no intrinsic's", span, hint=hint))
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
            entries[key] = item.value
            within[key] = Origins(item.origin._replace(key=key_span), item.origins.within)
        for traced in merged:
            for key, item in traced.items():
                if key not in entries:
                    entries[key], within[key] = item
        span = self.enclosing(start, inner, entries, within)
        traced = Traced(entries, Origins(Origin(span), within))
        return self.intrinsic(tagged, traced, span) if tagged else traced

    def key(self, event: Any, depth: int) -> tuple[str, Span]:
        """A mapping's key: its text as written, whatever YAML would make of it."""
        import yaml

        span = self.span(event)
        if isinstance(event, yaml.ScalarEvent) and event.tag in (None, "!", "tag:yaml.org,2002:str"):
            return event.value, span
        self.faults.append(fault("OM1009", "a key must be a plain string", span))
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


_DISPUTES = {
    "octal": "YAML 1.1 may read it as an octal number",
    "sexagesimal": "YAML 1.1 reads it as a number to the base of sixty",
    "number": "YAML readers disagree on whether it is a number, or on which",
}
