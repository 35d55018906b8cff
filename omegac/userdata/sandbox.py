"""The Jinja2 environment that userdata is rendered in: strict, deterministic, metered, unable to eat shell text.

Literal text, printed values and intrinsics come out marked (`alphabet`). One meter is spent by loops, calls,
operators, filters and output, so that no template runs for ever or fills the memory. Attributes are those of
mappings and of Jinja2's own objects; text has none.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from itertools import islice
from typing import Any, NoReturn

from jinja2 import StrictUndefined, nodes
from jinja2.exceptions import TemplateRuntimeError
from jinja2.lexer import get_lexer
from jinja2.parser import Parser
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from omegac.source import Source
from omegac.userdata import alphabet
from omegac.userdata.alphabet import Marks
from omegac.userdata.marking import Dots, MarkingLexer
from omegac.userdata.variables import Captured, Intrinsic, Known, KnownInteger, NotKnown, capture, indent, trim

WORK_LIMIT = 1_000_000
"""Steps of loops and calls, and characters made by operators and filters."""
OUTPUT_LIMIT = 32_000_000
"""Characters rendered."""
_NUMBER_LIMIT = 2**63
_BATCH = 100
"""Pieces of output that are measured together."""
_NO_COMMENT = ("\ud7fb\ue000\ue001", "\ue001\ue000\ud7fb")
"""Delimiters that no script contains, as Jinja2 cannot be told to have no comments: `${#arr[@]}` is shell."""
_LEFT_OUT_FILTERS = (
    *("safe", "escape", "e", "forceescape", "striptags", "urlize", "xmlattr"),
    *("random", "pprint", "center", "wordwrap", "format", "attr", "map", "groupby", "filesizeformat"),
)
_LEFT_OUT_GLOBALS = ("lipsum", "cycler", "joiner")
_MAPPING_METHODS = ("items", "keys", "values", "get")


class TooMuch(TemplateRuntimeError):  # noqa: N818 (it says what the template does, not what the program does wrong)
    """The template does more than `WORK_LIMIT` or `OUTPUT_LIMIT` allows."""


class Sandbox(ImmutableSandboxedEnvironment):
    """One rendering: its marks, and what is left on its meter."""

    intercepted_binops = frozenset(["*", "**", "+", "%", "/", "//", "-"])
    intercepted_unops = frozenset()

    def __init__(self, find: Callable[[str], Source]) -> None:
        self.find = find
        self.sources: dict[str, Source] = {}
        self.marks = Marks()
        self.left = WORK_LIMIT
        super().__init__(
            loader=None,
            undefined=StrictUndefined,
            optimized=False,
            keep_trailing_newline=True,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=0,
            comment_start_string=_NO_COMMENT[0],
            comment_end_string=_NO_COMMENT[1],
            finalize=self.printed,
            extensions=[Dots],
        )
        self.concat = capture  # type: ignore[method-assign]
        for name in _LEFT_OUT_FILTERS:
            self.filters.pop(name, None)
        for name in _LEFT_OUT_GLOBALS:
            self.globals.pop(name, None)
        self.filters |= {"indent": indent, "trim": trim}
        self.filters["tojson"] = to_json
        self.filters = {name: self.metered(filter_) for name, filter_ in self.filters.items()}

    def source(self, name: str) -> Source:
        """The template of a name, read once."""
        if name not in self.sources:
            self.sources[name] = self.find(name)
        return self.sources[name]

    def _load_template(self, name: str, globals: Any) -> Any:  # noqa: A002 (Jinja2's own name)
        self.spend(1)
        code = self.compile(self.source(name).text, name, name)
        return self.template_class.from_code(self, code, self.make_globals(globals))

    def script(self, name: str, variables: dict[str, Any]) -> list[str]:
        """The parts of the marked text that a template gives."""
        template = self.get_template(name)
        context = template.new_context(variables)
        try:
            return self.limited(template.root_render_func(context))
        except Exception:  # noqa: BLE001 (Jinja2 raises it again, with the template's lines in the traceback)
            self.handle_exception()

    def limited(self, parts: Iterator[str]) -> list[str]:
        """The parts as a list. Raises `TooMuch` once they are longer than `OUTPUT_LIMIT` together."""
        taken: list[str] = []
        length = 0
        while batch := list(islice(parts, _BATCH)):
            length += sum(map(len, batch))
            if length > OUTPUT_LIMIT:
                raise TooMuch(f"the script is longer than {OUTPUT_LIMIT:,} characters")
            taken += batch
        return taken

    # What is printed

    def printed(self, value: Any) -> str:
        """The marked text of what `{{ … }}` gives."""
        kind = type(value)
        if kind is Known and value.isascii():
            return self.marks.value(value, value.route)
        if kind is Captured:
            marked: str = value.marked
            return marked
        if kind is Intrinsic:
            return self.marks.hole(value.route)
        text = str(value)
        if not text.isascii() and alphabet.is_marked(text):
            raise NotKnown("text with inline expressions in it cannot pass through a filter or an operator")
        if kind is Known or kind is KnownInteger:
            return self.marks.value(text, value.route)
        return alphabet.stand_in(text)

    # What is spent

    def spend(self, amount: int) -> None:
        """Takes from the meter. Raises `TooMuch` where nothing is left."""
        self.left -= amount
        if self.left < 0:
            raise TooMuch(f"the template does more than {WORK_LIMIT:,} steps")

    def metered(self, filter_: Callable[..., Any]) -> Callable[..., Any]:
        """A filter that pays for the text it makes, and steps through what it reads."""
        paying = functools.partial(self.paid, filter_)
        vars(paying).update(getattr(filter_, "__dict__", {}))  # what of its context Jinja2 is to pass it
        return paying

    def paid(self, filter_: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """What a filter gives, once it is paid for."""
        self.spend(1)
        result = filter_(*args, **kwargs)
        if isinstance(result, (str, list)):
            self.spend(len(result))
        elif hasattr(result, "__next__"):
            return self.stepped(result)
        return result

    def counted(self, items: Iterable[Any]) -> Iterable[Any]:
        """The same items, paid for: at once where their number is known."""
        if isinstance(items, Sized):
            self.spend(len(items))
            return items
        return self.stepped(items)

    def stepped(self, items: Iterable[Any]) -> Iterator[Any]:
        """The same items, each paid for when it is taken."""
        for item in items:
            self.spend(1)
            yield item

    def joined(self, *parts: Any) -> str:
        """What `a ~ b` gives."""
        text = "".join(map(str, parts))
        self.spend(len(text))
        return text

    def call(self, context: Any, callee: Any, *args: Any, **kwargs: Any) -> Any:
        """Any call in a template; a recursive loop steps through its items on the meter."""
        self.spend(1)
        if isinstance(callee, LoopContext):
            args = (self.counted(args[0]), *args[1:])
        return super().call(context, callee, *args, **kwargs)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """An operator, its cost known before it works."""
        if operator == "%" and isinstance(left, str):
            raise TemplateRuntimeError("% formats no text here; write {{ a ~ b }}")
        numbers = isinstance(left, (int, float)) and isinstance(right, (int, float))
        if operator == "**" and (not numbers or abs(left) > 2**16 or abs(right) > 4):
            raise TooMuch("too large a power")
        if operator in ("*", "+") and not numbers:
            self.spend(_product(left, right) if operator == "*" else _length(left) + _length(right))
        result = super().call_binop(context, operator, left, right)
        if isinstance(result, int) and abs(result) > _NUMBER_LIMIT:
            raise TooMuch("too large a number")
        return result

    # What can be reached

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`a.b`: a mapping's entry, or what Jinja2's own objects offer."""
        if isinstance(obj, dict):
            if attribute in obj:
                return obj[attribute]
            if attribute in _MAPPING_METHODS:
                return getattr(obj, attribute)
            return self.undefined(obj=obj, name=attribute)
        if isinstance(obj, (str, int, float, list, tuple, Intrinsic)):
            return self.undefined(f"a value has no attribute {attribute!r}; filters do the work", name=attribute)
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """`a[b]`: an element, an entry or a slice, never an attribute."""
        try:
            return obj[argument]
        except (AttributeError, TypeError, LookupError):
            return self.undefined(obj=obj, name=str(argument))

    # How templates are read

    @property
    def lexer(self) -> Any:
        """The lexer, which marks literal text on the way."""
        return MarkingLexer(get_lexer(self), self)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        return _Parser(self, source, name, filename).parse()


