"""Shows diagnostics: to people (`text`), and to programs in each of their own formats."""

from __future__ import annotations

from typing import Literal, TypeAlias

from omegac.report.report import Report, distinct

__all__ = ["Format", "Report", "render"]

Format: TypeAlias = Literal["text", "json", "sarif", "junit", "github"]


def render(report: Report, form: Format, *, colour: bool = False) -> str:
    """A report in one of the formats; only text has colours."""
    report = report._replace(diagnostics=distinct(report.diagnostics))
    match form:
        case "text":
            from omegac.report import text

            return text.render(report, colour=colour)
        case "json":
            from omegac.report import json_v1

            return json_v1.render(report)
        case "sarif":
            from omegac.report import sarif

            return sarif.render(report)
        case "junit":
            from omegac.report import junit

            return junit.render(report)
        case "github":
            from omegac.report import github

            return github.render(report)
