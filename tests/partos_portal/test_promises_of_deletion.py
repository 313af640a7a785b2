"""Whatever pages and mails say about how long something is kept is what retention does, in both languages."""

import json
import re
from datetime import timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.utils.translation import gettext, override

from partos_portal.retention import BACKUPS_KEPT, LOGS_KEPT, PERIODS
from script.lib.trial import ROOT
from sessions_app.rules import NAMES_KEPT

KEPT = {period.kind: period.keep for period in PERIODS} | {"backups": BACKUPS_KEPT, "logs": LOGS_KEPT}
HOUR = timedelta(hours=1)
HOSTS_SEE = timedelta(weeks=2)  # sessions_app.rules, who sees the list
SPANS = {
    r"24 hours|24 uur": timedelta(hours=24),
    r"an hour|een uur": HOUR,
    r"two (?:more )?weeks|twee weken": timedelta(weeks=2),
    r"30 days|30 dagen": timedelta(days=30),
    r"six months|zes maanden|een half jaar": relativedelta(months=6),
    r"a year|een jaar": relativedelta(months=12),
}
# How a sentence begins -> what it promises, in its order; what is said of backups comes last.
PROMISES = {
    "You get this mail because the organisers of this dialogue invited you. 24 hours": ["dialogues", "backups"],
    "You get this mail because the organisers of this dialogue invited you. Unless": ["dialogues", "backups"],
    "You get this mail because the organisers invited this address.": ["guests", "backups"],
    "Your account on Netwerk en Leren has been closed": ["backups"],
    "Only the organisers see who comes.": ["dialogues", "backups"],
    "In our backups all of this stays": ["backups"],
    "For instance a lift": ["needs", "backups"],
    "For instance subtitles": ["needs", "backups"],
    "For the Partos team alone, to arrange it.": ["needs"],
    "The names are kept until": ["dialogues"],
    # The page on privacy
    "Names of those who were invited": ["dialogues"],
    "What was changed in a session, and by whom": ["changes"],
    "For which session you registered": ["registrations"],
    "What you need of access or food": ["needs"],
    "Whether you were at a session": [HOSTS_SEE],
    "What you proposed: it belongs": ["notes"],
    "A draft that you never send in": ["drafts"],
    "Mail that the portal sent": ["mail_texts", "mails"],
    "Where you worked": ["affiliations"],
    "From where and with which browser you signed in: ": ["sign_ins"],
    "What the server notes of a page": ["logs"],
    "Copies for when something breaks": ["backups"],
    "In My profile you change your data": [HOUR],
    "What you typed in a form while you were signed out": [HOUR],
    "The last day as a member.": [timedelta(weeks=2), "certificates"],  # the former is when its contacts are mailed
}
DELETING = re.compile(
    r"delete|wiped|taken out|(?:kept|stays?|goes?|remain)\b.*\b(?:year|weeks|days|hours)|: (?:until|for) "
)
SAYS_HOW_LONG = re.compile("|".join(SPANS), re.IGNORECASE)


def sentences() -> list[str]:
    """Every English text of the portal's pages, mails and forms."""
    text = (ROOT / "locale/nl/LC_MESSAGES/django.po").read_text()
    blocks = [block for block in text.split("\n\n") if "\nmsgid " in block and not block.startswith("#~")]
    found = [re.search(r'^msgid ((?:".*"\n)+)', block, re.MULTILINE) for block in blocks]
    return ["".join(json.loads(line) for line in one[1].split("\n") if line) for one in found if one]


def spans(sentence: str) -> list:
    found = [
        (match.start(), span) for words, span in SPANS.items() for match in re.finditer(words, sentence, re.IGNORECASE)
    ]
    return [span for _, span in sorted(found, key=lambda pair: pair[0])]


@pytest.mark.parametrize("beginning", PROMISES)
def test_a_promise_names_the_time_that_is_kept_to(beginning):
    [sentence] = [text for text in sentences() if text.startswith(beginning)]
    wanted = [KEPT[kept] if isinstance(kept, str) else kept for kept in PROMISES[beginning]]
    with override("nl"):
        dutch = gettext(sentence)
    assert dutch != sentence
    for text in (sentence, dutch):
        assert spans(text) == wanted, text


def test_every_sentence_that_says_how_long_something_is_kept_is_in_the_list():
    """A new one: add it, with the kind of partos_portal/retention.py that makes it true."""
    promising = [text for text in sentences() if DELETING.search(text) and SAYS_HOW_LONG.search(text)]
    assert len(promising) >= 15
    assert [text for text in promising if not text.startswith(tuple(PROMISES))] == []


def test_no_mail_promises_a_deletion_and_says_nothing_of_backups():
    promising = [text for text in sentences() if text.startswith(("You get this mail", "Your account"))]
    promising = [text for text in promising if "delete" in text or "taken out" in text]
    assert len(promising) >= 4
    assert [text for text in promising if "backups" not in text] == []


def test_names_of_a_dialogue_are_looked_for_each_minute(settings):
    assert KEPT["dialogues"] == NAMES_KEPT
    assert settings.CELERY_BEAT_SCHEDULE["sessions_app.forget_dialogues"]["schedule"] == 60
