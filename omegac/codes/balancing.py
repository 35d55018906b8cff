"""53xx: load balancers."""

from __future__ import annotations

from omegac.codes.code import Code

_TARGETS = """\
Resources:
  Web:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
"""
_LISTENER = """\
Resources:
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !ImportValue LoadBalancer
      Port: 80
      Protocol: HTTP
      DefaultActions:
"""
_FORWARD = """\
      - Type: forward
        ForwardConfig:
          TargetGroups:
"""
_TO = "          - {TargetGroupArn: !ImportValue %s, Weight: %s}\n"

CODES = {
    "OM5301": Code(
        "a weight that is too large",
        explanation="""\
Weights of target groups are 0 to 999. Only their ratio counts: 90 and 10 do what 9000 and 1000 would.
""",
        bad=_LISTENER + _FORWARD + _TO % ("Old", 9000) + _TO % ("New", 1000),
        good=_LISTENER + _FORWARD + _TO % ("Old", 90) + _TO % ("New", 10),
    ),
    "OM5302": Code(
        "more target groups than an action takes",
        explanation="""\
An action forwards to five target groups at most, and this quota cannot be raised. Divide the groups among several
rules.
""",
        bad=_LISTENER + _FORWARD + "".join(_TO % (group, 1) for group in "ABCDEF"),
        good=_LISTENER + _FORWARD + "".join(_TO % (group, 1) for group in "ABCDE"),
    ),
    "OM5303": Code(
        "more than one target in a group of a single one",
        explanation="""\
A target group of the type `lambda` has one function, one of the type `alb` one load balancer. Make a group of each
target, and forward to the groups by weights.
""",
        bad=_TARGETS
        + "    Properties: {TargetType: lambda, Targets: [{Id: !ImportValue Hello}, {Id: !ImportValue Goodbye}]}\n",
        good=_TARGETS + "    Properties: {TargetType: lambda, Targets: [{Id: !ImportValue Hello}]}\n",
    ),
    "OM5304": Code(
        "an action that lacks what its type takes",
        explanation="""\
Each type of action has its own configuration: `forward` needs a target group, `redirect` a `RedirectConfig`,
`fixed-response` a `FixedResponseConfig`. The load balancer refuses an action without it.
""",
        bad=_LISTENER + "      - Type: fixed-response\n",
        good=_LISTENER + '      - {Type: fixed-response, FixedResponseConfig: {StatusCode: "404"}}\n',
    ),
    "OM5305": Code(
        "a redirection to where the request came from",
        explanation="""\
A redirection keeps what it does not name. At least one of protocol, host, port and path must change, or the browser
would come back for ever: the load balancer refuses such a loop.
""",
        bad=_LISTENER + "      - {Type: redirect, RedirectConfig: {StatusCode: HTTP_301}}\n",
        good=_LISTENER
        + '      - {Type: redirect, RedirectConfig: {StatusCode: HTTP_301, Protocol: HTTPS, Port: "443"}}\n',
    ),
    "OM5306": Code(
        "a health check that the load balancer refuses",
        explanation="""\
Health is checked by HTTP, HTTPS or TCP. By TCP only the connection counts, so there is no path; it is the default for
groups that speak TCP, TLS or UDP, and is refused for those that speak HTTP. A path begins with a slash.
""",
        bad=_TARGETS + "    Properties: {Protocol: TCP, Port: 80, VpcId: !ImportValue Vpc, HealthCheckPath: /health}\n",
        good=_TARGETS
        + """\
    Properties:
      Protocol: TCP
      Port: 80
      VpcId: !ImportValue Vpc
      HealthCheckPath: /health
      HealthCheckProtocol: HTTP
""",
    ),
    "OM5307": Code(
        "health checks that cannot be switched off",
        explanation="""\
Only a group of the type `lambda` can do without health checks; for instances, addresses and load balancers they are
always on.
""",
        bad=_TARGETS
        + "    Properties: {Protocol: HTTP, Port: 80, VpcId: !ImportValue Vpc, HealthCheckEnabled: false}\n",
        good=_TARGETS + "    Properties: {Protocol: HTTP, Port: 80, VpcId: !ImportValue Vpc}\n",
    ),
    "OM5308": Code(
        "settings of health checks that are off",
        "warning",
        """\
The health of a function is not checked unless `HealthCheckEnabled` says so; a path or an interval alone has no effect.
Each check calls the function, and is paid for like any other request.
""",
        _TARGETS + "    Properties: {TargetType: lambda, HealthCheckPath: /health}\n",
        _TARGETS + "    Properties: {TargetType: lambda, HealthCheckPath: /health, HealthCheckEnabled: true}\n",
    ),
    "OM5309": Code(
        "a health check that takes longer than its interval",
        explanation="""\
A check has to be over before the next begins: `HealthCheckTimeoutSeconds` must be below `HealthCheckIntervalSeconds`.
With HTTP the timeout is five seconds or more where none is given.
""",
        bad=_TARGETS
        + "    Properties: {Protocol: HTTP, Port: 80, VpcId: !ImportValue Vpc, HealthCheckIntervalSeconds: 5}\n",
        good=_TARGETS
        + """\
    Properties:
      Protocol: HTTP
      Port: 80
      VpcId: !ImportValue Vpc
      HealthCheckIntervalSeconds: 5
      HealthCheckTimeoutSeconds: 2
""",
    ),
    "OM5310": Code(
        "a listener and a target group of different load balancers",
        explanation="""\
An application load balancer speaks HTTP and HTTPS on both sides, a network load balancer TCP, TLS, UDP or QUIC. A
listener of one cannot forward to a target group of the other.
""",
        bad=_TARGETS
        + "    Properties: {Protocol: TCP, Port: 80, VpcId: !ImportValue Vpc}\n"
        + _LISTENER.removeprefix("Resources:\n")
        + "      - {Type: forward, TargetGroupArn: !Ref Web}\n",
        good=_TARGETS
        + "    Properties: {Protocol: HTTP, Port: 80, VpcId: !ImportValue Vpc}\n"
        + _LISTENER.removeprefix("Resources:\n")
        + "      - {Type: forward, TargetGroupArn: !Ref Web}\n",
    ),
}
