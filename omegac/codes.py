"""The table of diagnostics: each code, how grave it is, and its meaning in one line.

Thousands and hundreds: 1 the spec, 2 userdata, 3 limits, 4 security, 5 the template, 6 deployment.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Severity: TypeAlias = Literal["error", "warning"]


class Code(NamedTuple):
    """What a code stands for."""

    meaning: str
    severity: Severity = "error"


CODES: dict[str, Code] = {
    # 10xx: the file and its YAML
    "OM1001": Code("the file cannot be read"),
    "OM1002": Code("the file is not UTF-8 text"),
    "OM1003": Code("the text is not YAML"),
    "OM1004": Code("a key is written twice in one mapping"),
    "OM1005": Code("a plain scalar means one thing to one YAML reader and another to the next"),
    "OM1006": Code("nested too deeply"),
    "OM1007": Code("aliases grow beyond all measure, or contain themselves"),
    "OM1008": Code("a tag that is not an intrinsic's"),
    "OM1009": Code("a key that is not a plain string"),
    "OM1010": Code("the file is not one document with a mapping at its top"),
    "OM1011": Code("the file is too large"),
    # 11xx: the language
    "OM1101": Code("an unknown key"),
    "OM1102": Code("a required key is missing"),
    "OM1103": Code("a value of the wrong kind"),
    "OM1104": Code("a value that is not one of those allowed"),
    "OM1105": Code("a value out of its bounds"),
    "OM1106": Code("a text of the wrong form"),
    "OM1107": Code("a key that this version does not support yet"),
    "OM1108": Code("an intrinsic where the value must be known when building"),
    "OM1109": Code("an intrinsic with the wrong arguments"),
    "OM1110": Code("keys that exclude, or need, each other"),
    # 12xx: stages and names
    "OM1201": Code("an unknown stage"),
    "OM1202": Code("two entries with one name"),
    "OM1203": Code("two things with one logical id"),
    "OM1204": Code("an override of something that does not exist"),
    "OM1205": Code("a name that stands for nothing in this spec"),
    # 13xx: the artifact
    "OM1301": Code("the artifact is missing, empty or of the wrong kind"),
    "OM1302": Code("a file of the artifact cannot be read"),
    "OM1303": Code("a link leads out of the artifact, or in a circle"),
    "OM1304": Code("a file name that a zip cannot carry the same way everywhere"),
    "OM1305": Code("the artifact is too large for a function"),
    "OM1306": Code("the artifact's build command failed"),
    "OM1307": Code("the artifact is not a readable zip file"),
    # 14xx: decorators
    "OM1401": Code("a decorator cannot be loaded"),
    "OM1402": Code("a decorator failed"),
    "OM1403": Code("a decorator left something that is not JSON"),
    # 21xx: userdata
    "OM2001": Code("a userdata template cannot be read"),
    "OM2002": Code("a userdata template that does not parse"),
    "OM2003": Code("an undefined name in a userdata template"),
    "OM2004": Code("a userdata template that fails while it renders"),
    "OM2005": Code("a userdata template that does too much"),
    "OM2006": Code("an intrinsic where rendering needs a value"),
    "OM2101": Code("an inline expression that does not parse"),
    "OM2102": Code("an inline expression with an unknown function"),
    "OM2103": Code("an inline expression with the wrong arguments"),
    "OM2104": Code("a name that stands for nothing in this template"),
    "OM2105": Code("an inline expression that is not text"),
    "OM2106": Code("a server's script never signals", "warning"),
    "OM2201": Code("userdata whose first line cloud-init does not recognise"),
    "OM2202": Code("a first line that ends with CR"),
    "OM2203": Code("a script that bash does not take"),
    "OM2204": Code("a shell variable with the name of something in the template", "warning"),
    "OM2302": Code("no userdata to reverse, or several"),
    "OM2301": Code("userdata that no script can say"),
    "OM2107": Code("a key beside an intrinsic's own"),
    # 3xxx: limits
    "OM3001": Code("userdata is larger than EC2 takes"),
    "OM3002": Code("userdata may turn out larger than EC2 takes", "warning"),
    "OM3101": Code("more of something than a template may hold"),
    "OM3102": Code("a name or description is too long"),
    "OM3103": Code("a function's environment is too large"),
    "OM3104": Code("the template is too large"),
    # 4xxx: security
    "OM4001": Code("a secret in userdata"),
    "OM4002": Code("what looks like an access key in userdata", "warning"),
    # 5xxx: the template
    "OM5001": Code("null in a template"),
    "OM5002": Code("functions and servers do not run one artifact"),
    "OM5004": Code("what is written is not what the spec compiles to"),
    "OM5003": Code("a rolling update takes the last instance away before the new one is up", "warning"),
}
