"""41xx: what an instance gives away."""

from __future__ import annotations

from omegac.codes.code import Code

CODES = {
    "OM4101": Code(
        "a port for administrators, or every port, that is open to the world",
        "warning",
        explanation="""\
SSH and RDP that every address may reach are tried day and night, and a rule for every port opens whatever will ever
listen.

Name the addresses or the security group that need it. Session Manager gives a shell without any open port.
""",
        bad="""\
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: Servers
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}]
""",
        good="""\
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: Servers
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 192.0.2.0/24}]
""",
    ),
    "OM4102": Code(
        "an instance whose metadata answers without a token",
        "warning",
        explanation="""\
Version 1 of the metadata service answers any request that comes from the instance. A program there that can be made to
fetch an address of somebody's choice gives away the credentials of the instance's role. Version 2 wants a token first,
which such a program cannot be made to get.

Without HttpTokens the image and the account decide which versions there are.
""",
        bad="""\
Resources:
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData: {MetadataOptions: {HttpTokens: optional}}
""",
        good="""\
Resources:
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData: {MetadataOptions: {HttpTokens: required}}
""",
    ),
    "OM4103": Code(
        "a volume that is not encrypted",
        "warning",
        explanation="""\
Without `Encrypted: true` a volume is encrypted only in accounts and regions that are set to encrypt by default, or if
its snapshot is. A volume cannot be encrypted later: it has to be replaced.
""",
        bad="""\
Resources:
  Data:
    Type: AWS::EC2::Volume
    Properties: {AvailabilityZone: !Select [0, !GetAZs ""], Size: 8}
""",
        good="""\
Resources:
  Data:
    Type: AWS::EC2::Volume
    Properties: {AvailabilityZone: !Select [0, !GetAZs ""], Size: 8, Encrypted: true}
""",
    ),
}
