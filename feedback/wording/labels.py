"""The names of things on the pages of people who sign in."""

from dataclasses import dataclass

from feedback.core.alerts.reasons import TAKEN_BACK, Kind
from feedback.core.audit import AuditKind
from feedback.core.calendar.faults import CalendarFault
from feedback.core.chat import ChatService
from feedback.core.gaps.doughnuts import Badge
from feedback.core.scoring.levels import Level
from feedback.wording.i18n import lazy_app_text

_app = lazy_app_text  # translated when it is shown

# A stage as a rep chooses it; STAGE_PHRASES has it as part of a sentence.
STAGE_WORDS = {
    "curious": _app("Just looking, for themselves"),
    "problem": _app("Their organisation has a problem worth solving"),
    "change": _app("They have decided to change"),
    "comparing": _app("Comparing options"),
    "adopting": _app("Putting it to work"),
    "growing": _app("Using it and wanting more"),
}
# The same behind a colon.
STAGE_CLAUSES = {
    "curious": _app("just looking, for themselves"),
    "problem": _app("their organisation has a problem worth solving"),
    "change": _app("they have decided to change"),
    "comparing": _app("comparing options"),
    "adopting": _app("putting it to work"),
    "growing": _app("using it and wanting more"),
}
GAP_WORDS = {
    "strength": _app("Agreed strength"),
    "weakness": _app("Agreed weakness"),
    "advantage": _app("Advantage"),
    "blind_spot": _app("Blind spot"),
}
SIGNAL_WORDS = {
    "reps_browser": _app("It was given in a browser where a rep is signed in, and no hand-over was chosen."),
    "one_device": _app("The same phone answered for three or more contacts."),
    "same_place": _app(
        "It came from the same network and kind of browser as the rep's. In one office that is nothing unusual."
    ),
    "rep_began_again": _app("It was started again on another phone, and one of the two was a rep's."),
    "begun_again": _app("It was started again on another phone; what was tapped on the first was put aside."),
    "no_script": _app(
        "It was sent without the page's own script, or the page never said that it was opened."
    ),
    "typed_address": _app(
        "The rep typed the client's e-mail address, to which the receipt goes, after the meeting began."
    ),
    "new_address": _app(
        "The rep typed the client's e-mail address, to which the receipt goes, when the meeting began."
    ),
    "own_address": _app(
        "The client's e-mail address is one of your own people's. No receipt was sent to it."
    ),
    "changed_by_mail": _app(
        "It was changed with the link of a receipt, sent to an address that a rep typed in."
    ),
    "taken_back": _app(
        "It was erased: one with an urgent reason to look, or by the link of a receipt to an address that a rep typed in."
    ),
    "hurried": _app("All six taps came within four seconds of opening."),
    "alike": _app("Three or more contacts of this rep gave the same six ratings that day."),
    "handed_over": _app("It was given on the rep's phone, handed over for it."),
    "guest": _app(
        "It was given in a room under a name that was typed there, by somebody whom the rep had not chosen."
    ),
}

WAY_WORDS = {
    "code": _app("Code"),
    "link": _app("Link"),
    "mail": _app("Mail"),
    "group": _app("Room"),
}

