import pytest
from django.urls import reverse

from leerlijnen.rules import TrackCode
from members.rules import OrganisationKind
from sessions_app.actions import curation
from sessions_app.models import CurationNote, Session
from sessions_app.rules import HostingPart, SessionState
from tests.factories.leerlijnen import ActivityFactory, TrackFactory
from tests.factories.members import AffiliationFactory, OrganisationFactory
from tests.sessions_app.proposing import programme_of_2026, proposal

pytestmark = pytest.mark.django_db
S = SessionState


def at(name, *args):
    return reverse(f"sessions:{name}", args=args)


def step(session, slug):
    return at("proposal_step", session.pk, slug)


@pytest.fixture
def signed_in(client, practitioner):
    client.force_login(practitioner)
    return client


@pytest.fixture
def draft(practitioner):
    programme_of_2026()
    return proposal(practitioner)


def test_a_visitor_reads_what_it_is_and_how_to_begin_without_a_cookie(client):
    programme_of_2026()
    response = client.get(at("propose"))
    assert response.status_code == 200
    assert reverse("account_request_login_code") in response.text
    assert "create_space_for_alignment" in response.text  # a role, in the words of the document
    assert not response.cookies


def test_who_has_no_organisation_reads_what_to_do_first(client, outsider):
    programme_of_2026()
    client.force_login(outsider)
    response = client.get(at("propose"))
    assert reverse("members:profile") in response.text
    assert at("proposal_start") not in response.text


def test_an_empty_portal_says_that_there_is_no_programme(signed_in):
    assert signed_in.get(at("propose")).status_code == 200
    assert signed_in.post(at("proposal_start")).status_code == 302


def test_who_had_to_sign_in_before_a_button_worked_comes_back_to_its_page(signed_in, practitioner):
    draft, asked = proposal(practitioner, state=S.DRAFT), proposal(practitioner, state=S.NEEDS_INFO)
    assert signed_in.get(at("proposal_start")).url == at("propose")
    assert signed_in.get(at("proposal_submit", draft.pk)).url == step(draft, "controle")
    assert signed_in.get(at("proposal_answer", asked.pk)).url == at("proposal", asked.pk)
    assert [row.state for row in Session.objects.order_by("pk")] == [S.DRAFT, S.NEEDS_INFO]


def test_a_member_proposes_step_by_step(signed_in, practitioner, member_organisation):
    programme = programme_of_2026()
    first = signed_in.post(at("proposal_start"), {"organisation": member_organisation.pk})
    session = Session.objects.proposed_by(practitioner).get()
    assert first.url == step(session, "onderwerp")
    answers = [
        ("onderwerp", {"subject": "line-digital-readiness", "track": "practitioner", "activity": ""}),
        ("vraag", {"title": "Samen 🌍 تعاون", "question": "Hoe doen we dit?"}),
        ("wie", {"content_lead": member_organisation.pk, "language": "nl", "form": "", "period_wished": "voorjaar"}),
        ("rollen", {"partos_roles": [programme.partos_roles.first().pk]}),
    ]
    order = ["vraag", "wie", "rollen", "controle"]
    for (slug, data), following in zip(answers, order, strict=True):
        assert signed_in.get(step(session, slug)).status_code == 200
        response = signed_in.post(step(session, slug), data)
        assert (response.status_code, response.url) == (302, step(session, following))
    check = signed_in.get(step(session, "controle"))
    assert "Samen 🌍 تعاون" in check.text
    sent = signed_in.post(at("proposal_submit", session.pk), follow=True)
    assert sent.redirect_chain[-1][0] == at("proposal_sent", session.pk)
    session.refresh_from_db()
    assert session.state == S.SUBMITTED
    assert session.hostings.get(part=HostingPart.CONTENT_LEAD).person == practitioner


