"""Marks the literal text of userdata templates, and reads `{{ .Name }}` as `{{ Name }}`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from jinja2.ext import Extension
from jinja2.lexer import Lexer, Token, TokenStream

from omegac.source import Source
from omegac.userdata import alphabet
from omegac.userdata.alphabet import OPENER_MARK, Marks, Place
from omegac.userdata.convert import backslashes, openings


class Marked(Protocol):
    """What marking needs of the environment that it is part of."""

    marks: Marks

    def source(self, name: str) -> Source:
        """The template of a name."""


_VISIBLE = re.compile(r"[^\S\n]*(\S)[^\n]*")
_BEFORE_A_NAME = frozenset(
    [
        *("variable_begin", "block_begin", "lparen", "lbracket", "comma", "pipe", "operator", "assign", "colon"),
        *("add", "sub", "mul", "div", "floordiv", "mod", "pow", "tilde", "eq", "ne", "lt", "lteq", "gt", "gteq"),
    ]
)
_WORDS = frozenset(["if", "elif", "else", "in", "not", "and", "or", "is", "for", "set", "with", "include", "extends"])


class MarkingLexer:
    """Jinja2's lexer, with marks in the literal text that it gives: a second pass would take as long again."""

    def __init__(self, lexer: Lexer, sandbox: Marked) -> None:
        self.lexer = lexer
        self.sandbox = sandbox

    def tokenize(self, source: str, name: str | None, filename: str | None, state: str | None) -> TokenStream:
        """A template's tokens."""
        tokens = self.lexer.wrap(self.tokeniter(source, name, filename, state), name, filename)
        return TokenStream(tokens, name, filename)

    def tokeniter(
        self, source: str, name: str | None, filename: str | None, state: str | None
    ) -> Iterator[tuple[int, str, str]]:
        """A template's tokens as lines, kinds and texts, marks before its literal text and before each opener."""
        origin = self.sandbox.source(name) if name else Source("", source)
        text = alphabet.readable(source)
        # `indent` puts white space into text, after which only a mark on each line tells where it is from.
        by_line = "indent" in text
        at = 0
        for line, kind, value in self.lexer.tokeniter(text, name, filename, state):
            at = text.index(value, at)
            yield line, kind, self._marked(value, origin, at, by_line=by_line) if kind == "data" else value
            at += len(value)

    def _marked(self, data: str, source: Source, start: int, *, by_line: bool) -> str:
        """Literal text with its marks; `start` is its offset in the source."""
        found = _VISIBLE.finditer(data) if by_line else filter(None, [_VISIBLE.search(data)])
        visible = {match.start(1) for match in found}
        openers = set(openings(data))
        parts: list[str] = []
        last = 0
        for begin in sorted(visible | openers):
            escapes = backslashes(data, begin, last) if begin in openers else 0
            parts += data[last : begin - escapes], "\\" * (escapes // 2)
            if escapes or begin in visible:
                place = Place(source, start + begin, start + len(data))
                parts.append(self.sandbox.marks.position(place))
            if begin in openers and escapes % 2 == 0:
                parts.append(OPENER_MARK)
            last = begin
        return "".join(parts) + data[last:]


class Dots(Extension):
    """Reads `{{ .Name }}` as `{{ Name }}`."""

    def filter_stream(self, stream: TokenStream) -> list[Token]:
        """Drops the dot of `{{ .Name }}`.

        All tokens are read before the first is parsed: a generator that is asked for the next by a parser as deep in
        brackets as Python lets it be fails where nobody can catch it.
        """
        return list(_without_dots(stream))


def _without_dots(stream: TokenStream) -> Iterator[Token]:
    before = "variable_begin"
    for token in stream:
        if token.type == "dot" and before in _BEFORE_A_NAME:
            continue
        before = "operator" if token.type == "name" and token.value in _WORDS else token.type
        yield token