WHY_NO_MAIL_WORDS = {
    "no_server": _app(
        "We send no mail here: no mail server is set, or no public address. Send the line yourself."
    ),
    "example": _app("The clients of the example are made up, so none is mailed."),
    "closed": _app("The page has closed."),
    "begun": _app("No mail is needed: the page was answered, or is being answered."),
    "asked": _app("Asked by mail already."),
    "archived": _app("Archived, so not asked automatically. Bring the contact back, or ask yourself."),
    "guess_first": _app("Seal your guess first. Before that nobody is told who in the room has answered."),
    "no_address": _app("No e-mail address is known. Send the line yourself."),
    "stopped": _app(
        "Does not want mail: whoever reads this address stopped it. Send the line yourself, or ask in the room."
    ),
    "noted": _app("Does not want mail, as somebody here noted. Send the line yourself, or ask in the room."),
    "refused": _app(
        "The mail server of this address says that it does not exist. Check the address, or send the line yourself."
    ),
    "too_soon": _app("Asked by mail less than 14 days ago, about this or another meeting."),
}
ROLE_WORDS = {"rep": _app("rep"), "manager": _app("manager"), "owner": _app("owner")}
DIMENSION_WORDS = {
    "integrity": _app("Integrity"),
    "competency": _app("Competency"),
    "recognition": _app("Recognition"),
    "proactivity": _app("Proactivity"),
    "savvy": _app("Savvy"),
    "chemistry": _app("Chemistry"),
}
LEVEL_WORDS = {
    Level.ANTAGONISTIC: _app("Antagonistic"),
    Level.TRANSACTIONAL: _app("Transactional"),
    Level.PREDISPOSED: _app("Predisposed"),
    Level.TRUSTED: _app("Trusted Advisor"),
}
BADGE_WORDS = {Badge.DOUGHNUTS: _app("Doughnuts"), Badge.BEYOND: _app("Beyond doughnuts")}
SEVERITY_WORDS = {"urgent": _app("Urgent"), "watch": _app("Watch")}
# By what core.passwords says of one.
STRENGTH_WORDS = {
    "very strong": _app("Your password is changed. It is very strong. You are signed out everywhere else."),
    "strong": _app("Your password is changed. It is strong. You are signed out everywhere else."),
    "good enough; a longer one would be stronger": _app(
        "Your password is changed. It is good enough; a longer one would be stronger. You are signed out everywhere else."
    ),
}
# Refusals by rooms that know no languages: they are translated where they are shown.
LOOKED_UP = (
    _app("These are one already."),
    _app("A colleague meets one of them, too. Ask your manager, or an owner, to join them."),
    _app("Another team meets one of them, too. An owner can join them."),
    _app(
        "Both were asked about the meeting of %(day)s, so they are two people. If one of the codes was a mistake, take it back first.",
        day="",
    ),
    _app("Both have answered, so that joining them changes your score. Ask your manager to do it."),
    _app("A password has at least 12 characters; a short sentence does well."),
    _app("A password has at most 200 characters."),
    _app("This password is one of the first that anybody would try."),
    _app("This password is little more than your name, address or organisation. Add some words of your own."),
    _app(
        "There is no meeting in it for the coming 14 days. All-day, private, cancelled and declined ones do not count."
    ),
    _app("More than 5,000 events: is this one person's calendar?"),
    _app("More than 1,000 meetings in 14 days: is this one person's calendar?"),
    _app("There is nothing in it. Choose an .ics file, or paste a calendar."),
    _app("This calendar is larger than 30 MB. Export a shorter time: the coming two weeks are enough."),
    _app("This cancels one meeting; it is not a calendar. Export the whole calendar."),
    _app("This is one invitation, not a calendar. Export the whole calendar."),
    _app("This is a reply to one invitation, not a calendar. Export the whole calendar."),
    _app("This is a .zip. Open it, and choose the .ics file in it."),
    _app("This calendar repeats too much to be read. Export only the coming two weeks."),
    _app("This is not a calendar. One begins with BEGIN:VCALENDAR, and its file ends in .ics."),
    _app("This calendar stops in the middle. Export it again, or paste all of it."),
    _app("This calendar is broken: its parts do not begin and end in pairs. Export it again."),
    _app("This calendar takes too long to be read. Export only the coming two weeks."),
    _app("Others are uploading their calendars just now. Nothing was changed; try again in a minute."),
)
# Notes that no person wrote, by how they are stored.
NOTE_WORDS = {TAKEN_BACK: _app("The client changed the answer, or took it back.")}