def test_a_proposal_starts_in_the_activity_it_was_chosen_on(signed_in, practitioner, member_organisation):
    activity = ActivityFactory()
    page = signed_in.get(at("propose"), {"activiteit": activity.slug})
    assert activity.title in page.text
    signed_in.post(at("proposal_start"), {"organisation": member_organisation.pk, "activiteit": activity.slug})
    session = Session.objects.proposed_by(practitioner).get()
    assert (session.activity, session.track) == (activity, activity.track)


def test_keeping_for_later_keeps_an_incomplete_step(signed_in, draft):
    response = signed_in.post(step(draft, "vraag"), {"title": "Half", "question": "", "later": "1"})
    assert (response.status_code, response.url) == (302, at("propose"))
    draft.refresh_from_db()
    assert (draft.title, draft.question) == ("Half", "")


def test_what_is_right_is_kept_when_something_is_missing(signed_in, draft):
    response = signed_in.post(step(draft, "vraag"), {"title": "Wel een titel", "question": ""})
    assert response.status_code == 422
    draft.refresh_from_db()
    assert draft.title == "Wel een titel"


LONG = "x" * 10_000
HOSTILE = {
    "a title of 10,000 characters": ("vraag", {"title": LONG, "question": "Ja?"}, "title"),
    "a question of 10,000 characters": ("vraag", {"title": "Ja", "question": LONG}, "question"),
    "a zero byte": ("vraag", {"title": "a\x00b", "question": "Ja?"}, "title"),
    "only spaces": ("vraag", {"title": "   ", "question": "Ja?"}, "title"),
    "an unknown subject": ("onderwerp", {"subject": "line-99"}, "subject"),
    "nothing chosen": ("onderwerp", {}, "subject"),
    "a line without a track": ("onderwerp", {"subject": "line-digital-readiness"}, "track"),
    "an unknown track": ("onderwerp", {"subject": "line-digital-readiness", "track": "x"}, "track"),
    "an unknown activity": ("onderwerp", {"subject": "workstream-integriteit", "activity": "x"}, "activity"),
    "an organisation that does not exist": ("wie", {"content_lead": "999999", "language": "nl"}, "content_lead"),
    "no organisation": ("wie", {"content_lead": "", "language": "nl"}, "content_lead"),
    "an unknown language": ("wie", {"content_lead": "1", "language": "tlh"}, "language"),
    "a period that has passed": ("wie", {"language": "nl", "period_wished": "15 maart 2020"}, "period_wished"),
    "a forged role": ("rollen", {"partos_roles": ["999999"]}, "partos_roles"),
    "a role that is no number": ("rollen", {"partos_roles": ["' OR 1=1"]}, "partos_roles"),
    "no role": ("rollen", {}, "partos_roles"),
}


@pytest.mark.parametrize(("slug", "data", "field"), HOSTILE.values(), ids=HOSTILE)
def test_bad_input_gets_a_sentence_at_its_field_and_is_kept(signed_in, draft, slug, data, field):
    response = signed_in.post(step(draft, slug), data)
    assert response.status_code == 422
    assert response.context["form"].errors[field]
    assert f'id="id_{field}_error"' in response.text
    typed = data.get(field)
    if isinstance(typed, str) and field in ("question", "period_wished"):
        assert typed in response.text


@pytest.mark.parametrize("kind", [OrganisationKind.ASSOCIATION, OrganisationKind.MINISTRY])
@pytest.mark.parametrize("more", [{}, {"later": "1"}])
def test_partos_or_a_ministry_as_content_lead_is_refused_at_the_field(signed_in, draft, kind, more):
    before = draft.hostings.count()
    data = {"content_lead": OrganisationFactory(kind=kind).pk, "language": "nl", **more}
    response = signed_in.post(step(draft, "wie"), data)
    assert response.status_code == 422
    assert "Een lid of partner moet de inhoud trekken" in response.context["form"].errors["content_lead"][0]
    assert draft.hostings.count() == before


