"""Whatever way a text comes in, it is stored clean."""

import pytest
from django.core.exceptions import ValidationError

from core import cleaning, codes, form_fields
from leerlijnen.models import LearningLine
from members.models import Organisation, User
from members.passwords import is_made_of_known_words
from sessions_app.models import Session
from tests.factories.members import OrganisationFactory, UserFactory
from tests.factories.sessions import SessionFactory

pytestmark = pytest.mark.django_db
TURNED = "\u202eEen\x07 titel\u200b\x0bmet\ttab "


def test_a_row_that_is_saved_has_what_the_database_has():
    session = SessionFactory(title=TURNED, question="Een\x0bvraag\u2028van\x07 drie \r\n")
    assert session.title == "Een titel met tab"
    assert session.question == "Een\nvraag\nvan drie"
    stored = Session.objects.get()
    assert (stored.title, stored.question) == (session.title, session.question)


def test_rows_that_are_written_together_are_clean_too():
    Organisation.objects.bulk_create([Organisation(name=TURNED, kind="member")])
    assert Organisation.objects.get().name == "Een titel met tab"
    Organisation.objects.update(name=f"{TURNED}\x00\ud800")
    assert Organisation.objects.get().name == "Een titel met tab"


def test_an_address_finds_its_account_however_it_was_copied(outsider):
    assert User.objects.get(email=f"\ufeff{outsider.email.upper()}\u200b") == outsider
    assert UserFactory(email="Nieuw@Elders.example\u200b").email == "nieuw@elders.example"
    with pytest.raises(ValidationError):
        User.objects.create_user("ırem@kantoor.example")


def test_what_shows_nothing_is_no_title():
    session = SessionFactory.build(title="\u200b\u2060")
    with pytest.raises(ValidationError) as refused:
        LearningLine._meta.get_field("title").clean(session.title, None)
    assert refused.value.code == "blank"


@pytest.mark.parametrize(
    "name",
    [
        *("Noor de Wit", "J.P. de Vries", "J.de Vries", "drs.Jansen", "Kofi O'Testman-Modelle", "Zoë (fictief)"),
        *("adviseur ICT/veiligheid", "hoofd m.e.l. en kwaliteit", "نور مثال", "Hoofd HR & financiën, a.i."),
    ],
)
def test_a_name_is_words(name):
    form_fields.check_name(name)
    assert UserFactory.build(name=name).clean_fields(exclude=["password"]) is None


@pytest.mark.parametrize(
    "name",
    [
        *("noor@elders.example", "Noor ＠ elders", "https://kwaad.example", "ftp://kwaad", "www.kwaad", "WWW. kwaad"),
        *("kwaad.example", "Noor via kwaad.nl/hier", "Klik: bit.ly/x", "KWAAD.COM", "http kwaad punt nl"),
    ],
)
def test_an_address_is_no_name(name):
    with pytest.raises(ValidationError):
        form_fields.check_name(name)
    with pytest.raises(ValidationError):
        UserFactory.build(name=name).clean_fields(exclude=["password"])


@pytest.mark.parametrize("sign", [0, 0xD800, 0xFFFD])
def test_what_cannot_be_text_is_refused_with_a_sentence_and_can_be_shown_again(sign):
    class OneField(form_fields.forms.Form):
        title = form_fields.LineField()

    form = OneField({"title": f"a{chr(sign)}b"})
    assert form.errors["title"] == [form_fields.DAMAGED]
    assert "a\ufffdb" in form.as_p().encode().decode()


def test_a_request_cannot_spell_half_a_letter_by_naming_another_encoding(client):
    body = b"--x\r\nContent-Disposition: form-data; name=email\r\n\r\n+2AA-\\ud800\r\n--x--\r\n"
    for encoding in ("utf-7", "unicode_escape", "utf-16", "nonsense"):
        response = client.generic(
            "POST", "/account/signup/", body, f"multipart/form-data; boundary=x; charset={encoding}"
        )
        assert response.status_code == 422
        assert client.get("/?q=%2B2AA-", headers={"Content-Type": f"text/plain; charset={encoding}"}).status_code == 302


def test_two_accounts_for_one_mailbox_cannot_be_made():
    UserFactory(email="noor@elders.example")
    again = User(email="Noor@Elders.example\u200b")
    with pytest.raises(ValidationError, match=r"adres|address"):
        again.full_clean(exclude=["password"])


def test_an_organisation_may_be_called_by_its_website():
    OrganisationFactory.build(name="Voorbeeld.org (fictief)").clean_fields()


PILED = "a" + "\u0301\u0323" * 150_000  # accents on one letter, which a normal form sorts
DEAR = {"piled accents": PILED, "hyphens": "a-" * 300_000, "low lines": "x_-" * 250_000, "dots": "a." * 300_000}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("text", DEAR.values(), ids=DEAR)
@pytest.mark.parametrize(
    ("path", "field"),
    [
        *(("/account/signup/", "name"), ("/account/signup/", "email")),
        *(("/account/login/code/", "email"), ("/account/login/", "login")),
    ],
)
def test_no_stranger_keeps_the_portal_busy_with_a_long_text(client, path, field, text):
    """What fits into one request took minutes: a worker is gone for as long, and there are three."""
    sent = {"email": "nieuw@elders.example", "name": "Nieuw", "password": "x", field: text}
    is_a_name = field == "name" and text is PILED  # once most of the pile is gone
    assert client.post(path, sent).status_code == (302 if is_a_name else 422)


@pytest.mark.timeout(30)
def test_nobody_keeps_the_portal_busy_with_a_long_code_or_password():
    assert codes.tidy(f"KQTH-{PILED}RLCG") == "KQTHRLCG"
    assert not is_made_of_known_words(f"qx{PILED}qz")
    assert cleaning.paragraphs(PILED * 2)


def test_the_marks_of_a_spelling_stay():
    vietnamese, hebrew = "Nguyễn Thị Ánh", "בְּרֵאשִׁית"
    assert cleaning.line(vietnamese) == vietnamese
    assert cleaning.line(hebrew) == cleaning.normal("NFC", hebrew)
    assert len(cleaning.line("a" + "\u0301" * 99)) == cleaning.MOST_MARKS
