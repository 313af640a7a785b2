"""A mail server that keeps what it gets, and that can be told to misbehave like real ones."""

import asyncio
import email
import email.policy
import logging
import re
from collections import Counter
from collections.abc import Callable
from email.message import EmailMessage, Message

from aiosmtpd.controller import Controller

from tests.harness.waiting import eventually, free_port

logging.getLogger("mail.log").setLevel(logging.WARNING)


def plain_text(mail: EmailMessage) -> str:
    return mail.get_body(("plain",)).get_content()


def assert_mail_of_the_portal(mail: Message, language: str) -> None:
    """It has the headers that all mail of the portal has."""
    assert mail["Content-Language"] == language
    assert mail["Auto-Submitted"] == "auto-generated"
    assert {"OOF", "AutoReply"} <= set(mail["X-Auto-Response-Suppress"].split(", "))


class MailServer:
    """Listens on the loopback from `with` to its end.

    `refused` holds addresses that it answers 550, `busy` makes it answer 451, `silent` makes it hang up without an
    answer after it took a mail, and while `stalled` it answers nothing at all. `on_mail` is called with the number of
    each mail that is offered and whether it is kept already: before, and again before the answer.
    """

    host = "127.0.0.1"

    def __init__(self):
        self.messages: list[EmailMessage] = []
        self.refused: set[str] = set()
        self.busy = self.silent = self.stalled = False
        self.waiting = self.offered = 0
        self.unanswered: Counter[str] = Counter()  # copies whose sender did nothing more, by Message-ID
        self.on_mail: Callable[[int, bool], None] | None = None
        self.port = free_port()
        self.url = f"smtp://{self.host}:{self.port}"

    def __enter__(self) -> "MailServer":
        self.come_back()
        return self

    def __exit__(self, *_) -> None:
        self.stalled = False
        self.go_away()

    def come_back(self) -> None:
        """Listen (again) at the same address."""
        self.controller = Controller(self, hostname=self.host, port=self.port)
        self.controller.start()

    def go_away(self) -> None:
        """Refuse connections, and keep what was taken."""
        self.controller.stop()

    def to(self, address: str) -> list[EmailMessage]:
        """The mails to one address, oldest first."""
        return [message for message in self.messages if address in message["To"]]

    def copies(self) -> Counter[str]:
        """How often each mail was taken, by Message-ID."""
        return Counter(message["Message-ID"] for message in self.messages)

    def await_mail(self, address: str, *, subject: str = "", text: str = "", within: float = 30) -> EmailMessage:
        """The newest mail to an address with these words in its subject, and `text` (a pattern) in its plain text."""

        def found() -> list[EmailMessage]:
            mails = [message for message in self.to(address) if subject in message["Subject"]]
            return [mail for mail in mails if re.search(text, plain_text(mail), re.MULTILINE)]

        return eventually(found, within=within, what=f"mail {subject!r} to {address}")[-1]

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refused:
            return "550 No such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.knows_the_answer(session)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_QUIT(self, server, session, envelope):
        self.knows_the_answer(session)
        return "221 Bye"

    def knows_the_answer(self, session) -> None:
        """Who goes on, or takes leave, has read what became of the last mail."""
        if last := vars(session).pop("last_taken", None):
            self.unanswered[last] -= 1

    async def handle_DATA(self, server, session, envelope):
        self.offered += 1
        number = self.offered
        self.waiting += 1
        try:
            while self.stalled:
                await asyncio.sleep(0.05)
        finally:  # it is cancelled when the sender gives up
            self.waiting -= 1
        if self.busy:
            return "451 Try again later"
        if self.on_mail:
            self.on_mail(number, False)
        if server.transport.is_closing():  # the sender died meanwhile
            return "451 Too late"
        content = envelope.content.replace(b"\r\n", b"\n")
        message = email.message_from_bytes(content, policy=email.policy.default)
        self.messages.append(message)
        session.last_taken = message["Message-ID"]
        self.unanswered[session.last_taken] += 1
        if self.on_mail:
            self.on_mail(number, True)
        if self.silent:
            server.transport.abort()
        return "250 OK"
