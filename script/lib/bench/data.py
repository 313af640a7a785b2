"""Fictional people, organisations and sessions, many at once.

    python -m script.lib.bench.data people
    python -m script.lib.bench.data sessions 1000

The people are signed in: each has a session of the browser under a key that follows from the person's own.
"""

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

PEOPLE, ORGANISATIONS = 3000, 300
DUE = 100  # sessions within a week, of which the first reminder is due
SEATS_TAKEN = 100  # at each of those: 10,000 reminders
PAST = 100
EMPTY = 400  # sessions that nobody has registered for yet
LATER_TAKEN = 10  # registrations at each other session


def session_key(person_pk: int) -> str:
    return f"bench{person_pk:027}"


def load_people() -> None:
    """An empty database with tables, programme, people and organisations."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.cached_db import SessionStore
    from django.contrib.sessions.models import Session as BrowserSession
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from members.models import Affiliation, Organisation, User
    from script.lib.bench.models import BareRegistration
    from script.lib.prepare import PROGRAMME
    from script.lib.trial import ROOT

    call_command("migrate", verbosity=0, interactive=False)
    call_command("load_programme", ROOT / PROGRAMME, verbosity=0)
    call_command("sync_roles")
    with connection.schema_editor() as editor:
        editor.create_model(BareRegistration)
    now = timezone.now()
    organisations = Organisation.objects.bulk_create(
        Organisation(name=f"Organisatie {n} (fictief)", kind="partner" if n % 10 == 9 else "member", is_demo=True)
        for n in range(ORGANISATIONS)
    )
    people = [
        User(name=f"Persoon {n} (fictief)", email=f"persoon{n}@leden.example", function="adviseur")
        for n in range(PEOPLE)
    ]
    for person in people:
        person.set_unusable_password()
    people = User.objects.bulk_create(people)
    Affiliation.objects.bulk_create(
        Affiliation(
            person=person, organisation=organisations[n % ORGANISATIONS], state="confirmed",
            requested_at=now, confirmed_at=now,
        )
        for n, person in enumerate(people)
    )  # fmt: skip
    store = SessionStore()
    BrowserSession.objects.bulk_create(
        BrowserSession(
            session_key=session_key(person.pk),
            session_data=store.encode({
                SESSION_KEY: str(person.pk),
                BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
                HASH_SESSION_KEY: person.get_session_auth_hash(),
            }),
            expire_date=now + timedelta(days=14),
        )
        for person in people
    )  # fmt: skip


def load_sessions(number: int) -> None:
    """Sessions that all stand on the programme, oldest last: due first, then those of the coming year, then the past.

    The first DUE have people enough for 10,000 reminders, the next EMPTY have none; fewer sessions have fewer of each.
    """
    from django.db import connection
    from django.utils import timezone

    from leerlijnen.models import Activity
    from members.models import Affiliation, Organisation
    from sessions_app.models import Hosting, Registration, Session

    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    activities = list(Activity.objects.filter(track__code="practitioner").select_related("learning_line"))
    organisations = list(Organisation.objects.order_by("pk"))
    partos, _ = Organisation.objects.get_or_create(name="Partos", defaults={"kind": "association"})
    due, past = min(DUE, number // 10), min(PAST, number // 10)

    def start_of(n: int) -> datetime:
        if n < due:
            return now + timedelta(days=2, hours=n)
        if n >= number - past:
            return now - timedelta(days=1, hours=7 * (number - n))
        return now + timedelta(days=8, hours=8 * n * 1000 // number)

    def session(n: int) -> Session:
        activity, start = activities[n % len(activities)], start_of(n)
        return Session(
            programme_id=activity.learning_line.programme_id, activity=activity, learning_line=activity.learning_line,
            track=activity.track, state="open" if start > now else "held", title=f"Bijeenkomst {n} (fictief)",
            question="Wat vragen we ons af, en wat hebben we van elkaar nodig om verder te komen?",
            description="We lezen vooraf twee bladzijden. " * 10, language="nl",
            form="on_site", place="Zaal 1 (fictief)",
            starts_at=start, ends_at=start + timedelta(minutes=90), dated_at=now - timedelta(days=30),
            registration_deadline=start - timedelta(days=1), capacity=2000, for_whom="Programmamedewerkers",
            audience="members_and_partners", admission="direct", confidentiality="internal",
            created_at=now, changed_at=now,
        )  # fmt: skip

    sessions = Session.objects.bulk_create((session(n) for n in range(number)), batch_size=1000)
    Hosting.objects.bulk_create(
        [Hosting(session=row, organisation=partos, part="facilitate") for row in sessions]
        + [
            Hosting(session=row, organisation=organisations[n % ORGANISATIONS], part="content_lead")
            for n, row in enumerate(sessions)
        ],
        batch_size=5000,
    )
    at = dict(Affiliation.objects.values_list("person", "organisation"))
    people = sorted(at)

    def registrations():
        turn = 0
        for n, row in enumerate(sessions):
            if due <= n < due + min(EMPTY, number // 2):
                continue
            for _ in range(SEATS_TAKEN if n < due else LATER_TAKEN):
                turn += 1
                person = people[turn % PEOPLE]
                yield Registration(
                    session=row, person_id=person, organisation_id=at[person], form="on_site",
                    state="confirmed" if row.state == "open" else "attended",
                    queued_at=now - timedelta(days=20), changed_at=now - timedelta(days=20),
                )  # fmt: skip

    Registration.objects.bulk_create(registrations(), batch_size=5000)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def main() -> None:
    import django

    os.environ.setdefault("BENCH_STATEMENTS", str(Path(os.devnull)))
    django.setup()
    what, *rest = sys.argv[1:]
    if what == "people":
        load_people()
    else:
        load_sessions(int(rest[0]))


if __name__ == "__main__":
    main()
