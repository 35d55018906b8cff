"""1xxx: the spec: its file, its language, its stages and names, its artifact, its decorators."""

from __future__ import annotations

from omegac.codes import artifact, decorators, document, language, names

CODES = {**document.CODES, **language.CODES, **names.CODES, **artifact.CODES, **decorators.CODES}
