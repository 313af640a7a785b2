"""The filters of the list and the month view: plain links with counts, kept in the address."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.core.validators import slug_re
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from core.visitor_pages import kept_for_all
from leerlijnen.models import LearningLine, Workstream
from leerlijnen.rules import TrackCode
from members.permissions import standing_of
from sessions_app.rules import UPCOMING, Audience, Form, Language

# Parameter in the address and the columns of a session that it speaks of; a workstream stands among the lines.
COLUMNS = {
    "leerlijn": ("learning_line__slug", "workstream__slug"),
    "spoor": ("track__code",),
    "vorm": ("form",),
    "taal": ("language",),
}
FACETS = ("learning_line__slug", "learning_line__title", "learning_line__title_language", "learning_line__number",
          "workstream__slug", "workstream__title", "track__code", "form", "language")  # fmt: skip
CHOICES: dict[str, list[str]] = {"spoor": TrackCode.values, "vorm": Form.values, "taal": Language.values}


def numbers_by_facet(sessions):
    """Rows of the columns that a choice may speak of, each with its number; one query."""
    return list(sessions.order_by().values(*FACETS).annotate(number=Count("pk")))


def is_known(name, value, person):
    """Whether there is such a choice; a line or workstream may be without sessions, so those are looked up."""
    if name in CHOICES:
        return value in CHOICES[name]
    if not value or not slug_re.fullmatch(value):
        return False  # nothing that a database would trip over
    return any(rows.objects.visible_to(person).filter(slug=value).exists() for rows in (LearningLine, Workstream))


@dataclass
class Filters:
    """What one reader chose, checked: an unknown value counts as no choice."""

    chosen: dict[str, str]
    for_me: bool
    past: bool
    person: object
    facets: list[dict] = field(default_factory=list)

    @classmethod
    def of(cls, request):
        return cls(
            chosen={name: request.GET[name] for name in COLUMNS if is_known(name, request.GET.get(name), request.user)},
            for_me=request.user.is_authenticated and "voor-mij" in request.GET,
            past=request.GET.get("periode") == "geweest",
            person=request.user,
        )

    def base(self, sessions, now):
        """Before the four choices: the period, and what is for me."""
        if self.past:
            sessions = sessions.filter(starts_at__lt=now).exclude(state__in=UPCOMING, ends_at__gte=now)
        else:
            sessions = sessions.filter(ends_at__gte=now)
        return sessions.filter(self.mine()) if self.for_me else sessions

    def mine(self):
        """Open to people of my kind of organisation; what is by invitation stands in no list."""
        return Q(audience__in=self.audiences())

    def audiences(self):
        standing = standing_of(self.person)
        audiences = [Audience.PUBLIC]
        if standing.is_member:
            audiences += [Audience.MEMBERS, Audience.MEMBERS_AND_PARTNERS]
        elif standing.is_partner:
            audiences += [Audience.MEMBERS_AND_PARTNERS]
        return audiences

    def narrow(self, sessions):
        for name, value in self.chosen.items():
            condition = Q()
            for column in COLUMNS[name]:
                condition |= Q(**{column: value})
            sessions = sessions.filter(condition)
        return sessions

    def count(self, on_programme, beside):
        """Read how many sessions stand behind every choice: of the programme, the same for all, and what is beside it.

        Counting the programme costs the more the longer it is, so that is kept for who asks next.
        """
        scope = f"facets:{'past' if self.past else 'coming'}:{'+'.join(self.audiences()) if self.for_me else 'all'}"
        kept = kept_for_all(scope, lambda: numbers_by_facet(on_programme))
        self.facets = kept + numbers_by_facet(beside)

    def matching(self, **instead):
        """How many sessions there are with the present choices, save `instead`."""
        chosen = {**self.chosen, **instead}
        return sum(
            row["number"]
            for row in self.facets
            if all(value in {row[column] for column in COLUMNS[name]} for name, value in chosen.items() if value)
        )

    def url(self, **changed):
        query = {**self.chosen, "voor-mij": "1" if self.for_me else "", "periode": "geweest" if self.past else ""}
        query |= {name.replace("_", "-"): value for name, value in changed.items()}
        return "?" + urlencode({name: value for name, value in query.items() if value})

    def groups(self):
        """For components/filters.html."""
        lines = {}
        for row in sorted(self.facets, key=lambda row: row["learning_line__number"] or 100):
            if row["learning_line__slug"]:
                lines[row["learning_line__slug"]] = (row["learning_line__title"], row["learning_line__title_language"])
            elif row["workstream__slug"]:
                lines[row["workstream__slug"]] = (row["workstream__title"], "nl")
        found = [
            self.group("leerlijn", _("Learning line"), lines),
            self.group("spoor", _("Track"), {code: (label, "en") for code, label in TrackCode.choices}),
            self.group("vorm", _("Form"), {code: (label, "") for code, label in Form.choices}),
            self.group("taal", _("Language"), {code: (label, "") for code, label in Language.choices}),
        ]
        if self.person.is_authenticated:
            options = [
                {"label": _("all"), "url": self.url(voor_mij=""), "count": None, "current": not self.for_me},
                {"label": _("for me"), "url": self.url(voor_mij="1"), "count": None, "current": self.for_me},
            ]
            found.append({"name": _("For whom"), "options": options})
        return found

    def group(self, name, title, labels):
        chosen = self.chosen.get(name, "")
        options = [
            {
                "label": _("all"),
                "url": self.url(**{name: ""}),
                "count": self.matching(**{name: ""}),
                "current": not chosen,
            }
        ]
        for value, (label, language) in labels.items():
            number = self.matching(**{name: value})
            if number or value == chosen:
                options.append(
                    {
                        "label": label,
                        "url": self.url(**{name: value}),
                        "count": number,
                        "current": value == chosen,
                        "language": language,
                    }
                )
        return {"name": title, "options": options}
