"""The table of diagnostics: each code, how grave it is, what it means and what to do about it.

Thousands: 1 the spec, 2 userdata, 3 limits, 4 security, 5 the template, 6 deployment; one module each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from omegac.codes.code import Code, Severity

__all__ = ["CODES", "HUNDREDS", "Code", "Severity"]

HUNDREDS = {
    "OM10": "The file and its YAML",
    "OM11": "Keys and values of a spec",
    "OM12": "Stages and names",
    "OM13": "The artifact",
    "OM14": "Decorators",
    "OM20": "Rendering a script",
    "OM21": "Inline expressions",
    "OM22": "What a script says",
    "OM23": "From userdata back to a script",
    "OM30": "Size of userdata",
    "OM31": "Limits of templates and functions",
    "OM40": "Secrets",
    "OM41": "What an instance gives away",
    "OM42": "Who may do what",
    "OM43": "Who may invoke a function",
    "OM44": "Logs",
    "OM50": "The template as a whole, and linting it",
    "OM51": "Launching instances",
    "OM52": "Auto Scaling groups, and policies of resources",
    "OM53": "Load balancers",
    "OM54": "Versions and functions of Lambda",
    "OM55": "cfn-init",
    "OM56": "CodeDeploy",
    "OM60": "Where a stack is deployed, and with what",
    "OM61": "The state of a stack, and consent",
    "OM62": "Why a deployment failed",
    "OM63": "Running a service on this machine",
}
"""What the codes are about, by the hundred."""


class _Table(Mapping[str, Code]):
    """The codes of all modules, which are imported once one is asked for: most commands find nothing to say."""

    def __getitem__(self, code: str) -> Code:
        return _codes()[code]

    def __iter__(self) -> Iterator[str]:
        return iter(_codes())

    def __len__(self) -> int:
        return len(_codes())


@cache
def _codes() -> dict[str, Code]:
    from omegac.codes import deployment, ec2, limits, rollout, security, spec, template, userdata

    return {
        **spec.CODES,
        **userdata.CODES,
        **limits.CODES,
        **security.CODES,
        **template.CODES,
        **ec2.CODES,
        **rollout.CODES,
        **deployment.CODES,
    }


CODES: Mapping[str, Code] = _Table()
