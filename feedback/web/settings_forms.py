"""The forms of the settings, one for each page of them."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length, NumberRange, Optional

from feedback.wording.i18n import languages

MONTHS = (Optional(), NumberRange(0, 600, "0 to 600 months."))
# Who sees the leaderboard: what the two settings of an organisation say together.
BOARD = {"managers": (False, False), "own": (True, False), "all": (True, True)}


def _whole(label: str, least: int, most: int, what: str = "") -> IntegerField:
    why = f"{least} to {most:,}{what}."
    return IntegerField(label, [InputRequired(why), NumberRange(least, most, why)])


class OrganisationForm(FlaskForm):
    name = StringField(
        "Name", [InputRequired("Enter its name."), Length(max=1000, message="At most 200 letters.")]
    )
    language = StringField("Language of your clients", [AnyOf(languages(), "Choose one of the list.")])
    currency = StringField(
        "Currency of the accounts' values", [Length(max=3, message="Three letters, like EUR.")]
    )


class MeetingsForm(FlaskForm):
    invitation_days = _whole("Days a client's page stays open", 1, 365, " days")
    receipts = BooleanField("Clients whose e-mail is known get a receipt")


class DaysForm(FlaskForm):
    alert_due_days = _whole("Working days until an alert is due", 0, 30, " days")
    workdays = StringField("Working days")
    holidays = StringField("Public holidays of", [Length(max=8, message="A country like DE, or DE-BY.")])
    days_off = TextAreaField("Other days off", [Length(max=4000, message="These are too many days.")])


class RepsForm(FlaskForm):
    board = StringField("Who sees the leaderboard", [AnyOf(tuple(BOARD), "Choose one of the list.")])
    least_asked = _whole("A rank needs to have asked in this share of meetings, in percent", 0, 100)
    reps_weekly_mail = BooleanField("Reps get a short weekly mail of their own")


class AgreementForm(FlaskForm):
    works_agreement = BooleanField("Works agreement: figures of teams only, and no ranking")


class KeptForm(FlaskForm):
    keep_comments_months = IntegerField("Keep comments for this many months", MONTHS)
    keep_names_months = IntegerField("Keep names for this many months", MONTHS)


class ScoresForm(FlaskForm):
    half_life_days = _whole("Half-life in days", 30, 730, " days")
    review_days = _whole("Review interval in days", 1, 3650, " days")
    timezone = StringField(
        "Time zone", [InputRequired("Weeks begin on Monday in this time zone."), Length(max=64)]
    )
