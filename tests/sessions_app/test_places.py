"""The page of one's own place, by the mailed link and signed in."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import links
from core.models import AuditEntry, OutgoingMail
from core.old_pages import row_digest
from leerlijnen.rules import ActivityKind
from sessions_app.actions import planning, registrations, series_registrations, waitlist
from sessions_app.mails.registrations import link_to_place
from sessions_app.models import Registration, SeriesMembership, Session
from sessions_app.rules import Admission, Confidentiality, Form, RegistrationState, SessionState
from tests.factories.leerlijnen import ActivityFactory
from tests.factories.sessions import RegistrationFactory, SeriesFactory, SessionFactory

pytestmark = pytest.mark.django_db
R = RegistrationState


@pytest.fixture
def offered(practitioner, now):
    """A seat that is held for the practitioner, with someone who waits after her."""
    session = SessionFactory(capacity=1, registered=1)
    row = RegistrationFactory(session=session, person=practitioner, state=R.WAITLISTED)
    RegistrationFactory(session=session, state=R.WAITLISTED)
    holder = session.registrations.confirmed().get()
    registrations.cancel(registration=holder, actor=holder.person, now=now)
    row.refresh_from_db()
    return row


def link(row):
    place = link_to_place(row)
    token = links.sign(purpose=place.purpose, row=place.row, nonce=place.nonce)
    return reverse(place.view, kwargs={"token": token})


def everything():
    return list(Registration.objects.order_by("pk").values()), AuditEntry.objects.count(), OutgoingMail.objects.count()


def text(response):
    return " ".join(response.content.decode().split())


def state(row):
    return Registration.objects.get(pk=row.pk).state


def test_opening_the_link_changes_nothing_however_often(client, offered):
    before = everything()
    for method in (client.head, client.get, client.get):
        response = method(link(offered))
        assert response.status_code == 200
    assert everything() == before
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in response.headers["Cache-Control"]
    assert "Ja, ik neem de plaats" in text(response)


def test_the_mailed_link_accepts_without_signing_in_and_two_on_one_link_take_one_seat(client, offered):
    other_device = type(client)()
    for browser in (client, other_device):
        response = browser.post(link(offered), {"act": "accept"}, follow=True)
        assert response.status_code == 200
        assert "Je hebt een plaats." in text(response)
    assert state(offered) == R.CONFIRMED
    assert AuditEntry.objects.filter(verb="registration.accepted").count() == 1
    assert offered.session.registrations.holding_seat().count() == 1


def test_the_mailed_link_declines_and_says_what_happens(client, offered):
    response = client.post(link(offered), {"act": "decline"}, follow=True)
    assert "Die gaat naar de volgende in de rij." in text(response)
    assert state(offered) == R.DECLINED
    assert offered.session.registrations.filter(state=R.OFFERED).count() == 1


@pytest.mark.parametrize("gone", [R.EXPIRED, R.DECLINED])
def test_who_let_a_seat_go_reads_how_to_come_after_all_while_that_is_possible(client, gone):
    row = RegistrationFactory(state=gone)
    assert "Meld je opnieuw aan" in text(client.get(link(row)))
    for over in ({"state": SessionState.CLOSED}, {"registration_deadline": row.changed_at}):
        Session.objects.filter(pk=row.session_id).update(**over)
        assert "Meld je opnieuw aan" not in text(client.get(link(row)))
        Session.objects.filter(pk=row.session_id).update(state=SessionState.OPEN)


@pytest.mark.parametrize(("form", "where"), [(Form.ON_SITE, "op locatie"), (Form.ONLINE, "online")])
def test_who_has_a_seat_at_a_hybrid_session_reads_in_which_room(client, form, where):
    row = RegistrationFactory(session=SessionFactory(form=Form.HYBRID, capacity_online=5), form=form)
    assert f"Je hebt een plaats {where}." in text(client.get(link(row)))


def test_a_late_answer_gets_a_clear_sentence_and_loses_nothing(client, offered):
    Registration.objects.filter(pk=offered.pk).update(offered_until=offered.changed_at)
    response = client.post(link(offered), {"act": "accept"})
    assert response.status_code == 422
    assert "Je kunt je opnieuw aanmelden." in text(response)
    assert state(offered) == R.OFFERED


def test_an_offer_is_answered_before_registration_opens_again(client, offered):
    """After a new date was set: the mail about it says until when the seat is held."""
    Session.objects.filter(pk=offered.session_id).update(state=SessionState.PLANNED)
    assert "Ja, ik neem de plaats" in text(client.get(link(offered)))
    client.post(link(offered), {"act": "accept"})
    assert state(offered) == R.CONFIRMED


@pytest.mark.parametrize("had", [R.CONFIRMED, R.WAITLISTED, R.REQUESTED])
def test_the_mailed_link_cancels_until_the_start(client, had):
    row = RegistrationFactory(state=had)
    assert "Je hoeft niet in te loggen" not in text(client.get(link(row)))
    client.post(link(row), {"act": "cancel"})
    assert state(row) == (R.CANCELLED if had == R.CONFIRMED else R.WITHDRAWN)
    assert client.post(link(row), {"act": "cancel"}).status_code == 302  # twice changes nothing


def test_after_the_start_nothing_is_given_up(client, now):
    row = RegistrationFactory(session=SessionFactory(starts_at=now - timedelta(minutes=1)))
    page = text(client.get(link(row)))
    assert "Mijn plaats opgeven" not in page
    assert client.post(link(row), {"act": "cancel"}).status_code == 422
    assert state(row) == R.CONFIRMED


def test_a_forged_an_old_and_a_foreign_link_open_nothing(client, offered):
    old = link(offered)
    Registration.objects.filter(pk=offered.pk).update(link_nonce="another")
    foreign = reverse("sessions:place", kwargs={"token": "vals"})
    before = everything()
    for address in (old, foreign):
        for response in (client.get(address), client.post(address, {"act": "accept"})):
            assert response.status_code == 404
            assert offered.session.title not in text(response)
    assert everything() == before


def test_who_is_no_longer_on_the_list_reads_so_and_no_place(client, offered, now):
    waitlist.decline(registration=offered, actor=offered.person, now=now)
    page = text(client.get(link(offered)))
    assert "Je hebt de plaats afgeslagen." in page
    assert offered.session.place not in page
    assert "<form" not in page.partition("<main")[2]


def test_the_page_by_link_never_shows_the_online_link(client):
    session = SessionFactory(form=Form.ONLINE, place="", online_link="https://video.example/geheim")
    row = RegistrationFactory(session=session, form=Form.ONLINE)
    assert "geheim" not in client.get(link(row)).content.decode()


# Signed in


def my_place(row):
    return reverse("sessions:my_place", args=[row.session_id])


def test_signed_in_one_answers_in_the_portal(client, offered, practitioner):
    client.force_login(practitioner)
    assert text(client.get(reverse("sessions:mine"))).count("Plaats aannemen of afslaan") == 1
    assert client.get(offered.session.get_absolute_url()).context["panel"].url == my_place(offered)
    response = client.post(my_place(offered), {"act": "accept"}, follow=True)
    assert "De plaats is voor jou." in text(response)
    assert state(offered) == R.CONFIRMED


def test_a_press_of_no_button_is_refused_with_a_sentence(client, offered, practitioner):
    client.force_login(practitioner)
    response = client.post(my_place(offered), {"act": "dance"})
    assert (response.status_code, state(offered)) == (422, R.OFFERED)
    assert "Kies een van de knoppen." in text(response)


def test_a_place_of_someone_else_is_not_there(client, offered, outsider):
    client.force_login(outsider)
    assert client.get(my_place(offered)).status_code == 302
    assert client.post(my_place(offered), {"act": "decline"}).status_code == 302
    assert state(offered) == R.OFFERED


def test_a_wish_for_the_other_room_is_made_and_taken_back_on_the_page(client, practitioner):
    session = SessionFactory(form=Form.HYBRID, capacity=1, capacity_online=1, online_link="https://video.example/x")
    row = RegistrationFactory(session=session, person=practitioner)
    RegistrationFactory(session=session, form=Form.ONLINE)
    client.force_login(practitioner)
    page = text(client.post(my_place(row), {"act": "online"}, follow=True))
    assert "Je bent eerste in de rij voor een plaats online; wie het eerst kwam, gaat voor." in page
    row.refresh_from_db()
    assert (row.form, row.wished_form) == (Form.ON_SITE, Form.ONLINE)
    assert "Op locatie blijven" in page
    client.post(my_place(row), {"act": "on_site"})
    row.refresh_from_db()
    assert row.wished_form == ""


@pytest.mark.parametrize(
    ("most", "held", "sentence"),
    [
        (None, 2, "Je bent derde in de rij; wie het eerst kwam, gaat voor."),
        (2, 2, "je organisatie heeft al 2 plaatsen, en organisaties met minder gaan voor."),
        (2, 1, "je organisatie heeft al 1 plaats, en organisaties met minder gaan voor."),
        (2, 0, "Je bent derde in de rij; eerst gaat wiens organisatie de minste plaatsen heeft"),
    ],
)
def test_everyone_reads_why_she_stands_where_she_stands(client, practitioner, most, held, sentence):
    session = SessionFactory(capacity=held or 1, registered=0, waiting=2, most_per_organisation=most)
    organisation = practitioner.affiliations.get().organisation
    for _ in range(held):
        RegistrationFactory(session=session, organisation=organisation)
    RegistrationFactory(session=session, person=practitioner, organisation=organisation, state=R.WAITLISTED)
    client.force_login(practitioner)
    assert sentence in text(client.get(session.get_absolute_url()))


@pytest.mark.parametrize("kind", ["closed space", "peer space"])
def test_in_a_closed_space_no_line_tells_of_a_colleague(client, practitioner, contact, kind):
    """Whose organisation has a seat would stand behind others, and read why."""
    session = SessionFactory(capacity=1, most_per_organisation=1)
    if kind == "closed space":
        session.confidentiality = Confidentiality.CLOSED_SPACE
    else:
        session.activity = ActivityFactory(
            kind=ActivityKind.PEER_SPACE, learning_line=session.learning_line, track=session.track
        )
    session.save()
    RegistrationFactory(session=session, person=contact)
    row = RegistrationFactory(session=session, person=practitioner, state=R.WAITLISTED)
    RegistrationFactory(session=session, state=R.WAITLISTED)
    client.force_login(practitioner)
    for page in (reverse("sessions:my_place", args=[session.pk]), session.get_absolute_url()):
        told = text(client.get(page))
        assert "Je bent eerste in de rij; wie het eerst kwam, gaat voor." in told
        assert "per organisatie" not in told
    assert [turn.who.key for turn in waitlist.next_seats(with_seats(session, 2))] == [row.pk]


def with_seats(session, number):
    session.capacity = number
    return session


@pytest.mark.parametrize("starts_in", [-5, 30])
@pytest.mark.parametrize("noted", [R.ATTENDED, R.NO_SHOW])
def test_who_was_ticked_off_is_not_told_that_she_is_off_the_list(client, practitioner, now, noted, starts_in):
    """Nor what was noted of her."""
    session = SessionFactory(starts_at=now + timedelta(minutes=starts_in))
    row = RegistrationFactory(session=session, person=practitioner, state=noted)
    before = everything()
    answer = client.post(link(row), {"act": "cancel"})
    assert answer.status_code == 422
    told = text(answer)
    assert ("Afmelden kan niet meer." if starts_in < 0 else "Je kunt je hier niet meer afmelden.") in told
    for words in ("Je bent afgemeld", "aanwezig", "was er niet"):
        assert words not in told
    assert everything() == before


@pytest.mark.parametrize("over", [R.EXPIRED, R.REJECTED, R.CANCELLED, R.WITHDRAWN])
def test_who_is_off_the_list_already_is_promised_no_mail(client, practitioner, over):
    row = RegistrationFactory(person=practitioner, state=over)
    told = text(client.post(link(row), {"act": "cancel"}, follow=True))
    assert "Je staat niet meer op de lijst; er is niets veranderd." in told
    assert "Een mail bevestigt het" not in told
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("signed_in", [False, True])
def test_a_seat_that_is_held_without_a_date_can_be_given_up(client, practitioner, offered, staff, now, signed_in):
    planning.postpone(session=offered.session, reason="De spreker is ziek.", actor=staff, now=now)
    if signed_in:
        client.force_login(practitioner)
        page = client.get(reverse("sessions:my_place", args=[offered.session_id]))
        assert reverse("sessions:cancel", args=[offered.session_id]) in text(page)
        client.post(reverse("sessions:cancel", args=[offered.session_id]))
    else:
        page = text(client.get(link(offered)))
        assert "Mijn plaats opgeven" in page
        assert 'value="accept"' not in page
        client.post(link(offered), {"act": "cancel"})
    assert state(offered) == R.WITHDRAWN


def test_a_place_at_a_cancelled_session_says_so(client):
    row = RegistrationFactory(session=SessionFactory(state=SessionState.CANCELLED), state=R.CANCELLED)
    assert "Je staat niet meer op de lijst" in text(client.get(link(row)))


@pytest.mark.parametrize("rows", [1, 30])
def test_the_page_costs_the_same_in_a_long_line(client, offered, rows, django_assert_num_queries):
    for _ in range(rows):
        RegistrationFactory(session=offered.session, state=R.WAITLISTED)
    last = RegistrationFactory(session=offered.session, state=R.WAITLISTED)
    with django_assert_num_queries(2):
        client.get(link(last))


@pytest.fixture
def series_mail(practitioner, member_organisation, now):
    """What who registers for a series of two dates gets."""
    one = SeriesFactory()
    for weeks in (1, 2):
        SessionFactory(series=one, starts_at=now + timedelta(weeks=weeks))
    series_registrations.register(
        series=one, person=practitioner, organisation=member_organisation, form="on_site", actor=practitioner, now=now
    )
    return OutgoingMail.objects.get(kind="sessions_app.series_registered")


def link_in(mail):
    return re.search(r"https?://[^/\s]+(/\S*/plaats/\S+|/plaats/\S+)", mail.with_link(mail.text))[1]


def test_by_the_link_in_the_mail_of_a_series_one_leaves_it_without_signing_in(client, practitioner, series_mail):
    address = link_in(series_mail)
    page = client.get(address).content.decode()
    assert "De hele reeks verlaten" in page
    assert Registration.objects.confirmed().count() == 2
    assert SeriesMembership.objects.exists()
    assert client.post(address, {"act": "leave_series"}).status_code == 302
    assert not Registration.objects.live().exists()
    assert not SeriesMembership.objects.exists()
    after = client.get(address).content.decode()
    assert "De hele reeks verlaten" not in after
    assert OutgoingMail.objects.filter(kind="sessions_app.series_left").count() == 1


def first_read_of_sessions(act):
    """The first statement that reads rows of sessions by themselves, as whoever locks them does; but for one that is
    looked up because another row points at it (LIMIT 21).
    """
    with CaptureQueriesContext(connection) as queries:
        act()
    found = [query["sql"] for query in queries if 'FROM "sessions_app_session"' in query["sql"]]
    return next(sql for sql in found if not sql.endswith("LIMIT 21"))


def test_leaving_a_series_locks_its_dates_from_the_lowest_key_on_whichever_was_opened(client, series_mail):
    """As everybody does who locks several sessions; else two could wait for each other."""
    last = Registration.objects.order_by("session").last()
    data = {"act": "leave_series", "shown": row_digest(last)}
    assert '"series_id" =' in first_read_of_sessions(lambda: client.post(link(last), data))
    assert state(last) == R.CANCELLED


def test_deciding_for_a_series_locks_its_dates_from_the_lowest_key_on_too(client, staff):
    series = SeriesFactory()
    dates = [SessionFactory(series=series, admission=Admission.BY_APPROVAL) for _ in range(2)]
    last = [RegistrationFactory(session=date, state=R.REQUESTED) for date in dates][1]
    client.force_login(staff)
    address = reverse("admin:sessions_app_registration_move", args=[last.pk, "admit"])
    data = {"shown": row_digest(last)}
    assert '"series_id" =' in first_read_of_sessions(lambda: client.post(address, data))
    assert state(last) == R.CONFIRMED


def test_by_the_link_in_the_mail_of_a_series_one_gives_up_one_date_of_all(client, series_mail):
    first = link_in(series_mail)
    other = Registration.objects.exclude(pk=series_mail.secret_link["row"]).get()
    [address] = re.findall(r'href="https?://[^/"]+(/[^"]*plaats/[^"]+)"', client.get(first).content.decode())
    assert client.post(address, {"act": "cancel"}).status_code == 302
    other.refresh_from_db()
    assert other.state == RegistrationState.CANCELLED
    assert Registration.objects.confirmed().count() == 1
    assert SeriesMembership.objects.exists()


def test_no_file_in_the_mail_of_a_series_holds_its_link(series_mail):
    assert not any("plaats/" in file["content"] for file in series_mail.attachments)


def test_a_session_by_itself_has_no_series_to_leave(client, offered):
    assert client.post(link(offered), {"act": "leave_series"}).status_code == 422
    offered.refresh_from_db()
    assert offered.state == RegistrationState.OFFERED


def test_who_waits_for_one_room_is_told_of_a_seat_in_the_other_and_takes_it_without_leaving_the_line(client):
    session = SessionFactory(form=Form.HYBRID, capacity=1, capacity_online=1, online_link="https://video.example/a")
    RegistrationFactory(session=session)
    mine = RegistrationFactory(session=session, state=RegistrationState.WAITLISTED)
    client.force_login(mine.person)
    told = client.get(session.get_absolute_url()).content.decode()
    assert "Online is er een plaats. Je kunt die nemen en je plek in de rij houden." in told
    page = reverse("sessions:my_place", args=[session.pk])
    assert "Neem de plaats en blijf in de rij" in client.get(page).content.decode()
    after = client.post(page, {"act": "meanwhile"}, follow=True).content.decode()
    assert "De plaats is van jou, en je staat nog in de rij" in after
    mine.refresh_from_db()
    assert (mine.state, mine.form, mine.wished_form) == (RegistrationState.CONFIRMED, Form.ONLINE, Form.ON_SITE)
    late = RegistrationFactory(session=session, state=RegistrationState.WAITLISTED)
    client.force_login(late.person)
    refused = client.post(page, {"act": "meanwhile"})
    assert "Die plaats is net vergeven. Je staat nog in de rij." in refused.content.decode()
    assert "Neem de plaats" not in refused.content.decode()
