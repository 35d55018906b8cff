"""1xxx: the spec: its file, its language, its stages and names, its artifact, its decorators."""

from __future__ import annotations

from omegac.codes.code import Code

CODES = {
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
    "OM1201": Code("an unknown stage"),
    "OM1202": Code("two entries with one name"),
    "OM1203": Code("two things with one logical id"),
    "OM1204": Code("an override of something that does not exist"),
    "OM1205": Code("a name that stands for nothing in this spec"),
    "OM1301": Code("the artifact is missing, empty or of the wrong kind"),
    "OM1302": Code("a file of the artifact cannot be read"),
    "OM1303": Code("a link leads out of the artifact, or in a circle"),
    "OM1304": Code("a file name that a zip cannot carry the same way everywhere"),
    "OM1305": Code("the artifact is too large for a function"),
    "OM1306": Code("the artifact's build command failed"),
    "OM1307": Code("the artifact is not a readable zip file"),
    "OM1401": Code("a decorator cannot be loaded"),
    "OM1402": Code("a decorator failed"),
    "OM1403": Code("a decorator left something that is not JSON"),
}
