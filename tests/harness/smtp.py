"""A mail server that keeps what it gets, and that can be told to misbehave like real ones."""

import asyncio
import email
import email.policy
import logging
from email.message import EmailMessage

from aiosmtpd.controller import Controller

from tests.harness.waiting import eventually, free_port

logging.getLogger("mail.log").setLevel(logging.WARNING)


class MailServer:
    """Listens on the loopback from `with` to its end.

    `refused` holds addresses that it answers 550, `busy` makes it answer 451, `silent` makes it hang up without an
    answer after it took a mail, and while `stalled` it answers nothing at all.
    """

    host = "127.0.0.1"

    def __init__(self):
        self.messages: list[EmailMessage] = []
        self.refused: set[str] = set()
        self.busy = self.silent = self.stalled = False
        self.waiting = 0
        self.port = free_port()
        self.url = f"smtp://{self.host}:{self.port}"
        self.controller = Controller(self, hostname=self.host, port=self.port)

    def __enter__(self) -> "MailServer":
        self.controller.start()
        return self

    def __exit__(self, *_) -> None:
        self.stalled = False
        self.controller.stop()

    def to(self, address: str) -> list[EmailMessage]:
        """The mails to one address, oldest first."""
        return [message for message in self.messages if address in message["To"]]

    def await_mail(self, address: str, *, subject: str = "", within: float = 30) -> EmailMessage:
        """The newest mail to an address with these words in its subject."""

        def found() -> list[EmailMessage]:
            return [message for message in self.to(address) if subject in message["Subject"]]

        return eventually(found, within=within, what=f"mail {subject!r} to {address}")[-1]

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refused:
            return "550 No such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.waiting += 1
        while self.stalled:
            await asyncio.sleep(0.05)
        self.waiting -= 1
        if self.busy:
            return "451 Try again later"
        if server.transport.is_closing():  # the sender died meanwhile
            return "451 Too late"
        content = envelope.content.replace(b"\r\n", b"\n")
        self.messages.append(email.message_from_bytes(content, policy=email.policy.default))
        if self.silent:
            server.transport.abort()
        return "250 OK"
