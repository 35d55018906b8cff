"""50xx: the template as a whole."""

from __future__ import annotations

from omegac.codes.code import Code

CODES = {
    "OM5001": Code("null in a template"),
    "OM5002": Code("functions and servers do not run one artifact"),
    "OM5003": Code("a rolling update takes the last instance away before the new one is up", "warning"),
    "OM5004": Code("what is written is not what the spec compiles to"),
}
