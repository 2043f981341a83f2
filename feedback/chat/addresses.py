"""The address of a chat channel: what may be one, and what another one changes."""

from contextlib import suppress
from uuid import UUID

from feedback.core.audit import AuditKind
from feedback.core.chat import ChatService, PauseCause
from feedback.db.change import Change, Invalid
from feedback.models.encrypted import UnreadableSecret
from feedback.store.chat import address_shown, channel_rows, locked_channel
from feedback.store.organisations import locked_organisation
from feedback.webhooks.subscriptions import addresses_of
from feedback.webhooks.targets import target_of
from feedback.wording.labels import SERVICE_NAMES

# Hosts by which an address of the one service is told from that of the other.
_HOSTS = {ChatService.SLACK: ("slack.com", "slack-gov.com"), ChatService.TEAMS: ("logic.azure.com", "powerplatform.com", "webhook.office.com")}  # fmt: skip


def check_address(url: str, *, private: bool) -> None:
    """Look up whether messages may be sent to an address, before a change is open. private: as in the settings. Raises
    Invalid; what is no address at all `address_fault` says."""
    try:
        addresses_of(target_of(url.strip(), private=private), private=private)
    except ValueError:
        return
    except OSError as error:
        raise Invalid(url=str(error)) from error


def address_fault(url: str, service: str, *, private: bool) -> str | None:
    """Return why this is no address of a service; None where it may be one."""
    try:
        host = target_of(url, private=private).host
    except ValueError as error:
        return str(error) if url else "Paste the address that Slack or Teams gave you."
    if other := _other_service(host, service):
        return f"This is an address of {other}. Choose {other}, or paste the other address."
    return None


def change_address(
    c: Change, channel_id: UUID, user_id: UUID, url: str, *, managers_only: bool, private: bool
) -> None:
    """Post to another address from now on, what waits, too; the same again changes nothing. managers_only: that managers
    alone read the channel there as well, which a channel that was said to be theirs needs. A pause ends that the service
    caused; an owner's own stays. Raises Invalid and NotFound."""
    locked_organisation(c.session, c.organisation_id)  # nobody else takes the address meanwhile
    channel, url = locked_channel(c.session, c.organisation_id, channel_id), url.strip()
    if fault := address_fault(url, channel.service, private=private):
        raise Invalid(url=fault)
    before = address_shown(channel.address)
    taken = channel_at(c, url)
    if taken and taken[0] == channel_id:
        return
    if taken:
        raise Invalid(url=f"“{taken[1]}” has this address already. Remove one of the two.")
    if channel.managers_only and not managers_only:
        raise Invalid(
            there="Messages for managers alone are posted there. Confirm that nobody else reads it, or first change who "
            "reads this channel."
        )
    channel.address = url
    goes_on = channel.paused_because in (PauseCause.GONE, PauseCause.REFUSED)
    if goes_on:
        channel.paused_at = channel.paused_because = None
    c.session.flush()
    c.session.refresh(channel)
    c.audit(
        user_id,
        AuditKind.CHAT_CHANGED,
        channel_id,
        name=channel.name,
        before={"address": before},
        after={"address": address_shown(channel.address)},
    )
    if goes_on:
        c.audit(user_id, AuditKind.CHAT_RESUMED, channel_id, name=channel.name)


def channel_at(c: Change, url: str) -> tuple[UUID, str] | None:
    """Return id and name of the channel that has an address; None where none has."""
    for each in channel_rows(c.session, c.organisation_id):
        with suppress(UnreadableSecret):
            if each.address.text == url:
                return each.id, each.name
    return None


def _other_service(host: str, service: str) -> str | None:
    """Return the name of the service that a host belongs to, where it is another than the chosen one."""
    for each, hosts in _HOSTS.items():
        if each != service and any(host == known or host.endswith(f".{known}") for known in hosts):
            return SERVICE_NAMES[each]
    return None
