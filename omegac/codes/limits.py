"""3xxx: the limits of CloudFormation, EC2 and Lambda."""

from __future__ import annotations

from omegac.codes.code import Code

_SERVER = """\
servers:
  web:
    command: ./serve
    port: 8080
    ingress: public
    userdata:
      script: |
        {% extends "omegac/server.sh" %}
        {% block configure %}
        {{ super() }}
"""

CODES = {
    "OM3001": Code(
        "userdata is larger than EC2 takes",
        explanation="""\
EC2 takes 16,384 bytes of userdata, counted before base64. What is literal counts as it is, each expression with the
fewest bytes that it can have, and even so the script is too large: no instance of it can be launched. `omegac build`
shows for each server how much of the limit is taken; the hint names the dearest lines.

Put what is long into the artifact, which the script fetches anyway, and call it from there.
""",
        bad=_SERVER
        + """\
        {% for port in range(8000, 9000) %}
        iptables -A INPUT -p tcp --dport {{ port }} -j ACCEPT
        {% endfor %}
        {% endblock %}
""",
        good=_SERVER
        + """\
        for port in {8000..8999}; do
          iptables -A INPUT -p tcp --dport "$port" -j ACCEPT
        done
        {% endblock %}
""",
    ),
    "OM3002": Code(
        "userdata may turn out larger than EC2 takes",
        "warning",
        explanation="""\
EC2 takes 16,384 bytes of userdata, counted before base64. How many bytes an expression has shows only at deployment: a
parameter may have up to 4,096 of them. With the longest values the script would be too large, and a deployment that
worked until then would fail.

Give the parameters in the script a `max_length` or `allowed_values`; each character counts as up to four bytes. Or let
the instance fetch long values when it starts, from Parameter Store or the artifact.
""",
        bad="""\
parameters:
  Greeting: {description: Shown at login}
"""
        + _SERVER
        + """\
        {% for name in ["motd", "issue", "issue.net"] %}
        base64 -d > /etc/{{ name }} <<< '{ "Fn::Base64" : { "Ref" : "Greeting" } }'
        {% endfor %}
        {% endblock %}
""",
        good="""\
parameters:
  Greeting: {description: Shown at login, max_length: 200}
"""
        + _SERVER
        + """\
        {% for name in ["motd", "issue", "issue.net"] %}
        base64 -d > /etc/{{ name }} <<< '{ "Fn::Base64" : { "Ref" : "Greeting" } }'
        {% endfor %}
        {% endblock %}
""",
    ),
    "OM3101": Code(
        "more of something than a template may hold",
        explanation="""\
A CloudFormation template holds 500 resources, and 200 each of parameters, outputs and mappings. The quotas cannot be
raised. Those that omegac writes count too: about five resources for each function and each server.

Split the service into several specs, each of them a stack; one exports what another imports.
""",
        bad="""\
$ (echo outputs:; seq -f '  Number%g: {Value: Example}' 201) >> omega.yaml
$ omegac build
""",
        good="""\
$ (echo outputs:; seq -f '  Number%g: {Value: Example}' 20) >> omega.yaml
$ omegac build
""",
    ),
    "OM3102": Code(
        "a name or description is too long",
        explanation="""\
CloudFormation takes names of resources, parameters, outputs and mappings of 255 characters, a template's description
and those of outputs of 1,024 bytes, and a parameter's description of 4,000 and default of 4,096 bytes. Letters outside
of ASCII have two to four bytes.

Shorten it; `metadata` holds longer texts.
""",
        bad="""\
$ python3 -c 'print("description:", "x" * 1025)' >> omega.yaml
$ omegac build
""",
        good="""\
$ python3 -c 'print("description:", "x" * 1024)' >> omega.yaml
$ omegac build
""",
    ),
    "OM3103": Code(
        "a function's environment is too large",
        explanation="""\
Lambda takes 4,096 bytes of environment for a function, names and values together, written as JSON. What is only known
at deployment is counted as empty here, so that a little below the limit a deployment may still fail.

Put what is large into the artifact, or into Parameter Store, and give the function its name. `environment` of the
service goes into every function: what only one needs stands with that one.
""",
        bad="""\
$ python3 -c 'print("environment: {RULES:", "x" * 5000, "}")' >> omega.yaml
$ omegac build
""",
        good="""\
$ python3 -c 'print("x" * 5000)' > app/rules.txt
$ echo 'environment: {RULES: rules.txt}' >> omega.yaml
$ omegac build
""",
    ),
    "OM3104": Code(
        "the template is too large",
        explanation="""\
CloudFormation takes templates of one million bytes from a bucket, and 51,200 sent with the request. Counted is what is
left without white space, as only that can be sent.

Split the service into several specs, each of them a stack. A few resources with texts of their own, such as dashboards
or state machines, often make up the most of it: those can be read from a bucket.
""",
        bad="""\
$ python3 -c 'print("metadata: {Notes:", "x" * 1_000_000, "}")' >> omega.yaml
$ omegac build
""",
        good="""\
$ python3 -c 'print("x" * 1_000_000)' > notes.txt
$ echo 'metadata: {Notes: notes.txt}' >> omega.yaml
$ omegac build
""",
    ),
}
