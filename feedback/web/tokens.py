"""Tokens by which other programs come in: one's own, and for an owner all of the organisation."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length

from feedback.actions.api_tokens import NewToken, end_token, make_token
from feedback.core.access import NotFound
from feedback.core.api_tokens import USUAL, Scope, TokenKind
from feedback.db.change import Invalid
from feedback.models.api_token import LONGEST_TOKEN_NAME
from feedback.store.api_tokens import TokenView, all_tokens, token_for, tokens_of
from feedback.web.context import (
    base_url,
    changing,
    current_user,
    login_required,
    now,
    owner_required,
    read_session,
)
from feedback.web.htmx import redirect_to, render
from feedback.web.proof import proof_required

pages = Blueprint("tokens", __name__)

SCOPE_WORDS = {
    Scope.READ: "Look at what you may see",
    Scope.ASK: "Begin meetings, and get their codes",
    Scope.WRITE: "Guesses, promises, alerts, contacts",
    Scope.ADMIN: "People and teams",
}
DAYS = {30: "30 days", USUAL: "90 days", 180: "Half a year", 365: "A year"}


class TokenForm(FlaskForm):
    """A token that is to be made."""

    name = StringField(
        "What is it for?", [InputRequired("A name, so that you know it again."), Length(max=400)]
    )
    scopes = SelectMultipleField(choices=[scope.value for scope in Scope])
    days = IntegerField("For how long?", [InputRequired("Choose how long it is good for.")])

    def wanted(self, kind: TokenKind) -> NewToken:
        """Return what was typed and chosen."""
        return NewToken(
            self.name.data, [Scope(each) for each in self.scopes.data or ()], self.days.data, kind
        )


@pages.get("/me/tokens")
@login_required
def own() -> Response:
    """Show one's own tokens."""
    return _page(TokenKind.OWN, _blank())


@pages.post("/me/tokens")
@login_required
@proof_required
def make_own() -> Response:
    """Make a token of one's own, and show it, once."""
    return _make(TokenKind.OWN)


@pages.post("/me/tokens/<uuid:token_id>")
@login_required
def end_own(token_id: UUID) -> Response:
    """End a token of one's own."""
    if _found(token_id).user_id != current_user().id:
        raise NotFound("token")
    _end(token_id)
    return redirect_to(url_for("tokens.own", ended=1))


@pages.get("/tokens")
@owner_required
def index() -> Response:
    """Show every token of the organisation."""
    return _page(TokenKind.ORGANISATION, _blank())


@pages.post("/tokens")
@owner_required
@proof_required
def make() -> Response:
    """Make a token of the organisation, and show it, once."""
    return _make(TokenKind.ORGANISATION)


@pages.post("/tokens/<uuid:token_id>")
@owner_required
def end(token_id: UUID) -> Response:
    """End any token of the organisation."""
    _end(token_id)
    return redirect_to(url_for("tokens.index", ended=1))


def _blank() -> TokenForm:
    return TokenForm(formdata=None, data={"scopes": [Scope.READ.value], "days": USUAL})


def _make(kind: TokenKind) -> Response:
    form = TokenForm()
    if not form.validate():
        scopes = {"scopes": "Choose from what is shown."} if form.scopes.errors else {}
        return _page(kind, form, scopes, 422)
    try:
        with changing() as c:
            secret = make_token(c, current_user(), form.wanted(kind))
    except Invalid as error:
        return _page(kind, form, error.reasons, 422)
    return _page(kind, _blank(), secret=secret)


def _end(token_id: UUID) -> None:
    found = _found(token_id)
    with changing() as c:
        end_token(c, current_user().id, found)


def _found(token_id: UUID) -> TokenView:
    return token_for(read_session(), current_user(), token_id)


def _page(
    kind: TokenKind,
    form: TokenForm,
    reasons: dict[str, str] | None = None,
    status: int = 200,
    secret: str | None = None,
) -> Response:
    who, session = current_user(), read_session()
    own_ones = kind is TokenKind.OWN
    listed = (
        tokens_of(session, who.organisation_id, who.id)
        if own_ones
        else all_tokens(session, who.organisation_id)
    )
    return render(
        "tokens/list.html",
        status=status,
        own=own_ones,
        running=[each for each in listed if each.running(now())],
        over=[each for each in listed if not each.running(now())],
        form=form,
        reasons=reasons or {},
        secret=secret,
        ended=request.args.get("ended"),
        address=f"{base_url()}/api/v1",
        LONGEST=LONGEST_TOKEN_NAME,
        **_choices(),
        now=now(),
    )


def _choices() -> dict[str, Any]:
    """Return what the form offers: nothing that this person may not do anyway."""
    who = current_user()
    never = {Scope.ASK: not who.is_rep, Scope.ADMIN: not who.is_owner}
    return {
        "scopes": {each: words for each, words in SCOPE_WORDS.items() if not never.get(each)},
        "days": DAYS,
    }
