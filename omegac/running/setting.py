"""What a function runs with on this machine: the properties of its template, as far as they are known here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from omegac.diagnostics import Rejected, fault
from omegac.running.programs import PYTHON
from omegac.running.unpacked import Scratch
from omegac.source import Traced

ACCOUNT = "123456789012"
"""The account of AWS's own examples."""
_PYTHON = re.compile(r"python3\.\d+")
_PATH = "/usr/local/bin:/usr/bin:/bin"


class Setting(NamedTuple):
    """What a function runs with."""

    name: str
    handler: str
    timeout: float
    """In seconds."""
    memory: int
    """In MB."""
    code: Path
    variables: Mapping[str, str]

    @property
    def arn(self) -> str:
        """The ARN that it is told to have."""
        return f"arn:aws:lambda:{self.variables['AWS_REGION']}:{ACCOUNT}:function:{self.name}"


def setting_of(
    name: str, properties: Traced, scratch: Scratch, own: Mapping[str, str], aws: Mapping[str, str]
) -> Setting:
    """The setting of a function by its logical id; `own` are its own variables, `aws` those of who calls AWS.

    Raises `Rejected` for what is not Python.
    """
    runtime, handler = (properties.value.get(key) for key in ("Runtime", "Handler"))
    if not _PYTHON.fullmatch(str(runtime)) or not isinstance(handler, str):
        message = f"a function of the runtime {runtime} is not run here, as only those of Python are"
        hint = "deploy it into `omegac sandbox`, or to AWS, and invoke it there with --stack"
        raise Rejected([fault("OM6305", message, properties.get("Runtime") or properties, hint=hint)])
    memory = int(_number(properties, "MemorySize", 128))
    variables = {
        "LANG": "C.UTF-8",  # Lambda's own is en_US.UTF-8, which not every machine has
        "LD_LIBRARY_PATH": f"{scratch.code}:{scratch.code}/lib",
        "PATH": _PATH,
        "TZ": ":UTC",
        **own,
        **aws,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory),
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "here",
        **_log_level(properties.find("LoggingConfig")),
        "LAMBDA_RUNTIME_DIR": str(scratch.runtime),
        "LAMBDA_TASK_ROOT": str(scratch.code),
        "PYTHONPATH": ":".join(filter(None, [own.get("PYTHONPATH"), str(scratch.runtime)])),
        "_HANDLER": handler,
    }
    return Setting(name, handler, _number(properties, "Timeout", 3), memory, scratch.code, variables)


def differences(properties: Traced) -> list[str]:
    """What is not as it is in Lambda, that a function may depend on."""
    version = str(properties.value["Runtime"]).removeprefix("python")
    said = []
    if version != PYTHON:
        said.append(f"Python {PYTHON} runs it here, and Python {version} in Lambda")
    if properties.value.get("Layers"):
        said.append("its layers are not there")
    return said


def _number(properties: Traced, key: str, otherwise: float) -> float:
    """A number, or Lambda's default where none is given, or none that is known before it is deployed."""
    try:
        return float(properties.value.get(key, otherwise))
    except (TypeError, ValueError):
        return otherwise


def _log_level(logging: Traced | None) -> dict[str, str]:
    """The level of its log. Its form stays text, which is read by people here."""
    told = logging.value if logging else {}
    level = told.get("ApplicationLogLevel", "INFO" if told.get("LogFormat") == "JSON" else None)
    return {"AWS_LAMBDA_LOG_LEVEL": level} if isinstance(level, str) else {}
