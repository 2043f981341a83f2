"""Forms: which input is accepted, and the messages when it is not."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    IntegerField,
    PasswordField,
    StringField,
    TextAreaField,
)
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, NumberRange, Optional

from feedback.actions.answers import Submission
from feedback.core.access import Visibility
from feedback.core.alerts.reasons import AlertAction, Outcome
from feedback.core.dimensions import DIMENSIONS, HIGHEST, LOWEST
from feedback.core.evidence.outcomes import ClientOutcome
from feedback.core.gaps.practices import PER_DIMENSION
from feedback.core.gaps.stages import STAGES
from feedback.models import Verdict
from feedback.models.feedback import LONGEST_COMMENT
from feedback.wording.i18n import lazy_app_text, lazy_text

# Messages that a client may see; they are translated when they are shown.
_ = lazy_text
OUT_OF_RANGE = _("Please tap one of the five rings again.")
NOTHING_RATED = _("Nothing is tapped yet. One row is enough.")
CHOOSE = _("Please choose one of the answers shown.")
TOO_LONG = _("Please shorten this a little: at most 2,000 characters.")
_PROMISE = "promise-"  # begins the names of the fields that hold verdicts on promises
LONGEST_NUMBER = 16  # digits
_app = lazy_app_text  # for people who sign in


class WholeNumberField(IntegerField):
    """A whole number of at most LONGEST_NUMBER digits."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist and len(valuelist[0]) > LONGEST_NUMBER:
            raise ValueError(OUT_OF_RANGE)
        super().process_formdata(valuelist)


def _rating() -> IntegerField:
    return WholeNumberField(validators=[Optional(), NumberRange(LOWEST, HIGHEST, OUT_OF_RANGE)])


def _with_unix_line_ends(text: str | None) -> str | None:
    """Turn CRLF into LF, so that a text has the length that the browser counted: it counts a line end as one
    character and sends it as two."""
    return text and text.replace("\r\n", "\n")


class RatingsForm(FlaskForm):
    """Six ratings; those that were not tapped are missing."""

    integrity, competency, recognition = _rating(), _rating(), _rating()
    proactivity, savvy, chemistry = _rating(), _rating(), _rating()
    stage = StringField(validators=[Optional(), AnyOf(STAGES, CHOOSE)])
    done = StringField()

    def ratings(self) -> dict[str, int]:
        """Return the ratings that were tapped, by dimension."""
        return {name: self[name].data for name in DIMENSIONS if self[name].data is not None}

    def reasons(self) -> dict[str, str]:
        """Return the message of each field that was refused."""
        return {name: str(errors[0]) for name, errors in self.errors.items() if name and errors}


class AnswerForm(RatingsForm):
    """The whole state of a client's page. It has no CSRF token: the address gives the access, not a
    cookie."""

    class Meta:
        csrf = False

    comment = TextAreaField(
        validators=[Length(max=LONGEST_COMMENT, message=TOO_LONG)], filters=[_with_unix_line_ends]
    )
    visibility = StringField(validators=[Optional(), AnyOf(tuple(Visibility), CHOOSE)])
    nps = WholeNumberField(validators=[Optional(), NumberRange(0, 10, CHOOSE)])
    worth_it = StringField(validators=[Optional(), AnyOf(("yes", "no"), CHOOSE)])
    sequence = WholeNumberField(validators=[Optional(), NumberRange(0, 2**53)])

    def refused(self, sent: MultiDict[str, str]) -> dict[str, str]:
        """Validate; return the message of each field that is refused, empty when all are accepted."""
        self.validate()
        reasons = self.reasons()
        for name, value in sent.items():
            if name.startswith(_PROMISE) and (value not in tuple(Verdict) or _uuid(name) is None):
                reasons[name] = str(CHOOSE)
        return reasons

    def extras(self, sent: MultiDict[str, str]) -> dict[str, Any]:
        """Return the extras that were sent; one that was sent empty is None, which deletes the stored one."""
        found = {name: self[name].data for name in ("comment", "nps", "worth_it", "stage") if name in sent}
        found = {name: (None if value == "" else value) for name, value in found.items()}
        if self.visibility.data:
            found["visibility"] = self.visibility.data
        return found

    def verdicts(self, sent: MultiDict[str, str]) -> dict[UUID, str]:
        """Return the verdicts on promises, by promise id."""
        found = {_uuid(name): value for name, value in sent.items() if name.startswith(_PROMISE)}
        return {promise_id: value for promise_id, value in found.items() if promise_id}


