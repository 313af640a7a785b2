"""The demo set: fictional organisations, people and sessions in every state (domain.md 6).

Names are visibly invented and marked "(fictief)"; addresses end in `.example`; dates are laid around the day of
loading. Rows are written as they would be after the actions, and no mail goes out.
"""

from datetime import datetime

from leerlijnen.models import Programme
from partos_portal.demo import people as who
from partos_portal.demo import seats
from partos_portal.demo import sessions as what


def load(*, now: datetime) -> int:
    """Write the demo set, or lay its dates anew around `now`; loading twice doubles nothing. Gives the session count.

    Raises Programme.DoesNotExist while no programme is loaded.
    """
    programme = Programme.objects.latest("year")
    organisations = {name: who.organisation(name, *rest) for name, *rest in who.ORGANISATIONS}
    people = {name: who.person(name, organisations[of], *rest, now=now) for name, of, *rest in who.PEOPLE}
    where = {"programme": programme, "organisations": organisations}
    for row in what.SESSIONS:
        session = what.session(*row, people=people, now=now, **where)
        what.registrations(session, what.everyone(session, people), people, now=now)
    more = seats.load(now=now, people=people, **where)
    who.group(people, now=now)
    who.certificates(organisations, now=now)
    return len(what.SESSIONS) + more
