"""The page behind the link, where a dialogue must not show, and staff's list."""

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from core import links
from core.models import OutgoingMail
from sessions_app.actions import invitations
from sessions_app.models import Invitation, Session
from sessions_app.rules import InvitationState, LinkOpens, SessionState, invitation_is_open, link_opens, reply_by
from tests.factories.members import OrganisationFactory
from tests.factories.sessions import DialogueFactory, InvitationFactory, SessionFactory
from tests.harness.asking import agree

TITLE, NAME, ADDRESS = "Stille dialoog over geld", "Mei-Lin Schetsma (fictief)", "directie@stiltevrede.example"


@pytest.fixture
def dialogue(db):
    return DialogueFactory(title=TITLE, place="Kamer Zeven (fictief)", online_link="https://meet.example/zeven")


@pytest.fixture
def invitation(dialogue, staff, now):
    return invitations.invite(
        session=dialogue, name=NAME, email=ADDRESS, organisation=OrganisationFactory(), actor=staff, now=now
    )


def address(invitation):
    token = links.sign(purpose="invitation", row=invitation.pk, nonce=invitation.nonce)
    return f"/uitnodiging/{token}/"


def state_of(invitation):
    return Invitation.objects.get(pk=invitation.pk).state


def keys_of(client):
    """What the device holds, without the moment at which it was signed."""
    return {name: morsel.value.split(":")[0] for name, morsel in client.cookies.items()}


class TestRules:
    """Without a database: what a link opens, and until when."""

    @pytest.mark.parametrize(
        ("state", "is_spent", "bound_to", "link_nonce", "device", "opens"),
        [
            ("sent", False, "", "key", "", LinkOpens.FULLY),
            ("sent", False, "", "key", "phone", LinkOpens.FULLY),
            ("sent", False, "", "old", "phone", LinkOpens.NOTHING),
            ("sent", False, "", "old", "", LinkOpens.NOTHING),
            ("accepted", False, "phone", "key", "", LinkOpens.AFTER_ASKING),
            ("declined", False, "phone", "key", "laptop", LinkOpens.AFTER_ASKING),
            ("accepted", False, "phone", "old", "phone", LinkOpens.FULLY),
            ("accepted", False, "phone", "old", "", LinkOpens.NOTHING),
            ("accepted", True, "phone", "key", "phone", LinkOpens.FULLY),
            ("accepted", True, "phone", "key", "laptop", LinkOpens.NOTHING),
            ("accepted", True, "phone", "key", "", LinkOpens.NOTHING),
        ],
    )
    def test_a_link_opens_as_far_as_its_key_goes(self, state, is_spent, bound_to, link_nonce, device, opens):
        found = link_opens(
            state=state, nonce="key", is_spent=is_spent, bound_to=bound_to, link_nonce=link_nonce, device=device
        )
        assert found == opens

    def test_it_is_open_until_the_very_end(self, now):
        fields = {"state": "sent", "session_state": "closed", "ends_at": now}
        assert invitation_is_open(**fields, now=now - timedelta(seconds=1))
        assert not invitation_is_open(**fields, now=now)
        assert not invitation_is_open(**{**fields, "ends_at": None}, now=now)

    def test_an_answer_is_asked_ten_days_before(self, now):
        assert reply_by(starts_at=now + timedelta(days=30), now=now) == now + timedelta(days=20)
        assert reply_by(starts_at=now + timedelta(days=10), now=now) is None


