"""14xx: decorators."""

from __future__ import annotations

from omegac.codes.code import Code

CODES = {
    "OM1401": Code(
        "a decorator cannot be loaded",
        explanation="""\
An entry of `decorators` is `file.py:function`: a Python file, named from the spec's folder, and a function in it. The
file is not there, fails while it is loaded, or has no such function.

Correct the entry. What the file imports must be installed beside omegac, as it runs in the same Python.
""",
        bad="""\
$ echo 'def add_owner(template): template["Metadata"] = {"Owner": "shop"}' > decorate.py
$ echo 'decorators: ["decorate.py:add_owners"]' >> omega.yaml
$ omegac build
""",
        good="""\
$ echo 'def add_owner(template): template["Metadata"] = {"Owner": "shop"}' > decorate.py
$ echo 'decorators: ["decorate.py:add_owner"]' >> omega.yaml
$ omegac build
""",
    ),
    "OM1402": Code(
        "a decorator failed",
        explanation="""\
The function was called with the template, a mapping of plain values, and raised an exception. The message names it, and
the line of the decorator's file. Nothing is written.

Mend the function. Of what it looks up, each key may be missing: a stage may have taken a resource away, and not every
resource has properties.
""",
        bad="""\
$ cat > decorate.py <<'END'
def slow(template):
    template["Resources"]["Hello"]["Properties"]["Timeout"] = 60
END
$ echo 'decorators: ["decorate.py:slow"]' >> omega.yaml
$ omegac build
""",
        good="""\
$ cat > decorate.py <<'END'
def slow(template):
    template["Resources"]["HelloFunction"]["Properties"]["Timeout"] = 60
END
$ echo 'decorators: ["decorate.py:slow"]' >> omega.yaml
$ omegac build
""",
    ),
    "OM1403": Code(
        "a decorator left something that is not JSON",
        explanation="""\
A template is JSON: mappings with keys of text, lists, texts, numbers and booleans. The decorator left another kind of
value in it, such as a set, a date or a tuple, a number that is infinite, a value that contains itself, or it returned
something else than a template. The message says where.

Turn the value into one of those kinds. A decorator changes the template it is given and returns nothing, or returns the
one to take its place.
""",
        bad="""\
$ cat > decorate.py <<'END'
def add_owners(template):
    template["Metadata"] = {"Owners": {"ann", "bob"}}
END
$ echo 'decorators: ["decorate.py:add_owners"]' >> omega.yaml
$ omegac build
""",
        good="""\
$ cat > decorate.py <<'END'
def add_owners(template):
    template["Metadata"] = {"Owners": ["ann", "bob"]}
END
$ echo 'decorators: ["decorate.py:add_owners"]' >> omega.yaml
$ omegac build
""",
    ),
}
