"""python -m simulation.broken: breaks the product on purpose, one thing at a time in a copy of the tree, and lives lives until
that is found. Of ten things at least nine have to be."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

TREE = Path(__file__).resolve().parents[2]
COPIED = ("feedback", "templates", "static", "tests", "pyproject.toml")
FOUND = re.compile(r"^seed (\d+), step (\d+): (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Breakage:
    """What is broken: this text, which stands once in this file, is another."""

    name: str
    file: str
    old: str
    new: str


BREAKAGES = (
    Breakage(
        "an older state of a phone overwrites a newer one", "feedback/actions/answers.py",
        "    return sequence >= stored or sequence <= ahead < stored\n", "    return True\n",
    ),
    Breakage(
        "the freeze is skipped", "feedback/actions/change.py",
        "frozen = not nothing_due and bool(freeze_due(c))", "frozen = False",
    ),
    Breakage(
        "a week is frozen while it runs", "feedback/actions/change.py",
        "(week := week_on(locked.next_freeze)) < current", "(week := week_on(locked.next_freeze)) <= current",
    ),
    Breakage(
        "an answer in quarantine counts", "feedback/actions/trust.py",
        "        row.counts = Counts.QUARANTINED\n    return signals", "        pass\n    return signals",
    ),
    Breakage(
        "an erased answer keeps its comment", "feedback/actions/answer_keys.py",
        '(*DIMENSIONS, "comment", "nps"', '(*DIMENSIONS, "nps"',
    ),
    Breakage(
        "an erased answer keeps its verdict on a promise", "feedback/actions/answers.py",
        "        promise.verdict = promise.judged_at = promise.judged_in_id = None\n", "        pass\n",
    ),
    Breakage(
        "a reason is not struck out", "feedback/actions/alerts/evaluate.py",
        "        reason_row.struck_at = c.now\n", "",
    ),
    Breakage(
        "an alert keeps its severity when its leading reason changes", "feedback/actions/alerts/evaluate.py",
        "        alert.kind, alert.severity = lead.kind, lead.severity\n", "        alert.kind = lead.kind\n",
    ),
    Breakage(
        "a mail is marked as sent before it is sent", "feedback/sending/worker.py",
        "        send(settings, compose(settings, mail.recipient, words, str(together[0].id)))\n",
        "        with db.writing() as session:\n"
        "            queue.mark_sent(session, mail, now)\n"
        "        send(settings, compose(settings, mail.recipient, words, str(together[0].id)))\n",
    ),
    Breakage(
        "activity is not counted anew", "feedback/actions/settling.py",
        "    recount(c, answer.meeting.rep_id, answer.meeting.held_at)\n", "",
    ),
    Breakage(
        "a dispute with the key recomputes nothing", "feedback/actions/answers.py",
        "        evaluate_trust(c, answer)  # the rest follows when it settles\n    else:\n",
        "        evaluate_trust(c, answer)\n    elif not with_key:\n",
    ),
    Breakage(
        "a sealed mirror is changed", "feedback/actions/mirrors.py",
        "        raise AlreadySealed\n    if c.now", "    if c.now",
    ),
    Breakage(
        "a rep sees an answer before sealing", "feedback/core/access.py",
        "    if reader is Reader.REP and not answer.sealed and not answer.closed:\n        return AnswerAccess",
        "    if reader is Reader.REP and answer.state is not AnswerState.SETTLED:\n        return AnswerAccess",
    ),
    Breakage(
        "a rep sees what is for managers only", "feedback/core/access.py",
        "    if answer.visibility == Visibility.MANAGER:\n", "    if answer.visibility == Visibility.MANAGER and not answer.sealed:\n",
    ),
    Breakage(
        "any key opens an answer", "feedback/actions/answer_keys.py",
        "    if not may.add:\n        raise AnsweredElsewhere\n", "",
    ),
    Breakage(
        "a key that was put away goes on opening", "feedback/actions/answer_keys.py",
        "    row.put_away_at = c.now\n    _end_keys(c, invitation_id)\n", "    row.put_away_at = c.now\n",
    ),
    Breakage(
        "a closed page takes taps", "feedback/actions/answer_keys.py",
        "    if c.now >= closes_at:\n        raise InvitationClosed\n    if sender.key", "    if sender.key",
    ),
    Breakage(
        "webhooks without their organisation", "feedback/store/webhooks.py",
        '.where(col(Webhook.organisation_id) == bindparam("organisation"), col(Webhook.ended_at).is_(None))',
        ".where(col(Webhook.ended_at).is_(None))",
    ),
    Breakage(
        "no receipt for an answer that settles by the clock", "feedback/jobs/settling.py",
        "                settle(c, answer, receipts)\n", "                settle(c, answer, None)\n",
    ),
    Breakage(
        "no receipt at all", "feedback/actions/settling.py",
        "        queue_receipt(c, answer, receipts)", "        pass",
    ),
    Breakage(
        "nobody is mailed about an alert", "feedback/actions/alerts/mail.py",
        "    _mail_alert(c, alert, rep_id, new=new)\n", "",
    ),
    Breakage(
        "an open alert that becomes urgent is not mailed", "feedback/actions/alerts/evaluate.py",
        "    if stood and any(reason.severity == Severity.URGENT for reason in new_reasons):\n",
        "    if alert is not before and any(reason.severity == Severity.URGENT for reason in new_reasons):\n",
    ),
    Breakage(
        "owners get no weekly mail", "feedback/store/mail_queue.py",
        "roles = [Role.MANAGER, Role.OWNER, *", "roles = [Role.MANAGER, *",
    ),
    Breakage(
        "a webhook is not told of an answer", "feedback/actions/settling.py",
        "        enqueue_event(c, Event.FEEDBACK_RECEIVED, row.invitation_id)\n", "",
    ),
    Breakage(
        "a webhook is not told of an answer whose second page is never sent", "feedback/jobs/settling.py",
        ", Event.FEEDBACK_CHANGED, closes_at=answer.invitation.closes_at)", ", Event.FEEDBACK_CHANGED)",
    ),
    Breakage(
        "a manager sees alerts of other teams", "feedback/pages/alerts.py",
        "    return statement.where(theirs)\n", "    return statement\n",
    ),
    Breakage(
        "a manager opens answers and relationships of other teams", "feedback/store/relationships.py",
        "    return viewer.is_owner or relationship.rep_team_id in viewer.teams\n", "    return True\n",
    ),
)  # fmt: skip


def main() -> int:
    """Break each thing that is asked for, and print how it went; return 1 unless nine of ten were found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only what has one of these words in its name")
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument(
        "--lives",
        type=int,
        default=6,
        help="at most so many lives, half a year of two busy organisations each",
    )
    asked = parser.parse_args()
    chosen = [each for each in BREAKAGES if not asked.words or any(word in each.name for word in asked.words)]
    found = 0
    for each in chosen:
        how = first_found(each, asked.seed, asked.lives)
        print(f"{each.name}: {how or 'NOT FOUND'}", flush=True)
        found += how is not None
    print(f"{found} of {len(chosen)} found")
    return int(10 * found < 9 * len(chosen))


