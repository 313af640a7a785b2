"""Make the rows of the audit trail clean that were written while it still said who takes part (core.audit)."""

from django.db import migrations

# What staff did about somebody's place: these stay, about the session.
BY_STAFF = ("registration.decided", "registration.ended", "guest.invited", "guest.taken_back")
# What only says that somebody did something for herself, or answered an invitation.
OWN = (
    *("account.follows", "account.mail_chosen", "series.joined", "series.left", "dialogue.invited"),
    *("dialogue.invited_again", "dialogue.accepted", "dialogue.declined", "dialogue.invitation_revoked"),
)
# By whoever had that office: staff, host, contact. Of all other entries only somebody of the team is named.
IN_OFFICE = ("session.reminders_set", "session.attendance_noted", "session.list_handed_out", "organisation.changed")
NO_ROW = ("sessions_app.calendaraddress", "core.outgoingmail", "core.refusedaddress")


def clean(apps, schema_editor):
    on_postgresql = schema_editor.connection.vendor == "postgresql"
    if on_postgresql:
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks that wait cannot be altered
        schema_editor.execute("ALTER TABLE core_auditentry DISABLE TRIGGER core_audit_is_append_only")
    entries = apps.get_model("core", "AuditEntry").objects
    team = set(apps.get_model("members", "User").objects.filter(is_staff=True).values_list("pk", flat=True))
    entries.filter(verb__in=OWN).delete()
    places(apps, entries)
    groups(apps, entries)
    organisations(apps, entries)
    entries.filter(target_type__in=NO_ROW).update(target_id=None)
    entries.filter(target_type="sessions_app.calendaraddress").update(actor=None)
    entries.filter(target_type="members.user").exclude(target_id__in=team).update(target_id=None)
    affiliations = [f"affiliation.{what}" for what in ("confirmed", "role_given", "track_set", "ended")]
    entries.exclude(actor=None).exclude(actor__in=team).exclude(verb__in=[*IN_OFFICE, *affiliations]).update(actor=None)
    if on_postgresql:
        schema_editor.execute("ALTER TABLE core_auditentry ENABLE TRIGGER core_audit_is_append_only")


def places(apps, entries):
    """Of one person's place: about the session, unless nothing may be told of who was there."""
    Session = apps.get_model("sessions_app", "Session")
    closed = Session.objects.filter(confidentiality="closed_space").values_list("pk", flat=True)
    peers = Session.objects.filter(activity__kind="peer_space").values_list("pk", flat=True)
    dialogues = Session.objects.filter(track__code="leadership").values_list("pk", flat=True)
    open_ones = set(Session.objects.values_list("pk", flat=True)) - {*closed, *peers, *dialogues}
    rows = entries.filter(target_type__in=("sessions_app.registration", "sessions_app.guest"))
    for entry in list(rows):
        session = entry.codes.pop("session", None)
        if entry.verb not in BY_STAFF or session not in open_ones:
            entry.delete()
            continue
        entry.target_type, entry.target_id = "sessions_app.session", session
        entry.save()


def groups(apps, entries):
    found = apps.get_model("leerlijnen", "Activity").objects.exclude(kind="peer_space")
    open_ones = set(found.values_list("pk", flat=True))
    for entry in list(entries.filter(target_type="leerlijnen.groupmembership")):
        group = entry.codes.pop("group", None)
        if group not in open_ones:
            entry.delete()
            continue
        if entry.verb in ("membership.requested", "membership.left"):
            entry.actor = None
        entry.target_type, entry.target_id = "leerlijnen.activity", group
        entry.save()


def organisations(apps, entries):
    """Of somebody's part in an organisation: about the organisation; whoever acted on herself is not named."""
    rows = apps.get_model("members", "Affiliation").objects.values_list("pk", "organisation", "person")
    known = {pk: (organisation, person) for pk, organisation, person in rows}
    for entry in list(entries.filter(target_type="members.affiliation")):
        if entry.target_id not in known:
            entry.delete()
            continue
        organisation, person = known[entry.target_id]
        entry.codes.pop("organisation", None)
        if entry.verb == "affiliation.requested" or entry.actor_id == person:
            entry.actor = None
        entry.target_type, entry.target_id = "members.organisation", organisation
        entry.save()


class Migration(migrations.Migration):
    dependencies = [
        ("partos_portal", "0001_retention_runs"),
        ("core", "0005_audit_without_people"),
        ("members", "0003_choices_about_mail"),
        ("leerlijnen", "0002_following"),
        ("sessions_app", "0021_history_from_the_trail"),
    ]

    operations = [migrations.RunPython(clean, migrations.RunPython.noop)]
