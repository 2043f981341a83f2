"""Tables and their constraints, a file per noun. Importing this package registers all of them."""

from feedback.models.alert import Alert, AlertEvent, AlertReason
from feedback.models.answer_key import AnswerKey
from feedback.models.api_token import ApiReplay, ApiToken
from feedback.models.audit import Audit
from feedback.models.calendar import CalendarAddress, CalendarEntry, HeldMeeting, RepCalendar
from feedback.models.chat import ChatChannel, ChatMessage
from feedback.models.client_line import ClientLine
from feedback.models.clients import Account, Contact, MailStop, Merge
from feedback.models.counter import Counter
from feedback.models.feedback import Feedback, Side
from feedback.models.handed_over import HandedOver
from feedback.models.import_job import ImportJob, ImportRow, JobState
from feedback.models.look import Logo, Wording
from feedback.models.meeting import GroupCode, Invitation, Meeting, ReservedCode, TakenBack
from feedback.models.organisation import Organisation
from feedback.models.outbox import Mail, Outbox
from feedback.models.outcome import EvidenceFigures, NotedOutcome
from feedback.models.people import Team, TeamManager, User
from feedback.models.practice import PracticeChoice
from feedback.models.promise import Promise, Verdict
from feedback.models.relationship import Activity, Relationship
from feedback.models.rep_sums import DataVersion, StoredSums
from feedback.models.scoring_change import ChangeState, ScoringChange
from feedback.models.session import UserSession
from feedback.models.sign_in import IdentityProvider, OneTimeCodes, Passkey, RecoveryCode, SignInLink
from feedback.models.sign_up import SignUp
from feedback.models.standing import FrozenWeek, Standing
from feedback.models.user_link import LinkKind, UserLink
from feedback.models.webhook import Webhook, WebhookDelivery

__all__ = [
    "Account", "Activity", "Alert", "AlertEvent", "AlertReason", "AnswerKey", "ApiReplay", "ApiToken", "Audit", "CalendarAddress", "CalendarEntry", "ChangeState", "ChatChannel", "ChatMessage", "ClientLine",
    "Contact", "Counter", "DataVersion", "EvidenceFigures", "Feedback", "FrozenWeek", "GroupCode", "HandedOver", "HeldMeeting", "IdentityProvider", "ImportJob", "ImportRow",
    "Invitation", "JobState", "LinkKind", "Logo", "Mail", "MailStop", "Meeting", "Merge", "NotedOutcome", "OneTimeCodes", "Organisation", "Outbox",
    "Passkey", "PracticeChoice", "Promise", "RecoveryCode", "Relationship", "RepCalendar", "ReservedCode", "ScoringChange", "Side", "SignInLink", "SignUp", "Standing",
    "StoredSums", "TakenBack", "Team", "TeamManager", "User", "UserLink", "UserSession", "Verdict", "Webhook", "WebhookDelivery", "Wording",
]  # fmt: skip
