"""52xx: Auto Scaling groups, and the policies of resources."""

from __future__ import annotations

from omegac.codes.code import Code

_NOWHERE = """\
Resources:
  Web:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      MinSize: 1
      MaxSize: 2
"""
_PLACE = '      AvailabilityZones: !GetAZs ""\n'
_LAUNCH = '      LaunchTemplate: {LaunchTemplateId: !ImportValue Template, Version: "1"}\n'
_GROUP = _NOWHERE + _PLACE + _LAUNCH
_TEMPLATE = """\
Resources:
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties: {LaunchTemplateData: {MetadataOptions: {HttpTokens: required}}}
"""
_FOLLOWED = _TEMPLATE + _NOWHERE.removeprefix("Resources:\n") + _PLACE

CODES = {
    "OM5201": Code(
        "an Auto Scaling group without a place",
        explanation="""\
Auto Scaling refuses to make a group that has neither subnets, in `VPCZoneIdentifier`, nor Availability Zones. With
Availability Zones alone, instances come into the default VPC.
""",
        bad=_NOWHERE + _LAUNCH,
        good=_NOWHERE + _LAUNCH + _PLACE,
    ),
    "OM5202": Code(
        "an Auto Scaling group that does not follow its launch template",
        "warning",
        """\
CloudFormation replaces the instances of a group, by its `UpdatePolicy`, when the group's property `LaunchTemplate`
changes. With `$Latest` it never does: the same text stands there after each change of the launch template, and old
instances run on beside new ones. With `$Default`, or a number, not even new instances have the change, as
CloudFormation never moves the default version.

The attribute `LatestVersionNumber` changes with each version.
""",
        _FOLLOWED + "      LaunchTemplate: {LaunchTemplateId: !Ref Template, Version: $Latest}\n",
        _FOLLOWED
        + "      LaunchTemplate: {LaunchTemplateId: !Ref Template, Version: !GetAtt Template.LatestVersionNumber}\n",
    ),
    "OM5203": Code(
        "a rolling update without room",
        explanation="""\
A rolling update takes instances away before it adds new ones, unless the group may grow: `MinInstancesInService` must
be below `MaxSize`. CloudFormation says so only when the first update comes, which fails.
""",
        bad=_GROUP + "    UpdatePolicy: {AutoScalingRollingUpdate: {MinInstancesInService: 2}}\n",
        good=_GROUP + "    UpdatePolicy: {AutoScalingRollingUpdate: {MinInstancesInService: 1}}\n",
    ),
    "OM5204": Code(
        "a duration that CloudFormation does not take",
        explanation="""\
Durations in policies are ISO 8601, in the form `PT#H#M#S`: five minutes are `PT5M`, not `5m` or `300`. `PauseTime` of a
rolling update has an hour at most, `Timeout` of a creation policy twelve.
""",
        bad=_GROUP + "    UpdatePolicy: {AutoScalingRollingUpdate: {PauseTime: 15m}}\n",
        good=_GROUP + "    UpdatePolicy: {AutoScalingRollingUpdate: {PauseTime: PT15M}}\n",
    ),
    "OM5205": Code(
        "a wait for signals that takes no time",
        explanation="""\
With `WaitOnResourceSignals`, `PauseTime` is how long CloudFormation waits for the signals of new instances. If it is
zero the update fails before an instance has started. Without `PauseTime` it waits for five minutes.
""",
        bad=_GROUP + "    UpdatePolicy: {AutoScalingRollingUpdate: {WaitOnResourceSignals: true, PauseTime: PT0S}}\n",
        good=_GROUP + "    UpdatePolicy: {AutoScalingRollingUpdate: {WaitOnResourceSignals: true, PauseTime: PT10M}}\n",
    ),
    "OM5206": Code(
        "a share of signals that nobody waits for",
        "warning",
        """\
`MinSuccessfulInstancesPercent` is the share of new instances that must signal success. CloudFormation takes note of
signals only with `WaitOnResourceSignals`; without it an update succeeds whatever becomes of the instances.
""",
        _GROUP + "    UpdatePolicy: {AutoScalingRollingUpdate: {MinSuccessfulInstancesPercent: 50}}\n",
        _GROUP
        + """\
    UpdatePolicy:
      AutoScalingRollingUpdate: {MinSuccessfulInstancesPercent: 50, WaitOnResourceSignals: true, PauseTime: PT10M}
""",
    ),
    "OM5207": Code(
        "a policy that the resource's type does not have",
        "warning",
        """\
CloudFormation ignores a `CreationPolicy` on a type that has none, and a policy of another type's kind. Only instances,
Auto Scaling groups and wait conditions wait for signals: a launch template, for example, is complete once it is made.
Put the policy on the resource that the signal is for.
""",
        _TEMPLATE + "    CreationPolicy: {ResourceSignal: {Timeout: PT10M}}\n",
        _GROUP + "    CreationPolicy: {ResourceSignal: {Timeout: PT10M}}\n",
    ),
    "OM5208": Code(
        "more signals than instances",
        "warning",
        """\
When it creates a group, CloudFormation waits for as many signals as `Count` says. A group begins with
`DesiredCapacity` instances, or `MinSize` where that is absent; if there are fewer than `Count`, and each sends one
signal, the time runs out and the stack is rolled back.
""",
        _GROUP + "    CreationPolicy: {ResourceSignal: {Count: 2, Timeout: PT10M}}\n",
        _GROUP + "    CreationPolicy: {ResourceSignal: {Count: 1, Timeout: PT10M}}\n",
    ),
    "OM5209": Code(
        "health checks without a grace period",
        "warning",
        """\
With the health check type `ELB` a group replaces instances that its load balancer calls unhealthy, which each is until
its program answers. `HealthCheckGracePeriod` is zero by default: an instance that takes longer to start than a few
checks is replaced before it is ready, and so is the next.
""",
        _GROUP + "      HealthCheckType: ELB\n",
        _GROUP + "      HealthCheckType: ELB\n      HealthCheckGracePeriod: 300\n",
    ),
    "OM5210": Code(
        "a group that cannot be replaced, as its name is taken",
        "warning",
        """\
With `WillReplace` an update makes a new group before the old one goes. Both would have the name that
`AutoScalingGroupName` gives: CloudFormation cannot replace a resource with a name of its own, and the update fails.
""",
        _GROUP
        + """\
      AutoScalingGroupName: web
    UpdatePolicy: {AutoScalingReplacingUpdate: {WillReplace: true}}
""",
        _GROUP + "    UpdatePolicy: {AutoScalingReplacingUpdate: {WillReplace: true}}\n",
    ),
}
