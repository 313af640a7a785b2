import re
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils.translation import override

START = datetime(2026, 10, 15, 12, 15, tzinfo=UTC)
END = datetime(2026, 10, 15, 13, 45, tzinfo=UTC)


def render(source, language="nl", **context):
    with override(language):
        return Template("{% load portal %}" + source).render(Context(context)).strip()


@pytest.mark.parametrize(
    ("track", "shape", "drawn"),
    [("practitioner", "practitioner", "circle"), ("leadership", "leadership", "path"), ("", "square", "path")],
)
def test_each_track_has_its_own_form(track, shape, drawn):
    svg = render("{% mark track line %}", track=track, line="digital-readiness")
    assert f'class="mark mark-{shape} line-digital-readiness"' in svg
    assert f"<{drawn} " in svg
    assert 'aria-hidden="true"' in svg


def test_a_mark_takes_rows_as_well_as_codes():
    row = SimpleNamespace(code="leadership"), SimpleNamespace(slug="equitable-partnerships")
    by_row = render("{% mark track line %}", track=row[0], line=row[1])
    assert by_row == render('{% mark "leadership" "equitable-partnerships" %}')


def test_a_mark_without_track_and_line_is_that_of_a_workstream():
    assert "mark-square line-workstream" in render("{% mark %}")


def test_a_mark_in_a_heading_of_a_track_has_no_colour_of_a_line():
    assert "line-" not in render('{% mark "practitioner" %}')


def test_a_hostile_slug_cannot_leave_its_attribute():
    assert "<script" not in render("{% mark 'practitioner' line %}", line='"><script>')


@pytest.mark.parametrize(
    ("source", "dutch", "english"),
    [
        (
            "{% when start end %}",
            "donderdag 15 oktober 2026, 14.15-15.45 uur, Nederlandse tijd",
            "Thursday 15 October 2026, 14:15-15:45, Dutch time",
        ),
        ("{% when start %}", "donderdag 15 oktober 2026, 14.15 uur", "Thursday 15 October 2026, 14:15"),
        ("{% hours start end %}", "14.15-15.45 uur", "14:15-15:45"),
        ("{{ start|day }}", "donderdag 15 oktober 2026", "Thursday 15 October 2026"),
        ("{{ start|clock }}", "14.15 uur", "14:15"),
        ("{{ start|short_date }}", "15-10-2026", "15/10/2026"),
        ('{{ start|local_date:"D j M" }}', "do 15 okt", "Thu 15 Oct"),
    ],
)
def test_moments_are_said_in_dutch_time_and_in_the_language_of_the_page(source, dutch, english):
    assert render(source, "nl", start=START, end=END) == dutch
    assert render(source, "en", start=START, end=END) == english


def test_a_moment_that_is_not_there_leaves_nothing():
    source = "{% when start %}{{ start|day }}{{ start|clock }}{{ start|short_date }}{{ start|local_date }}"
    assert render(source, start=None) == ""


def test_a_date_without_a_time_keeps_its_day():
    assert render("{{ d|short_date }} {{ d|local_date }}", d=date(2026, 1, 1)) == "01-01-2026 1 januari 2026"


def test_an_address_in_a_mail_is_complete_and_in_the_readers_language():
    assert render('{% portal_url "privacy" %}', "nl") == f"{settings.PORTAL_URL}/privacy/"
    assert render('{% portal_url "privacy" %}', "en") == f"{settings.PORTAL_URL}/en/privacy/"


def test_a_text_names_its_language_only_where_it_differs_from_the_page():
    source = "<p{% lang_attr code %}>"
    assert render(source, "nl", code="en") == '<p lang="en">'
    assert render(source, "nl", code="nl") == "<p>"
    assert render(source, "nl", code="") == "<p>"


@pytest.mark.parametrize(
    ("path", "current"),
    [("/bijeenkomsten/", "page"), ("/bijeenkomsten/81/", "true"), ("/programma/2026/", None), ("/", None)],
)
def test_the_menu_marks_the_page_and_the_part_where_one_is(rf, path, current):
    marked = render("<a{% aria_current '/bijeenkomsten/' %}>", request=rf.get(path))
    assert marked == (f'<a aria-current="{current}">' if current else "<a>")


def colours(css):
    """The values of the custom properties in the first :root and in the one for the dark."""
    blocks = re.findall(r":root \{(.*?)\n\s*\}", css, re.S)
    return [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block)) for block in blocks[:2]]


def test_mails_wear_the_colours_of_the_stylesheet():
    light, dark = colours((settings.BASE_DIR / "static" / "portal.css").read_text())
    mail = render_to_string("core/mail/layout.html", {"subject": "x"})
    assert set(re.findall(r"#[0-9a-f]{3,6}\b", mail)) <= set(light.values()) | set(dark.values())
    for token in ("paper", "surface", "ink", "muted", "action"):
        assert light[token] in mail
        assert dark[token] in mail


def test_the_admin_wears_the_colours_of_the_stylesheet():
    light, dark = colours((settings.BASE_DIR / "static" / "portal.css").read_text())
    admin = (settings.BASE_DIR / "static" / "admin.css").read_text()
    for token in ("ink", "muted", "action", "danger", "ok", "warn", "workstream"):
        assert light[token] in admin
        assert dark[token] in admin
