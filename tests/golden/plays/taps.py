"""Phones whose page has a script: each tap is answered before the application, and ends as if it had been asked."""

from support.pages import six

from feedback.core.answer_key import new_key
from golden.story import Story


def taps(s: Story, phone: str, code: str, key: str) -> None:
    """Open the page, tap twice, tap Done, and send the second page."""
    known = {"mark": "m" * 36, "key": key, "visibility": "rep"}
    s.tap(phone, f"{code}/opened", {})
    s.later(seconds=5)
    s.tap(phone, code, {**known, "savvy": 4, "sequence": 1})
    s.later(seconds=5)
    s.tap(phone, f"{code}/{key}", {**known, "savvy": 4, "chemistry": 2, "sequence": 2})
    s.later(seconds=5)
    s.tap(phone, f"{code}/{key}", {**known, **six(5, 5, 4, 5, 4, 2), "sequence": 3, "done": "1"})
    s.later(seconds=5)
    s.tap(phone, f"{code}/{key}", {**known, "comment": "Not\r\nbad", "sequence": 4, "done": "1"})


def play(s: Story) -> None:
    s.open(told=True)
    first = s.cast.meeting("alice", "Ann", "Acme")
    with s.silent():  # the application answers each kind once
        taps(s, "warm", f"/f/{first.token}", new_key())

    s.scene("Dana's phone")
    s.post(
        "alice",
        "/meetings/new",
        contact_name="Dana Whitfield",
        account_name="Northwind",
        contact_email="dana@northwind.example",
    )
    taps(s, "Dana", s.code(), new_key())

    s.scene("Taps that come late, twice, out of order, and to another phone")
    s.post("alice", "/meetings/new", contact_name="Eli Ode", account_name="Northwind", form_key="2")
    code, key = s.code(), new_key()
    known = {"mark": "n" * 36, "key": key, "visibility": "rep"}
    s.tap("Eli", code, {**known, "savvy": 4, "sequence": 1})
    s.tap("Eli", code, {**known, "savvy": 4, "sequence": 1})
    s.tap("Other", code, {**known, "key": new_key(), "savvy": 1, "sequence": 1})
    s.tap("Eli", f"{code}/{key}", {**known, "savvy": 5, "sequence": 3})
    s.tap("Eli", f"{code}/{key}", {**known, "savvy": 3, "sequence": 2})
    s.tap("Eli", f"{code}/{key}", {**known, "savvy": 6, "sequence": 4})
    s.tap("Eli", f"{code}/{key}", {**known, "visibility": "manager", "sequence": 5})
    s.later(minutes=9, seconds=59)
    s.tap("Eli", f"{code}/{key}", {**known, **six(5), "sequence": 6})
    s.later(minutes=10)
    s.tap("Eli", f"{code}/{key}", {**known, **six(4), "sequence": 7})
    s.settle()

    s.scene("Two weeks later")
    s.post("alice", "/meetings/new", contact_name="Fay Gray", account_name="Northwind", form_key="3")
    code, key = s.code(), new_key()
    known |= {"key": key}
    s.later(days=13, hours=23, minutes=59, seconds=58)
    s.tap("Fay", f"{code}/opened", {})
    s.tap("Fay", code, {**known, "savvy": 4, "sequence": 1})
    s.later(seconds=1)
    s.tap("Fay", f"{code}/{key}", {**known, "savvy": 3, "sequence": 2})
    s.later(seconds=1)
    s.tap("Fay", f"{code}/{key}", {**known, "savvy": 2, "sequence": 3})
    s.tap("Gus", f"{code}/opened", {})
