"""What was typed comes back to who typed it, and to nobody else."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session as BrowserSession
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from core import kept_typing
from members.models import User
from tests.factories.members import member_person

pytestmark = pytest.mark.django_db

PROFILE = "/profiel/"
WORDS = "Een functie die ik net heb getypt & niet kwijt wil <b>"
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def browser():
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def verified(practitioner):
    EmailAddress.objects.create(user=practitioner, email=practitioner.email, verified=True, primary=True)
    return practitioner


def form_in(page, field):
    """The hidden and typed fields of the form on a page that has this field."""
    [form] = [form for form in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'name="{field}"' in form]
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: value.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") for name, value in hidden}


def opened(browser, person, **more):
    """The profile as it was filled in on a page that this person opened."""
    browser.force_login(person)
    fields = form_in(browser.get(PROFILE).content.decode(), "function")
    return fields | {"name": person.name, "function": WORDS, "language": "nl"} | more


def send(browser, data, headers=OURS, path=PROFILE):
    return browser.post(path, data, headers=headers)


def sign_out(browser):
    """As when the session has run out: the browser still has its other cookies."""
    browser.cookies.pop(django_settings.SESSION_COOKIE_NAME)


def function_of(person):
    return User.objects.get(pk=person.pk).function


def test_a_page_from_before_another_sign_in_gives_back_what_was_typed_and_sends_it(browser, practitioner):
    typed = opened(browser, practitioner)
    browser.force_login(practitioner)  # in another tab
    browser.cookies.pop("csrftoken")
    browser.get(PROFILE)
    response = send(browser, typed)
    assert response.status_code == 403
    assert function_of(practitioner) != WORDS
    page = response.content.decode()
    assert "Een functie die ik net heb getypt &amp; niet kwijt wil &lt;b&gt;" in page
    assert 'action="/profiel/"' in page
    assert "Je functie" in page or "Functie" in page
    assert "no-store" in response.headers["Cache-Control"]
    assert send(browser, form_in(page, "function")).status_code == 302
    assert function_of(practitioner) == WORDS


def test_who_was_signed_out_finds_it_again_after_signing_in_and_it_is_gone_once_sent(browser, verified):
    typed = opened(browser, verified)
    BrowserSession.objects.all().delete()
    cache.clear()
    response = send(browser, typed)
    assert response.status_code == 302
    assert response.url.startswith("/account/login/code/?next=%2Fniet-verzonden%2F")
    page = browser.get(response.url)
    assert "Wat je hebt getypt, komt terug" in page.content.decode()
    fields = form_in(page.content.decode(), "email") | {"email": verified.email}
    response = browser.post("/account/login/code/", fields)
    page = browser.get(response.url).content.decode()
    [code] = re.findall(r"^\s*([A-Z]{4}-[A-Z]{4})\s*$", mail.outbox[-1].body, re.MULTILINE)
    response = browser.post(response.url, form_in(page, "code") | {"code": code})
    assert response.url.startswith("/niet-verzonden/")
    shown = browser.get(response.url)
    assert shown.status_code == 200
    assert "no-store" in shown.headers["Cache-Control"]
    fields = form_in(shown.content.decode(), "function")
    assert fields["function"] == WORDS
    assert send(browser, fields).status_code == 302
    assert function_of(verified) == WORDS
    assert browser.get(response.url).status_code == 404


def kept_at(browser, person):
    typed = opened(browser, person)
    sign_out(browser)
    response = send(browser, typed)
    return re.search(r"next=(.*)", response.url)[1].replace("%2F", "/")


def test_another_account_on_the_same_browser_finds_nothing(browser, practitioner, contact):
    url = kept_at(browser, practitioner)
    browser.force_login(contact)
    response = browser.get(url)
    assert response.status_code == 404
    assert WORDS[:20] not in response.content.decode()
    browser.force_login(practitioner)
    assert WORDS[:20] in browser.get(url).content.decode()


def test_the_same_account_on_another_browser_finds_nothing(browser, practitioner):
    url = kept_at(browser, practitioner)
    other = Client()
    other.force_login(practitioner)
    assert other.get(url).status_code == 404
    other.cookies[kept_typing.COOKIE] = "x" * 43 + "="
    assert other.get(url).status_code == 404


def test_the_page_of_one_account_is_not_sent_or_shown_by_another(browser, practitioner, contact):
    typed = opened(browser, practitioner)
    browser.force_login(contact)
    browser.cookies.pop("csrftoken")
    response = send(browser, typed)
    assert response.status_code == 403
    page = response.content.decode()
    assert WORDS[:20] not in page
    assert "ander account" in page
    browser.force_login(practitioner)
    url = re.search(r'href="(/niet-verzonden/[^"]+)"', page)[1]
    assert WORDS[:20] in browser.get(url).content.decode()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://testserver"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://kwaad.example"},
        {"Origin": "null", "Referer": "http://testserver/"},
        {"Referer": "http://testserver.kwaad.example/profiel/"},
        {"Origin": "http://["},
        {"Referer": "http://["},
    ],
)
def test_what_another_page_sent_is_neither_shown_nor_kept(browser, practitioner, headers):
    typed = opened(browser, practitioner)
    browser.cookies.pop("csrftoken")
    response = send(browser, typed, headers)
    assert response.status_code == 403
    assert WORDS[:20] not in response.content.decode()
    sign_out(browser)
    response = send(browser, typed, headers)
    assert "niet-verzonden" not in response.headers.get("Location", "")
    assert kept_typing.COOKIE not in response.cookies


@pytest.mark.parametrize("headers", [{"Origin": "http://testserver"}, {"Referer": "http://testserver/profiel/"}])
def test_an_older_browser_is_known_by_origin_or_referer(browser, practitioner, headers):
    typed = opened(browser, practitioner)
    browser.cookies.pop("csrftoken")
    assert WORDS[:20] in send(browser, typed, headers).content.decode()


def test_a_mark_cannot_be_made_up(browser, practitioner, contact):
    typed = opened(browser, practitioner)
    sign_out(browser)
    for mark in (str(contact.pk), f"{contact.pk}:{typed['page_of'].partition(':')[2]}", "", "x:y"):
        response = send(browser, typed | {"page_of": mark})
        assert "niet-verzonden" not in response.url


def test_a_password_or_code_never_comes_back(browser, practitioner):
    for secret in ("password", "code", "password1", "oldpassword"):
        response = send(browser, {"login": practitioner.email, secret: "geheim-woord-12"}, path="/account/login/")
        assert response.status_code == 403
        assert "geheim-woord-12" not in response.content.decode()
        assert practitioner.email not in response.content.decode()


def test_staff_in_the_admin_get_their_text_back_too(browser, staff):
    organisation = member_person().affiliations.get().organisation
    url = reverse("admin:members_organisation_change", args=[organisation.pk])
    browser.force_login(staff)
    page = browser.get(url).content.decode()
    typed = form_in(page, "name") | {"name": "Een heel nieuwe naam (fictief)", "kind": "member"}
    sign_out(browser)
    response = send(browser, typed, path=url)
    assert re.match(r"/admin/login/\?next=%2Fniet-verzonden%2F", response.url)
    browser.force_login(staff)
    kept = re.search(r"next=(.*)", response.url)[1].replace("%2F", "/")
    assert "Een heel nieuwe naam (fictief)" in browser.get(kept).content.decode()


def test_nothing_that_is_kept_can_be_read_without_the_browser(browser, practitioner, caplog):
    name = kept_at(browser, practitioner).split("/")[2]
    cookie = browser.cookies[kept_typing.COOKIE]
    assert (cookie["httponly"], cookie["max-age"], cookie["samesite"]) == (True, 3600, "Lax")
    stored = cache.get(kept_typing.place_of(cookie.value, name))
    assert isinstance(stored, bytes)
    assert WORDS[:20].encode() not in stored
    assert practitioner.name.encode() not in stored
    assert cookie.value not in kept_typing.place_of(cookie.value, name)
    for secret in (WORDS[:20], cookie.value):
        assert secret not in caplog.text
    assert not BrowserSession.objects.filter(session_data__contains=WORDS[:20]).exists()


def test_each_form_of_who_is_signed_in_says_whose_it_is_and_a_visitors_does_not(browser, practitioner):
    assert "page_of" not in browser.get("/account/signup/").content.decode()
    browser.force_login(practitioner)
    page = browser.get(PROFILE).content.decode()
    assert page.count('name="csrfmiddlewaretoken"') == page.count('name="page_of"') > 0


def test_what_is_shown_has_the_words_of_the_form_and_no_buttons():
    fields = [
        *(("title", ["Een titel"]), ("question", ["Een vraag"]), ("later", ["1"]), ("_save", ["Opslaan"])),
        *(("rows-TOTAL_FORMS", ["3"]), ("next", ["/profiel/"]), ("rows-0-period_wished", ["in het voorjaar"])),
        *(("empty", [" "]), ("unheard_of", ["Wat iemand hier typte"])),
    ]
    typed = kept_typing.Typed("/ergens/", None, fields)
    with override("nl"):
        shown = typed.shown
    assert shown[0] == ("Titel", ["Een titel"])
    assert [values for _, [values] in shown[1:]] == ["Een vraag", "in het voorjaar", "Wat iemand hier typte"]
    assert [label for label, _ in shown if "_" in label or "-" in label] == []
    assert dict(typed.hidden)["later"] == "1", "it is sent all the same"


def stays_away(response):
    """Sent to sign in, and not to anything that was kept."""
    return response.status_code == 302 and "niet-verzonden" not in response.url


def test_nobody_fills_the_cache_by_sending_a_form_again_and_again(browser, practitioner, now, time_machine):
    """One page and nobody signed in are enough, and each would stay for an hour."""
    time_machine.move_to(now.replace(second=20), tick=False)
    typed = opened(browser, practitioner)
    sign_out(browser)
    answers = [send(browser, typed) for _ in range(kept_typing.MOST_A_MINUTE + 3)]
    assert [stays_away(answer) for answer in answers].count(False) == kept_typing.MOST_A_MINUTE


def test_what_is_longer_than_any_form_is_not_kept(browser, practitioner):
    typed = opened(browser, practitioner, function="x" * kept_typing.LONGEST)
    sign_out(browser)
    assert stays_away(send(browser, typed))
    typed["csrfmiddlewaretoken"] = "x"
    assert send(browser, typed).status_code == 403
