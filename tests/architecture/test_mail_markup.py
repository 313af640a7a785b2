"""The HTML of every mail: well formed, in its reader's language, and with nothing to load."""

import re

import pytest

from core.mail_samples import look
from partos_portal.mail_samples import SAMPLES
from tests.architecture.markup import faults

pytestmark = pytest.mark.django_db

ELSEWHERE = re.compile(r"(?:src|background)=|url\(|<link|<script", re.IGNORECASE)
UNFILLED = re.compile(r"\{[{%]|%\(|None|\[(?:link|stop) ")


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.kind)
def test_every_mail_is_well_formed_in_its_readers_language_and_loads_nothing(now, sample, language):
    for case in sample.cases:
        seen = look(sample, case, language=language, now=now)
        assert faults(seen.html, is_mail=True) == [], case.code
        assert f'<html lang="{seen.language}"' in seen.html
        assert ELSEWHERE.findall(seen.html) == []
        assert UNFILLED.findall(seen.text + seen.subject + seen.html) == []