# What the page's script sends with a tap, and with Done under the six rows.
_TAPPED = {*DIMENSIONS, "visibility", "sequence", "mark", "key", "done"}
# And with the second page, where no choice was made.
_SECOND_PAGE = {"comment", "visibility", "sequence", "mark", "key", "done"}
_RATINGS = {str(rating): rating for rating in range(LOWEST, HIGHEST + 1)}


def tapped_fields(sent: Mapping[str, str]) -> Submission | None:
    """Return what AnswerForm would make of a form with ratings only, with Done beside them, or of a second page on which
    nothing but a comment was written, which it would accept: nine of ten are. None for any other; to make that form's
    fields takes longer than all else that a tap needs."""
    ratings = {name: _RATINGS.get(sent[name]) for name in DIMENSIONS if name in sent}
    visibility, sequence = sent.get("visibility"), sent.get("sequence", "")
    comment = _with_unix_line_ends(sent.get("comment"))
    plain = (
        (sent.keys() <= _TAPPED if comment is None else sent.keys() <= _SECOND_PAGE and "done" in sent)
        and len(comment or "") <= LONGEST_COMMENT
        and None not in ratings.values()
        and visibility in (None, *Visibility)
        and sent.get("done") in (None, "1")
        and sequence.isascii() and sequence.isdigit() and len(sequence) < LONGEST_NUMBER
    )  # fmt: skip
    if not plain:
        return None
    extras = {} if comment is None else {"comment": comment or None}
    return Submission(
        {name: rating for name, rating in ratings.items() if rating},
        {**extras, "visibility": visibility} if visibility else extras,
        sequence=int(sequence),
        done="done" in sent,
        extras_sent=comment is not None,
    )


def _uuid(field: str) -> UUID | None:
    try:
        return UUID(field.removeprefix(_PROMISE))
    except ValueError:
        return None


class SignInForm(FlaskForm):
    email = EmailField(_app("E-mail"), [InputRequired(_app("Your e-mail address.")), Length(max=320)])
    password = PasswordField(_app("Password"), [InputRequired(_app("Your password.")), Length(max=1000)])


class SignUpForm(FlaskForm):
    organisation = StringField(
        _app("Your organisation"), [InputRequired(_app("Enter its name.")), Length(max=200)]
    )
    name = StringField(_app("Your name"), [InputRequired(_app("Enter your name.")), Length(max=200)])
    email = EmailField(_app("Your e-mail"), [InputRequired(_app("We send a link to it.")), Length(max=320)])
    timezone = StringField(
        _app("Time zone"), [InputRequired(_app("Weeks begin on Monday in this time zone."))]
    )


class SetUpForm(FlaskForm):
    code = StringField(_app("The code of this server"), [Length(max=100)])
    organisation = StringField(
        _app("Your organisation"), [InputRequired(_app("Enter its name.")), Length(max=200)]
    )
    name = StringField(_app("Your name"), [InputRequired(_app("Enter your name.")), Length(max=200)])
    email = EmailField(_app("Your e-mail"), [InputRequired(_app("You sign in with it.")), Length(max=320)])
    password = PasswordField(_app("A password"), [InputRequired(_app("At least 12 characters."))])
    timezone = StringField(
        _app("Time zone"), [InputRequired(_app("Weeks begin on Monday in this time zone."))]
    )
    language = StringField(_app("Language of your clients"), [Optional(), Length(max=16)])


AT_MOST_200 = _app("At most 200 characters.")


class MeetingForm(FlaskForm):
    contact_name = StringField(
        _app("Name"), [Optional(), Length(max=200, message=_app("At most 200 characters."))]
    )
    account_name = StringField(
        _app("Company"), [Optional(), Length(max=200, message=_app("At most 200 characters."))]
    )
    contact_email = StringField(
        _app("E-mail"), [Optional(), Length(max=320, message=_app("At most 320 characters."))]
    )
    topic = StringField(_app("Topic"), [Optional(), Length(max=200, message=_app("At most 200 characters."))])
    form_key = StringField(validators=[Optional(), Length(max=64)])


class ContactForm(FlaskForm):
    name = StringField(
        _app("Name"), [InputRequired(_app("Enter their name.")), Length(max=200, message=AT_MOST_200)]
    )
    account = StringField(
        _app("Company"), [InputRequired(_app("At which company?")), Length(max=200, message=AT_MOST_200)]
    )
    role = StringField(_app("Position"), [Length(max=200, message=AT_MOST_200)])
    email = EmailField(_app("E-mail"), [Length(max=320, message=_app("At most 320 characters."))])
    language = StringField(_app("Language of their page"), [Optional(), Length(max=16)])
    no_mail = BooleanField(_app("Does not want mail that asks"))
    rep = StringField(_app("Rep"), [Length(max=320, message=_app("At most 320 characters."))])


