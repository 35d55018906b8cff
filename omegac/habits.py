"""What people write who come from elsewhere: CloudFormation's keys and other tools' names for what has another here."""

from __future__ import annotations

import re

from omegac.spelling import folded

_KEYS = {
    "allow": "iam permissions policies policy policystatements statements",
    "allowed_values": "enum values",
    "ami": "image imageid imagename os",
    "arch": "architecture architectures cpu",
    "artifact": "app bundle code codeuri package source",
    "build": "buildcommand",
    "command": "cmd entrypoint exec execstart run start",
    "dead_letter": "deadletterconfig deadletterqueue dlq",
    "default": "value",
    "environment": "env envs environmentvariables envvars variables vars",
    "functions": "lambda lambdas",
    "health_check": "healthcheckpath healthpath",
    "id": "logicalid",
    "ignore": "exclude",
    "ingress": "allowfrom expose securitygroupingress",
    "instance_type": "instance instancesize machinetype",
    "key_name": "key keypair sshkey",
    "managed_policies": "managedpolicyarns",
    "max": "maxsize",
    "memory": "memorysize ram",
    "min": "minsize",
    "packages": "apt dependencies dnf install requirements yum",
    "parameters": "params",
    "pattern": "allowedpattern regex",
    "port": "listen ports",
    "reserved_concurrency": "concurrency reservedconcurrentexecutions",
    "resources": "resource",
    "retention": "days retentiondays retentionindays",
    "root_volume": "disk rootblockdevice storage volume",
    "servers": "ec2 hosts instances machines",
    "service": "name servicename",
    "size": "capacity count replicas",
    "tags": "labels",
    "type": "kind",
    "url": "functionurl httpapi",
    "vpc": "vpcconfig vpcid",
}
_NAMED = {habit: key for key, habits in _KEYS.items() for habit in habits.split()}

_VALUES = {
    ("arch", r"amd64|amd|intel|x64|x86|x86-64"): 'did you mean "x86_64"?',
    ("arch", r"aarch64|arm|arm64e|graviton"): 'did you mean "arm64"?',
    ("ami", r"ami-.*"): "an image is named by its id with {id: …, family: …, root_device: …}",
    ("ami", r"/.*|resolve:ssm:.*"): "an image is named by an SSM parameter with {ssm: …, family: …, root_device: …}",
    ("userdata", r"(?s).*\n.*"): 'a script itself stands under "script", and this is the name of a file',
    ("ingress", r".*[/.:].*|sg-.*|pl-.*"): "addresses and groups stand in a list, in brackets",
}


def key(written: str) -> str | None:
    """What this language calls what elsewhere is called so; whether the key has a place here, it does not tell."""
    return _NAMED.get(folded(written))


def value(written: str, of: str) -> str | None:
    """A hint on how this language writes a value of a key that elsewhere is written so."""
    for (known, pattern), hint in _VALUES.items():
        if known == of and re.fullmatch(pattern, written, re.IGNORECASE):
            return hint
    return None
