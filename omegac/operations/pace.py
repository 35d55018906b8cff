"""How often CloudFormation is asked, and for how long nothing is heard of it before that is too long."""

from __future__ import annotations

import random
import time
from typing import NamedTuple

from omegac.cloud import Cloud


class Pace(NamedTuple):
    """Seconds; the pauses grow while nothing happens, as CloudFormation throttles the whole account."""

    first: float
    longest: float
    patience: float
    """For how long each look may fail before an operation is lost sight of; the operation itself may take any time."""

    def pause(self, quiet: int) -> None:
        """Waits before the next look, after a number of looks at which nothing was new."""
        seconds = min(self.first * 1.25**quiet, self.longest)
        time.sleep(seconds * random.uniform(0.8, 1.2))  # noqa: S311 (no secret: it keeps several runs apart)


def pace_of(cloud: Cloud) -> Pace:
    """The pace for AWS, or for a local cloud, which nobody shares."""
    return Pace(0.1, 0.5, 30) if cloud.is_local else Pace(3, 10, 600)
