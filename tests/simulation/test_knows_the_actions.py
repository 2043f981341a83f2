"""Every action that takes a change is one that the simulator knows, or is named here with why it does not."""

import inspect
import pkgutil
import sys
from collections.abc import Iterator
from importlib import import_module
from types import CodeType, FunctionType, ModuleType

from golden.telling import actions

import simulation
from feedback import actions as package
from feedback.db.change import Change

SIGNING_IN = "of signing in: no answer, number or mail about one follows from it"
OF_THE_API = "of the API, which then calls actions that are known here"
LOOKS = "how pages look to somebody"
TEAMS = "to come: who is told of an alert would change with it"
RESCORED = "to come: needs the worker of its own jobs; tests/actions/scoring/ holds it to a replay"
LATE = "to come: codes that a phone was given beforehand"
UNKNOWN = {
    "api_tokens.end_token": OF_THE_API,
    "api_tokens.keep_replay": OF_THE_API,
    "api_tokens.make_token": OF_THE_API,
    "asking.allow_mail": "of somebody who notes that an address takes mails again",
    "asking.ask_all": "asks in the ways that are lived one by one",
    "asking_itself.choose_asking": "to come: asking by itself after a meeting of a calendar",
    "clients.archive_account": "likewise of all clients of an account; one by one it is lived",
    "clients.edit_account": "to come: clients are known here by the names that reps type",
    "clients.edit_contact": "likewise",
    "evidence.claim_evidence": "figures of the worker's own jobs, of which nothing follows",
    "evidence.forget_other_evidence": "likewise",
    "evidence.store_evidence": "likewise",
    "first_steps.invite_all": "of people who join by a link",
    "first_steps.note_trial": LOOKS,
    "first_steps.put_away": LOOKS,
    "look.change_colour": LOOKS,
    "look.change_words": LOOKS,
    "look.remove_logo": LOOKS,
    "look.set_logo": LOOKS,
    "meetings.add_address": "to come: an address that is typed after the meeting",
    "new_clients.add_client": "of a client whom nobody has met",
    "new_clients.give_contact": "likewise",
    "passkeys.add_passkey": SIGNING_IN,
    "passkeys.remove_passkey": SIGNING_IN,
    "passkeys.rename_passkey": SIGNING_IN,
    "passkeys.use_passkey": SIGNING_IN,
    "passwords.change_own_password": SIGNING_IN,
    "passwords.change_password": SIGNING_IN,
    "passwords.use_link": SIGNING_IN,
    "people.begin_with_today": LOOKS,
    "people.choose_language": LOOKS,
    "person_mails.mail_person": SIGNING_IN,
    "providers.allow_other_ways": SIGNING_IN,
    "providers.person_of": SIGNING_IN,
    "providers.remove_provider": SIGNING_IN,
    "providers.set_provider": SIGNING_IN,
    "reserved.release_codes": LATE,
    "reserved.reserve_codes": LATE,
    "reserved.start_late": LATE,
    "scoring.changes.apply_change": RESCORED,
    "scoring.changes.ask_for_change": RESCORED,
    "scoring.changes.claim_change": RESCORED,
    "scoring.changes.leave_change": RESCORED,
    "scoring.changes.rescore_again": RESCORED,
    "scoring.changes.rescore_with": RESCORED,
    "scoring.changes.store_preview": RESCORED,
    "scoring.recompute.activity_row": "of many at once: imports, and changes of the scores",
    "scoring.recompute.relationship_row": "likewise",
    "scoring.rescore.rescore": RESCORED,
    "second_factor.begin_codes": SIGNING_IN,
    "second_factor.confirm_codes": SIGNING_IN,
    "second_factor.end_second_factor": SIGNING_IN,
    "second_factor.new_recovery_codes": SIGNING_IN,
    "second_factor.use_code": SIGNING_IN,
    "sessions.begin_session": SIGNING_IN,
    "sessions.end_one_session": SIGNING_IN,
    "sessions.end_other_sessions": SIGNING_IN,
    "sessions.end_session": SIGNING_IN,
    "sessions.lock_session": SIGNING_IN,
    "sessions.note_second_factor": SIGNING_IN,
    "sessions.prove_session": SIGNING_IN,
    "sessions.tell_new_device": SIGNING_IN,
    "sessions.unlock_session": SIGNING_IN,
    "settings.note_told": LOOKS,
    "sign_in_links.use_sign_in_link": SIGNING_IN,
    "sign_in_settings.require_second_factor": SIGNING_IN,
    "staff.add_team": TEAMS,
    "staff.bring_back": TEAMS,
    "staff.change_person": TEAMS,
    "staff.delete_team": TEAMS,
    "staff.invite_person": "of people who join by a link",
    "staff.rename_team": TEAMS,
    "staff.sign_out_everywhere": SIGNING_IN,
    "user_links.new_link": SIGNING_IN,
    "user_links.use_link": SIGNING_IN,
    "user_links.withdraw_link": SIGNING_IN,
}


def test_simulator_knows_every_action():
    for each in (package, simulation):
        for module in pkgutil.walk_packages(each.__path__, f"{each.__name__}."):
            if not module.name.rpartition(".")[2].startswith(("test_", "__main__", "conftest")):
                import_module(module.name)
    known = _reached_from(_of_the_simulator())
    unknown = {
        name
        for name, action in actions(package).items()
        if _takes_a_change(action) and inspect.unwrap(action) not in known
    }
    assert unknown == UNKNOWN.keys()


def _takes_a_change(action: FunctionType) -> bool:
    first = next(iter(inspect.signature(action).parameters.values()), None)
    return first is not None and first.annotation is Change


def _of_the_simulator() -> Iterator[FunctionType]:
    for module in _modules(simulation):
        for each in vars(module).values():
            if inspect.isclass(each) and each.__module__ == module.__name__:
                yield from (method for method in vars(each).values() if inspect.isfunction(method))
            elif inspect.isfunction(each) and each.__module__ == module.__name__:
                yield each


def _modules(of: ModuleType) -> list[ModuleType]:
    return [each for name, each in sys.modules.items() if name.startswith(f"{of.__name__}.")]


def _reached_from(first: Iterator[FunctionType]) -> set[FunctionType]:
    """Return these functions and all that they name, themselves or by others that they name."""
    found: set[FunctionType] = set()
    waiting = list(first)
    while waiting:
        function = inspect.unwrap(waiting.pop())
        if function not in found:
            found.add(function)
            waiting += _named_in(function)
    return found


def _named_in(function: FunctionType) -> Iterator[FunctionType]:
    names = set(_names(function.__code__))
    here = [function.__globals__[name] for name in names if name in function.__globals__]
    there = [
        getattr(each, name)
        for each in here
        if isinstance(each, ModuleType)
        for name in names
        if hasattr(each, name)
    ]
    return (each for each in (*here, *there) if inspect.isfunction(each))


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _names(each)
