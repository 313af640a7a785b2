"""Keys that somebody made up: no row, and no error of the database."""

import pytest
from django import forms

from core.keys import GREATEST, row_key
from leerlijnen.models import LearningLine
from tests.factories.leerlijnen import load_2026

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "key"),
    [("7", 7), (str(GREATEST), GREATEST), (str(GREATEST + 1), None), ("9" * 40, None), ("-1", None), ("٣", None)],
)
def test_a_key_is_what_a_row_can_have(text, key):
    assert row_key(text) == key


def test_among_several_keys_those_of_no_row_are_left_out():
    load_2026()
    lines = LearningLine.objects.order_by("pk")
    first = lines[0]
    assert list(lines.filter(pk__in=[first.pk, GREATEST + 1, -GREATEST - 2])) == [first]
    assert list(lines.filter(pk__in=[10**30])) == []
    assert lines.filter(pk__in=lines.values("pk")).count() == lines.count()


def test_a_choice_of_several_rows_refuses_a_key_of_no_row():
    field = forms.ModelMultipleChoiceField(LearningLine.objects.all())
    with pytest.raises(forms.ValidationError):
        field.clean([str(10**30)])
