"""The outbox, writing side: a mail is a row in the same transaction as the change it tells of.

core.delivery claims the rows and sends them.
"""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import override
from icalendar.parser import Contentline, Contentlines

from core import errand, links, texts
from core.links import SecretLink
from core.models import MailState, OutgoingMail
from core.streams import Stream, Wish
from core.tasks import wake

BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
SHARED = links.new_mark()  # stands for a mark while many mails are rendered at once; new in each process


@dataclass(frozen=True)
class Rendered:
    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class About:
    """What a mail is about, for the heading that it stands under in a digest: `key` such as `session:81`.

    `view` is the name of the URL of its page, and `row` its argument.
    """

    key: str
    title: str
    view: str
    row: int | str

    def as_json(self, *, language: str) -> dict[str, str]:
        with override(language):
            url = links.absolute(reverse(self.view, args=[self.row]))
        return {"key": self.key, "title": self.title, "url": url}


@dataclass(frozen=True)
class Letter:
    """One message, ready to be queued: `to` is an address or a person with `email`, `language` and `pk`.

    `template` is a folder with subject.txt, body.txt and body.html; it is rendered in the reader's language and Dutch
    time. `attachments` are dicts with `name`, `content_type` and `content` (text); the first calendar file with
    a `method` goes into the body too, for the reader's calendar to act on (core.delivery). Who lacks the permission
    `needs_right` does not find the mail in the admin. The template writes `{{ secret_link }}` where the personal link
    comes. Without a `stream` it goes at once, whoever it is for; with one as the person chose, and whose choice may be
    the digest needs `about`.
    """

    key: str
    to: Any
    template: str
    context: dict[str, Any]
    language: str = ""
    urgent: bool = False
    needs_right: str = ""
    expires_at: datetime | None = None
    attachments: tuple[dict[str, str], ...] = ()
    secret_link: SecretLink | None = None
    stream: Stream | None = None
    about: About | None = None

    @property
    def wish(self) -> Wish:
        return self.stream.wish_of(self.to) if self.stream else Wish.AT_ONCE


def render(template: str, context: dict[str, Any], *, language: str) -> Rendered:
    """The three parts of a mail; for sending, preview and test alike."""
    with override(language), timezone.override("Europe/Amsterdam"):
        context = {**context, "language": language}
        subject = " ".join(render_to_string(f"{template}/subject.txt", context).split())
        return Rendered(
            subject=subject,
            text=tidy(render_to_string(f"{template}/body.txt", context)),
            html=render_to_string(f"{template}/body.html", context | {"subject": subject}),
        )


def tidy(text: str) -> str:
    """Without the holes that the parts of a template leave where there is nothing to say."""
    return BLANK_LINES.sub("\n\n", text).strip() + "\n"


def rendered_with(letter: Letter, language: str, marks: dict[str, str], shared: dict[Any, Rendered]) -> Rendered:
    """The parts of a letter. Letters with the very same context are rendered once a language, but for their marks."""
    if marks["secret_link"]:
        return render(letter.template, letter.context | marks, language=language)
    sample = marks | ({"stop_link": SHARED} if marks["stop_link"] else {})
    key = (letter.template, id(letter.context), language, sample["stop_link"])
    if key not in shared:
        shared[key] = render(letter.template, letter.context | sample, language=language)
    one = shared[key]
    return Rendered(one.subject, *(part.replace(SHARED, marks["stop_link"]) for part in (one.text, one.html)))