# Why a calendar was not read from its address, and what to do.
CALENDAR_FAULTS = {
    CalendarFault.ADDRESS: _app(
        "No server has this name. Copy the address from your calendar once more, whole."
    ),
    CalendarFault.PRIVATE: _app(
        "This address leads into a private network, which is not read from. Use an address that is public."
    ),
    CalendarFault.CONNECTION: _app("Its server did not answer, or broke off. We try again automatically."),
    CalendarFault.CERTIFICATE: _app(
        "Its server cannot prove that it is who it says. Check the name in the address, or tell whoever looks after it."
    ),
    CalendarFault.TIME: _app(
        "It took longer than 15 seconds. Share a smaller calendar, or a shorter time of it; we try again automatically."
    ),
    CalendarFault.SIGN_IN: _app(
        "Its server refuses to let us in. Copy the secret address anew, or write name and password again; many servers "
        "want a password made for apps."
    ),
    CalendarFault.GONE: _app(
        "There is no calendar at this address any more. Copy the secret address from your calendar anew."
    ),
    CalendarFault.SERVER: _app("Its server answers with an error. We try again automatically."),
    CalendarFault.REDIRECTS: _app(
        "This address redirects too often, or to where nothing is read from. Open it in a browser and copy the one it ends at."
    ),
    CalendarFault.SIZE: _app("It is larger than 30 MB. Share a smaller calendar, or a shorter time of it."),
    CalendarFault.CALENDAR: _app(
        "There is something else at this address. Copy the address that ends in .ics, and not the one of the page."
    ),
    CalendarFault.KEY: _app(
        "The address cannot be read with this server's key. Whoever looks after the server can put the key back; or "
        "write the address again."
    ),
}

SERVICE_NAMES = {ChatService.SLACK: "Slack", ChatService.TEAMS: "Microsoft Teams"}

