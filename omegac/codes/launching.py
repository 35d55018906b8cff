"""51xx: what EC2 instances are launched with."""

from __future__ import annotations

from omegac.codes.code import Code

_LAUNCH_TEMPLATE = """\
Resources:
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        MetadataOptions: {HttpTokens: required}
"""

CODES = {
    "OM5101": Code(
        "userdata that is not base64",
        explanation="""\
EC2 takes userdata as base64 alone, and CloudFormation passes on what is written: a launch template with plain text is
refused, or launches instances that run nothing. Write the script within `Fn::Base64`, around `Fn::Sub` or `Fn::Join`.

A text that has been encoded already, such as a zipped script, may stand by itself.
""",
        bad=_LAUNCH_TEMPLATE + '        UserData: !Sub "#!/bin/bash\\necho ${AWS::Region}\\n"\n',
        good=_LAUNCH_TEMPLATE + '        UserData: {"Fn::Base64": !Sub "#!/bin/bash\\necho ${AWS::Region}\\n"}\n',
    ),
    "OM5102": Code(
        "security groups of the instance beside network interfaces",
        explanation="""\
Where network interfaces are given, each has security groups of its own, and EC2 refuses to launch an instance that has
groups besides. The launch template can be made, but no Auto Scaling group will take it.
""",
        bad=_LAUNCH_TEMPLATE
        + """\
        SecurityGroupIds: [!ImportValue Group]
        NetworkInterfaces: [{DeviceIndex: 0, AssociatePublicIpAddress: true}]
""",
        good=_LAUNCH_TEMPLATE
        + """\
        NetworkInterfaces: [{DeviceIndex: 0, AssociatePublicIpAddress: true, Groups: [!ImportValue Group]}]
""",
    ),
    "OM5103": Code(
        "an empty name of a key pair",
        explanation="""\
Where `KeyName` is left out there is no key pair; an empty name is looked for, and not found. A parameter whose default
is empty is mostly the cause: ask by a condition whether there is a name, and give `AWS::NoValue` where there is none.
""",
        bad="""\
Parameters:
  Key: {Type: String, Default: ""}
"""
        + _LAUNCH_TEMPLATE
        + "        KeyName: !Ref Key\n",
        good="""\
Parameters:
  Key: {Type: String, Default: ""}
Conditions:
  HasKey: !Not [!Equals [!Ref Key, ""]]
"""
        + _LAUNCH_TEMPLATE
        + "        KeyName: !If [HasKey, !Ref Key, !Ref AWS::NoValue]\n",
    ),
    "OM5104": Code(
        "an image of one region in a template for any",
        "warning",
        """\
An image has another id in each region, so a template with a literal id can be deployed to one region alone, and
nothing in it says which. AWS publishes the ids of its images as SSM parameters: a template's parameter can take its
value from there, in whatever region, and the newest image with it.

There is no warning where the template is bound to a region in other ways, by a subnet's id for example.
""",
        _LAUNCH_TEMPLATE + "        ImageId: ami-0123456789abcdef0\n",
        """\
Parameters:
  Image:
    Type: AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>
    Default: /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64
"""
        + _LAUNCH_TEMPLATE
        + "        ImageId: !Ref Image\n",
    ),
}