class AccountForm(FlaskForm):
    name = StringField(
        _app("Name"), [InputRequired(_app("Enter its name.")), Length(max=200, message=AT_MOST_200)]
    )
    value = StringField(
        _app("Value a year"), [Optional(), Length(max=20, message=_app("At most 20 characters."))]
    )
    review_days = IntegerField(
        _app("Days until it counts as silent"), [Optional(), NumberRange(1, 3650, _app("1 to 3,650 days."))]
    )
    renews_on = DateField(_app("Contract is renewed on"), [Optional()])


class NewClientForm(AccountForm, ContactForm):
    """A company, and perhaps somebody there, added by hand."""

    name = StringField(_app("Name"), [Length(max=200, message=AT_MOST_200)])


class OutcomeForm(FlaskForm):
    """What became of a client, in full."""

    outcome = StringField(
        _app("What became of it?"), [AnyOf(tuple(ClientOutcome), _app("Choose what became of it."))]
    )
    happened_on = DateField(_app("On which day?"), [InputRequired(_app("A day, as in 2026-05-01."))])
    contact = StringField(_app("Whose outcome is it?"), [Optional()])
    value_before = StringField(
        _app("Value a year before"), [Optional(), Length(max=20, message=_app("At most 20 characters."))]
    )
    value_after = StringField(
        _app("Value a year after"), [Optional(), Length(max=20, message=_app("At most 20 characters."))]
    )
    reason = TextAreaField(
        _app("Why, in a line"),
        [Length(max=500, message=_app("At most 500 characters."))],
        filters=[_with_unix_line_ends],
    )


class MirrorForm(RatingsForm):
    invitation = StringField()


class PromiseForm(FlaskForm):
    side = StringField(validators=[AnyOf(("rep", "client"), _app("Who promised it: you, or the client?"))])
    words = StringField(
        _app("What was promised?"),
        [InputRequired(_app("What was promised?")), Length(max=200, message=_app("At most 200 characters."))],
    )
    due_on = DateField(_app("By when?"), [Optional()])


class PracticeForm(FlaskForm):
    dimension = StringField(validators=[AnyOf(DIMENSIONS)])
    number = WholeNumberField(validators=[InputRequired(), NumberRange(1, PER_DIMENSION)])


class AlertForm(FlaskForm):
    """One action on an alert."""

    what = StringField(
        validators=[AnyOf(tuple(AlertAction), _app("Choose what to do with one of the buttons."))]
    )
    note = TextAreaField(
        _app("A note"),
        [Length(max=2000, message=_app("At most 2,000 characters."))],
        filters=[_with_unix_line_ends],
    )
    outcome = StringField(
        _app("What was the outcome?"), [Optional(), AnyOf(tuple(Outcome), _app("Choose what became of it."))]
    )
    practice = StringField(validators=[Optional()])
    line = StringField(
        _app("For the client, in a line"), [Length(max=200, message=_app("At most 200 characters."))]
    )

    def refused(self) -> bool:
        """Validate, with the fields that the chosen action requires; return whether anything is refused. The
        messages are in the fields' errors."""
        refused = not self.validate()
        words = (self.note.data or "").strip()
        if self.what.data in (AlertAction.NOTED, AlertAction.CLOSED) and not words:
            self.note.errors = [_app("A line on what happened; it stays in the history.")]
            refused = True
        if self.what.data == AlertAction.CLOSED and not self.outcome.data:
            self.outcome.errors = [_app("Choose what became of it.")]
            refused = True
        return refused

    def chosen(self) -> tuple[str, int]:
        """Return (dimension, number) of the practice; for malformed input ("", 0), which does not exist."""
        dimension, _, number = (self.practice.data or "").partition(" ")
        return (dimension, int(number)) if re.fullmatch("[0-9]{1,2}", number) else ("", 0)


class DecisionForm(FlaskForm):
    """A manager's decision about a doubtful answer."""

    decision = StringField(validators=[AnyOf(("accept", "set_aside"), _app("Accept it, or set it aside."))])
    reason = StringField(
        _app("Why?"),
        validators=[
            DataRequired(_app("A line on why; it is kept.")),
            Length(max=2000, message=_app("At most 2,000 characters.")),
        ],
        filters=[lambda text: text and text.strip()],
    )
