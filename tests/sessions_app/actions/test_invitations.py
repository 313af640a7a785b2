"""Inviting, answering, revoking and forgetting; what only the database can show is in here, pages are elsewhere."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db.models import CharField, JSONField, TextField

from core import audit, links, mail, refusals
from core.mail import Letter
from core.models import AuditEntry, MailState, OutgoingMail
from core.moves import MoveRefused
from sessions_app.actions import invitations, planning
from sessions_app.actions.invitations import InvitationRefused
from sessions_app.actions.planning import Schedule
from sessions_app.models import CurationNote, Invitation, Session
from sessions_app.rules import InvitationState, SessionState
from tests.factories.members import OrganisationFactory
from tests.factories.sessions import DialogueFactory, InvitationFactory, RegistrationFactory, SessionFactory

NAME, ADDRESS = "Imane Proefstra (fictief)", "imane.proefstra@horizonhulp.example"


@pytest.fixture
def dialogue(db):
    return DialogueFactory()


@pytest.fixture
def invite(staff, now):
    def invite(session, **fields):
        fields = {"name": NAME, "email": ADDRESS, "actor": staff, "now": now, **fields}
        fields.setdefault("organisation", OrganisationFactory())
        return invitations.invite(session=session, **fields)

    return invite


def token(invitation):
    return links.sign(purpose="invitation", row=invitation.pk, nonce=invitation.nonce)


def answer(invitation, accepts=True, *, device="phone", now, link_nonce=None):
    return invitations.answer(
        invitation=invitation, accepts=accepts, link_nonce=link_nonce or invitation.nonce, device=device, now=now
    )


def waiting():
    return OutgoingMail.objects.filter(state=MailState.QUEUED)


class TestInvite:
    def test_inviting_mails_a_link_that_stands_nowhere(self, dialogue, invite):
        invitation = invite(dialogue)
        assert invitation.state == InvitationState.SENT
        letter = waiting().get()
        assert (letter.to, letter.urgent, letter.expires_at) == (ADDRESS, True, dialogue.ends_at)
        assert letter.key.startswith(f"dialogue:{dialogue.pk}:invitation:{invitation.pk}:")
        assert invitation.nonce not in letter.key
        assert letter.link_mark in letter.text
        assert letter.link_mark in letter.html
        assert token(invitation) not in letter.text + letter.html

    def test_the_mail_names_the_question_the_date_and_what_is_asked(self, dialogue, invite):
        dialogue.track.goals.create(order=1, text="Mandaat")
        invite(dialogue)
        letter = waiting().get()
        for part in (letter.text, letter.html):
            assert dialogue.question in part
            assert dialogue.place in part
            assert "Mandaat" in part

    def test_the_subject_tells_staff_of_the_outbox_nothing(self, dialogue, invite):
        invite(dialogue)
        assert dialogue.title not in waiting().get().subject

    def test_the_first_invitation_lets_a_planned_dialogue_begin_to_invite(self, invite):
        dialogue = DialogueFactory(state=SessionState.PLANNED)
        invite(dialogue)
        dialogue.refresh_from_db()
        assert dialogue.state == SessionState.INVITING

    @pytest.mark.parametrize(
        "state",
        sorted(set(SessionState) - {SessionState.PLANNED, SessionState.INVITING}),
        ids=lambda state: state.value,
    )
    def test_a_dialogue_in_another_state_invites_nobody(self, invite, state):
        with pytest.raises(InvitationRefused):
            invite(DialogueFactory(state=state))
        assert not waiting().exists()

    def test_only_a_dialogue_invites(self, invite):
        with pytest.raises(InvitationRefused) as refused:
            invite(SessionFactory())
        assert refused.value.field == "session"

    def test_nobody_is_invited_to_what_has_started(self, dialogue, invite):
        with pytest.raises(InvitationRefused):
            invite(dialogue, now=dialogue.starts_at)

    def test_an_address_is_invited_once_however_it_is_written(self, dialogue, invite):
        invite(dialogue)
        with pytest.raises(InvitationRefused) as refused:
            invite(dialogue, email=f" {ADDRESS.upper()} ")
        assert refused.value.field == "email"
        assert Invitation.objects.count() == 1

    def test_who_was_revoked_can_be_invited_anew(self, dialogue, invite, staff, now):
        invitations.revoke(invitation=invite(dialogue), actor=staff, now=now)
        assert invite(dialogue).state == InvitationState.SENT

    @pytest.mark.parametrize(
        "who", ["practitioner", "director", "integrity_coordinator", "quality_coordinator", "functional_administrator"]
    )
    def test_only_programme_staff_invite(self, dialogue, invite, request, who, now):
        person = request.getfixturevalue(who)
        with pytest.raises(InvitationRefused):
            invite(dialogue, actor=person)
        invitation = InvitationFactory(session=dialogue, state=InvitationState.SENT, sent_at=now)
        for act in (invitations.revoke, invitations.send_again):
            with pytest.raises(InvitationRefused):
                act(invitation=invitation, actor=person, now=now)


class TestAnswer:
    def test_an_answer_can_change_until_the_end(self, dialogue, invite, now):
        invitation = invite(dialogue)
        accepted = answer(invitation, now=now)
        assert (accepted.state, accepted.answered_at) == (InvitationState.ACCEPTED, now)
        declined = answer(accepted, False, now=dialogue.ends_at - timedelta(seconds=1))
        assert declined.state == InvitationState.DECLINED

    def test_answering_twice_is_as_once(self, dialogue, invite, now):
        invitation = invite(dialogue)
        for _ in range(2):
            answer(invitation, now=now)
        assert OutgoingMail.objects.filter(kind="sessions_app.invitation_answered").count() == 1

    def test_nobody_answers_after_the_end(self, dialogue, invite):
        with pytest.raises(InvitationRefused):
            answer(invite(dialogue), now=dialogue.ends_at)

    def test_a_revoked_invitation_takes_no_answer(self, dialogue, invite, staff, now):
        invitation = invite(dialogue)
        invitations.revoke(invitation=invitation, actor=staff, now=now)
        with pytest.raises(InvitationRefused):
            answer(invitation, now=now)

    def test_another_device_cannot_change_the_answer_with_the_same_link(self, dialogue, invite, now):
        invitation = invite(dialogue)
        link = invitation.nonce
        answer(invitation, now=now)
        with pytest.raises(InvitationRefused):
            answer(invitation, False, device="other", link_nonce=link, now=now)
        invitation.refresh_from_db()
        assert invitation.state == InvitationState.ACCEPTED

    def test_a_new_link_has_to_be_claimed_before_it_answers(self, dialogue, invite, staff, now):
        invitation = invite(dialogue)
        answer(invitation, now=now)
        invitations.send_again(invitation=invitation, actor=staff, now=now)
        invitation.refresh_from_db()
        link = invitation.nonce
        with pytest.raises(InvitationRefused):
            answer(invitation, False, device="laptop", link_nonce=link, now=now)
        invitations.open_on_device(invitation=invitation, link_nonce=link, device="laptop", now=now)
        assert answer(invitation, False, device="laptop", link_nonce=link, now=now).state == InvitationState.DECLINED
        with pytest.raises(InvitationRefused):
            invitations.open_on_device(invitation=invitation, link_nonce=link, device="third", now=now)

    def test_opening_leaves_only_a_hint(self, dialogue, invite, now):
        invitation = invite(dialogue)
        invitations.opened(invitation=invitation, now=now)
        invitations.opened(invitation=invitation, now=now + timedelta(hours=1))
        invitation.refresh_from_db()
        assert (invitation.state, invitation.first_opened_at) == (InvitationState.SENT, now)


class TestNewLink:
    def test_it_goes_to_the_invitees_own_address(self, dialogue, invite, now):
        invitation = invite(dialogue)
        old = token(invitation)
        answer(invitation, now=now)
        invitations.mail_new_link(token=old, now=now + timedelta(minutes=5))
        letter = waiting().filter(key__contains="invitation").get()
        assert letter.to == ADDRESS
        assert invitations.behind(old, now=now)[1] != Invitation.objects.get().nonce

    def test_the_device_that_answered_keeps_working_until_the_new_link_is_used(self, dialogue, invite, now):
        invitation = invite(dialogue)
        link = invitation.nonce
        answer(invitation, link_nonce=link, now=now)
        invitations.mail_new_link(token=token(invitation), now=now + timedelta(minutes=5))
        invitation.refresh_from_db()
        answer(invitation, False, link_nonce=link, now=now)
        assert Invitation.objects.get().state == InvitationState.DECLINED
        invitations.open_on_device(invitation=invitation, link_nonce=invitation.nonce, device="laptop", now=now)
        with pytest.raises(InvitationRefused):
            answer(invitation, link_nonce=link, now=now)
        answer(invitation, link_nonce=link, device="laptop", now=now)
        assert Invitation.objects.get().state == InvitationState.ACCEPTED

    def test_an_older_link_asks_for_nothing(self, dialogue, invite, staff, now):
        invitation = invite(dialogue)
        forwarded = token(invitation)
        answer(invitation, now=now)
        invitations.mail_new_link(token=forwarded, now=now + timedelta(hours=1))
        before = list(Invitation.objects.values()), OutgoingMail.objects.count()
        for hours in (2, 3, 40):
            invitations.mail_new_link(token=forwarded, now=now + timedelta(hours=hours))
        assert (list(Invitation.objects.values()), OutgoingMail.objects.count()) == before

    def test_asking_while_the_link_still_opens_mails_that_link_again(self, dialogue, invite, now):
        invitation = invite(dialogue)
        link = invitation.nonce
        invitations.mail_new_link(token=token(invitation), now=now + timedelta(minutes=5))
        assert Invitation.objects.get().nonce == link
        assert waiting().get().secret_link["nonce"] == link

    def test_it_is_mailed_once_in_five_minutes(self, dialogue, invite, now):
        old = token(invite(dialogue))
        for minutes in (1, 5, 6, 9):
            invitations.mail_new_link(token=old, now=now + timedelta(minutes=minutes))
        assert OutgoingMail.objects.count() == 2

    def test_it_is_mailed_three_times_in_24_hours(self, dialogue, invite, staff, now):
        invitation = invite(dialogue)
        for hour in range(1, 9):
            invitation.refresh_from_db()
            invitations.mail_new_link(token=token(invitation), now=now + timedelta(hours=hour))
        assert OutgoingMail.objects.count() == 1 + 3
        invitations.send_again(invitation=invitation, actor=staff, now=now + timedelta(hours=9))
        assert OutgoingMail.objects.count() == 1 + 3 + 1, "staff can"
        invitation.refresh_from_db()
        invitations.mail_new_link(token=token(invitation), now=now + timedelta(hours=26))
        assert OutgoingMail.objects.count() == 1 + 3 + 1 + 1

    @pytest.mark.parametrize("broken", ["", "x", "WzEsICJhIl0:1abc:def", "a" * 4000])
    def test_a_broken_link_mails_nobody(self, dialogue, invite, now, broken):
        invite(dialogue)
        invitations.mail_new_link(token=broken, now=now + timedelta(hours=1))
        assert OutgoingMail.objects.count() == 1

    def test_a_revoked_invitation_gets_none(self, dialogue, invite, staff, now):
        invitation = invite(dialogue)
        invitations.revoke(invitation=invitation, actor=staff, now=now)
        invitations.mail_new_link(token=token(invitation), now=now + timedelta(hours=1))
        assert not waiting().exists()


def test_an_answer_to_what_was_forgotten_meanwhile_is_refused_in_words(dialogue, invite, staff, now):
    invitation = invite(dialogue)
    link = token(invitation)
    Invitation.objects.all().delete()
    with pytest.raises(InvitationRefused):
        answer(invitation, now=now)
    with pytest.raises(InvitationRefused):
        invitations.revoke(invitation=invitation, actor=staff, now=now)
    invitations.mail_new_link(token=link, now=now)


def test_revoking_takes_back_the_mail_and_ends_once(dialogue, invite, staff, now):
    invitation = invite(dialogue)
    invitations.revoke(invitation=invitation, actor=staff, now=now)
    assert OutgoingMail.objects.get().state == MailState.WITHDRAWN
    with pytest.raises(MoveRefused):
        invitations.revoke(invitation=invitation, actor=staff, now=now)
    assert invitations.behind(token(Invitation.objects.get()), now=now) is None


def test_of_one_invitation_and_answer_the_trail_has_nothing_at_all(dialogue, invite, staff, now):
    invitation = invite(dialogue)
    answer(invitation, now=now)
    invitations.send_again(invitation=invitation, actor=staff, now=now)
    invitations.revoke(invitation=invitation, actor=staff, now=now)
    assert not AuditEntry.objects.exists()


class TestChange:
    """The invitees hear of it when staff change the dialogue."""

    @pytest.fixture
    def invited(self, dialogue):
        for state in InvitationState:
            InvitationFactory(session=dialogue, state=state, email=f"{state}@leden.example")
        return dialogue

    def told(self):
        return sorted(waiting().filter(key__startswith="dialogue:").values_list("to", flat=True))

    def test_moving_tells_all_who_may_still_come(self, invited, staff, now):
        later = {"starts_at": now + timedelta(days=40), "ends_at": now + timedelta(days=40, hours=1)}
        schedule = Schedule(**later, form=invited.form, place="Zaal Negen (fictief)")
        planning.move(session=invited, schedule=schedule, actor=staff, now=now)
        assert self.told() == ["accepted@leden.example", "declined@leden.example", "sent@leden.example"]
        assert all("Zaal Negen" in letter.text for letter in waiting())

    @pytest.mark.parametrize("action", [planning.postpone, planning.cancel])
    def test_who_declined_need_not_hear_that_it_is_off(self, invited, staff, now, action):
        action(session=invited, reason="Te weinig tijd.", actor=staff, now=now)
        assert self.told() == ["accepted@leden.example", "sent@leden.example"]
        assert all("Te weinig tijd." not in letter.text for letter in waiting())

    @pytest.mark.parametrize("action", [planning.postpone, planning.cancel])
    def test_an_invitation_that_still_waits_does_not_go_out(self, dialogue, invite, staff, now, action):
        invite(dialogue)
        action(session=dialogue, reason="Te weinig tijd.", actor=staff, now=now)
        assert self.told() == []

    def test_an_invitation_that_still_waits_goes_out_with_the_new_date(self, dialogue, invite, staff, now):
        invitation = invite(dialogue)
        later = now + timedelta(days=40)
        schedule = Schedule(starts_at=later, ends_at=later + timedelta(hours=1), form=dialogue.form, place="Zaal Negen")
        postponed = planning.postpone(session=dialogue, reason="Te weinig tijd.", actor=staff, now=now)
        planning.plan(session=postponed, schedule=schedule, for_whom="Directeuren", actor=staff, now=now)
        letter = waiting().get(to=ADDRESS)
        assert (letter.kind, letter.expires_at) == ("sessions_app.invitation", schedule.ends_at)
        assert letter.secret_link["nonce"] == invitation.nonce

    def test_another_session_tells_nobody_here(self, staff, now):
        planning.cancel(session=SessionFactory(), reason="Ziek.", actor=staff, now=now)
        assert self.told() == []


def everything_written():
    """All texts of all tables as one string, but for the people and organisations themselves."""
    parts = []
    for model in apps.get_models():
        if model._meta.label in ("members.User", "members.Organisation", "account.EmailAddress"):
            continue
        fields = [f.name for f in model._meta.local_fields if isinstance(f, CharField | TextField | JSONField)]
        parts += [f"{model._meta.label} {row}" for row in model._default_manager.values_list(*fields) if fields]
    return "\n".join(parts)


class TestForget:
    @pytest.fixture
    def full(self, dialogue, host, director, invite, staff, now):
        """Names wherever a dialogue can hold one."""
        invitation = invite(dialogue)
        answer(invitation, now=now)
        invite(dialogue, name="Sam Demostra (fictief)", email="sam@horizonhulp.example")
        gone = InvitationFactory(session=dialogue, name=NAME, state=InvitationState.REVOKED)
        assert gone.name == NAME
        dialogue.hostings.filter(part="content_lead").update(person=host)
        RegistrationFactory(session=dialogue, person=director, function=f"directeur, {NAME}")
        CurationNote.objects.create(
            session=dialogue, kind="reason", state="cancelled", text=f"{NAME} is ziek", author=staff, at=now
        )
        OutgoingMail.objects.filter(to=ADDRESS).update(state=MailState.SENT, error=f"250 {ADDRESS}")
        mail.queue(
            Letter(
                key=f"session:{dialogue.pk}:reminder:{director.pk}:T-1d",
                to=director,
                template="sessions_app/mail/invitation",
                context={"invitation": gone, "session": dialogue},
            ),
            now=now,
        )
        refused_on = OutgoingMail.objects.filter(to="sam@horizonhulp.example").get()
        refusals.note(refused_on, "550 5.1.1 Demostra is gone", now=now)
        audit.record("session.planned", dialogue, actor=None, now=now)
        assert everything_written().count(NAME) >= 5
        return dialogue

    @pytest.mark.parametrize("state", ["inviting", "closed", "held", "followed_up", "cancelled"])
    def test_a_day_after_the_planned_end_one_number_is_left(self, full, director, host, state):
        Session.objects.filter(pk=full.pk).update(state=state)
        assert invitations.forget_due(now=full.ends_at + timedelta(hours=24)) == 1
        full.refresh_from_db()
        assert full.accepted_total == 1
        written = everything_written()
        for word in (NAME, ADDRESS, "Demostra", "sam@horizonhulp", director.email, director.name):
            assert word not in written
        assert not full.hostings.exclude(person=None).exists()
        assert not AuditEntry.objects.filter(target_type="sessions_app.session").exclude(actor=None).exists()

    def test_before_that_nothing_is_forgotten(self, full):
        almost = full.ends_at + timedelta(hours=24) - timedelta(seconds=1)
        assert invitations.forget_due(now=almost) == 0
        with pytest.raises(InvitationRefused):
            invitations.forget(session=full, now=almost)
        assert NAME in everything_written()

    def test_forgetting_twice_is_as_once(self, full):
        later = full.ends_at + timedelta(hours=24)
        assert [invitations.forget_due(now=later), invitations.forget_due(now=later)] == [1, 0]
        invitations.forget(session=full, now=later)
        full.refresh_from_db()
        assert full.accepted_total == 1
        assert AuditEntry.objects.filter(verb="dialogue.forgotten").count() == 1

    def test_other_sessions_keep_theirs(self, full):
        other = SessionFactory(registered=1)
        later = DialogueFactory(starts_at=full.starts_at + timedelta(days=3))
        InvitationFactory(session=later, state=InvitationState.ACCEPTED)
        invitations.forget_due(now=full.ends_at + timedelta(days=2))
        assert other.registrations.count() == 1
        assert later.invitations.count() == 1
        with pytest.raises(InvitationRefused):
            invitations.forget(session=other, now=full.ends_at + timedelta(days=400))

    def test_correcting_words_keeps_no_name_longer(self, full, staff, now):
        dropped = planning.postpone(session=full, reason="Ziek.", actor=staff, now=now)
        planning.change(session=dropped, changes={"title": "Nieuw"}, actor=staff, now=now + timedelta(hours=20))
        assert invitations.forget_due(now=now + timedelta(hours=24)) == 1

    def test_a_dialogue_that_is_cancelled_without_a_date_is_forgotten_too(self, full, staff, now):
        dropped = planning.postpone(session=full, reason="Ziek.", actor=staff, now=now)
        invitations.forget_due(now=now + timedelta(hours=24))
        planning.cancel(session=dropped, reason=f"{NAME} is ziek", actor=staff, now=now + timedelta(hours=25))
        assert invitations.forget_due(now=now + timedelta(hours=26)) == 1
        assert NAME not in everything_written()

    def test_a_dropped_date_ends_the_invitations_a_day_later(self, full, host, now):
        Session.objects.filter(pk=full.pk).update(
            state=SessionState.ACCEPTED, starts_at=None, ends_at=None, date_dropped_at=now
        )
        assert invitations.forget_due(now=now + timedelta(hours=23)) == 0
        assert invitations.forget_due(now=now + timedelta(hours=24)) == 1
        full.refresh_from_db()
        assert full.accepted_total is None
        assert not full.invitations.exists()
        assert ADDRESS not in everything_written()
        assert full.hostings.filter(person=host).exists()
