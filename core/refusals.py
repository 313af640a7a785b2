"""Addresses that the mail server refused for good: they get no mail until staff, or the reader, mended them.

Mail for such an address is written as ever, so that its key exists, and held. When the address is tried again, what is
still of use leaves; what was cancelled or has passed meanwhile was withdrawn like any other waiting mail. Codes to sign
in do not pass the outbox: they are tried always, and one that is taken frees the address.
"""

import re
import smtplib
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import DateTimeField, Exists, OuterRef, Q, Value
from django.db.models.functions import Greatest, Lower

from core import audit, hiding, texts
from core.models import MailState, OutgoingMail, RefusedAddress

# RFC 5321, 4.2.3: no such mailbox (550), not here (551), a name that no mailbox can have (553). 552 is a mailbox that
# is full, and 554 says nothing about the address.
NO_SUCH_ADDRESS = {550, 551, 553}
# RFC 3463: where the server says more exactly why, only a bad address or a mailbox that was switched off counts. 5.7.x
# is about who sends, such as a list of spammers, and is no fault of the reader's.
DETAIL = re.compile(r"^5\.(\d{1,3})\.(\d{1,3})\b")
# What hiding.without_personal does not know: quoted names, other at-signs, whatever stands in angle brackets.
LIKE_AN_ADDRESS = [
    re.compile(r"<[^<>]*>"),
    re.compile(r'"[^"]*"@\S+'),
    re.compile(r"\S*[\uff20\ufe6b]\S*"),
    re.compile(r"[\w.+-]+\s?[(\[{]\s?at\s?[)\]}]\s?[\w.-]+", re.IGNORECASE),
]
LONGEST = 500  # letters of an answer that are kept


def answer_of(error: Exception, *, to: str = "") -> str:
    """What a mail server said, for staff's lists, with no address in it: nor any part of `to`, whom the mail was for.

    A server may also name whom it forwards to.
    """
    answers: Iterable[tuple[int | str, bytes | str]]
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = error.recipients.values()
    elif isinstance(error, smtplib.SMTPResponseException):
        answers = [(error.smtp_code, error.smtp_error)]
    else:
        answers = [("", str(error))]
    said = "; ".join(f"{code} {_text(words)}".strip() for code, words in answers)
    return _without_addresses(said, to=to)[:LONGEST]


def _text(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)


def _without_addresses(text: str, *, to: str) -> str:
    for pattern in LIKE_AN_ADDRESS:
        text = pattern.sub(hiding.HIDDEN, text)
    text = hiding.without_personal(text)
    name, _, domain = to.rpartition("@")
    parts = {name, name.partition("+")[0], domain}
    return texts.Sought(parts).struck(text, by=hiding.HIDDEN)


def is_about_address(error: Exception) -> bool:
    """Whether the server refused the recipient for good, because of the address itself."""
    if not isinstance(error, smtplib.SMTPRecipientsRefused) or len(error.recipients) != 1:
        return False
    [(code, words)] = error.recipients.values()
    detail = DETAIL.match(_text(words))
    about_address = not detail or detail[1] == "1" or detail.group(1, 2) == ("2", "1")
    return code in NO_SUCH_ADDRESS and about_address


def is_refused() -> Exists:
    """For the claim: whether the row's address stands on the list."""
    return Exists(RefusedAddress.objects.filter(address=Lower(OuterRef("to"))))


@transaction.atomic
def note(row: OutgoingMail, answer: str, *, now: datetime) -> None:
    """Put the row's address on staff's list, and hold what waits for it, with this row.

    Nothing is written once the mail itself is gone, as those of a dialogue that was forgotten meanwhile are.
    """
    if not OutgoingMail.objects.select_for_update().filter(pk=row.pk).exists():
        return
    fields = {"answer": answer, "refused_at": now, "recipient": row.recipient, "mail": row}
    RefusedAddress.objects.update_or_create(address=row.to.lower(), defaults=fields)
    hold(OutgoingMail.objects.unsent().filter(to__iexact=row.to), why=answer)


def hold(rows, *, why: str) -> None:
    """Without touching what hangs on their keys."""
    rows.update(state=MailState.HELD, claim=None, error=why)


@transaction.atomic
def try_again(*, refused: RefusedAddress, actor, now: datetime) -> None:
    """Take the address off the list and let go what waited for it and is still of use."""
    audit.record("mail.address_tried_again", None, actor=actor, now=now)
    lift(refused.address, now=now)


@transaction.atomic
def lift(address: str, *, now: datetime) -> int:
    """The address takes mail again; gives the number of mails that leave. Nothing happens where it was not refused."""
    if not RefusedAddress.objects.filter(address=address.lower()).delete()[0]:
        return 0
    return _release(OutgoingMail.objects.filter(to__iexact=address), now=now)


@transaction.atomic
def follow(person, *, now: datetime) -> int:
    """The person has another address now: what was held for the old one leaves for the new one."""
    old = OutgoingMail.objects.filter(recipient=person).exclude(to__iexact=person.email)
    RefusedAddress.objects.filter(recipient=person).exclude(address=person.email.lower()).delete()
    return _release(old, now=now, to=person.email)


def _release(rows, *, now: datetime, **fields) -> int:
    held = rows.filter(state=MailState.HELD)
    held.filter(expires_at__lte=now).update(state=MailState.WITHDRAWN)
    fields |= {"state": MailState.QUEUED, "attempts": 0, "error": ""}
    fields["next_attempt_at"] = Greatest("next_attempt_at", Value(now, DateTimeField()))  # its act may still wait
    return held.exclude(text="").filter(Q(expires_at=None) | Q(expires_at__gt=now)).update(**fields)
