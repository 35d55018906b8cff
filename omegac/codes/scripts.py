"""22xx and 23xx: what a script says, and turning userdata back into one."""

from __future__ import annotations

from omegac.codes.code import Code

CODES = {
    "OM2201": Code(
        "userdata whose first line cloud-init does not recognise",
        explanation="""\
cloud-init tells by the first line what userdata is: `#!` and a program make a script, `#cloud-config` its own YAML, and
there are a few more. What begins otherwise is ignored with a warning in a log of the instance, and the instance starts
as if it had no userdata. A comment or a blank line above is enough to keep a script from being run.

Begin with `#!/bin/bash` in the first column of the first line.
""",
        bad="""\
$ echo 'echo hello' > start.sh
$ omegac userdata start.sh
""",
        good=r"""$ printf '#!/bin/bash\necho hello\n' > start.sh
$ omegac userdata start.sh
""",
    ),
    "OM2202": Code(
        "a first line that ends with CR",
        explanation="""\
The file has the line ends of Windows, CR and LF. Linux takes the CR for a part of the program's name, finds no program
of the name `/bin/bash` and CR, and runs nothing; the error shows the name without the CR, so that it looks right.

Save the file with the line ends of Unix; `omegac lint --fix` does that. In git, a line `*.sh text eol=lf` in
.gitattributes keeps them.
""",
        bad=r"""$ printf '#!/bin/bash\r\necho hello\r\n' > start.sh
$ omegac userdata start.sh
""",
        good=r"""$ printf '#!/bin/bash\necho hello\n' > start.sh
$ omegac userdata start.sh
""",
    ),
    "OM2203": Code(
        "a script that bash does not take",
        explanation="""\
`bash -n` has read the script, each expression as one word, and found a fault of syntax. On the instance bash would run
the script up to the fault and stop there, half done. The line shown is where bash noticed: a quote or an `if` that is
never closed is noticed at the end only. Where there is no bash on this machine, nothing is checked.

Correct the script; `shellcheck` finds what has the right syntax and still does not mean what it says.
""",
        bad="""\
#!/bin/bash
if [ -d /srv ]; then
  echo ready
""",
        good="""\
#!/bin/bash
if [ -d /srv ]; then
  echo ready
fi
""",
    ),
    "OM2204": Code(
        "a shell variable with the name of something in the template",
        "warning",
        explanation="""\
`${Name}` is replaced by `Fn::Sub` alone. omegac joins scripts by `Fn::Join`, so that all of a shell's own `${…}` stays
as it is; and this one has the name of a parameter, a resource or a pseudo parameter, and looks as if a value of
CloudFormation's was to stand here. bash looks for a variable of its own there, and mostly finds none.

Write `{ "Ref" : "Name" }` for the value. A variable of the shell gets another name; those in small letters never clash.
""",
        bad="""\
#!/bin/bash
echo "in ${AWS::Region}"
""",
        good="""\
#!/bin/bash
echo 'in { "Ref" : "AWS::Region" }'
""",
    ),
    "OM2301": Code(
        "userdata that no script can say",
        explanation="""\
`omegac userdata --reverse` turns `Fn::Base64`, `Fn::Join` and `Fn::Sub` into a script that converts back to the same
value. Some userdata has no such script: a single expression, a join whose list is only known at deployment, or one that
holds what cannot be written inline, such as `AWS::NoValue`, which takes an item away, or a list.

Leave that part in the template. Where only one item is in the way, replace it by hand by a parameter, and reverse the
rest.
""",
        bad="""\
$ echo '{"Fn::Join": ["", [!ImportValue Greeting, !GetAZs ""]]}' > userdata.yaml
$ omegac userdata --reverse userdata.yaml
""",
        good="""\
$ echo '{"Fn::Join": ["", [!ImportValue Greeting, !Select [0, !GetAZs ""]]]}' > userdata.yaml
$ omegac userdata --reverse userdata.yaml
""",
    ),
    "OM2302": Code(
        "no userdata to reverse, or several",
        explanation="""\
`omegac userdata --reverse` takes a template with one resource that has userdata (an instance, a launch template or a
launch configuration), or a file that holds the expression itself. This one has none, or more than one, or none of the
resource that was asked for.

Choose one with `--resource`; the hint lists those that there are.
""",
        bad="""\
$ cat > template.yaml <<'END'
Resources:
  Blue: {Type: AWS::EC2::Instance, Properties: {UserData: !Base64 "#!/bin/bash"}}
  Green: {Type: AWS::EC2::Instance, Properties: {UserData: !Base64 "#!/bin/sh"}}
END
$ omegac userdata --reverse template.yaml
""",
        good="""\
$ cat > template.yaml <<'END'
Resources:
  Blue: {Type: AWS::EC2::Instance, Properties: {UserData: !Base64 "#!/bin/bash"}}
  Green: {Type: AWS::EC2::Instance, Properties: {UserData: !Base64 "#!/bin/sh"}}
END
$ omegac userdata --reverse template.yaml --resource Green
""",
    ),
}
