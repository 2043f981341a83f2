"""The kinds of entries in the audit log. What an entry is about is the part before the dot."""

from enum import StrEnum


class AuditKind(StrEnum):
    """What was done, or tried."""

    SIGNED_IN = "sign_in.done"
    SIGN_IN_FAILED = "sign_in.failed"
    SWITCHED = "sign_in.switched"  # from another organisation of the same person
    SIGN_IN_LINK = "sign_in.link"  # asked for, by mail
    FACTOR_ADDED = "factor.added"  # a phone's one-time codes
    FACTOR_ENDED = "factor.removed"
    RECOVERY_CODES = "factor.recovery_codes"  # made anew
    RECOVERY_USED = "factor.recovery_used"
    PASSKEY_ADDED = "passkey.added"
    PASSKEY_REMOVED = "passkey.removed"
    PASSKEY_CLONED = "passkey.cloned"
    PROVIDER_SET = "provider.changed"  # OpenID Connect
    PROVIDER_REMOVED = "provider.removed"
    PROOF_FAILED = "sign_in.proof_failed"  # of who somebody is, before what would hurt most
    SIGNED_OUT = "sign_in.ended"
    SESSION_ENDED = "session.ended"  # of another browser
    REFUSED = "access.refused"
    HANDED_OVER = "phone.handed_over"
    TAKEN_BACK = "meeting.taken_back"
    MEETING_MOVED = "meeting.moved"  # to another time
    DECLINED = "meeting.declined"  # by the client, as the rep notes
    NOT_DECLINED = "meeting.not_declined"
    ORGANISATION_MADE = "organisation.made"
    TRIED = "start.tried"  # a meeting, with made-up answers of which nothing is stored
    START_AWAY = "start.put_away"
    PERSON_ADDED = "person.added"
    PERSON_CHANGED = "person.changed"
    PERSON_UNDONE = "person.import_undone"  # gone with the import that brought them in
    PERSON_ENDED = "person.ended"
    PERSON_BACK = "person.brought_back"
    CLIENTS_HANDED_OVER = "clients.handed_over"  # to another rep
    CLIENTS_HANDED_BACK = "clients.handed_back"
    CONTACT_CHANGED = "contact.changed"
    CONTACT_ARCHIVED = "contact.archived"
    CONTACT_BACK = "contact.brought_back"
    CONTACTS_MERGED = "contact.merged"
    CONTACTS_PARTED = "contact.merge_undone"
    ACCOUNT_CHANGED = "account.changed"
    ACCOUNT_ARCHIVED = "account.archived"
    ACCOUNT_BACK = "account.brought_back"
    ACCOUNTS_MERGED = "account.merged"
    ACCOUNTS_PARTED = "account.merge_undone"
    PERSON_ERASED = "person.erased"
    CONTACT_ERASED = "contact.erased"
    PERSONS_FILE = "person.file"  # what is on file of somebody, taken out
    CONTACTS_FILE = "contact.file"
    COMMENTS_EXPIRED = "retention.comments"
    NAMES_EXPIRED = "retention.names"
    TEAM_ADDED = "team.added"
    TEAM_RENAMED = "team.renamed"
    TEAM_DELETED = "team.deleted"
    LINK_MADE = "link.made"  # to join, or to choose a new password
    LINK_ENDED = "link.withdrawn"
    LINK_USED = "link.used"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105 (the name of a deed)
    PASSWORD_LINK = "password.link"  # noqa: S105 (likewise)
    SETTINGS_CHANGED = "settings.changed"
    ANSWER_ACCEPTED = "answer.accepted"
    ANSWER_SET_ASIDE = "answer.set_aside"
    ANSWER_ERASED = "answer.erased"
    ALERT_CLOSED = "alert.closed"
    ALERT_REOPENED = "alert.reopened"
    OUTCOME_NOTED = "outcome.noted"  # what became of a client
    OUTCOME_CORRECTED = "outcome.corrected"
    OUTCOME_RETRACTED = "outcome.retracted"
    OUTCOME_BACK = "outcome.brought_back"
    IMPORT_STARTED = "import.started"
    IMPORTED = "import.done"
    IMPORT_UNDONE = "import.undone"
    EXPORTED = "export.done"
    WEBHOOK_ADDED = "webhook.added"
    WEBHOOK_ENDED = "webhook.ended"
    WEBHOOK_SECRET = "webhook.secret_rotated"  # noqa: S105 (likewise)
    WEBHOOK_RESENT = "webhook.resent"
