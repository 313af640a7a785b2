"""Samples of the mails that the portal sends, for staff to look at: made by the very functions that send them.

A sample is made in a transaction that is always rolled back: on rows that exist only within it, about people who do
not exist. So nothing of it is ever sent or kept, and a sample cannot tell anything else than the mail does. Each app
lists its own kinds in a module `mail_samples`; partos_portal.mail_samples puts them together.
"""

import functools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from django.apps import apps
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext, override

from core import links, mail, streams
from core.mail import Letter
from core.models import OutgoingMail

DOMAIN = "voorbeeld.example"  # of all addresses in samples: who works with the portal has none there
DARK = "@media (prefers-color-scheme: dark)"
EITHER = re.compile(r'(color-schemes?(?:: |" content="))light dark')


@dataclass(frozen=True)
class Case:
    """One of the ways in which a mail can turn out. `make` gets a scene, and queues the mail or gives it."""

    make: Callable[[Any], Iterable[Letter | EmailMultiAlternatives] | None]
    code: str = ""
    label: str | Promise = ""


@dataclass(frozen=True)
class Sample:
    """A kind of mail: `name` and `when` tell staff which it is and when it goes out, `about` the heading it is under.

    `scene` makes the rows that its cases are about. `needs_right` is the letter's own; a test compares them.
    """

    template: str
    about: str | Promise
    name: str | Promise
    when: str | Promise
    scene: Callable[..., Any]
    cases: tuple[Case, ...]
    needs_right: str = ""

    @property
    def kind(self) -> str:
        return kind_of(self.template)

    def case(self, code: str) -> Case:
        """The one with that code, or else the first."""
        return next((case for case in self.cases if case.code == code), self.cases[0])

    def visible_to(self, person) -> bool:
        """As the mails themselves are in the list of outgoing mail."""
        return not self.needs_right or person.get_all_permissions().issuperset(self.needs_right.split("+"))


@dataclass(frozen=True)
class Seen:
    """A mail as its reader gets it, but that its personal links are dead."""

    to: str
    language: str
    subject: str
    text: str
    html: str
    stream: str | Promise = ""
    needs_right: str = ""
    attachments: tuple[dict[str, str], ...] = ()


@functools.cache
def names() -> dict[str, str | Promise]:
    """What staff call each kind of mail; found in the installed apps, so that core need not know them."""
    lists = [
        import_module(f"{app.name}.mail_samples")
        for app in apps.get_app_configs()
        if app.module and module_has_submodule(app.module, "mail_samples")
    ]
    return {sample.kind: sample.name for module in lists for sample in getattr(module, "SAMPLES", ())}


def kind_of(template: str) -> str:
    """`sessions_app.reminder`, `account.login_code`: as the list of outgoing mail calls it."""
    return template.replace("/mail/", ".").replace("/email/", ".")


def look(sample: Sample, case: Case, *, language: str, now: datetime) -> Seen:
    """Make one mail in a language, and undo all that it took."""
    with transaction.atomic():
        try:
            with override(language):
                made = list(case.make(sample.scene(language=language, now=now)) or ())
            mail.queue_all([one for one in made if isinstance(one, Letter)], now=now)
            messages = [one for one in made if isinstance(one, EmailMultiAlternatives)]
            return _of_message(messages[0], language) if messages else as_read(_newest(sample.kind))
        finally:
            transaction.set_rollback(True)


def _newest(kind: str) -> OutgoingMail:
    """What was made may be for others too, such as everyone who curates: theirs is not shown."""
    return OutgoingMail.objects.filter(kind=kind, to__endswith=f"@{DOMAIN}").latest("pk")


def as_read(row: OutgoingMail) -> Seen:
    """A row of the outbox as its reader gets it, with dead links."""
    marks = {row.stop_mark: dead_link("mail-stop", row.language)}
    if row.secret_link:
        marks[row.link_mark] = dead_link(row.secret_link["view"], row.language)
    text, html = row.text, row.html
    for mark, link in marks.items():
        text, html = text.replace(mark, link), html.replace(mark, link)
    stream = streams.stream(row.stream)
    return Seen(
        to=row.to,
        language=row.language,
        subject=row.subject,
        text=text,
        html=html,
        stream=stream.label if stream else "",
        needs_right=row.needs_right,
        attachments=tuple(row.attachments),
    )


def _of_message(message: EmailMultiAlternatives, language: str) -> Seen:
    html = next(content for content, kind in message.alternatives if kind == "text/html")
    subject, text = str(message.subject), str(message.body)
    return Seen(to=message.to[0], language=language, subject=subject, text=text, html=str(html))


def dead_link(view: str, language: str) -> str:
    """In the place of a personal link: anyone sees that it opens nothing."""
    with override(language):
        return links.absolute(reverse(view, kwargs={"token": gettext("example")}))


def in_one_colour(html: str, *, is_dark: bool) -> str:
    """The mail as a program shows it that is light, or dark, whatever the machine is on which one looks.

    Only the question that its style asks is answered beforehand. Its links lead nowhere, and tell where they would.
    """
    html = html.replace(DARK, "@media all" if is_dark else "@media not all")
    html = EITHER.sub(r"\1dark" if is_dark else r"\1light", html)
    return re.sub(r'<a href="([^"]+)"', r'<a href="#" title="\1"', html)