def test_an_activity_of_another_track_is_refused_at_its_field(signed_in, draft):
    TrackFactory(programme=draft.programme, code=TrackCode.LEADERSHIP)
    activity = ActivityFactory(learning_line=draft.learning_line, track=draft.track)
    data = {"subject": "line-digital-readiness", "track": "leadership", "activity": activity.slug}
    response = signed_in.post(step(draft, "onderwerp"), data)
    assert response.status_code == 422
    assert response.context["form"].errors["activity"]


def test_a_forged_state_or_id_in_the_post_changes_nothing(signed_in, draft, host):
    other = proposal(host)
    data = {"title": "Echt", "question": "Ja?", "state": "open", "id": other.pk, "pk": other.pk, "capacity": "9"}
    assert signed_in.post(step(draft, "vraag"), data).status_code == 302
    draft.refresh_from_db()
    other.refresh_from_db()
    assert (draft.state, draft.title, draft.capacity) == (S.DRAFT, "Echt", None)
    assert other.title != "Echt"


def test_sending_an_incomplete_proposal_says_what_is_missing(signed_in, practitioner):
    session = proposal(practitioner, question="", language="")
    response = signed_in.post(at("proposal_submit", session.pk))
    assert response.status_code == 422
    assert step(session, "vraag") in response.text
    assert step(session, "wie") in response.text


def test_sending_twice_shows_the_same_confirmation(signed_in, draft):
    first = signed_in.post(at("proposal_submit", draft.pk))
    second = signed_in.post(at("proposal_submit", draft.pk))
    assert first.url == second.url == at("proposal_sent", draft.pk)


def test_what_was_sent_in_can_no_longer_be_changed(signed_in, practitioner):
    session = proposal(practitioner, state=S.SUBMITTED)
    response = signed_in.post(step(session, "vraag"), {"title": "Gekaapt", "question": "?"})
    assert response.url == at("proposal", session.pk)
    assert Session.objects.get(pk=session.pk).title != "Gekaapt"


PAGES = [
    ("get", "proposal", []),
    ("get", "proposal_step", ["vraag"]),
    ("post", "proposal_step", ["vraag"]),
    ("post", "proposal_submit", []),
    ("get", "proposal_sent", []),
    ("post", "proposal_answer", []),
    ("get", "proposal_withdraw", []),
    ("post", "proposal_withdraw", []),
]


@pytest.mark.parametrize("who", ["host", "contact", "outsider", "staff"])
def test_the_proposal_of_someone_else_does_not_exist(request, client, practitioner, who):
    client.force_login(request.getfixturevalue(who))
    for state in (S.DRAFT, S.NEEDS_INFO, S.SUBMITTED):
        session = proposal(practitioner, state=state, title="Geheim plan")
        for method, name, more in PAGES:
            response = getattr(client, method)(at(name, session.pk, *more))
            assert response.status_code == 404, name
            assert "Geheim plan" not in response.text
            assert getattr(client, method)(at(name, 999_999, *more)).status_code == 404, name


def test_a_visitor_is_sent_to_sign_in_for_what_exists_and_what_does_not(client, practitioner):
    session = proposal(practitioner)
    for method, name, more in PAGES:
        for pk in (session.pk, 999_999):
            response = getattr(client, method)(at(name, pk, *more))
            assert response.status_code == 302, name
            assert response.url.startswith(reverse("account_request_login_code"))


@pytest.mark.parametrize("pk", [0, 10**30])
def test_an_impossible_number_is_not_found(signed_in, pk):
    assert signed_in.get(f"/agenderen/{pk}/").status_code == 404


def test_an_unknown_step_is_not_found(signed_in, draft):
    assert signed_in.get(step(draft, "geheim")).status_code == 404


