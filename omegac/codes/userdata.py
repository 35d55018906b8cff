"""2xxx: userdata: rendering it, converting it, and what its script says."""

from __future__ import annotations

from omegac.codes.code import Code

CODES = {
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
    "OM2107": Code("a key beside an intrinsic's own"),
    "OM2201": Code("userdata whose first line cloud-init does not recognise"),
    "OM2202": Code("a first line that ends with CR"),
    "OM2203": Code("a script that bash does not take"),
    "OM2204": Code("a shell variable with the name of something in the template", "warning"),
    "OM2301": Code("userdata that no script can say"),
    "OM2302": Code("no userdata to reverse, or several"),
}
