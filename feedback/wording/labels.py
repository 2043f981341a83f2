"""The names of things on the pages of people who sign in."""

from dataclasses import dataclass

from feedback.core.alerts.reasons import Kind
from feedback.core.audit import AuditKind

# A stage as a rep chooses it; STAGE_PHRASES has it as part of a sentence.
STAGE_WORDS = {
    "curious": "Just looking, for themselves",
    "problem": "Their organisation has a problem worth solving",
    "change": "They have decided to change",
    "comparing": "Comparing options",
    "adopting": "Putting it to work",
    "growing": "Using it and wanting more",
}
GAP_WORDS = {
    "strength": "Agreed strength",
    "weakness": "Agreed weakness",
    "advantage": "Advantage",
    "blind_spot": "Blind spot",
}
SIGNAL_WORDS = {
    "reps_browser": "It was given in a browser where a rep is signed in, and no hand-over was chosen.",
    "one_device": "The same phone answered for three or more contacts.",
    "same_place": "It came from the same network and kind of browser as the rep's. In one office that is nothing unusual.",
    "rep_began_again": "It was begun anew on another phone, and one of the two was a rep's.",
    "begun_again": "It was begun anew on another phone; what the first had tapped was put away.",
    "no_script": "It was sent without the page's own script, or the page never said that it was opened.",
    "typed_address": "The rep typed the client's e-mail address, to which the receipt goes, after the meeting began.",
    "new_address": "The rep typed the client's e-mail address, to which the receipt goes, when the meeting began.",
    "own_address": "The client's e-mail address is one of your own people's. No receipt was sent to it.",
    "changed_by_mail": "It was changed with the link of a receipt, sent to an address that a rep typed in.",
    "taken_back": "It was erased: one with an urgent reason to look, or by the link of a receipt to an address that a rep typed in.",
    "hurried": "All six taps came within four seconds of opening.",
    "alike": "Three or more contacts of this rep gave the same six ratings that day.",
    "handed_over": "It was given on the rep's phone, handed over for it.",
}

WHY_NO_MAIL_WORDS = {
    "no_server": "We send no mail here: no mail server is set, or no public address. Send the line yourself.",
    "example": "The clients of the example are made up, so none is mailed.",
    "closed": "The page has closed.",
    "begun": "No mail is needed: the page was answered, or is being answered.",
    "asked": "Asked by mail already.",
    "no_address": "No e-mail address is known. Send the line yourself.",
    "stopped": "Does not want mail: whoever reads this address stopped it. Send the line yourself, or ask in the room.",
    "noted": "Does not want mail, as somebody here noted. Send the line yourself, or ask in the room.",
    "refused": "The mail server of this address says that it does not exist. Check the address, or send the line yourself.",
    "too_soon": "Asked by mail less than 14 days ago, about whatever meeting.",
}
ROLE_WORDS = {"rep": "rep", "manager": "manager", "owner": "owner"}