@pytest.mark.parametrize("state", S)
def test_every_state_has_its_page_in_both_languages(signed_in, practitioner, state):
    session = proposal(practitioner, state=state)
    for prefix in ("", "/en"):
        response = signed_in.get(f"{prefix}/agenderen/{session.pk}/")
        assert response.status_code == 200
        assert response.context["standing"]
    listed = signed_in.get(at("propose"))
    assert session.title in listed.text


def test_the_proposer_answers_the_question_of_staff(signed_in, practitioner, staff, now):
    session = proposal(practitioner, state=S.IN_CURATION)
    curation.ask(session=session, question="Voor hoeveel mensen?", actor=staff, now=now)
    page = signed_in.get(at("proposal", session.pk))
    assert "Voor hoeveel mensen?" in page.text
    assert "Lotte" not in page.text  # Partos asks, not one person
    empty = signed_in.post(at("proposal_answer", session.pk), {"text": " "})
    assert empty.status_code == 422
    assert empty.context["form"].errors["text"]
    assert signed_in.post(at("proposal_answer", session.pk), {"text": "Twintig"}).status_code == 302
    session.refresh_from_db()
    assert session.state == S.IN_CURATION
    assert session.notes.get(kind=CurationNote.Kind.ANSWER).author == practitioner


def test_an_answer_that_nobody_asked_for_is_refused(signed_in, practitioner):
    session = proposal(practitioner, state=S.IN_CURATION)
    assert signed_in.post(at("proposal_answer", session.pk), {"text": "Twintig"}).status_code == 422


def test_the_proposer_reads_the_decision_with_its_reason(signed_in, practitioner, staff, now):
    session = proposal(practitioner, state=S.IN_CURATION)
    curation.decline(session=session, reason="Te ver van de leerlijn.", actor=staff, now=now)
    assert "Te ver van de leerlijn." in signed_in.get(at("proposal", session.pk)).text


def test_both_proposers_see_where_a_merged_proposal_went_on(client, practitioner, host, staff, now):
    one, other = proposal(practitioner, state=S.IN_CURATION), proposal(host, state=S.ACCEPTED)
    curation.merge(session=one, into=other, actor=staff, now=now)
    client.force_login(practitioner)
    assert at("proposal", other.pk) in client.get(at("proposal", one.pk)).text
    assert client.get(at("proposal", other.pk)).status_code == 200


def test_withdrawing_asks_first(signed_in, practitioner):
    session = proposal(practitioner, state=S.SUBMITTED)
    assert signed_in.get(at("proposal_withdraw", session.pk)).status_code == 200
    assert Session.objects.get(pk=session.pk).state == S.SUBMITTED
    assert signed_in.post(at("proposal_withdraw", session.pk)).url == at("propose")
    assert Session.objects.get(pk=session.pk).state == S.WITHDRAWN
    assert signed_in.post(at("proposal_withdraw", session.pk)).status_code == 422


def test_who_works_for_two_organisations_chooses_one(signed_in, practitioner):
    programme_of_2026()
    second = AffiliationFactory(person=practitioner).organisation
    assert second.name in signed_in.get(at("propose")).text
    assert signed_in.post(at("proposal_start"), {"organisation": "999999"}).url == at("propose")
    signed_in.post(at("proposal_start"), {"organisation": second.pk})
    assert Session.objects.proposed_by(practitioner).get().proposers.get().organisation == second


@pytest.mark.parametrize("rows", [1, 30])
def test_the_page_of_proposals_costs_the_same_at_every_size(signed_in, practitioner, rows, django_assert_num_queries):
    programme_of_2026()
    for _row in range(rows):
        proposal(practitioner, state=S.SUBMITTED)
    with django_assert_num_queries(5):
        signed_in.get(at("propose"))


@pytest.mark.parametrize("rows", [1, 30])
def test_the_step_who_costs_the_same_at_every_size(signed_in, draft, rows, django_assert_num_queries):
    OrganisationFactory.create_batch(rows)
    with django_assert_num_queries(8):
        signed_in.get(step(draft, "wie"))
