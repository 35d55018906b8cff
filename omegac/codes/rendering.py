"""20xx: rendering the template of a script."""

from __future__ import annotations

from omegac.codes.code import Code

_SERVER = """\
servers:
  web:
    command: ./serve
    port: 8080
    ingress: public
"""

CODES = {
    "OM2001": Code(
        "a userdata template cannot be read",
        explanation="""\
A script may be built on other templates, by `{% extends … %}` and `{% include … %}`, and a server names its own under
`userdata`. All of them are named from the spec's folder (a script on its own: from its folder), and stand in it or
below: one outside would be missing from another checkout. Those that ship with omegac begin with `omegac/`.

Correct the name, or move the file into the folder.
""",
        bad=_SERVER
        + """\
    userdata: omegac/sever.sh
""",
        good=_SERVER
        + """\
    userdata: omegac/server.sh
""",
    ),
    "OM2002": Code(
        "a userdata template that does not parse",
        explanation="""\
A script is a template of Jinja2, to which `{{ … }}` is a value and `{% … %}` a statement. One of them is not closed, or
holds what Jinja2 does not understand, or a block has no end.

Correct the statement. Text of the script that holds `{{` or `{%` for another program goes between `{% raw %}` and `{%
endraw %}`. `{#` begins no comment here, so that `${#list[@]}` of a shell is safe.
""",
        bad="""\
#!/bin/bash
{% for name in ["blue", "green"] %}
mkdir -p /srv/{{ name }}
""",
        good="""\
#!/bin/bash
{% for name in ["blue", "green"] %}
mkdir -p /srv/{{ name }}
{% endfor %}
""",
    ),
    "OM2003": Code(
        "an undefined name in a userdata template",
        explanation="""\
Between `{{` and `}}` stands a name that is neither one of omegac's own (docs/userdata.md lists them) nor defined under
`userdata.vars`, by `--var` or in the template itself. Jinja2 would leave it out, and the script would do something else
than it says.

Correct the name or define it. Where the braces are meant for another program, such as `docker ps --format`, keep them
as text between `{% raw %}` and `{% endraw %}`. A shell's own variable is `$name`, without braces of Jinja2.
""",
        bad="""\
#!/bin/bash
docker ps --format '{{.Names}}'
""",
        good="""\
#!/bin/bash
docker ps --format '{% raw %}{{.Names}}{% endraw %}'
""",
    ),
    "OM2004": Code(
        "a userdata template that fails while it renders",
        explanation="""\
The template parses, but one of its expressions cannot be computed with the values that it was given: a number is added
to a text, something is divided by zero, a filter is asked for what it does not do. The message says what.

Correct the expression at the line shown. `~` puts values of any kind together as text; the filters `int` and `string`
turn one kind into the other.
""",
        bad="""\
#!/bin/bash
{% set port = "8080" %}
echo "also on {{ port + 1 }}"
""",
        good="""\
#!/bin/bash
{% set port = "8080" %}
echo "also on {{ port | int + 1 }}"
""",
    ),
    "OM2005": Code(
        "a userdata template that does too much",
        explanation="""\
Rendering is cut off after a million steps, so that no template, be it a stranger's, keeps a build busy for ever or
fills the memory. Loops, calls, and characters that operators and filters make count as steps; powers, numbers and the
whole script's length are bounded as well. Userdata has 16,384 bytes at most, which takes a few thousand steps.

Do less of it in the template: a loop of the shell takes one line, however often it runs.
""",
        bad="""\
#!/bin/bash
{% for high in range(2000) %}
{% for low in range(2000) %}
mkdir -p /srv/{{ high }}/{{ low }}
{% endfor %}
{% endfor %}
""",
        good="""\
#!/bin/bash
mkdir -p /srv/{0..1999}/{0..1999}
""",
    ),
    "OM2006": Code(
        "an intrinsic where rendering needs a value",
        explanation="""\
Rendering happens when building, and an intrinsic has its value only on the instance. The template can print it, and
hand it on, but cannot test, compare, filter or take it apart; nor can it stand inside of a string of an inline
expression, which is finished by then.

Decide in the shell, on the instance, where the value is known. For a choice that CloudFormation can make, give a
variable that is an `Fn::If`.
""",
        bad=_SERVER
        + """\
    userdata:
      vars: {queue: !Ref Orders}
      script: |
        {% extends "omegac/server.sh" %}
        {% block configure %}
        {{ super() }}
        {% if queue %}echo takes orders{% endif %}
        {% endblock %}
resources:
  Orders: {Type: AWS::SQS::Queue}
""",
        good=_SERVER
        + """\
    userdata:
      vars: {queue: !Ref Orders}
      script: |
        {% extends "omegac/server.sh" %}
        {% block configure %}
        {{ super() }}
        [[ -z '{{ queue }}' ]] || echo takes orders
        {% endblock %}
resources:
  Orders: {Type: AWS::SQS::Queue}
""",
    ),
}
