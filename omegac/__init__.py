"""omegac compiles a declarative service spec to a CloudFormation template for Lambda and EC2.

As a library it offers `convert_userdata` and what that raises, `Rejected`; both are imported when they are asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omegac.diagnostics import Rejected
    from omegac.userdata.script import convert_userdata

__version__ = "0.1.0"
__all__ = ["Rejected", "__version__", "convert_userdata"]

_HOMES = {"Rejected": "omegac.diagnostics", "convert_userdata": "omegac.userdata.script"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
