"""The organisation, which is the tenant: every other row belongs to one."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from feedback.core.access import Role
from feedback.core.scoring.points import HALF_LIFE_DAYS, LONGEST_HALF_LIFE, SHORTEST_HALF_LIFE
from feedback.core.scoring.ranking import LEAST_ASKED
from feedback.models.columns import new_id, words


class Organisation(SQLModel, table=True):
    """code: the public beginning of its tokens. next_freeze: the Monday of the first week not yet frozen.
    demo: the example organisation, whose printed addresses sign in by themselves. workdays: ISO numbers, Monday
    is 1. holidays: of a country or one of its parts ("DE", "DE-BY"). days_off: its own."""

    __tablename__ = "organisations"
    __table_args__ = (
        CheckConstraint(
            f"half_life_days BETWEEN {SHORTEST_HALF_LIFE} AND {LONGEST_HALF_LIFE}", name="ck_half_life"
        ),
        CheckConstraint("review_days BETWEEN 1 AND 3650", name="ck_review_days"),
        CheckConstraint("invitation_days BETWEEN 1 AND 365", name="ck_invitation_days"),
        CheckConstraint("least_asked BETWEEN 0 AND 100", name="ck_least_asked"),
        CheckConstraint("keep_comments_months BETWEEN 0 AND 600", name="ck_keep_comments_months"),
        CheckConstraint("keep_names_months BETWEEN 0 AND 600", name="ck_keep_names_months"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    code: str = Field(max_length=8, unique=True)  # the public beginning of its tokens
    name: str = Field(max_length=200)
    timezone: str = Field(default="UTC", max_length=64)  # IANA name
    language: str = Field(default="en", max_length=16)  # of its clients, a BCP 47 tag
    half_life_days: int = HALF_LIFE_DAYS
    review_days: int = 90  # days without a meeting until a relationship counts as silent
    invitation_days: int = 14  # days that a client's page stays open
    alert_due_days: int = 2  # working days until an alert is due
    workdays: str = Field(default="12345", max_length=7)  # ISO numbers, Monday is 1
    holidays: str = Field(default="", max_length=8)  # of a country or one of its parts: DE, DE-BY
    days_off: tuple[date, ...] = words(2000, date.fromisoformat, ())  # its own
    half_life_since: datetime | None = None  # when it was last changed; None where it never was
    reps_see_own: bool = True  # reps see their own line of the leaderboard
    reps_see_all: bool = False  # reps see the whole leaderboard, not only their own line
    reps_weekly_mail: bool = False  # reps get a weekly mail of their own
    receipts: bool = True  # clients get a receipt by mail, where their address is known
    accent: str = Field(default="", max_length=7)  # its colour, #rrggbb; "" for the standard one
    look: str = Field(default="", max_length=16)  # the version of its colour, logo and words; "" without any
    least_asked: int = (
        LEAST_ASKED  # percent of meetings held in which a rep has to ask to be ranked; 0: all are
    )
    works_agreement: bool = False  # no figure about a rep for anybody else, and no ranking
    currency: str = Field(
        default="", max_length=3
    )  # of the accounts' values: EUR; empty where none was chosen
    start_tried: bool = False  # an owner has tried a meeting
    start_away: bool = True  # an owner has put the first steps away
    keep_comments_months: int = 0  # what clients wrote, and notes about alerts; 0: for ever
    keep_names_months: int = 0  # of contacts not met since, and of people who left; 0: for ever
    asks_since: datetime | None = (
        None  # clients are asked by mail by itself about meetings that end from then on
    )
    second_factor_for: tuple[Role, ...] = words(32, Role, ())  # roles that need a second factor to sign in
    second_factor_since: datetime | None = None  # when that was last changed; who signed in before goes on
    demo: bool = False  # the example organisation, whose printed addresses sign in without a password
    created_at: datetime
    next_freeze: date  # the Monday of the first week not yet frozen
