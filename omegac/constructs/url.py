"""An HTTPS address of a function, and the two permissions that it needs."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.construct import Construct, Declaration, Plan, declared, resource
from omegac.source import derived
from omegac.spec import Entry


def lower(entry: Entry, _plan: Plan) -> Iterator[Declaration]:
    """The address of the alias, so that it stays the same over versions.

    Since October 2025 a caller needs lambda:InvokeFunctionUrl and lambda:InvokeFunction (AWS Lambda guide,
    access to function URLs).
    """
    url = entry.at("url")
    if url.value == "none":
        return
    auth = derived("NONE" if url.value == "public" else "AWS_IAM", url)
    principal = derived("*", url) if url.value == "public" else derived({"Ref": "AWS::AccountId"}, url)
    address = {"TargetFunctionArn": {"Ref": entry.stem}, "Qualifier": "live", "AuthType": auth}
    alias = {"Ref": f"{entry.stem}Alias"}
    yield resource(f"{entry.stem}Url", "AWS::Lambda::Url", address, url.origin, DependsOn=f"{entry.stem}Alias")
    yield resource(
        f"{entry.stem}UrlPermission",
        "AWS::Lambda::Permission",
        {
            "Action": "lambda:InvokeFunctionUrl",
            "FunctionName": alias,
            "FunctionUrlAuthType": auth,
            "Principal": principal,
        },
        url.origin,
    )
    yield resource(
        f"{entry.stem}UrlInvokePermission",
        "AWS::Lambda::Permission",
        {
            "Action": "lambda:InvokeFunction",
            "FunctionName": alias,
            "InvokedViaFunctionUrl": True,
            "Principal": principal,
        },
        url.origin,
    )
    output = {"Description": f"Address of {entry.name}", "Value": {"Fn::GetAtt": [f"{entry.stem}Url", "FunctionUrl"]}}
    yield declared("Outputs", f"{entry.stem}Url", output, url.origin)


CONSTRUCT = Construct(("function",), lower=lower)
