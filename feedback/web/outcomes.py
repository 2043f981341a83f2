"""Pages on which managers note what became of a client."""

from uuid import UUID

from flask import Blueprint, Response, request, url_for

from feedback.actions.outcomes import OutcomeSaid, correct_outcome, note_outcome, retract_outcome
from feedback.core.access import NotFound
from feedback.core.evidence.outcomes import ClientOutcome, OutcomeSource
from feedback.db.change import Invalid
from feedback.pages import groups
from feedback.pages.alerts import alert_for
from feedback.pages.groups import PlainAccount
from feedback.store.import_rows import contacts_of_relationships
from feedback.store.outcomes import OutcomeView
from feedback.web.context import changing, current_user, manager_required, now, read_session, today
from feedback.web.forms import OutcomeForm
from feedback.web.htmx import redirect_to, render
from feedback.web.values import plain_value, typed_value

pages = Blueprint("outcomes", __name__)


@pages.post("/accounts/<uuid:account_id>/outcomes")
@manager_required
def add(account_id: UUID) -> Response:
    """Note by one tap what became of a client today; the page that follows asks for the rest. alert: the one that was
    closed with it; whose: "contact" for the alert's contact alone."""
    account, told = _account(account_id), request.form.get("outcome")
    if told not in tuple(ClientOutcome):
        return redirect_to(url_for("accounts.show", account_id=account_id))
    outcome, alert_id = ClientOutcome(told), request.form.get("alert")
    contact_id = _contact_of_alert(account_id, alert_id) if alert_id else None
    alone = contact_id if request.form.get("whose") == "contact" else None
    before, after = (None, None) if alone else _values(account, outcome)
    said = OutcomeSaid(outcome, today(), alone, before, after)
    source = OutcomeSource.ALERT if alert_id else OutcomeSource.PAGE
    try:
        with changing() as c:
            noted = note_outcome(
                c, current_user().id, account_id, said, source, UUID(alert_id) if alert_id else None
            )
    except Invalid:  # something else is noted for today
        return redirect_to(f"{url_for('accounts.show', account_id=account_id, refused='twice')}#outcomes")
    return redirect_to(url_for("outcomes.show", outcome_id=noted, done="noted"))


@pages.get("/outcomes/<uuid:outcome_id>")
@manager_required
def show(outcome_id: UUID) -> Response:
    """Show one outcome, to be completed, corrected or retracted."""
    found = _outcome(outcome_id)
    data = {
        "outcome": found.outcome.value, "happened_on": found.happened_on, "contact": str(found.contact_id or ""),
        "value_before": plain_value(found.value_before), "value_after": plain_value(found.value_after),
        "reason": found.reason,
    }  # fmt: skip
    return _page(found, OutcomeForm(formdata=None, data=data), {})


@pages.post("/outcomes/<uuid:outcome_id>")
@manager_required
def update(outcome_id: UUID) -> Response:
    """Correct it."""
    found, form = _outcome(outcome_id), OutcomeForm()
    if not form.validate():
        return _page(found, form, {}, 422)
    try:
        with changing() as c:
            correct_outcome(c, current_user().id, outcome_id, _said(form))
    except Invalid as error:
        return _page(found, form, error.reasons, 422)
    return redirect_to(url_for("outcomes.show", outcome_id=outcome_id, done="saved"))


@pages.post("/outcomes/<uuid:outcome_id>/retraction")
@manager_required
def retract(outcome_id: UUID) -> Response:
    """Let it count no longer, or again (what=back)."""
    found, back = _outcome(outcome_id), request.form.get("what") == "back"
    try:
        with changing() as c:
            retract_outcome(c, current_user().id, outcome_id, retracted=not back)
    except Invalid as error:
        return _page(
            found, OutcomeForm(formdata=None, data={"outcome": found.outcome.value}), error.reasons, 422
        )
    return redirect_to(url_for("outcomes.show", outcome_id=outcome_id, done="back" if back else "retracted"))


def _account(account_id: UUID) -> PlainAccount:
    return groups.plain_account(read_session(), current_user(), account_id)


def _outcome(outcome_id: UUID) -> OutcomeView:
    return groups.outcome_for(read_session(), current_user(), outcome_id)


def _contact_of_alert(account_id: UUID, alert_id: str) -> UUID:
    """Return whom an alert is about; it has to be one of this account that the person may see."""
    try:
        found = alert_for(read_session(), current_user(), UUID(alert_id), now())
    except ValueError:
        raise NotFound("alert") from None
    if found.account_id != account_id:
        raise NotFound("alert")
    where = read_session(), current_user().organisation_id
    return contacts_of_relationships(*where, [found.relationship_id])[found.relationship_id]


def _values(account: PlainAccount, outcome: ClientOutcome) -> tuple[float | None, float | None]:
    """Return what the account is worth as far as one tap tells: nothing is left of what was lost, and what was renewed
    stays."""
    if account.value is None:
        return None, None
    after = {ClientOutcome.LOST: 0.0, ClientOutcome.RENEWED: account.value}
    return account.value, after.get(outcome)


def _said(form: OutcomeForm) -> OutcomeSaid:
    """Return what the form says. Raises Invalid."""
    contact = (form.contact.data or "").strip()
    try:
        contact_id = UUID(contact) if contact else None
    except ValueError:
        raise NotFound("contact") from None
    return OutcomeSaid(
        ClientOutcome(form.outcome.data), form.happened_on.data, contact_id, typed_value(form.value_before),
        typed_value(form.value_after), form.reason.data,
    )  # fmt: skip


def _page(found: OutcomeView, form: OutcomeForm, reasons: dict[str, str], status: int = 200) -> Response:
    contacts = groups.plain_contacts(read_session(), current_user(), found.account_id)
    return render(
        "outcomes/outcome.html",
        status=status,
        noted=found,
        account=_account(found.account_id),
        contacts=[each for each in contacts if not each.erased or each.id == found.contact_id],
        form=form,
        reasons=reasons,
        today=today(),
    )
