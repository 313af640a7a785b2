"""Keys that somebody made up: no row, and no error of the database."""

import pytest
from django import forms

from core.form_fields import RowsField
from core.keys import GREATEST, row_key
from leerlijnen.models import LearningLine

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "key"),
    [("7", 7), (str(GREATEST), GREATEST), (str(GREATEST + 1), None), ("9" * 40, None), ("-1", None), ("٣", None)],
)
def test_a_key_is_what_a_row_can_have(text, key):
    assert row_key(text) == key


def test_a_choice_of_several_rows_refuses_a_key_of_no_row():
    field = RowsField(LearningLine.objects.all())
    with pytest.raises(forms.ValidationError):
        field.clean([str(10**30)])
