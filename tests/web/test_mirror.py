"""/meetings/<id>/mirror: the rep guesses, and seals."""

from feedback.core.dimensions import DIMENSIONS

GUESS = dict.fromkeys(DIMENSIONS, 4)


def test_sealing_leads_to_the_gap_card(cast, sign_in):
    invitation = cast.meeting()
    reply = sign_in("alice").post(f"/meetings/{invitation.meeting_id}/mirror", {**GUESS, "done": "1"})
    assert reply.status_code == 303
    assert f"/meetings/{invitation.meeting_id}/gap" in reply.location