AUDIT_LABELS = {
    AuditKind.SIGNED_IN: "Signed in",
    AuditKind.SIGN_IN_FAILED: "Sign-in failed",
    AuditKind.SWITCHED: "Switched here from another organisation",
    AuditKind.SIGN_IN_LINK: "Link to sign in, by mail",
    AuditKind.FACTOR_ADDED: "Second factor set up",
    AuditKind.FACTOR_ENDED: "Second factor removed",
    AuditKind.RECOVERY_CODES: "New recovery codes",
    AuditKind.RECOVERY_USED: "Recovery code used",
    AuditKind.PASSKEY_ADDED: "Passkey added",
    AuditKind.PASSKEY_REMOVED: "Passkey removed",
    AuditKind.PASSKEY_CLONED: "Passkey blocked: there is a copy of it",
    AuditKind.PROVIDER_SET: "Single sign-on set up or changed",
    AuditKind.PROVIDER_REMOVED: "Single sign-on removed",
    AuditKind.PROOF_FAILED: "Did not show who they are",
    AuditKind.SIGNED_OUT: "Signed out",
    AuditKind.SESSION_ENDED: "Ended a sign-in elsewhere",
    AuditKind.REFUSED: "Was refused a page",
    AuditKind.HANDED_OVER: "Handed the phone over",
    AuditKind.TAKEN_BACK: "Took a code back before anybody opened it",
    AuditKind.MEETING_MOVED: "Moved a meeting to another time",
    AuditKind.DECLINED: "Noted that a client declined to answer",
    AuditKind.NOT_DECLINED: "Took back that a client declined",
    AuditKind.CALENDAR_SUBSCRIBED: "Had the own calendar read from an address",
    AuditKind.CALENDAR_CHANGED: "Changed the address of the own calendar",
    AuditKind.CALENDAR_STOPPED: "Stopped the reading of the own calendar",
    AuditKind.OWN_ADDRESS_ADDED: "Added another address of one's own",
    AuditKind.OWN_ADDRESS_REMOVED: "Removed another address of one's own",
    AuditKind.ORGANISATION_MADE: "Set up the organisation",
    AuditKind.TRIED: "Meeting tried",
    AuditKind.START_AWAY: "First steps put away",
    AuditKind.PERSON_ADDED: "Person added",
    AuditKind.PERSON_CHANGED: "Person changed",
    AuditKind.PERSON_UNDONE: "Person gone again, with an import that was undone",
    AuditKind.PERSON_ENDED: "Person deactivated",
    AuditKind.PERSON_BACK: "Person brought back",
    AuditKind.CLIENTS_HANDED_OVER: "Clients handed over to another rep",
    AuditKind.CLIENTS_HANDED_BACK: "Clients handed back",
    AuditKind.CONTACT_ADDED: "Client contact added",
    AuditKind.CONTACT_CHANGED: "Client contact changed",
    AuditKind.CONTACT_ARCHIVED: "Client contact archived",
    AuditKind.CONTACT_BACK: "Client contact brought back",
    AuditKind.CONTACTS_MERGED: "Client contacts joined",
    AuditKind.CONTACTS_PARTED: "Joining of client contacts undone",
    AuditKind.ACCOUNT_ADDED: "Account added",
    AuditKind.ACCOUNT_CHANGED: "Account changed",
    AuditKind.ACCOUNT_ARCHIVED: "Account archived",
    AuditKind.ACCOUNT_BACK: "Account brought back",
    AuditKind.ACCOUNTS_MERGED: "Accounts joined",
    AuditKind.ACCOUNTS_PARTED: "Joining of accounts undone",
    AuditKind.PERSON_ERASED: "Person erased",
    AuditKind.CONTACT_ERASED: "Client contact erased",
    AuditKind.PERSONS_FILE: "File of a person taken out",
    AuditKind.CONTACTS_FILE: "File of a client contact taken out",
    AuditKind.COMMENTS_EXPIRED: "Old comments deleted",
    AuditKind.NAMES_EXPIRED: "Old names erased",
    AuditKind.TEAM_ADDED: "Team added",
    AuditKind.TEAM_RENAMED: "Team renamed",
    AuditKind.TEAM_DELETED: "Team deleted",
    AuditKind.LINK_MADE: "Link made for somebody",
    AuditKind.LINK_ENDED: "Link withdrawn",
    AuditKind.LINK_USED: "Link used",
    AuditKind.PASSWORD_CHANGED: "Password changed",
    AuditKind.PASSWORD_LINK: "Link for a new password",
    AuditKind.TOKEN_MADE: "Token made for another program",
    AuditKind.TOKEN_ENDED: "Token ended",
    AuditKind.TOKEN_BURNT: "Token ended: it stood in an address",
    AuditKind.SETTINGS_CHANGED: "Settings changed",
    AuditKind.ANSWER_ACCEPTED: "Doubtful answer accepted",
    AuditKind.ANSWER_SET_ASIDE: "Doubtful answer set aside",
    AuditKind.ANSWER_ERASED: "Answer erased by the client",
    AuditKind.ALERT_CLOSED: "Alert closed",
    AuditKind.ALERT_REOPENED: "Alert reopened",
    AuditKind.OUTCOME_NOTED: "Outcome of a client noted",
    AuditKind.OUTCOME_CORRECTED: "Outcome of a client corrected",
    AuditKind.OUTCOME_RETRACTED: "Outcome of a client retracted",
    AuditKind.OUTCOME_BACK: "Outcome of a client brought back",
    AuditKind.CLIENT_TOLD: "Client told what was done",
    AuditKind.CLIENT_LINE_BACK: "What a client was told taken back",
    AuditKind.IMPORT_STARTED: "Import started",
    AuditKind.IMPORTED: "File imported",
    AuditKind.IMPORT_UNDONE: "Import undone",
    AuditKind.EXPORTED: "Everything exported",
    AuditKind.WEBHOOK_ADDED: "Webhook added",
    AuditKind.WEBHOOK_ENDED: "Webhook ended",
    AuditKind.WEBHOOK_SECRET: "Webhook secret replaced",
    AuditKind.WEBHOOK_RESENT: "Webhook message sent again",
    AuditKind.CHAT_ADDED: "Chat channel added",
    AuditKind.CHAT_CHANGED: "Chat channel changed",
    AuditKind.CHAT_TESTED: "Chat channel tested",
    AuditKind.CHAT_PAUSED: "Chat channel paused",
    AuditKind.CHAT_RESUMED: "Chat channel goes on",
    AuditKind.CHAT_REMOVED: "Chat channel removed",
}


@dataclass(frozen=True, slots=True)
class AlertLabel:
    """What a reason for an alert is called."""

    title: str
    short: str  # in lists and in the subjects of mails
    why: str  # a sentence or two for the manager
    next_step: str  # for whoever takes the alert; {contact} and {rep} are their first names


