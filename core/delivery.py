"""The outbox, sending side: claim rows, send them over one connection a batch, retry with back-off.

A worker owns a mail from its claim until it writes how it ended. A claim that is older than MAIL_LEASE_SECONDS belongs
to a worker that died, and another takes the mail over; a worker that is merely slow renews its claim just before it
sends, and leaves the mail alone when it has lost it. So a second copy leaves only where the server had taken the mail
and its answer was lost, and then with the same Message-ID. What was sent is noted as soon as the database can.
"""

import contextlib
import logging
import smtplib
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core import mail
from django.db import DatabaseError, InterfaceError, connection, transaction

from core import refusals
from core.models import MailState, OutgoingMail

BATCH = 50
BACK_OFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720)]
PAUSE = timedelta(minutes=1)  # after a server that cannot be reached
log = logging.getLogger(__name__)


def deliver(*, clock: Callable[[], datetime], limit: int = 2000) -> int:
    """Send what is due, urgent before bulk, at most `limit` mails with those that are held; gives the number sent.

    A batch is claimed and sent at a time, so that an urgent mail never waits for more than a batch.
    """
    sent = 0
    for _ in range(-(-limit // BATCH)):
        claim, rows, held = claim_batch(now=clock())
        if not rows and not held:
            break
        if not rows:
            continue  # a whole batch to refused addresses keeps what stands behind it waiting no longer
        done, reachable = send_batch(rows, claim=claim, clock=clock)
        sent += done
        if not reachable:
            break
    return sent


def claim_batch(*, now: datetime) -> tuple[uuid.UUID, list[OutgoingMail], int]:
    """Take up to a batch of due mails into this worker's hand; those to a refused address are held instead.

    Gives the claim, its mails, and how many were held.
    """
    claim = uuid.uuid4()
    lease = timedelta(seconds=settings.MAIL_LEASE_SECONDS)
    with transaction.atomic():
        due = (
            OutgoingMail.objects.claimable(now, lease)
            .select_for_update(skip_locked=True)
            .annotate(is_refused=refusals.is_refused())
            .values_list("pk", "is_refused")
        )
        keys: list[int] = []
        refused: list[int] = []
        for pk, is_refused in due[:BATCH]:
            (refused if is_refused else keys).append(pk)
        if refused:
            refusals.hold(OutgoingMail.objects.filter(pk__in=refused), why="the address was refused before")
        OutgoingMail.objects.filter(pk__in=keys).update(state=MailState.SENDING, claim=claim, claimed_at=now)
    rows = OutgoingMail.objects.filter(claim=claim, state=MailState.SENDING).order_by(
        "-urgent", "next_attempt_at", "pk"
    )
    return claim, list(rows), len(refused)


def send_batch(rows: list[OutgoingMail], *, claim: uuid.UUID, clock: Callable[[], datetime]) -> tuple[int, bool]:
    """Send claimed mails over one connection; gives the number sent and whether the server could be reached."""
    mine = OutgoingMail.objects.filter(claim=claim, state=MailState.SENDING)
    connection = mail.get_connection()
    sent = 0
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        log.warning("mail server cannot be reached: %s", type(error).__name__)
        release(mine, error, now=clock())
        return 0, False
    try:
        for row in rows:
            now = clock()
            if row.expires_at and row.expires_at <= now:
                mine.filter(pk=row.pk).update(state=MailState.WITHDRAWN)
                continue
            if not in_hand(mine.filter(pk=row.pk), row, now=now):
                continue  # withdrawn, or taken over by another worker meanwhile
            try:
                connection.send_messages([message(row, connection)])
            except smtplib.SMTPServerDisconnected as error:
                retry(mine.filter(pk=row.pk), row, error, now=clock())
                release(mine, error, now=clock())
                return sent, False
            except (smtplib.SMTPException, OSError) as error:
                retry(mine.filter(pk=row.pk), row, error, now=clock())
                if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException):
                    release(mine, error, now=clock())
                    return sent, False
            except Exception as error:  # a mail that cannot even be put together holds up no other
                log.exception("mail %s cannot be sent", row.pk)
                retry(mine.filter(pk=row.pk), row, error, now=clock())
            else:
                sent += persist(
                    mine.filter(pk=row.pk), state=MailState.SENT, sent_at=clock(), attempts=row.attempts + 1, error=""
                )
    finally:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            connection.close()
    return sent, True


def in_hand(row_set, row: OutgoingMail, *, now: datetime) -> bool:
    """Whether the mail is still this worker's. Renews a claim of which a tenth is over.

    Before that it only looks, which costs no commit to the disk.
    """
    if row.claimed_at and now - row.claimed_at < timedelta(seconds=settings.MAIL_LEASE_SECONDS) / 10:
        return row_set.exists()
    return bool(row_set.update(claimed_at=now))


def persist(row_set, **fields) -> int:
    """Write what became of a mail that has left, once more each second while the database is away.

    Without it another worker would send a second copy. Gives up after MAIL_LEASE_SECONDS, when the claim is gone too.
    """
    until = time.monotonic() + settings.MAIL_LEASE_SECONDS
    while True:
        try:
            return row_set.update(**fields)
        except (DatabaseError, InterfaceError) as error:  # psycopg2 gives a broken line any of them
            if connection.in_atomic_block or time.monotonic() > until:
                raise
            log.warning("the database is away, a mail that was sent is not noted yet: %s", type(error).__name__)
            connection.close()
            time.sleep(1)


def standing_headers(language: str) -> dict[str, str]:
    """What the headers of every mail of the portal tell: its language, and that no machine should answer it.

    RFC 3834 (Auto-Submitted), and Exchange's own header, which does not ask it to keep quiet about what was not
    delivered.
    """
    return {
        "Content-Language": language,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply, DR, RN, NRN",
    }


def message(row: OutgoingMail, connection) -> mail.EmailMultiAlternatives:
    headers: dict[str, str] = {}
    if row.stop_mark in row.text:  # RFC 8058: one click in the mail program, and no more of these
        headers["List-Unsubscribe"] = f"<{row.stop_link}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    email = mail.EmailMultiAlternatives(
        subject=row.subject,
        body=row.with_link(row.text),
        to=[row.to],
        connection=connection,
        headers={
            "Message-ID": f"<{row.message_id}@{domain}>",
            **standing_headers(row.language),
            **headers,
        },
    )
    if row.html:
        email.attach_alternative(row.with_link(row.html), "text/html")
    in_body = False
    for attachment in row.attachments:
        content, kind = attachment["content"], attachment["content_type"]
        if method := attachment.get("method"):
            typed = f"text/calendar; method={method}"
            if in_body:
                # A body has one calendar: a program shows one of its alternatives and drops the others. Further ones
                # are parts by themselves, of the type that RFC 6047 asks, and have no second copy.
                kind = typed
            else:
                # Outlook and Gmail act on a calendar that is an alternative of the body and names its method (RFC
                # 6047); the same as a file is for the others, under another type so that nobody sees two (as Google
                # sends it).
                email.attach_alternative(content, typed)
                in_body = True
        # As bytes: Django would write any text but text/… in Latin-1.
        email.attach(attachment["name"], content if kind.startswith("text/") else content.encode(), kind)
    return email


