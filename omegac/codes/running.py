"""63xx: running a service on this machine."""

from __future__ import annotations

from omegac.codes.code import Code

CODES = {
    "OM6301": Code(
        "what runs a service on this machine is not installed",
        explanation="""\
`omegac sandbox` runs a local cloud, `ministack`, and `omegac invoke` without a stack runs a function by `awslambdaric`,
AWS's own runtime client. Neither is needed to compile and to deploy, and so neither is installed with omegac, but with
its extra `sandbox`.

Install it beside omegac: `pip install 'omegac[sandbox]'`.
""",
        bad="""\
$ echo 'import sys; sys.modules["awslambdaric"] = None' > sitecustomize.py
$ PYTHONPATH=$PWD:$PYTHONPATH omegac invoke hello
""",
        good="""\
$ omegac invoke hello
""",
    ),
    "OM6302": Code(
        "a local cloud that does not run",
        explanation="""\
The local cloud is a process of its own. It has not come up within a minute, or has ended while it was needed. The hint
has the last lines of its log.

With `--state`, what it holds is read from a folder, and written there when it ends, once it has answered all that it
was asked. Where the folder was written by another version, is damaged or holds something else, take another; where it
is full, make room; and where something asks without end, end that first.
""",
        bad="""\
$ mkdir kept
$ echo 'of something else' > kept/log
$ omegac sandbox --state kept -- true
""",
        good="""\
$ mkdir kept
$ echo 'of something else' > kept/log
$ omegac sandbox --state another -- true
""",
    ),
    "OM6303": Code(
        "a port that cannot be listened on",
        explanation="""\
Another program of this machine listens on the port already, so that it would be that one which answers; or the port is
below 1024, and the system gives those to the superuser alone.

End the other program, or choose another port with `--port`. A server's command is told its port as `PORT`, here and on
an instance.
""",
        bad="""\
$ omegac sandbox --port 4998 -- omegac sandbox --port 4998 -- true
""",
        good="""\
$ omegac sandbox -- omegac sandbox -- true
""",
    ),
    "OM6304": Code(
        "a function or server that the spec does not have",
        explanation="""\
`omegac invoke` takes a name under `functions`, and `omegac serve` one under `servers`, as they are written in the spec
with its stage laid over it, and no logical id or name in AWS.

Take the name that the hint proposes, or the stage that has it.
""",
        bad="""\
$ omegac invoke helo
""",
        good="""\
$ omegac invoke hello
""",
    ),
    "OM6305": Code(
        "a function of another runtime than Python",
        explanation="""\
A function is run here by AWS's own runtime client for Python, in the Python that runs omegac. There is none for other
runtimes.

Deploy it and invoke it where it is deployed: `omegac sandbox` runs functions of Node.js too, where that is installed.
""",
        bad="""\
$ sed -i.before 's/python3.13/nodejs22.x/' omega.yaml
$ omegac invoke hello
""",
        good="""\
$ omegac invoke hello
""",
    ),
    "OM6306": Code(
        "an event that Lambda would not take",
        explanation="""\
An event is a JSON text of 6 MB at most. Lambda refuses any other before a function hears of it.

Mend the file at the place that is shown. YAML, or Python's own way to write a mapping, is no JSON.
""",
        bad="""\
$ echo '{name: World}' > event.json
$ omegac invoke hello --event event.json
""",
        good="""\
$ echo '{"name": "World"}' > event.json
$ omegac invoke hello --event event.json
""",
    ),
    "OM6307": Code(
        "a function that has failed",
        explanation="""\
The function raised an exception, could not be imported, ended its process, took longer than its `timeout`, or answered
with what cannot be written as JSON or is too large. Whoever invokes it gets the error as JSON, with `errorType` and
`errorMessage`: that is what standard output has. Its log, on standard error, has the lines of the code that led to it.

Mend the function, or hand it the event that it expects.
""",
        bad="""\
$ echo 'import sys' > app/hello.py
$ echo 'def handler(event, context): return event.get("name") or sys.exit("no name")' >> app/hello.py
$ omegac invoke hello
""",
        good="""\
$ echo 'import sys' > app/hello.py
$ echo 'def handler(event, context): return event.get("name") or sys.exit("no name")' >> app/hello.py
$ echo '{"name": "World"}' | omegac invoke hello --event -
""",
    ),
    "OM6308": Code(
        "a program that cannot be run",
        explanation="""\
A command begins with a program: a file of the artifact, written with a `/` in its name, or one that is installed. On an
instance, a server's `packages` bring it; on this machine nothing is installed. A file must be allowed to be run, be for
this machine, and if it is a script, name an interpreter that is there.

Install the program, or mend the command. For `python3` and its versions, where they are missing, the Python that runs
omegac stands in.
""",
        bad="""\
$ printf 'servers: {web: {command: ./hello, port: 8096, ingress: public}}\\n' >> omega.yaml
$ omegac serve web
""",
        good="""\
$ printf 'servers: {web: {command: ./hello, port: 8096, ingress: public}}\\n' >> omega.yaml
$ printf '#!/bin/sh\\ntimeout 2 python3 -m http.server 8096 || true\\n' > app/hello
$ omegac serve web
""",
    ),
    "OM6309": Code(
        "a server that does not answer on its port",
        explanation="""\
The command runs, but nothing has answered on the server's port for five minutes, or for as long as `--wait` says: no
connection, or, with a `health_check`, no whole answer to a request for its path within five seconds but an error. An
instance would signal a failure then, and its deployment be rolled back.

Have the command listen on the port that it is told as `PORT`, on all addresses or on 127.0.0.1.
""",
        bad="""\
$ printf 'servers: {web: {command: sleep 60, port: 8095, ingress: public}}\\n' >> omega.yaml
$ omegac serve web --wait 1
""",
        good="""\
$ printf 'servers: {web: {command: sh start, port: 8094, ingress: public}}\\n' >> omega.yaml
$ echo 'timeout 2 python3 -m http.server 8094 || true' > app/start
$ omegac serve web --wait 60
""",
    ),
    "OM6310": Code(
        "a function that the stack does not have",
        explanation="""\
The spec has the function, but the stack was deployed from one that had not, or had it under another logical id. What is
invoked is the alias `live` of a deployed function, as everyone else invokes it.

Deploy the stack, or invoke the function without `--stack`, on this machine.
""",
        bad="""\
# stack: UPDATE_COMPLETE
$ printf '  later: {runtime: python3.13, handler: hello.handler}\\n' >> omega.yaml
$ omegac invoke later --stack shop
""",
        good="""\
$ omegac sandbox -- sh -c 'omegac deploy --stack shop --yes && omegac invoke hello --stack shop'
""",
    ),
    "OM6311": Code(
        "a value that is known only when it is deployed",
        severity="warning",
        explanation="""\
The value of a variable under `environment` is an intrinsic, such as a `!Ref` to a queue. Which queue that is, only a
deployment tells: on this machine, the variable is left out of what a function or a server is given. A `timeout` or
`memory` that is not known here is that of Lambda's default.

What the spec itself tells is known: parameters that have a default or a value in the stage, the region, and what
`!Sub`, `!Join`, `!If` and their like make of them.

Give a variable a value for this run, as `--env QUEUE_URL=…`, and a parameter a default, or a value in the stage.
`omegac outputs` has the values of a stack, if they are outputs.
""",
        bad="""\
$ printf 'environment: {STACK: !Ref AWS::StackName}\\n' >> omega.yaml
$ omegac invoke hello
""",
        good="""\
$ printf 'environment: {STACK: !Ref AWS::StackName}\\n' >> omega.yaml
$ omegac invoke hello --env STACK=shop
""",
    ),
    "OM6312": Code(
        "a variable that is Lambda's own",
        explanation="""\
Lambda sets some variables of a function by itself, such as `AWS_REGION` and `LAMBDA_TASK_ROOT`, and refuses to deploy a
function that is given one of them. `omegac invoke` refuses it as well, in the spec and by `--env`.

Take another name. The region of a run is that of the stage or of `--region`; the credentials are those of the variables
that omegac itself is given.
""",
        bad="""\
$ omegac invoke hello --env AWS_REGION=eu-west-1
""",
        good="""\
$ omegac invoke hello --region eu-west-1
""",
    ),
}
