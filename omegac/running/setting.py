"""What a function runs with on this machine: the properties of its template, as far as they are known here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from omegac.diagnostics import Diagnostic, Rejected, fault
from omegac.running.evaluation import Evaluation, Unknown
from omegac.running.programs import PYTHON
from omegac.running.scratch import Scratch
from omegac.source import Traced

ACCOUNT = "123456789012"
"""The account where none is known: that of AWS's own examples."""
_MEMORY, _TIMEOUT = 128, 3
"""Lambda's defaults, in MB and in seconds."""
_WHOLE = re.compile(r"([0-9]{1,9})(?:\.0*)?")
_PYTHON = re.compile(r"python3\.\d+")
_RESERVED = re.compile(
    "AWS_(ACCESS_KEY|ACCESS_KEY_ID|DEFAULT_REGION|EXECUTION_ENV|REGION|SECRET_ACCESS_KEY|SESSION_TOKEN)"
    "|AWS_LAMBDA_(FUNCTION_(MEMORY_SIZE|NAME|VERSION)|INITIALIZATION_TYPE|LOG_GROUP_NAME|LOG_STREAM_NAME|RUNTIME_API)"
    "|LAMBDA_(RUNTIME_DIR|TASK_ROOT)|_HANDLER|_X_AMZN_TRACE_ID"
)
"""The variables that are Lambda's own (AWS Lambda guide, Working with environment variables, reserved ones)."""
_PATH = "/usr/local/bin:/usr/bin:/bin"


class Declared(NamedTuple):
    """A function as its template has it."""

    stem: str
    """Its logical id."""
    properties: Traced
    evaluation: Evaluation

    def get(self, key: str) -> Any:
        """The value of a property; None where it is absent, or known only when it is deployed."""
        try:
            return self.evaluation.value(self.properties.value.get(key))
        except Unknown:
            return None

    @property
    def name(self) -> str:
        """What it is called in Lambda, as far as it is known: a name that is not given begins with the logical id."""
        return str(self.get("FunctionName") or self.stem)

    def arn(self, region: str) -> str:
        """The ARN that it is told to have."""
        pseudo = self.evaluation.pseudo
        partition, account = pseudo["AWS::Partition"], pseudo.get("AWS::AccountId", ACCOUNT)
        return f"arn:{partition}:lambda:{region}:{account}:function:{self.name}"


class Setting(NamedTuple):
    """What a function runs with."""

    arn: str
    handler: str
    timeout: int
    """In seconds."""
    memory: int
    """In MB."""
    scratch: Scratch
    variables: Mapping[str, str]


def setting_of(declared: Declared, scratch: Scratch, own: Mapping[str, str], aws: Mapping[str, str]) -> Setting:
    """The setting of a function; `own` are its own variables, `aws` those of who calls AWS.

    Raises `Rejected` for what is not Python.
    """
    properties, name = declared.properties, declared.name
    runtime, handler = (declared.get(key) for key in ("Runtime", "Handler"))
    if not _PYTHON.fullmatch(str(runtime)) or not isinstance(handler, str):
        message = f"a function of the runtime {runtime} is not run here, as only those of Python are"
        hint = "deploy it into `omegac sandbox`, or to AWS, and invoke it there with --stack"
        raise Rejected([fault("OM6305", message, properties.get("Runtime") or properties, hint=hint)])
    memory = _number(declared, "MemorySize") or _MEMORY
    variables = {
        "LANG": "C.UTF-8",  # Lambda's own is en_US.UTF-8, which not every machine has
        "LD_LIBRARY_PATH": f"{scratch.code}:{scratch.code}/lib",
        "PATH": f"{scratch.programs}:{_PATH}",
        "TZ": ":UTC",
        **_log_level(properties.find("LoggingConfig")),
        **aws,
        **own,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory),
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "here",
        "LAMBDA_RUNTIME_DIR": str(scratch.packages),
        "LAMBDA_TASK_ROOT": str(scratch.code),
        "_HANDLER": handler,
    }
    timeout = _number(declared, "Timeout") or _TIMEOUT
    return Setting(declared.arn(aws["AWS_REGION"]), handler, timeout, memory, scratch, variables)


def environment_of(declared: Declared) -> tuple[Traced | None, list[Diagnostic]]:
    """A function's variables as they are written, if it has any, and what is said where it is not known which."""
    part: Traced | None = declared.properties
    for key in ("Environment", "Variables"):
        part = part.find(key) if part else None
        try:
            part = declared.evaluation.chosen(part) if part else None
        except Unknown:
            message = "its variables are known only when it is deployed, and are left out"
            return None, [fault("OM6311", message, part, hint="give it those that it needs here: --env NAME=…")]
    return part, []


def refuse_reserved(written: Traced | None, told: Iterable[str]) -> None:
    """Raises `Rejected` where a function is given a variable that is Lambda's own, in the spec or by --env."""
    by_spec = [(name, written.at(name)) for name in sorted(written.value)] if written else []
    by_option: list[tuple[str, Traced | None]] = [(name, None) for name in sorted(told)]
    refused = [
        fault(
            "OM6312",
            f"{name} is a variable of Lambda's own, and no function is given it",
            at,
            hint="take another name; region and credentials are those that omegac is given",
            at_key=True,
        )
        for name, at in [*by_spec, *by_option]
        if _RESERVED.fullmatch(name)
    ]
    if refused:
        raise Rejected(refused)


def defaulted(declared: Declared) -> list[Diagnostic]:
    """What is said of the properties that have Lambda's default here, because theirs is not known."""
    return [
        fault(
            "OM6311",
            f"{what} is not known here, and is Lambda's default, {default}",
            declared.properties.get(key),
            hint="it is known where each parameter in it has a default, or a value in the stage",
        )
        for key, what, default in (("Timeout", "timeout", f"{_TIMEOUT} s"), ("MemorySize", "memory", f"{_MEMORY} MB"))
        if key in declared.properties.value and _number(declared, key) is None
    ]


def differences(declared: Declared) -> list[str]:
    """What is not as it is in Lambda, that a function may depend on."""
    version = str(declared.get("Runtime")).removeprefix("python")
    said = []
    if version != PYTHON:
        said.append(f"Python {PYTHON} runs it here, and Python {version} in Lambda")
    if declared.properties.value.get("Layers"):
        said.append("its layers are not there")
    return said


def _number(declared: Declared, key: str) -> int | None:
    """A whole number, which a parameter has as text; None where none is given, or none that is known."""
    found = _WHOLE.fullmatch(str(declared.get(key)))
    return int(found[1]) if found else None


def _log_level(logging: Traced | None) -> dict[str, str]:
    """The level of its log. Its form stays text, which is read by people here."""
    told = logging.value if logging else {}
    level = told.get("ApplicationLogLevel", "INFO" if told.get("LogFormat") == "JSON" else None)
    return {"AWS_LAMBDA_LOG_LEVEL": level} if isinstance(level, str) else {}
