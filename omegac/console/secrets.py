"""What must never be shown: texts that are replaced wherever they stand in what leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_INSTEAD = "****"
"""As CloudFormation shows a value of `NoEcho`."""


class Secrets:
    """The texts that are hidden from now on."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def add(self, text: str) -> None:
        """Hides a text; an empty one stands everywhere, and tells nothing."""
        if text and text not in self._texts:
            # One secret may stand within another, which is then to be hidden as a whole.
            self._texts = sorted([*self._texts, text], key=lambda each: (-len(each), each))

    def hidden_in(self, text: str) -> str:
        """A text without them."""
        for secret in self._texts:
            text = text.replace(secret, _INSTEAD)
        return text

    def hidden(self, value: Any) -> Any:
        """A record, or plain data, without them, as they would no longer be found once it is cut or escaped."""
        if not self._texts:
            return value
        if isinstance(value, str):
            return self.hidden_in(value)
        if isinstance(value, Mapping):
            return {self.hidden(key): self.hidden(item) for key, item in value.items()}
        if isinstance(value, tuple):
            parts = tuple(self.hidden(item) for item in value)
            # A NamedTuple is made of its fields, one by one.
            return type(value)(*parts) if hasattr(value, "_fields") else parts
        return [self.hidden(item) for item in value] if isinstance(value, list) else value