class TestPage:
    def test_it_shows_what_is_asked_when_and_where(self, client, dialogue, invitation):
        dialogue.track.goals.create(order=1, text="Mandaat")
        response = client.get(address(invitation))
        assert response.status_code == 200
        page = response.content.decode()
        for words in (TITLE, dialogue.question, "Mandaat", "Kamer Zeven", "Digital Readiness", NAME):
            assert words in page
        assert page.count("<h1") == 1
        assert dialogue.online_link not in page

    def test_it_is_kept_by_nobody_and_its_address_goes_nowhere(self, client, invitation):
        for response in (client.get(address(invitation)), client.get("/uitnodiging/kapot/")):
            assert "no-store" in response.headers["Cache-Control"]
            assert response.headers["Referrer-Policy"] == "same-origin"
            assert "noindex" in response.headers["X-Robots-Tag"]
            assert b'name="robots" content="noindex"' in response.content

    def test_opening_changes_nothing_but_a_hint(self, client, invitation):
        before = Invitation.objects.filter(pk=invitation.pk).values().get()
        client.head(address(invitation))
        assert Invitation.objects.filter(pk=invitation.pk).values().get() == before
        client.get(address(invitation))
        after = Invitation.objects.filter(pk=invitation.pk).values().get()
        assert after.pop("first_opened_at")
        before.pop("first_opened_at")
        assert after == before

    def test_an_answer_is_given_without_an_account_and_can_change(self, client, dialogue, invitation):
        where = address(invitation)
        client.get(where)
        assert client.post(where, {"answer": "accept"}).status_code == 302
        assert state_of(invitation) == InvitationState.ACCEPTED
        assert dialogue.online_link in client.get(where).content.decode()
        client.post(where, {"answer": "decline"})
        assert state_of(invitation) == InvitationState.DECLINED

    def test_a_double_click_is_as_one(self, client, invitation):
        where = address(invitation)
        client.get(where)
        first = keys_of(client)
        client.post(where, {"answer": "accept"})
        assert keys_of(client) == first, "the second click comes with the keys of the first"
        assert client.post(where, {"answer": "accept"}).status_code == 302
        assert state_of(invitation) == InvitationState.ACCEPTED

    def test_the_answering_device_reads_it_in_both_languages(self, client, invitation):
        where = address(invitation)
        client.get(where)
        client.post(where, {"answer": "accept"})
        assert TITLE in client.get(f"/en{where}").content.decode()

    def test_another_answer_than_yes_or_no_is_refused(self, client, invitation):
        response = client.post(address(invitation), {"answer": "attended"})
        assert response.status_code == 422
        assert state_of(invitation) == InvitationState.SENT

    def test_a_forged_form_is_refused(self, invitation):
        client = Client(enforce_csrf_checks=True)
        assert client.post(address(invitation), {"answer": "accept"}).status_code == 403
        assert state_of(invitation) == InvitationState.SENT

    def test_the_cookie_of_the_device_is_for_this_page_alone(self, client, invitation):
        where = address(invitation)
        cookies = client.get(where).cookies
        for name, path in (("invitation_device_nl", where), ("invitation_device_en", f"/en{where}")):
            assert unquote(cookies[name]["path"]) == path
            assert cookies[name]["httponly"]
            assert cookies[name]["samesite"] == "Lax"
            assert Invitation.objects.get().nonce not in cookies[name].value

    def test_too_many_requests_get_a_sentence(self, client):
        codes = [client.get("/uitnodiging/raden/").status_code for _ in range(40)]
        assert set(codes) == {404, 429}
        assert codes[-1] == 429

    def test_its_cost_is_pinned(self, client, invitation, django_assert_num_queries):
        where = address(invitation)
        client.get(where)
        with django_assert_num_queries(4):  # invitation with dialogue, hint, goals, content leads
            client.get(where)


