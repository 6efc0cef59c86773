"""What a proposal of roles must keep to."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt


@dataclass(frozen=True, slots=True)
class Terms:
    """What a proposal must keep to.

    ``least_users`` is how many people a role is for at least, ``most_roles`` how many are proposed at most.
    ``coverage`` is the share of a group that holds what is common to it (0 to 1). A role must save
    ``least_saving`` words, and more in a large company. With ``allow_extra`` a rule may give a group what
    nearly all of it hold.
    """

    least_users: int = 3
    coverage: float = 0.9
    most_roles: int = 1000
    least_saving: int = 3
    allow_extra: bool = False

    def worth(self, assignments: int) -> int:
        """How many words a role must save where there are so many assignments.

        Small coincidences grow with a company, though slower than it does.
        """
        return max(self.least_saving, isqrt(assignments) // 10)
