import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from leerlijnen import colours
from leerlijnen.models import LearningLine
from tests.factories.leerlijnen import LearningLineFactory, load_2026

pytestmark = pytest.mark.django_db


def test_the_stylesheet_holds_each_line_for_light_and_dark(client):
    load_2026()
    response = client.get(reverse("leerlijnen:colours"))
    css = response.content.decode()
    assert response["Content-Type"] == "text/css; charset=utf-8"
    assert ".line-digital-readiness{--line:#3B4BA3;--line-tint:#E9EBF8}" in css
    assert ".line-future-ready-international-cooperation{--line:#86CFA9}" in css.partition("prefers-color-scheme")[2]
    assert response.cookies == {}


def test_a_browser_keeps_the_stylesheet_only_under_its_own_version(client):
    LearningLineFactory()
    url = reverse("leerlijnen:colours")
    assert client.get(url)["Cache-Control"] == "public, max-age=300"
    assert client.get(url, {"v": colours.version()})["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get(url, {"v": "older"})["Cache-Control"] == "public, max-age=300"


def test_a_page_asks_the_version_without_a_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert colours.version() == colours.UNKNOWN


def test_a_page_links_to_the_version_that_is_there(client):
    load_2026()
    client.get(reverse("leerlijnen:colours"))
    page = client.get(reverse("sessions:programme", args=[2026])).content.decode()
    assert f"{reverse('leerlijnen:colours')}?v={colours.version()}" in page


def test_a_changed_colour_gets_a_new_version(django_capture_on_commit_callbacks):
    line = LearningLineFactory()
    old = colours.version_of(colours.stylesheet())
    LearningLine.objects.filter(pk=line.pk).update(colour="#123456")
    with django_capture_on_commit_callbacks(execute=True):
        colours.forget_version()
    assert colours.version() == colours.UNKNOWN
    assert colours.version_of(colours.stylesheet()) != old


@pytest.mark.parametrize(
    ("field", "colour"),
    [("colour", "#F0A37F"), ("colour_dark", "#15181C"), ("colour", "red"), ("tint", "#12345"), ("colour", "#12345\n")],
)
def test_a_colour_that_cannot_be_read_is_refused_at_its_field(field, colour):
    line = LearningLineFactory()
    setattr(line, field, colour)
    with pytest.raises(ValidationError) as refused:
        line.full_clean()
    assert set(refused.value.message_dict) == {field}


def test_the_colours_of_2026_can_be_read():
    load_2026()
    for line in LearningLine.objects.all():
        line.full_clean()
