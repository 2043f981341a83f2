"""What a row of an imported history says."""

from feedback.core.dimensions import NO_RATINGS
from feedback.store.imports import StoredAnswer

FIVES = (5,) * 6


def test_guess_alone_is_no_answer():
    assert not StoredAnswer().client_answered
    assert not StoredAnswer(rep=FIVES, rep_stage="growing").client_answered
    for said in ({"client": (4, *NO_RATINGS[1:])}, {"nps": 0}, {"comment": "Good."}, {"stage": "growing"}):
        assert StoredAnswer(rep=FIVES, **said).client_answered, said
