"""54xx: versions and functions of Lambda."""

from __future__ import annotations

from omegac.codes.code import Code

CODES = {
    "OM5401": Code(
        "a version that is published once and never again",
        "warning",
        explanation="""\
A version is published when CloudFormation creates the resource, and none of its properties can change afterwards. If
the logical id stays too, new code of the function is never published, and an alias keeps what it had at first.

Put a digest of the code into the logical id, or say CodeSha256: either makes another resource of it when the code
changes. DeletionPolicy: Retain keeps the old versions.
""",
        bad="""\
Resources:
  Version:
    Type: AWS::Lambda::Version
    Properties: {FunctionName: shop}
""",
        good="""\
Resources:
  Version1b413fd62384:
    Type: AWS::Lambda::Version
    DeletionPolicy: Retain
    Properties: {FunctionName: shop}
""",
    ),
    "OM5402": Code(
        "an alias to what is not published",
        "warning",
        explanation="""\
$LATEST is the function as it was last uploaded. An alias to it changes with each upload: it can neither be taken back
nor moved step by step.

Publish a version, and point the alias at it.
""",
        bad="""\
Resources:
  Live:
    Type: AWS::Lambda::Alias
    Properties: {FunctionName: shop, FunctionVersion: $LATEST, Name: live}
""",
        good="""\
Resources:
  Live:
    Type: AWS::Lambda::Alias
    Properties: {FunctionName: shop, FunctionVersion: !GetAtt Version7.Version, Name: live}
  Version7:
    Type: AWS::Lambda::Version
    Properties: {FunctionName: shop}
""",
    ),
    "OM5403": Code(
        "an alias that Lambda refuses",
        explanation="""\
An alias routes to its own version and to one more at most, which gets a part of the calls from 0 to 1. Both have to be
published, and to be two. Provisioned concurrency wants a published version as well.
""",
        bad="""\
Resources:
  Live:
    Type: AWS::Lambda::Alias
    Properties:
      FunctionName: shop
      FunctionVersion: "7"
      Name: live
      RoutingConfig: {AdditionalVersionWeights: [{FunctionVersion: "8", FunctionWeight: 10}]}
""",
        good="""\
Resources:
  Live:
    Type: AWS::Lambda::Alias
    Properties:
      FunctionName: shop
      FunctionVersion: "7"
      Name: live
      RoutingConfig: {AdditionalVersionWeights: [{FunctionVersion: "8", FunctionWeight: 0.1}]}
""",
    ),
    "OM5404": Code(
        "a public URL that nobody may call",
        "warning",
        explanation="""\
With AuthType NONE Lambda asks nobody who they are, but the function's policy still has to let everyone in, for
lambda:InvokeFunctionUrl and for lambda:InvokeFunction; without either each call is answered with 403. A permission for
the function does not hold for an alias of it, nor the other way round.

Give both permissions, on what the URL is for.
""",
        bad="""\
Resources:
  Url:
    Type: AWS::Lambda::Url
    Properties: {AuthType: NONE, TargetFunctionArn: !Ref Shop}
  Shop: {Type: AWS::Lambda::Function}
""",
        good="""\
Resources:
  Url:
    Type: AWS::Lambda::Url
    Properties: {AuthType: NONE, TargetFunctionArn: !Ref Shop}
  UrlPermission:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunctionUrl
      FunctionName: !Ref Shop
      FunctionUrlAuthType: NONE
      Principal: "*"
  InvokePermission:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: !Ref Shop
      InvokedViaFunctionUrl: true
      Principal: "*"
  Shop: {Type: AWS::Lambda::Function}
""",
    ),
    "OM5405": Code(
        "a time that CloudFormation does not wait",
        explanation="""\
ServiceTimeout is how many seconds CloudFormation waits for a custom resource to answer: a whole number from 1 to
14,400, and one hour where there is none.
""",
        bad="""\
Resources:
  Image:
    Type: Custom::Image
    Properties: {ServiceToken: !ImportValue ImageLookup, ServiceTimeout: 0}
""",
        good="""\
Resources:
  Image:
    Type: Custom::Image
    Properties: {ServiceToken: !ImportValue ImageLookup, ServiceTimeout: 60}
""",
    ),
}
