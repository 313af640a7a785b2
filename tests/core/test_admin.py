import pytest

from core import audit
from core.models import AuditEntry, MailState, OutgoingMail
from tests.core.test_outbox import put

pytestmark = pytest.mark.django_db
MAILS = "/admin/core/outgoingmail/"


def test_staff_see_outgoing_mail_without_the_links_in_it(client, staff):
    row = put(text="Klik: [link abc]", secret_link={"nonce": "geheim"}, link_mark="[link abc]")
    client.force_login(staff)
    page = client.get(f"{MAILS}{row.pk}/change/").content.decode()
    assert "Klik: •••" in page
    assert "geheim" not in page


def test_staff_read_which_mail_it_is_and_find_all_of_one_kind(client, staff):
    put("one", kind="sessions_app.registration_confirmed")
    put("two", kind="sessions_app.offer_lapsed")
    put("three", kind="an.old_one")
    client.force_login(staff)
    page = client.get(MAILS).content.decode()
    for words in ("Je bent aangemeld", "an.old_one", "?kind=sessions_app.registration_confirmed"):
        assert words in page
    rows = client.get(MAILS, {"kind": "sessions_app.registration_confirmed"}).context["cl"].queryset
    assert [row.key for row in rows] == ["one"]


@pytest.mark.parametrize("role", ["integrity_coordinator", "quality_coordinator", "practitioner"])
def test_others_do_not_see_it(client, role, request):
    client.force_login(request.getfixturevalue(role))
    assert client.get(MAILS).status_code in (302, 403, 404)


def test_what_failed_is_sent_again_at_the_press_of_a_button(client, staff):
    failed = put("failed", state=MailState.FAILED, attempts=8)
    sent = put("sent", state=MailState.SENT)
    client.force_login(staff)
    client.post(MAILS, {"action": "send_again", "_selected_action": [failed.pk, sent.pk]})
    assert dict(OutgoingMail.objects.values_list("key", "state")) == {"failed": "queued", "sent": "sent"}
    assert AuditEntry.objects.get().verb == "mail.sent_again"


def test_the_trail_can_be_read_and_not_changed(client, functional_administrator, member_organisation, now):
    entry = audit.record("organisation.changed", member_organisation, actor=functional_administrator, now=now)
    client.force_login(functional_administrator)
    assert "organisation changed" in client.get("/en/admin/core/auditentry/").content.decode()
    assert client.post(f"/admin/core/auditentry/{entry.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("rows", [1, 30])
def test_the_lists_cost_the_same_for_many(client, staff, member_organisation, now, rows, django_assert_num_queries):
    for number in range(rows):
        put(str(number))
        audit.record("organisation.changed", member_organisation, actor=staff, now=now)
    client.force_login(staff)
    for path, number in ((MAILS, 13), ("/admin/core/auditentry/", 10)):
        with django_assert_num_queries(number):
            client.get(path)
