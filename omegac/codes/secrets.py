"""40xx: secrets that others can read."""

from __future__ import annotations

from omegac.codes.code import Code

CODES = {
    "OM4001": Code(
        "a secret in userdata",
        explanation="""\
Userdata is clear text to everyone who may describe the instance or its launch template, and to every program on the
instance. A parameter with NoEcho and a reference to Secrets Manager are resolved before they get there.

Let the script fetch the secret when the instance starts, by a right of its role.
""",
        bad="#!/bin/bash\nTOKEN='{% raw %}{{resolve:secretsmanager:shop:SecretString:token}}{% endraw %}'\n",
        good="#!/bin/bash\n"
        "TOKEN=$(aws secretsmanager get-secret-value --secret-id shop --query SecretString --output text)\n",
    ),
    "OM4002": Code(
        "what looks like an access key",
        "warning",
        explanation="""\
A text has the form of a key of AWS, GitHub, Slack or Stripe. Everyone who may see the stack, the repository or the
build's output reads it, and it stays in their histories.

Withdraw the key. What runs on AWS needs none for AWS: its role has credentials that change by themselves. Other keys
belong in Secrets Manager.
""",
        bad="#!/bin/bash\nexport AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\n",
        good="#!/bin/bash\naws sts get-caller-identity\n",
    ),
    "OM4003": Code(
        "a private key that is written out",
        "warning",
        explanation="""\
Whoever has a private key is who it says. Everyone who may see the stack, the repository or the build's output reads
this one.

Replace it, and let what runs fetch the new one from Secrets Manager.
""",
        bad="""\
Resources:
  Host:
    Type: AWS::SSM::Parameter
    Properties:
      Type: String
      Value: |
        -----BEGIN PRIVATE KEY-----
        AAAAAAAAAAAAAAAAAAAAAA==
""",
        good="""\
Resources:
  Host:
    Type: AWS::SecretsManager::Secret
    Properties:
      Description: The private key of the host, put in by hand
""",
    ),
    "OM4004": Code(
        "a secret in a function's environment",
        "warning",
        explanation="""\
CloudFormation resolves a parameter with NoEcho, and a reference to Secrets Manager, before it sets the variable:
everyone who may see the function's configuration reads the secret there, and a new one arrives only with the next
deployment.

Give the function the name of the secret, and the right to read it.
""",
        bad="""\
Parameters:
  Password: {Type: String, NoEcho: true}
Resources:
  Shop:
    Type: AWS::Lambda::Function
    Properties:
      Environment: {Variables: {PASSWORD: !Ref Password}}
""",
        good="""\
Resources:
  Shop:
    Type: AWS::Lambda::Function
    Properties:
      Environment: {Variables: {PASSWORD_SECRET: shop/password}}
""",
    ),
    "OM4005": Code(
        "a secret in an output",
        "warning",
        explanation="""\
CloudFormation hides a parameter with NoEcho in what it says of parameters, and not in outputs: everyone who may
describe the stack reads the secret there. omegac prints such an output as `****`; others print it.

Leave the output out. Whoever needs the secret reads it where it is kept.
""",
        bad="""\
Parameters:
  Password: {Type: String, NoEcho: true}
Resources:
  Topic: {Type: AWS::SNS::Topic}
Outputs:
  Address: {Value: !Sub "https://shop:${Password}@example.com/"}
""",
        good="""\
Resources:
  Topic: {Type: AWS::SNS::Topic}
Outputs:
  Address: {Value: "https://example.com/"}
""",
    ),
}