class TestNeutralPage:
    def over(self, invitation):
        Session.objects.update(starts_at=timezone.now() - timedelta(hours=3), ends_at=timezone.now())

    def revoked(self, invitation):
        Invitation.objects.update(state=InvitationState.REVOKED)

    def cancelled(self, invitation):
        Session.objects.update(state=SessionState.CANCELLED)

    def new_nonce(self, invitation):
        Invitation.objects.update(nonce="another")

    def answered_elsewhere(self, invitation):
        client = Client()
        client.get(address(invitation))
        client.post(address(invitation), {"answer": "accept"})

    def gone(self, invitation):
        Invitation.objects.all().delete()

    @pytest.mark.parametrize("how", ["over", "revoked", "cancelled", "new_nonce", "answered_elsewhere", "gone"])
    def test_it_is_the_same_whatever_the_reason(self, client, invitation, how):
        where = address(invitation)
        getattr(self, how)(invitation)
        before = list(Invitation.objects.values("state"))
        unknown = client.get("/uitnodiging/kapot/")
        for response in (client.get(where), client.post(where, {"answer": "decline"})):
            assert response.status_code == unknown.status_code == 404
            assert without_token(response) == without_token(unknown)
            assert TITLE.encode() not in response.content
            assert NAME.encode() not in response.content
        assert list(Invitation.objects.values("state")) == before

    def test_who_holds_a_forwarded_link_does_not_lock_out_the_device_that_answered(self, client, invitation):
        phone, stranger, where = Client(), Client(), address(invitation)
        phone.get(where)
        phone.post(where, {"answer": "accept"})
        for _each in range(6):
            Invitation.objects.update(sent_at=timezone.now() - timedelta(hours=1))
            stranger.post(where, {"answer": "mail"})
            assert TITLE in phone.get(where).content.decode()
            assert TITLE not in stranger.get(where).content.decode()
        assert OutgoingMail.objects.filter(key__contains=":asked:").count() == 1
        new = address(Invitation.objects.get())
        client.post(new, {"answer": "open"})
        assert TITLE in client.get(new).content.decode()
        assert TITLE not in phone.get(where).content.decode(), "the new link was used"

    def test_a_new_link_reaches_the_invitee_and_opens_after_asking(self, client, invitation):
        where = address(invitation)
        self.answered_elsewhere(invitation)
        Invitation.objects.update(sent_at=timezone.now() - timedelta(hours=1))
        known = client.post(where, {"answer": "mail"})
        unknown = client.post("/uitnodiging/kapot/", {"answer": "mail"})
        assert without_token(known) == without_token(unknown)
        assert OutgoingMail.objects.latest("pk").to == ADDRESS

        new = address(Invitation.objects.get())
        before = Invitation.objects.values().get()
        asks = client.get(new)
        assert asks.status_code == 200
        assert TITLE.encode() not in asks.content
        assert Invitation.objects.values().get() == before, "looking changes nothing"
        client.post(new, {"answer": "open"})
        assert TITLE in client.get(new).content.decode()
        assert TITLE.encode() not in Client().get(new).content, "the link is spent"


def without_token(response):
    page = re.sub(r'value="[\w-]{64}"', "", response.content.decode())
    return re.sub(r"/uitnodiging/[^\"/]+/", "", page)


class TestLeaks:
    """Date, place and names of a dialogue are in no page but the invitee's own (domain.md 4.1)."""

    READERS = (
        *(None, "practitioner", "director", "cohost"),
        *("integrity_coordinator", "quality_coordinator", "functional_administrator"),
    )

    @pytest.mark.parametrize(
        ("state", "half_filled"),
        [("planned", True), ("inviting", False), ("closed", False), ("held", True), ("cancelled", False)],
    )
    def test_no_list_holds_it(self, client, dialogue, invitation, request, state, half_filled):
        Session.objects.filter(pk=dialogue.pk).update(state=state)
        if half_filled:
            Session.objects.filter(pk=dialogue.pk).update(audience="", admission="")
        open_session = SessionFactory(title="Voor iedereen zichtbaar")
        month = f"{dialogue.starts_at:%Y-%m}"
        letter = OutgoingMail.objects.get()
        pages = [
            *("/bijeenkomsten/", f"/bijeenkomsten/maand/{month}/", "/mijn-agenda/", "/programma/2026/"),
            *(f"/bijeenkomsten/{dialogue.pk}/", f"/bijeenkomsten/{dialogue.pk}/agenda.ics"),
            *(f"/bijeenkomsten/{dialogue.pk}/deelnemers/", "/integriteit/", "/kwaliteit/"),
            *("/admin/sessions_app/invitation/", f"/admin/sessions_app/invitation/{invitation.pk}/change/"),
            *("/admin/sessions_app/session/", "/admin/integrity/", "/admin/quality/", "/admin/core/auditentry/"),
            *("/admin/core/outgoingmail/", f"/admin/core/outgoingmail/{letter.pk}/change/"),
        ]
        for who in self.READERS:
            client.logout()
            if who:
                client.force_login(request.getfixturevalue(who))
            for page in pages:
                text = client.get(page).content.decode()
                for secret in (TITLE, NAME, ADDRESS, "Kamer Zeven", "meet.example"):
                    assert secret not in text, (who, page)
            assert open_session.title in client.get("/bijeenkomsten/").content.decode()


