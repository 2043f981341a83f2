"""What an owner decides about how people sign in."""

from collections.abc import Sequence
from uuid import UUID

from feedback.core.access import Role
from feedback.core.audit import AuditKind
from feedback.db.change import Change
from feedback.store.organisations import locked_organisation


def require_second_factor(c: Change, by: UUID, roles: Sequence[Role]) -> None:
    """Ask people of these roles for a second factor from their next sign-in on; whoever has none yet is led to set one
    up then."""
    organisation = locked_organisation(c.session, c.organisation_id)
    before, after = organisation.second_factor_for, tuple(roles)
    if before == after:
        return
    organisation.second_factor_for, organisation.second_factor_since = after, c.now
    told = [{"second_factor_for": [role.value for role in each]} for each in (before, after)]
    c.audit(by, AuditKind.SETTINGS_CHANGED, before=told[0], after=told[1])
