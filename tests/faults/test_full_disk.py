"""No room on the disk that the portal writes to, which is VAR_DIR; the database lies elsewhere.

Nobody can upload anything yet, so there is no file of a person to lose (`test_there_is_no_upload_yet` notices when that
changes). What the portal writes there itself: mail when it has no mail server, and beat's own list of what it has done.

Linux refuses a process every write to a file beyond RLIMIT_FSIZE, which may be lowered and raised while it runs;
sockets are not files. So the disk is full for the worker or for beat alone, their logs included.
"""

import email
import email.policy
import resource
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import FileField
from django.utils import timezone

from core.models import Heartbeat, MailState, OutgoingMail
from script.lib import processes
from tests.faults.conftest import a_day_passes, a_minute_passes, people_with_seats
from tests.harness.crew import BEAT
from tests.harness.waiting import eventually

pytestmark = [pytest.mark.one_pair, pytest.mark.servers]
READERS = 30


def test_there_is_no_upload_yet():
    """Whoever adds one: show here that an upload to a full disk is refused in words, and leaves no row behind."""
    fields = [
        field for model in apps.get_models() for field in model._meta.get_fields() if isinstance(field, FileField)
    ]
    assert fields == []


def test_mail_that_cannot_be_written_waits_until_there_is_room(crew, counts):
    del crew.env["EMAIL_URL"]  # to files, as in the trial run
    addresses = people_with_seats(READERS, sessions=1)
    crew.start("worker", "beat")
    leave_room(crew.children["worker"].pid, bytes_a_file=0)
    a_day_passes()
    waiting = OutgoingMail.objects.filter(state=MailState.QUEUED).exclude(error="")
    eventually(lambda: waiting.count() == READERS, within=30, what="mails that wait for room")
    assert any("File too large" in error for error in waiting.values_list("error", flat=True))
    assert Heartbeat.objects.exists()  # the rest goes on

    leave_room(crew.children["worker"].pid, bytes_a_file=resource.RLIM_INFINITY)
    a_minute_passes()
    sent = OutgoingMail.objects.filter(state=MailState.SENT)
    eventually(lambda: sent.count() == READERS, within=30, what="mails in files")
    found = written(Path(crew.env["VAR_DIR"]) / "mail")
    readers = [message["To"] for message in found]
    lost = set(addresses) - set(readers)
    counts(taken=len(readers), readers=READERS, doubled=len(readers) - len(set(readers)), lost=len(lost))
    assert not lost
    assert len({message["Message-ID"] for message in found}) == READERS


def test_beat_that_could_not_write_its_list_goes_on_once_there_is_room(crew):
    """Without room it ends sooner or later; who keeps it running starts it again, and /healthz tells of its silence."""
    crew.start("worker", "beat")
    eventually(lambda: Heartbeat.objects.exists(), within=30, what="a first strike")
    leave_room(crew.children["beat"].pid, bytes_a_file=0)
    processes.stop(crew.children["beat"])  # as it ends it writes the list, and cannot
    crew.start("beat")
    later = timezone.now() + timedelta(seconds=BEAT)
    eventually(lambda: Heartbeat.objects.filter(at__gt=later).exists(), within=30, what="a strike with room again")


def leave_room(pid: int, *, bytes_a_file: int) -> None:
    """For a process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for one in [pid, *map(int, children)]:
        hard = resource.prlimit(one, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(one, resource.RLIMIT_FSIZE, (bytes_a_file, hard))


def written(folder: Path) -> list[email.message.EmailMessage]:
    """The mails in the files of Django's file mailbox, which ends each with a line of dashes."""
    found = []
    for file in folder.glob("*.log"):
        for text in file.read_text().split("-" * 79 + "\n"):
            if text.strip():
                found.append(email.message_from_string(text, policy=email.policy.default))
    return found
