"""How sure the service desk must be of who calls or comes, before it may do anything for them."""

from typing import Literal

from pydantic import Field

from portal.settings.part import Part

Proof = Literal["call_back", "mailed_code", "manager", "id_seen", "questions"]
POINTS: dict[Proof, int] = {"call_back": 2, "mailed_code": 2, "manager": 3, "id_seen": 4, "questions": 1}


class CallerCheck(Part):
    """The check of who calls or comes. `caller_points` of each rule says how many points an action takes."""

    points: dict[Proof, int] = POINTS
    """What each proof is worth; one worth 0, or left out, is not offered."""
    minutes: int = Field(default=20, ge=5, le=120)
    """How long a check is good, from its beginning; then it begins anew."""
    more_for_roles: int = Field(default=2, ge=0, le=10)
    """Points more for people with a role here, such as coordinators; somebody of tier 2 must agree then, too."""
    more_for_alarms: int = Field(default=1, ge=0, le=10)
    """Points more for each alarm: new private address, telephone or proof, failed checks, signs of pressure."""
    alarm_days: int = Field(default=7, ge=1, le=90)
    """How long a change or a failed check counts as an alarm."""
    trusted: int = Field(default=3, ge=1, le=20)
    """From how many points on a ticket counts as that person's own."""
    failed_minutes: int = Field(default=60, ge=0, le=1440)
    """How long nobody but tier 2 may check the same person again after a failed check."""
    alert_after: int = Field(default=2, ge=1, le=20)
    """After how many failed checks of one person within those days a ticket of its own is opened."""
    most_a_day: int = Field(default=60, ge=1)
    """Checks one coordinator may begin within 24 hours."""
    link_minutes: int = Field(default=30, ge=5, le=60)
    """How long a mailed link to a new password works."""
    shown_minutes: int = Field(default=10, ge=2, le=30)
    """How long such a link works that is shown at the counter to whoever has shown a card."""
