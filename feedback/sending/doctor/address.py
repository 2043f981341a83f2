"""The public address: does it lead to ourselves, and do the proxies in front pass on what they should?"""

import http.client
import ssl
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urlsplit

from feedback import __version__
from feedback.config import Settings
from feedback.core.health import HealthAnswer, answered_by_us, new_question
from feedback.findings import Finding, look, ok, wrong
from feedback.logs import words_of
from feedback.sending.doctor.database import compare_clocks
from feedback.web.hosts import takes_host

NAME = "Address"
TIMEOUT = 10  # seconds for each step
LONGEST = 4096  # bytes of an answer that are read


def check_address(settings: Settings, now: datetime) -> list[Finding]:
    """Ask our public address who it is."""
    base = settings.base_url
    if base is None:
        remedy = "Set FEEDBACK_BASE_URL: until then mails carry no links, and receipts for clients wait."
        return [look(NAME, "No public address is set; codes carry the one that the browser used.", remedy)]
    nonce, question = new_question(settings.secret_key)
    try:
        status, date, body = _get(base, f"/healthz?check={quote(question)}")
    except ssl.SSLCertVerificationError as error:
        remedy = "Renew the certificate, or install its whole chain."
        return [wrong(NAME, f"Browsers do not trust {base}: {error.verify_message}.", remedy)]
    except (OSError, http.client.HTTPException) as error:
        remedy = "Is the server running, and does the name lead here? If phones reach it, your network leads nobody back."
        return [wrong(NAME, f"{base} does not answer from here: {words_of(error)}.", remedy)]
    answer = answered_by_us(settings.secret_key, nonce, body)
    if answer is None:
        remedy = "Look where the name leads; several servers need the same FEEDBACK_SECRET_KEY."
        return [wrong(NAME, f"At {base} another server answers, or one with another key ({status}).", remedy)]
    return [*judge_answer(settings, answer), *_clock(date, now)]


def judge_answer(settings: Settings, answer: HealthAnswer) -> Iterator[Finding]:
    """Judge how a question that went through the public address arrived. settings: ours, with a base_url."""
    base = settings.base_url or ""
    if answer.base_url != base:
        remedy = "Give both the same FEEDBACK_BASE_URL, and start the server anew."
        yield wrong(
            NAME, f"{base} answers, but its codes carry {answer.base_url or 'the browser’s address'}.", remedy
        )
    elif answer.version != __version__:
        remedy = "Send the server HUP, or start it anew."
        yield look(NAME, f"At {base} version {answer.version} answers, and this is {__version__}.", remedy)
    elif base.startswith("http://") and not _is_this_machine(base):
        yield look(
            NAME,
            f"{base} answers, but without TLS anybody between reads along.",
            "Put a proxy with TLS in front.",
        )
    else:
        yield ok(NAME, f"{base} leads here, and is what codes carry.")
    yield _proxies(base, answer)


def _proxies(base: str, answer: HealthAnswer) -> Finding:
    name, trusted, met = "Proxies", answer.trusted_proxies, answer.proxies
    if met > trusted:
        remedy = f"Set FEEDBACK_TRUSTED_PROXIES={met}, or all visitors count as one and lock each other out."
        return wrong(name, f"{met} in front, but {trusted} trusted.", remedy)
    if met < trusted:
        remedy = f"Set FEEDBACK_TRUSTED_PROXIES={met}, or let each proxy set X-Forwarded-For: visitors could forge it."
        return wrong(name, f"{trusted} trusted, but {met} say who the visitor is.", remedy)
    if not takes_host(answer.host, base):
        return wrong(name, f"The server is asked for {answer.host}.", "Let the proxy pass Host on.")
    if answer.scheme != urlsplit(base).scheme:
        remedy = "Let the proxy set X-Forwarded-Proto."
        return look(name, f"The server is told that visitors come by {answer.scheme}.", remedy)
    return ok(name, f"{met or 'None'} in front, as set.")


def _clock(date: str | None, now: datetime) -> Iterator[Finding]:
    """Compare the clock of the public address, where it says one."""
    if date is None:
        return
    try:
        yield compare_clocks(
            "The public address's clock", (parsedate_to_datetime(date) - now).total_seconds()
        )
    except (ValueError, TypeError):
        return


def _get(base: str, path: str) -> tuple[int, str | None, str]:
    """Return status, Date and the beginning of the body. Follows no redirect. Raises OSError and HTTPException."""
    parts = urlsplit(base)
    host, port = parts.hostname or "", parts.port
    connection = (
        http.client.HTTPSConnection(host, port, timeout=TIMEOUT)
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, port, timeout=TIMEOUT)
    )
    try:
        connection.request("GET", path)
        with connection.getresponse() as response:
            return (
                response.status,
                response.getheader("Date"),
                response.read(LONGEST).decode("utf-8", "replace"),
            )
    finally:
        connection.close()


def _is_this_machine(base: str) -> bool:
    return urlsplit(base).hostname in ("localhost", "127.0.0.1", "::1")