def row_for(letter: Letter, *, now: datetime, shared: dict[Any, Rendered] | None = None) -> OutgoingMail:
    recipient = None if isinstance(letter.to, str) else letter.to
    language = letter.language or (recipient.language if recipient else "nl")
    mark = links.new_mark() if letter.secret_link else ""
    row = OutgoingMail(message_id=uuid.uuid4())
    can_stop = bool(recipient and letter.stream and letter.stream.can_be_off)
    marks = {"secret_link": mark, "stop_link": row.stop_mark if can_stop else ""}
    in_hand = errand.current()
    if in_hand and in_hand.is_rehearsal and (letter.template, language) in in_hand.shown:
        rendered = Rendered("", "", "")  # it is only counted
    else:
        rendered = rendered_with(letter, language, marks, {} if shared is None else shared)
    if in_hand and in_hand.is_rehearsal:
        in_hand.shown.add((letter.template, language))
        in_hand.letters[row.message_id] = letter
    return OutgoingMail(
        message_id=row.message_id,
        state=MailState.DIGEST if letter.wish == Wish.DIGEST else MailState.QUEUED,
        stream=letter.stream.code if letter.stream else "",
        about=letter.about.as_json(language=language) if letter.about else None,
        key=letter.key,
        recipient=recipient,
        to=recipient.email if recipient else letter.to,
        language=language,
        kind=letter.template.replace("/mail/", "."),
        subject=rendered.subject[:250],
        text=rendered.text,
        html=rendered.html,
        attachments=list(letter.attachments),
        secret_link=letter.secret_link.as_json() if letter.secret_link else None,
        link_mark=mark,
        urgent=letter.urgent,
        needs_right=letter.needs_right,
        queued_at=now,
        next_attempt_at=in_hand.mails_leave_at if in_hand else now,
        act=in_hand.act if in_hand else None,
        expires_at=letter.expires_at,
    )


def put_together(row: OutgoingMail, letter: Letter) -> None:
    """Write the parts of a mail that was only counted (core.acts)."""
    marks = {"secret_link": row.link_mark, "stop_link": row.stop_mark if row.stream else ""}
    rendered = render(letter.template, letter.context | marks, language=row.language)
    row.subject, row.text, row.html = rendered.subject[:250], rendered.text, rendered.html
    row.save(update_fields=["subject", "text", "html"])


def queue(letter: Letter, *, now: datetime) -> None:
    """Write one mail to the outbox, in the caller's transaction; does nothing when its key exists already.

    A key that was withdrawn is free again.
    """
    queue_all([letter], now=now)


def queue_all(letters: list[Letter], *, now: datetime) -> None:
    """As `queue`, for many at once in one statement per 500; what a reader chose to get no mail about is left out."""
    letters = [letter for letter in letters if letter.wish != Wish.NONE]
    if not letters:
        return
    shared: dict[Any, Rendered] = {}
    OutgoingMail.objects.bulk_create(
        [row_for(letter, now=now, shared=shared) for letter in letters], ignore_conflicts=True, batch_size=500
    )
    wake_after_commit()


def queue_new(letters: list[Letter], *, now: datetime) -> int:
    """As `queue_all`, of those whose key is not in the outbox yet; gives their number."""
    wanted = [letter for letter in letters if letter.wish != Wish.NONE]
    there = existing([letter.key for letter in wanted])
    fresh = [letter for letter in wanted if letter.key not in there]
    queue_all(fresh, now=now)
    return len(fresh)


def existing(keys: list[str]) -> set[str]:
    """Those of `keys` that are in the outbox, waiting or sent; asked 500 at a time."""
    there: set[str] = set()
    for start in range(0, len(keys), 500):
        rows = OutgoingMail.objects.exclude(state=MailState.WITHDRAWN).filter(key__in=keys[start : start + 500])
        there.update(rows.values_list("key", flat=True))
    return there


def withdraw(prefix: str, *, but: Iterable[str] = (), of: Iterable[int] | None = None) -> int:
    """Take back what has not left under keys that start with `prefix`; gives their number.

    That holds for mails in a worker's hand too: it looks once more just before it sends each; and for what failed, so
    that nobody sends it again. End a prefix with its separator, or `session:8` withdraws `session:81` too. What ends in
    one of `but` stays, and with `of`, keys of people, whatever is to others.
    """
    rows = OutgoingMail.objects.not_left().filter(key__startswith=prefix)
    for suffix in but:
        rows = rows.exclude(key__endswith=suffix)
    if of is not None:
        rows = rows.filter(recipient__in=of)
    return withdraw_rows(rows)