AUDIT_LABELS = {
    AuditKind.SIGNED_IN: "Signed in",
    AuditKind.SIGN_IN_FAILED: "Sign-in failed",
    AuditKind.SIGNED_OUT: "Signed out",
    AuditKind.SESSION_ENDED: "Ended a sign-in elsewhere",
    AuditKind.REFUSED: "Was refused a page",
    AuditKind.HANDED_OVER: "Handed the phone over",
    AuditKind.TAKEN_BACK: "Took a code back before anybody opened it",
    AuditKind.MEETING_MOVED: "Moved a meeting to another time",
    AuditKind.DECLINED: "Noted that a client declined to answer",
    AuditKind.NOT_DECLINED: "Took back that a client declined",
    AuditKind.ORGANISATION_MADE: "Set up the organisation",
    AuditKind.TRIED: "Meeting tried",
    AuditKind.START_AWAY: "First steps put away",
    AuditKind.PERSON_ADDED: "Person added",
    AuditKind.PERSON_CHANGED: "Person changed",
    AuditKind.PERSON_ENDED: "Person deactivated",
    AuditKind.PERSON_BACK: "Person brought back",
    AuditKind.CLIENTS_HANDED_OVER: "Clients handed over to another rep",
    AuditKind.CLIENTS_HANDED_BACK: "Clients handed back",
    AuditKind.CONTACT_CHANGED: "Client contact changed",
    AuditKind.CONTACT_ARCHIVED: "Client contact archived",
    AuditKind.CONTACT_BACK: "Client contact brought back",
    AuditKind.CONTACTS_MERGED: "Client contacts joined",
    AuditKind.CONTACTS_PARTED: "Joining of client contacts undone",
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
    AuditKind.SETTINGS_CHANGED: "Settings changed",
    AuditKind.ANSWER_ACCEPTED: "Doubtful answer accepted",
    AuditKind.ANSWER_SET_ASIDE: "Doubtful answer set aside",
    AuditKind.ANSWER_ERASED: "Answer erased by the client",
    AuditKind.ALERT_CLOSED: "Alert closed",
    AuditKind.ALERT_REOPENED: "Alert reopened",
    AuditKind.IMPORT_STARTED: "Import started",
    AuditKind.IMPORTED: "File imported",
    AuditKind.EXPORTED: "Everything exported",
    AuditKind.WEBHOOK_ADDED: "Webhook added",
    AuditKind.WEBHOOK_ENDED: "Webhook ended",
    AuditKind.WEBHOOK_SECRET: "Webhook secret replaced",
    AuditKind.WEBHOOK_RESENT: "Webhook message sent again",
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
        title="A low rating",
        short="Low rating",
        why="A client who gives a 2 or a 1 is telling you something, most of all who gives more than one. Ask soon.",
        next_step="call {contact} yourself within a day, and listen before you explain.",
    ),
    Kind.BROKEN_PROMISE: AlertLabel(
        title="A broken promise",
        short="Broken promise",
        why="The client says that something promised was not done.",
        next_step="find out from {rep} what was promised, and tell {contact} by when it will be done.",
    ),
    Kind.DROP: AlertLabel(
        title="A sudden drop",
        short="Drop",
        why="This answer is at least 25 points below what the relationship stood at before it.",
        next_step="ask {rep} what changed since the last meeting, then ask {contact} the same.",
    ),
    Kind.BLIND_SPOT: AlertLabel(
        title="A blind spot",
        short="Blind spot",
        why="The rep guessed far more than the client said: it will come as a surprise, so break it gently.",
        next_step="sit down with {rep} before the next meeting: the guess and the answer side by side.",
    ),
    Kind.DISPUTED: AlertLabel(
        title="“This wasn’t me”",
        short="“This wasn’t me”",
        why="Somebody with the code or the receipt says: this wasn’t me. Decide whether the answer counts.",
        next_step="open the answer, and decide whether it counts.",
    ),
    Kind.DOUBTFUL: AlertLabel(
        title="A doubtful answer",
        short="Doubtful",
        why="There is a strong sign that it was not the client who answered. It does not count until you decide.",
        next_step="open the answer, and decide whether it counts.",
    ),
    Kind.FINE: AlertLabel(
        title="“Fine”",
        short="“Fine”",
        why="Nothing bad, nothing good. Most clients who leave were “fine” shortly before.",
        next_step="have {rep} ask {contact} what would have made it a Good.",
    ),
    Kind.AHEAD: AlertLabel(
        title="Ahead of the client",
        short="Ahead of the client",
        why="The rep is selling to a later stage than the client has reached.",
        next_step="have {rep} go back one step: what does {contact} still need to decide?",
    ),
    Kind.SILENCE: AlertLabel(
        title="Silence",
        short="Silence",
        why="Nobody has met for longer than the review interval.",
        next_step="have {rep} propose a date to {contact} this week.",
    ),
    Kind.UNUSUAL: AlertLabel(
        title="Something unusual",
        short="Unusual",
        why="A weak sign that something is odd about this answer. It counts; have a look.",
        next_step="have a look at the answer; it counts unless you set it aside.",
    ),
}

# Why an answer is left out of a calculation, or not shown by itself.
LEFT_OUT_WORDS = {
    "guess_first": "waits for your guess",
    "not_answered": "not answered yet",
    "closed": "not answered",
    "answering": "being answered",
    "erased": "erased by the client",
    "manager_only": "only your manager sees this one",
    "not_guessed": "only your manager sees this one: you did not guess it in time",
    "quarantined": "not counted until a manager has looked at it",
    "set_aside": "set aside by a manager",
}
OUTCOME_WORDS = {"recovered": "Recovered", "accepted": "Accepted", "lost": "Lost", "mistaken": "Mistaken"}
STAGE_PHRASES = {
    "curious": "they are just looking",
    "problem": "they have a problem worth solving",
    "change": "they have decided to change",
    "comparing": "they are comparing options",
    "adopting": "they are putting it to work",
    "growing": "they want more of it",
}
