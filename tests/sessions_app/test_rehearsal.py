"""Staff see what other numbers of seats would do: the same as really changing them, and nothing of it happens."""

from datetime import timedelta

import pytest
from django.urls import reverse

from core.models import AuditEntry, OutgoingMail
from sessions_app.actions import planning
from sessions_app.models import Registration, Session
from sessions_app.rules import Form, RegistrationState, SessionState
from tests.factories.members import OrganisationFactory, member_person
from tests.factories.sessions import RegistrationFactory, SessionFactory

pytestmark = pytest.mark.django_db
R = RegistrationState


@pytest.fixture
def try_out(client, staff):
    """What the page tells for these numbers of seats."""
    client.force_login(staff)

    def ask(session, **numbers):
        return client.get(reverse("sessions:rehearsal", args=[session.pk]), numbers)

    return ask


def words(page):
    return " ".join(page.content.decode().split())


def hybrid(now, **fields):
    """Both rooms full: on site one waits and one online wishes to come, online one waits."""
    online = {"capacity_online": 1, "online_link": "https://video.example/zaal"}
    session = SessionFactory(form=Form.HYBRID, capacity=2, registered=2, **online, **fields)
    RegistrationFactory(session=session, form=Form.ONLINE, wished_form=Form.ON_SITE, wished_at=now - timedelta(days=9))
    RegistrationFactory(session=session, state=R.WAITLISTED)
    RegistrationFactory(session=session, form=Form.ONLINE, state=R.WAITLISTED)
    return session


def shared(now, **fields):
    """A large organisation that came first, and a small one."""
    session = SessionFactory(capacity=2, most_per_organisation=1, **fields)
    large, small = OrganisationFactory(name="Groot (fictief)"), OrganisationFactory(name="Klein (fictief)")
    for organisation, state, number in ((large, R.CONFIRMED, 2), (large, R.WAITLISTED, 2), (small, R.WAITLISTED, 2)):
        for _ in range(number):
            RegistrationFactory(session=session, person=member_person(organisation), state=state)
    return session


def plain(now, **fields):
    return SessionFactory(capacity=3, registered=3, waiting=4, **fields)


@pytest.mark.parametrize("starts_in", [timedelta(days=20), timedelta(hours=20)], ids=["offered", "directly"])
@pytest.mark.parametrize(
    ("make", "numbers"),
    [
        (plain, {"capacity": 5}),
        (plain, {"capacity": 3}),
        (shared, {"capacity": 5}),
        (hybrid, {"capacity": 3, "capacity_online": 1}),
        (hybrid, {"capacity": 2, "capacity_online": 5}),
    ],
)
def test_it_tells_what_would_really_happen(try_out, staff, now, make, numbers, starts_in):
    session = make(now, starts_at=now + starts_in, registration_deadline=now + timedelta(hours=1))
    asked = dict(zip(("seats", "online"), numbers.values(), strict=False))
    outcome = try_out(session, **asked).context["outcome"]
    before = {row.pk: (row.state, row.form) for row in session.registrations.all()}
    planning.change(session=session, changes=numbers, actor=staff, now=now)
    changed = [row.pk for row in session.registrations.all() if before[row.pk] != (row.state, row.form)]
    assert sorted(turn.row.pk for turn in outcome.given) == sorted(changed)
    told = OutgoingMail.objects.filter(kind__regex=r"\.(seat_offered|seat_got|room_changed)$").order_by("pk")
    assert [turn.row.person_id for turn in outcome.given] == list(told.values_list("recipient", flat=True))
    session.refresh_from_db()
    left = [pk for forms in ([Form.ON_SITE], [Form.ONLINE]) for pk in Registration.objects.in_line(session, forms)]
    assert [turn.row.pk for _room, line in outcome.lines for turn in line] == left


@pytest.mark.parametrize("make", [plain, shared, hybrid])
def test_nothing_changes_and_nobody_hears_of_it(try_out, now, make):
    session = make(now)
    before = rows()
    assert try_out(session, seats=9, online=9).context["outcome"].given
    assert try_out(session, seats=1, online=1).status_code == 200
    assert rows() == before
    assert not OutgoingMail.objects.exists()
    assert not AuditEntry.objects.exists()


def rows():
    return [list(model.objects.order_by("pk").values()) for model in (Session, Registration)]


def test_fewer_seats_than_are_held_throw_nobody_out(try_out, now):
    page = try_out(plain(now), seats=1)
    assert page.context["outcome"].given == []
    assert "Niemand wordt weggestuurd" in words(page)
    assert "3 mensen hebben een plaats of een aanbod, en er zouden er 1 zijn: 2 te veel." in words(page)
    assert "Er komt een plaats vrij als 3 van hen zich afmelden." in words(page)


def test_it_says_why_somebody_stands_where_she_stands(try_out, now):
    session = shared(now)
    page = try_out(session, seats=3)
    [first] = page.context["outcome"].given
    assert "Klein" in str(first.row.organisation)
    assert first.why.endswith("de organisatie heeft dan nog geen plaats")
    assert [turn.why.rpartition("; ")[2] for turn in page.context["outcome"].lines[0][1]] == [
        "de organisatie heeft dan 1 plaats",
        "de organisatie heeft dan 2 plaatsen",
        "de organisatie heeft dan 2 plaatsen",
    ]
    page = try_out(hybrid(now), seats=3, online=1)
    assert "heeft een plaats online en doet liever op locatie mee" in words(page)


def test_who_can_not_come_any_more_is_passed_over_as_in_earnest(try_out, now):
    session = plain(now)
    first, second = session.registrations.waiting()[:2]
    first.person.is_active = False
    first.person.save()
    assert [turn.row for turn in try_out(session, seats=4).context["outcome"].given] == [second]


def test_a_session_that_gives_no_seats_says_so(try_out, now):
    session = plain(now, state=SessionState.PLANNED)
    page = try_out(session, seats=9)
    assert page.context["outcome"].given == []
    assert "Niemand zou nu een plaats krijgen" in words(page)


@pytest.mark.parametrize("wrong", ["", "0", "2001", "-3", "veel", "9" * 5000])
def test_a_number_that_is_none_is_asked_again(try_out, now, wrong):
    page = try_out(plain(now), seats=wrong)
    assert page.status_code == 422
    assert "Geef het aantal plaatsen, van 1 tot 2000." in words(page)
    assert page.context["outcome"] is None


def test_the_link_to_it_stands_where_staff_look_and_nowhere_else(client, staff, host, now):
    session = plain(now, host=host)
    link = reverse("sessions:rehearsal", args=[session.pk])
    pages = [reverse("sessions:participants", args=[session.pk])]
    client.force_login(host)
    assert link not in client.get(pages[0]).content.decode()
    client.force_login(staff)
    pages.append(reverse("admin:sessions_app_session_change", args=[session.pk]))
    assert all(link in client.get(page).content.decode() for page in pages)


@pytest.mark.parametrize("waiting", [1, 30])
def test_it_costs_the_same_for_many(try_out, now, waiting, django_assert_num_queries):
    session = SessionFactory(capacity=2, registered=2, waiting=waiting, most_per_organisation=2)
    try_out(session, seats=3)  # what is kept is kept
    with django_assert_num_queries(12):
        try_out(session, seats=3)