def withdraw_rows(rows: QuerySet[OutgoingMail]) -> int:
    """Take back the mails `rows`, none of which has left; gives their number. An errand can give them back."""
    in_hand = errand.current()
    if in_hand is None:
        return rows.update(state=MailState.WITHDRAWN)
    found = {pk: (state, act) for pk, state, act in rows.select_for_update().values_list("pk", "state", "act")}
    in_hand.withdrawn |= {pk: state for pk, (state, act) in found.items() if act != in_hand.act.pk}
    return OutgoingMail.objects.filter(pk__in=found).update(state=MailState.WITHDRAWN)


def send_at_once(prefix: str, *, to: int, now: datetime) -> None:
    """Let what waits for its act (core.acts), under keys that start with `prefix`, to the person `to`, leave now.

    For what changes for that person meanwhile: she reads in turn what was true in turn. An errand changes nothing of
    what it has just written itself.
    """
    if errand.current() is not None:
        return
    rows = OutgoingMail.objects.filter(key__startswith=prefix, recipient=to, state=MailState.QUEUED)
    if rows.filter(act__isnull=False, next_attempt_at__gt=now).update(next_attempt_at=now, urgent=True):
        wake_after_commit()


def forget(*prefixes: str) -> None:
    """Delete the mails under keys that start with one of `prefixes`, sent or not: for what told of people.

    What stood in somebody's daily digest is struck from it.
    """
    named = Q(pk__in=[])
    for prefix in prefixes:
        named |= Q(key__startswith=prefix)
    told = OutgoingMail.objects.filter(named)
    bundled = told.filter(state=MailState.BUNDLED).exclude(subject="")
    for reader, subject in list(bundled.values_list("recipient", "subject")):
        strike([subject], within=Q(key__startswith=f"digest:{reader}:"))
    told.delete()


def strike(words: Iterable[str], *, within: Q | None = None) -> int:
    """Put "[…]" in place of each of `words` in the mails that have a text, left or not; gives their number.

    What failed can still be sent again. `within` tells of which mails. Reads all of them, as texts.strike does.
    """
    words = [word for word in words if word]
    sought, number = texts.Sought({*words, *map(escape, words)}), 0  # in HTML an apostrophe is &#x27;
    rows = OutgoingMail.objects.exclude(text="").filter(within or Q())
    naming = [row.pk for row in rows.iterator() if _struck(row, sought)]
    # Only those, because a locked mail can be neither withdrawn nor noted as sent until the transaction ends.
    for row in OutgoingMail.objects.filter(pk__in=naming).order_by("pk").select_for_update():
        if struck := _struck(row, sought):
            number += OutgoingMail.objects.filter(pk=row.pk).update(**struck)
    return number


def _struck(row: OutgoingMail, sought: texts.Sought) -> dict[str, Any]:
    """The fields of the mail that change when what is sought is taken out."""
    struck: dict[str, Any] = {name: sought.struck(getattr(row, name)) for name in ("subject", "text", "html")}
    struck["attachments"] = [
        file | {"content": _struck_file(file, sought), "name": sought.struck(file["name"])} for file in row.attachments
    ]
    struck["about"] = row.about and row.about | {"title": sought.struck(row.about["title"])}
    return {name: value for name, value in struck.items() if value != getattr(row, name)}


def _struck_file(file: dict[str, str], sought: texts.Sought) -> str:
    """In a calendar a line may be broken anywhere, also in the middle of a name (RFC 5545, 3.1)."""
    if not file.get("content_type", "").startswith("text/calendar"):
        return sought.struck(file["content"])
    lines = Contentlines.from_ical(file["content"])
    struck = Contentlines(Contentline(sought.struck(line), strict=False) for line in lines)
    return file["content"] if struck == lines else struck.to_ical().decode()


def wake_after_commit() -> None:
    """Tell the worker, once a transaction, that mail waits. Losing this is safe: each minute a scan finds the rows."""
    connection = transaction.get_connection()
    if not any(waiting is wake for _, waiting, *_ in connection.run_on_commit):
        transaction.on_commit(wake)
