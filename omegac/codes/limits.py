"""3xxx: the limits of CloudFormation, EC2 and Lambda."""

from __future__ import annotations

from omegac.codes.code import Code

CODES = {
    "OM3001": Code("userdata is larger than EC2 takes"),
    "OM3002": Code("userdata may turn out larger than EC2 takes", "warning"),
    "OM3101": Code("more of something than a template may hold"),
    "OM3102": Code("a name or description is too long"),
    "OM3103": Code("a function's environment is too large"),
    "OM3104": Code("the template is too large"),
}