ALERT_LABELS = {
    Kind.LOW: AlertLabel(
        title=_app("A low rating"),
        short=_app("Low rating"),
        why=_app(
            "A client who gives a 2 or a 1 is telling you something, most of all who gives more than one. Ask soon."
        ),
        next_step=_app("call {contact} yourself within a day, and listen before you explain."),
    ),
    Kind.BROKEN_PROMISE: AlertLabel(
        title=_app("A broken promise"),
        short=_app("Broken promise"),
        why=_app("The client says that something promised was not done."),
        next_step=_app("find out from {rep} what was promised, and tell {contact} by when it will be done."),
    ),
    Kind.DROP: AlertLabel(
        title=_app("A sudden drop"),
        short=_app("Drop"),
        why=_app("This answer is at least 25 points below what the relationship stood at before it."),
        next_step=_app("ask {rep} what changed since the last meeting, then ask {contact} the same."),
    ),
    Kind.BLIND_SPOT: AlertLabel(
        title=_app("A blind spot"),
        short=_app("Blind spot"),
        why=_app(
            "The rep guessed far more than the client said: it will come as a surprise, so break it gently."
        ),
        next_step=_app("sit down with {rep} before the next meeting: the guess and the answer side by side."),
    ),
    Kind.DISPUTED: AlertLabel(
        title=_app("“This wasn’t me”"),
        short=_app("“This wasn’t me”"),
        why=_app(
            "Somebody with the code or the receipt says: this wasn’t me. Decide whether the answer counts."
        ),
        next_step=_app("open the answer, and decide whether it counts."),
    ),
    Kind.DOUBTFUL: AlertLabel(
        title=_app("A doubtful answer"),
        short=_app("Doubtful"),
        why=_app(
            "There is a strong sign that it was not the client who answered. It does not count until you decide."
        ),
        next_step=_app("open the answer, and decide whether it counts."),
    ),
    Kind.FINE: AlertLabel(
        title=_app("“Fine”"),
        short=_app("“Fine”"),
        why=_app("Nothing bad, nothing good. Most clients who leave were “fine” shortly before."),
        next_step=_app("have {rep} ask {contact} what would have made it a Good."),
    ),
    Kind.AHEAD: AlertLabel(
        title=_app("Ahead of the client"),
        short=_app("Ahead of the client"),
        why=_app("The rep is selling to a later stage than the client has reached."),
        next_step=_app("have {rep} go back one step: what does {contact} still need to decide?"),
    ),
    Kind.SILENCE: AlertLabel(
        title=_app("Silence"),
        short=_app("Silence"),
        why=_app("Nobody has met for longer than the review interval."),
        next_step=_app("have {rep} propose a date to {contact} this week."),
    ),
    Kind.UNUSUAL: AlertLabel(
        title=_app("Something unusual"),
        short=_app("Unusual"),
        why=_app("A weak sign that something is odd about this answer. It counts; have a look."),
        next_step=_app("have a look at the answer; it counts unless you set it aside."),
    ),
}

# Why an answer is left out of a calculation, or not shown by itself.
LEFT_OUT_WORDS = {
    "guess_first": _app("waits for your guess"),
    "not_answered": _app("not answered yet"),
    "closed": _app("not answered"),
    "answering": _app("being answered"),
    "erased": _app("erased by the client"),
    "manager_only": _app("only your manager sees this one"),
    "not_guessed": _app("only your manager sees this one: you did not guess it in time"),
    "quarantined": _app("not counted until a manager has looked at it"),
    "set_aside": _app("set aside by a manager"),
}
OUTCOME_WORDS = {
    "recovered": _app("Recovered"),
    "accepted": _app("Accepted"),
    "lost": _app("Lost"),
    "mistaken": _app("Mistaken"),
}
OUTCOME_PHRASES = {
    "recovered": _app("recovered"),
    "accepted": _app("accepted"),
    "lost": _app("lost"),
    "mistaken": _app("mistaken"),
}
# What became of a client, as a button and as part of a sentence.
CLIENT_OUTCOME_WORDS = {
    "renewed": _app("Renewed"),
    "grew": _app("Grew"),
    "shrank": _app("Shrank"),
    "lost": _app("Lost"),
}
STAGE_PHRASES = {
    "curious": _app("they are just looking"),
    "problem": _app("they have a problem worth solving"),
    "change": _app("they have decided to change"),
    "comparing": _app("they are comparing options"),
    "adopting": _app("they are putting it to work"),
    "growing": _app("they want more of it"),
}
