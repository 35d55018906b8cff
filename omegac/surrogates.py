"""Pairs of surrogates, which JSON writes as two escapes for one character beyond U+FFFF, and YAML does not know.

While YAML is parsed, each half has a stand-in from the private use area, an escape as long as its own: no offset moves.
"""

from __future__ import annotations

import re

_PAIR = r"(?i)(?<!\\)((?:\\\\)*)\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})"
_STAND_INS = r"(?i)[\ue000-\ue7ff]|\\ue[0-7]"
_SHIFT = 0xE000 - 0xD800
_BACK = {half + _SHIFT: half for half in range(0xD800, 0xE000)}


def stood_in(text: str) -> str:
    """JSON with stand-ins for its pairs; any other text, and one in which these are in use already, as it is."""
    if "\\ud" not in text and "\\uD" not in text:
        return text
    if re.search(_STAND_INS, text) or not _is_json(text):
        return text
    return re.sub(_PAIR, _stand_in, text)


def _is_json(text: str) -> bool:
    """Elsewhere than in JSON a backslash need not begin an escape."""
    import json

    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _stand_in(pair: re.Match[str]) -> str:
    high, low = (f"\\u{int(half, 16) + _SHIFT:04x}" for half in (pair[2], pair[3]))
    return f"{pair[1]}{high}{low}"


def put_back(text: str) -> str:
    """A scalar with the characters that its stand-ins stand for."""
    return text.translate(_BACK).encode("utf-16-le", "surrogatepass").decode("utf-16-le")
