"""The owner's settings: each room of them, its bounds, who may, and what is proved first."""

import io

from PIL import Image

from golden.story import Story

WEEK = ["1", "2", "3", "4", "5"]
DAYS = {
    "alert_due_days": "3",
    "workdays": ["7", "1", "2", "3", "4"],
    "holidays": "de-by",
    "days_off": "2026-12-24\n2026-12-31, 2026-12-24",
}


def play(s: Story) -> None:
    s.open(told=True)

    s.scene("Each room, refused to others, at its bounds and beyond")
    rooms = {
        "organisation": (
            {"name": "Torus & Söhne", "language": "de", "currency": "eur"},
            [{"name": ""}, {"name": "n" * 201}, {"language": "xx"}, {"currency": "euro"}],
        ),
        "meetings": (
            {"invitation_days": "7"},
            [{"invitation_days": "0"}, {"invitation_days": "366"}, {"invitation_days": "x"}],
        ),
        "days": (
            DAYS,
            [
                {"alert_due_days": "-1"},
                {"alert_due_days": "31"},
                {"workdays": []},
                {"holidays": "nowhere"},
                {"days_off": "soon"},
                {"days_off": "2026-12-24\n" * 200},
            ],
        ),
        "reps": (
            {"board": "all", "least_asked": "30", "weekly_mail": "1"},
            [{"least_asked": "101"}, {"least_asked": "-1"}, {"board": "some"}],
        ),
        "kept": (
            {"keep_comments_months": "6", "keep_names_months": "24"},
            [{"keep_comments_months": "-1"}, {"keep_names_months": "1201"}],
        ),
        "agreement": ({"works_agreement": "y"}, []),
    }
    for name, (form, wrong) in rooms.items():
        s.post("carol", f"/settings/{name}", form)
        for each in wrong:
            s.post("olive", f"/settings/{name}", {**form, **each})
        s.post("olive", f"/settings/{name}", form)
        s.post("olive", f"/settings/{name}", form, aside="a second click")
    s.post("olive", "/settings/meetings", invitation_days="1")
    s.post("olive", "/settings/meetings", invitation_days="365")
    s.post("olive", "/settings/days", {**DAYS, "alert_due_days": "0"})
    s.post("olive", "/settings/days", {**DAYS, "alert_due_days": "30"})
    s.post("olive", "/settings/reps", board="own", least_asked="0")
    s.post("olive", "/settings/reps", board="managers", least_asked="100", reps_weekly_mail="y")
    s.post("olive", "/settings/nonsense", name="x")

    s.scene("A works agreement is told to everybody once")
    s.post("alice", "/privacy/processing/read")
    s.post("alice", "/privacy/processing/read", aside="a second click")

    s.post("olive", "/settings/agreement")

    s.scene("Look and words")
    out = io.BytesIO()
    Image.new("RGB", (300, 100), "#c2255c").save(out, "PNG")
    s.post("carol", "/settings/look", what="colour", accent="#123456")
    s.post("olive", "/settings/look", what="colour", accent="red")
    s.post("olive", "/settings/look", what="colour", accent="#123456")
    s.post("olive", "/settings/look", what="colour", accent="#123456", aside="a second click")
    s.upload("olive", "/settings/look", {"what": "logo"}, logo=(b"no picture", "logo.png"))
    s.upload("olive", "/settings/look", {"what": "logo"}, logo=(out.getvalue(), "logo.png"))
    s.post("olive", "/settings/look", what="no-logo")
    s.post("olive", "/settings/look", what="no-logo", aside="a second click")
    s.post("carol", "/settings/words/en", savvy="Knows us")
    s.post("olive", "/settings/words/en", savvy="s" * 200)
    s.post("olive", "/settings/words/xx", savvy="Knows us")
    s.post("olive", "/settings/words/en", savvy="Knows us", rating_5="Splendid")
    s.post("olive", "/settings/words/en", savvy="Knows us", rating_5="Splendid", aside="a second click")
    s.post("olive", "/settings/words/en/preview", savvy="Knows them")
    s.post("olive", "/settings/words/en", savvy="", rating_5="Splendid")
    s.post("olive", "/settings/words/en", savvy="", rating_5="")

    s.scene("Asked by itself")
    s.post("carol", "/settings/asking", asks="1")
    s.post("olive", "/settings/asking", asks="1")
    s.post("olive", "/settings/asking", asks="1", aside="a second click")
    s.post(
        "olive", "/settings/asking", {"asks": "1", f"rep-{s.id('Alice')}": "no", f"rep-{s.id('Bob')}": "yes"}
    )
    s.post("olive", "/settings/asking", {"asks": "", f"rep-{s.id('Alice')}": ""})
    s.post("olive", "/settings/asking", {"asks": "", f"rep-{s.id('Mallory')}": "yes"})

    s.scene("Another half-life")
    form = {"half_life_days": "30", "review_days": "10", "timezone": "Europe/Berlin"}
    s.post("carol", "/settings/scores", form)
    for wrong in (
        {"half_life_days": "29"},
        {"half_life_days": "731"},
        {"review_days": "0"},
        {"review_days": "3651"},
        {"timezone": "Mars/Base"},
    ):
        s.post("olive", "/settings/scores", {**form, **wrong})
    s.post(
        "olive",
        "/settings/scores",
        half_life_days="90",
        review_days="90",
        timezone="Europe/Berlin",
        aside="as it is",
    )
    s.post("olive", "/settings/scores", form)
    change = "/settings/scores/<scoring change 1>"
    s.post(
        "olive",
        "/settings/scores",
        {**form, "half_life_days": "40"},
        aside="another, while one is being looked at",
    )
    s.post("olive", change, what="apply", aside="not looked at yet")
    s.scoring()
    s.post("carol", "/settings/scores/<scoring change 1>", what="apply")
    s.post("mallory", "/settings/scores/<scoring change 1>", what="apply")
    s.post("olive", "/settings/scores/<scoring change 1>", what="nonsense")
    s.post("olive", "/settings/scores/<scoring change 1>", what="apply")
    s.post("olive", "/settings/scores/<scoring change 1>", what="leave", aside="too late")
    s.scoring()
    s.post("olive", "/settings/scores", {**form, "half_life_days": "50"})
    s.post("olive", "/settings/scores/<scoring change 2>", what="leave")
    s.post("olive", "/settings/scores/<scoring change 2>", what="leave", aside="a second click")
    s.scoring()

    s.scene("A second factor for roles")
    s.post("carol", "/settings/sign-in", roles="rep")
    s.later(minutes=10)
    s.post("olive", "/settings/sign-in", roles="rep", aside="ten minutes after the password was shown")
    s.later(seconds=1)
    s.post("olive", "/settings/sign-in", roles=["rep", "owner"], aside="a second later it is asked for")
    s.post("olive", "/settings/sign-in", roles=["rep", "owner"], proof_password="wrong")
    s.post("olive", "/settings/sign-in", roles=["rep", "owner"], proof_password="a short sentence")
    s.post("olive", "/settings/sign-in", what="provider", issuer="", client_id="", secret="", domains="")
    s.post("olive", "/settings/sign-in", what="remove", sure="1")