def _length(value: Any) -> int:
    return len(value) if hasattr(value, "__len__") else 1


def _product(left: Any, right: Any) -> int:
    sizes = [len(side) if hasattr(side, "__len__") else side for side in (left, right)]
    return max(int(sizes[0] * sizes[1]), 1)


def to_json(value: Any) -> str:
    """The filter `tojson`: plain JSON; Jinja2's own escapes for HTML."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


class _Parser(Parser):
    """Reads what would slip past marking or the meter in terms of what does not."""

    def parse_for(self) -> nodes.For:
        """A loop steps through items that are paid for."""
        loop = super().parse_for()
        loop.iter = _paid_by("counted", [loop.iter], loop.lineno)
        return loop

    def parse_concat(self) -> nodes.Expr:
        """`a ~ b` is a call that pays."""
        parsed = super().parse_concat()
        return _paid_by("joined", parsed.nodes, parsed.lineno) if isinstance(parsed, nodes.Concat) else parsed

    def parse_filter_block(self) -> nodes.Scope:  # type: ignore[override]
        """`{% filter %}` skips finalize: its text is captured first, then filtered and printed."""
        block = super().parse_filter_block()
        innermost = block.filter
        while innermost.node is not None:
            innermost = innermost.node  # type: ignore[assignment]
        innermost.node = nodes.Name("_captured", "load")
        captured = nodes.AssignBlock(nodes.Name("_captured", "store"), None, block.body)
        return nodes.Scope([captured, nodes.Output([block.filter], lineno=block.lineno)], lineno=block.lineno)

    def parse_autoescape(self) -> NoReturn:
        """`{% autoescape %}` is for HTML."""
        self.fail("autoescape has no place in a script", next(self.stream).lineno)


def _paid_by(step: str, arguments: Sequence[nodes.Node], line: int) -> nodes.Call:
    """A call of the sandbox's own, which has a price."""
    return nodes.Call(nodes.EnvironmentAttribute(step), list(arguments), [], None, None, lineno=line)