class TestAdmin:
    def form(self, dialogue, **fields):
        return {
            "session": dialogue.pk,
            "name": NAME,
            "email": ADDRESS,
            "organisation": OrganisationFactory().pk,
            "language": "nl",
            **fields,
        }

    def test_staff_invite_and_see_who_accepted(self, client, staff, dialogue):
        client.force_login(staff)
        where = reverse("admin:sessions_app_invitation_add")
        assert TITLE in client.get(f"{where}?session={dialogue.pk}").content.decode()
        response = agree(client, where, self.form(dialogue), follow=True)
        assert response.status_code == 200
        assert NAME in response.content.decode()
        assert OutgoingMail.objects.get().to == ADDRESS

    def test_the_page_of_the_dialogue_counts_and_invites(self, client, staff, dialogue, invitation):
        InvitationFactory(session=dialogue, state=InvitationState.ACCEPTED)
        InvitationFactory(session=dialogue, state=InvitationState.REVOKED)
        client.force_login(staff)
        where = reverse("admin:sessions_app_session_change", args=[dialogue.pk])
        with override("en"):
            page = client.get(f"/en{where}").content.decode()
        assert "Said yes: 1 of 2 invited." in page
        assert f"/invitation/add/?session={dialogue.pk}" in page
        Session.objects.filter(pk=dialogue.pk).update(accepted_total=1)
        assert "1 person said yes" in client.get(f"/en{where}").content.decode()

    def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(self, client, staff, invitation, dialogue):
        client.force_login(staff)
        where = reverse("admin:sessions_app_invitation_add")
        response = client.post(where, self.form(dialogue, function="directeur 🌍"))
        assert response.status_code == 422
        assert response.context["form"].errors["email"]
        assert "directeur 🌍" in response.content.decode()
        assert Invitation.objects.count() == 1

    def test_only_dialogues_can_be_chosen(self, client, staff, dialogue):
        client.force_login(staff)
        where = reverse("admin:sessions_app_invitation_add")
        assert client.post(where, self.form(SessionFactory())).status_code == 422

    def test_buttons_send_again_and_revoke(self, client, staff, invitation):
        client.force_login(staff)
        page = reverse("admin:sessions_app_invitation_change", args=[invitation.pk])
        assert client.get(page).content.decode().count("/move/") == 2
        for name, state in (("again", InvitationState.SENT), ("revoke", InvitationState.REVOKED)):
            move = reverse("admin:sessions_app_invitation_move", args=[invitation.pk, name])
            client.post(move, dict(client.get(move).context["hidden"]))
            assert state_of(invitation) == state
        again = reverse("admin:sessions_app_invitation_move", args=[invitation.pk, "again"])
        assert b'class="error"' in client.post(again, follow=True).content
        assert b'class="error"' in client.get(again, follow=True).content

    def test_the_admins_own_log_keeps_no_name(self, client, staff, dialogue):
        client.force_login(staff)
        agree(client, reverse("admin:sessions_app_invitation_add"), self.form(dialogue))
        assert not LogEntry.objects.exists()

    @pytest.mark.parametrize(
        ("who", "status"),
        [
            ("staff", 200),
            ("integrity_coordinator", 403),
            ("quality_coordinator", 403),
            ("functional_administrator", 403),
            ("practitioner", 302),
        ],
    )
    def test_only_programme_staff_see_the_list(self, client, request, invitation, who, status):
        client.force_login(request.getfixturevalue(who))
        for name, arguments in (("changelist", []), ("add", []), ("change", [invitation.pk])):
            response = client.get(reverse(f"admin:sessions_app_invitation_{name}", args=arguments))
            assert response.status_code == status
        for name in ("again", "revoke"):
            where = reverse("admin:sessions_app_invitation_move", args=[invitation.pk, name])
            assert client.post(where).status_code == (302 if status in (200, 302) else 404)
        assert state_of(invitation) == (InvitationState.REVOKED if who == "staff" else InvitationState.SENT)

    @pytest.mark.parametrize("rows", [1, 30])
    def test_the_cost_of_the_list_is_flat(self, client, staff, dialogue, rows, now, django_assert_max_num_queries):
        for _ in range(rows):
            InvitationFactory(session=dialogue, state=InvitationState.SENT, sent_at=now)
        client.force_login(staff)
        with django_assert_max_num_queries(12):
            client.get(reverse("admin:sessions_app_invitation_changelist"))
