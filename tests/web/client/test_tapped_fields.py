"""A tap is read by few lines; whatever is more than a tap is left to the form, which says what is wrong in words."""

import pytest
from flask import request

from feedback.actions.answers import Submission
from feedback.web.forms import AnswerForm, tapped_fields

TAP = {"savvy": "4", "sequence": "7", "visibility": "rep", "mark": "m" * 36, "key": "k" * 22}


@pytest.fixture
def sending(_app):
    """with sending(fields): ... is a request with that form."""
    return lambda fields: _app.test_request_context("/", method="POST", data=fields)


@pytest.mark.parametrize(
    "fields",
    [
        TAP,
        {"savvy": "1", "integrity": "5", "sequence": "0"},
        {"sequence": "999999999999999", "visibility": "manager"},
        {**TAP, "done": "1"},
        {"savvy": ["2", "3"], "sequence": "1", "visibility": ["rep", "manager"]},
        {"comment": "", "sequence": "8", "mark": "m" * 36, "key": "k" * 22, "done": "1"},
        {"comment": "Thank you.\r\nSee you " + "x" * 1980, "sequence": "8", "visibility": "rep", "done": "1"},
    ],
)
def test_tap_is_read_as_the_form_reads_it(sending, fields):
    with sending(fields):
        found, form = tapped_fields(request.form), AnswerForm()
        assert form.refused(request.form) == {}
        extras, done = form.extras(request.form), form.done.data == "1"
        assert found == Submission(
            form.ratings(), extras, sequence=form.sequence.data, done=done, extras_sent="comment" in fields
        )


@pytest.mark.parametrize(
    "more",
    [
        {"savvy": "6"}, {"savvy": "0"}, {"savvy": " 4"}, {"savvy": ""}, {"savvy": "٤"}, {"savvy": "4.0"},
        {"sequence": ""}, {"sequence": "-1"}, {"sequence": "٤"}, {"sequence": "9" * 16}, {"visibility": "all"},
        {"visibility": ""}, {"done": "yes"}, {"done": ""}, {"comment": ""}, {"stage": "change"}, {"nps": "9"},
        {"promise-1": "kept"}, {"speak": "de"}, {"comment": "", "done": "1"},
    ],
    ids=str,
)  # fmt: skip
def test_more_than_a_tap_is_left_to_the_form(sending, more):
    with sending({**TAP, **more}):
        assert tapped_fields(request.form) is None


@pytest.mark.parametrize(
    "more", [{"comment": "x" * 2001}, {"nps": "9"}, {"stage": "change"}, {"sequence": ""}], ids=str
)
def test_second_page_with_a_choice_is_left_to_the_form(sending, more):
    with sending({"comment": "", "sequence": "8", "done": "1", **more}):
        assert tapped_fields(request.form) is None
