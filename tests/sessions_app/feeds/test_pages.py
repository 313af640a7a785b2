"""Where one finds the calendars: the page of one's own, and the public pages."""

from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from sessions_app.models import CalendarAddress
from tests.harness.proving import prove

pytestmark = pytest.mark.django_db


def test_one_makes_replaces_and_ends_the_address_on_the_page(practitioner):
    client = Client(enforce_csrf_checks=False)
    client.force_login(practitioner)
    prove(client)
    page = reverse("sessions:subscribe")
    assert ".ics" not in client.get(page).content.decode().split("<main")[1]
    for name in ("make_address", "end_address"):
        assert client.get(reverse(f"sessions:{name}")).status_code == 302
        assert not CalendarAddress.objects.exists()
    client.post(reverse("sessions:make_address"))
    first = CalendarAddress.objects.get().token
    assert first in client.get(page).content.decode()
    client.post(reverse("sessions:make_address"))
    second = CalendarAddress.objects.get().token
    text = client.get(page)
    assert second in text.content.decode()
    assert first not in text.content.decode()
    assert "no-store" in text["Cache-Control"]
    client.post(reverse("sessions:end_address"))
    assert not CalendarAddress.objects.exists()


def test_public_pages_name_their_feed(client, planted):
    for page, feed in zip(
        [
            "/bijeenkomsten/",
            urlsplit(planted[1]).path.removesuffix("agenda.ics"),
            planted[3].removesuffix("agenda.ics"),
        ],
        [planted[0], planted[1], planted[3]],
        strict=True,
    ):
        text = client.get(page).content.decode()
        assert f"webcal://localhost:8000{feed}" in text
        assert client.get(feed).status_code == 200