def first_found(breakage: Breakage, seed: int, lives: int) -> str | None:
    """Live lives in a copy of the tree in which this is broken; return by which seed and step it was found, and the words;
    None when all of them held."""
    with tempfile.TemporaryDirectory(prefix="broken-") as folder:
        tree = Path(folder)
        for name in COPIED:
            copy = shutil.copytree if (TREE / name).is_dir() else shutil.copy
            copy(TREE / name, tree / name)
        plant(breakage, tree)
        lived = subprocess.run(
            [sys.executable, "-m", "simulation", "--seed", str(seed), "--years", str(lives), "--each", "0.5", "--busy",
             "--until-found"],
            cwd=tree, env=os.environ | {"PYTHONPATH": f"{tree}:{tree / 'tests'}"}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
    if lived.returncode == 0:
        return None
    which = FOUND.search(lived.stdout)
    return (
        f"seed {which[1]}, step {which[2]}: {which[3][:100]}"
        if which
        else f"it fell over: {lived.stderr[-300:]}"
    )


def plant(breakage: Breakage, tree: Path) -> None:
    """Break it in this tree. Raises ValueError where its text does not stand there exactly once."""
    path = tree / breakage.file
    text = path.read_text(encoding="utf-8")
    if text.count(breakage.old) != 1:
        raise ValueError(
            f"{breakage.name}: its text stands {text.count(breakage.old)} times in {breakage.file}"
        )
    path.write_text(text.replace(breakage.old, breakage.new), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
