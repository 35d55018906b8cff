"""55xx: cfn-init."""

from __future__ import annotations

from omegac.codes.code import Code

CODES = {
    "OM5501": Code(
        "a config set with what is not there",
        explanation="""\
cfn-init looks up every config and every set that configSets name before it does anything. If one is not there, it
fails, and nothing of the machine is set up.
""",
        bad="""\
Resources:
  Server:
    Type: AWS::EC2::Instance
    Metadata:
      AWS::CloudFormation::Init:
        configSets: {default: [instal]}
        install: {packages: {yum: {nginx: []}}}
""",
        good="""\
Resources:
  Server:
    Type: AWS::EC2::Instance
    Metadata:
      AWS::CloudFormation::Init:
        configSets: {default: [install]}
        install: {packages: {yum: {nginx: []}}}
""",
    ),
    "OM5502": Code(
        "a section that cfn-init does not know",
        "warning",
        explanation="""\
A config has the sections packages, groups, users, sources, files, commands and services. cfn-init passes over any other
without a word.
""",
        bad="""\
Resources:
  Server:
    Type: AWS::EC2::Instance
    Metadata:
      AWS::CloudFormation::Init:
        config: {package: {yum: {nginx: []}}}
""",
        good="""\
Resources:
  Server:
    Type: AWS::EC2::Instance
    Metadata:
      AWS::CloudFormation::Init:
        config: {packages: {yum: {nginx: []}}}
""",
    ),
    "OM5503": Code(
        "a command of cfn-init that says none",
        explanation="""\
Each entry under `commands` needs a `command`, unless a script under `defaults` prints one. At an entry without,
cfn-init fails; what comes before it has been done by then.
""",
        bad="""\
Resources:
  Server:
    Type: AWS::EC2::Instance
    Metadata:
      AWS::CloudFormation::Init:
        config: {commands: {migrate: {cwd: /opt/shop}}}
""",
        good="""\
Resources:
  Server:
    Type: AWS::EC2::Instance
    Metadata:
      AWS::CloudFormation::Init:
        config: {commands: {migrate: {cwd: /opt/shop, command: ./migrate}}}
""",
    ),
    "OM5504": Code(
        "a config set that takes itself in",
        explanation="""\
A set may take in others, but not itself, nor by way of others: cfn-init fails at that before it does anything.
""",
        bad="""\
Resources:
  Server:
    Type: AWS::EC2::Instance
    Metadata:
      AWS::CloudFormation::Init:
        configSets: {default: [{ConfigSet: web}], web: [install, {ConfigSet: default}]}
        install: {packages: {yum: {nginx: []}}}
""",
        good="""\
Resources:
  Server:
    Type: AWS::EC2::Instance
    Metadata:
      AWS::CloudFormation::Init:
        configSets: {default: [{ConfigSet: web}], web: [install]}
        install: {packages: {yum: {nginx: []}}}
""",
    ),
    "OM5505": Code(
        "a config that nothing runs",
        "warning",
        explanation="""\
cfn-init runs the configs of a set. Without configSets it runs the one that is named `config`, and no other, without a
word.
""",
        bad="""\
Resources:
  Server:
    Type: AWS::EC2::Instance
    Metadata:
      AWS::CloudFormation::Init:
        install: {packages: {yum: {nginx: []}}}
""",
        good="""\
Resources:
  Server:
    Type: AWS::EC2::Instance
    Metadata:
      AWS::CloudFormation::Init:
        config: {packages: {yum: {nginx: []}}}
""",
    ),
}