def is_final(error: Exception) -> bool:
    """The server refused this very message or address for good (5xx): trying again changes nothing."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and 500 <= error.smtp_code < 600


def retry(row_set, row: OutgoingMail, error: Exception, *, now: datetime) -> None:
    attempts = row.attempts + 1
    log.warning("mail %s was not sent, attempt %s: %s", row.pk, attempts, type(error).__name__)
    if refusals.is_about_address(error):
        row_set.update(attempts=attempts)
        refusals.note(row, refusals.answer_of(error, to=row.to), now=now)
        return
    if is_final(error) or attempts > len(BACK_OFF):
        row_set.update(state=MailState.FAILED, attempts=attempts, error=describe(error, to=row.to), claim=None)
        return
    row_set.update(
        state=MailState.QUEUED,
        attempts=attempts,
        error=describe(error, to=row.to),
        claim=None,
        next_attempt_at=now + BACK_OFF[attempts - 1],
    )


def release(mine, error: Exception, *, now: datetime) -> None:
    """Put back what this worker holds; it was not tried, so it costs no attempt."""
    mine.update(state=MailState.QUEUED, claim=None, error=describe(error), next_attempt_at=now + PAUSE)


def send_again(row_set, *, now: datetime) -> int:
    """Give failed mails a new series of attempts, with the same Message-ID; gives their number."""
    return row_set.can_be_sent_again().update(state=MailState.QUEUED, attempts=0, error="", next_attempt_at=now)


def describe(error: Exception, *, to: str = "") -> str:
    """For staff's list: the kind of error and what the server said, shortened and without addresses."""
    return f"{type(error).__name__}: {refusals.answer_of(error, to=to)}"[: refusals.LONGEST]


def hold(*, why: str) -> int:
    """Keep all that waits from leaving, as failed mail with `why` for staff to read; gives its number.

    Unlike a withdrawn mail it keeps its key, so that no reminder is written anew; `send_again` lets it go.
    """
    return OutgoingMail.objects.waiting().update(state=MailState.FAILED, error=why, claim=None)
