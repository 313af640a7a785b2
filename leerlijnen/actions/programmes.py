from collections import Counter
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Model, ProtectedError, QuerySet

from core import audit
from core.moves import Refused
from leerlijnen import colours
from leerlijnen.loading import Record
from leerlijnen.models import (
    Activity,
    LearningLine,
    Programme,
    Track,
    Workstream,
)
from members.models import Organisation


class StillInUse(Refused):
    """A row that is no longer in the file has people or sessions hanging on it."""


class TakenElsewhere(Refused):
    """An identifier of the file belongs to another programme."""


@transaction.atomic
def load(source: Record, *, actor: Model | None, now: datetime, reset: bool = False) -> Counter[str]:
    """Make the database as the file has it, and tell how many rows were `made`, `changed` and `removed`.

    `source` comes from `leerlijnen.loading.read_programme`. The document's texts follow the file always. Explanations
    and colours are the team's once they are there, and follow the file only with `reset`; organisations are made when
    the programme is. Raises StillInUse instead of removing what sessions or group members hang on, and TakenElsewhere;
    then nothing is written.
    """
    _refuse_what_is_taken(source)
    is_new = not Programme.objects.filter(identifier=source["programme"]["id"]).exists()
    book = Book(reset=reset)
    programme = _keep_programme(source, book)
    tracks = _keep_tracks(source, programme, book)
    lines = _keep_lines(source, programme, book)
    activities = _keep_activities(source, programme, lines, tracks, book)
    workstreams = _keep_workstreams(source, programme, book)
    if is_new:
        _make_organisations(source, book)
    gone = Activity.objects.filter(learning_line__programme=programme).exclude(pk__in=activities)
    _refuse_to_remove_groups_in_use(gone)
    book.remove(gone)
    book.remove(programme.learning_lines.exclude(pk__in=[line.pk for line in lines.values()]))
    book.remove(programme.workstreams.exclude(pk__in=workstreams))
    if book.tally:
        audit.record("programme.loaded", programme, actor=actor, now=now, **book.tally)
        colours.forget_version()
    return book.tally


class Book:
    """Writes rows where they differ, and counts."""

    def __init__(self, *, reset: bool):
        self.reset = reset
        self.tally: Counter[str] = Counter()

    def keep(self, rows: Any, values: dict[str, Any], ours: dict[str, Any] | None = None, **key: Any) -> Any:
        """The row with `key`, made or changed to have `values`, and `ours` when it is made or on reset.

        `rows` is a manager or a QuerySet.
        """
        row = rows.filter(**key).first()
        ours = ours or {}
        if row is None:
            row = rows.create(**key, **values, **ours)
            self.tally["made"] += 1
        else:
            wanted = values | (ours if self.reset else {})
            differing = [name for name, value in wanted.items() if getattr(row, name) != value]
            for name in differing:
                setattr(row, name, wanted[name])
            if differing:
                row.save(update_fields=differing)
                self.tally["changed"] += 1
        return row

    def keep_texts(self, rows: Any, texts: list[str]) -> None:
        """An ordered list of texts that hangs on one row."""
        for order, text in enumerate(texts, start=1):
            self.keep(rows, {"text": text}, order=order)
        self.remove(rows.filter(order__gt=len(texts)))

    def remove(self, rows: QuerySet[Any]) -> None:
        """What is no longer in the file. Raises StillInUse."""
        for row in rows:
            try:
                row.delete()
            except ProtectedError:
                raise StillInUse(f'"{row}" is no longer in the file, but sessions hang on it. Put it back.') from None
            self.tally["removed"] += 1


def _refuse_what_is_taken(source: Record) -> None:
    year, identifier = source["programme"]["year"], source["programme"]["id"]
    if Programme.objects.filter(year=year).exclude(identifier=identifier).exists():
        raise TakenElsewhere(f"There is another programme of {year} already.")
    lines, workstreams = source["learning_lines"], source["workstreams"]["items"]
    activities = [activity for line in lines for activity in line["activities"]]
    for rows, programme, slugs in (
        (LearningLine.objects, "programme", [line["id"] for line in lines]),
        (Workstream.objects, "programme", [workstream["id"] for workstream in workstreams]),
        (Activity.objects, "learning_line__programme", [activity["slug"] for activity in activities]),
    ):
        taken = rows.filter(slug__in=slugs).exclude(**{f"{programme}__identifier": identifier}).first()
        if taken:
            raise TakenElsewhere(f'The identifier "{taken.slug}" belongs to another programme already.')


def _explained(record: Record) -> dict[str, str]:
    words = record.get("explanation", {})
    return {"explanation": words.get("nl", ""), "explanation_en": words.get("en", "")}


def _keep_programme(source: Record, book: Book) -> Programme:
    own, by_members, workstreams = source["programme"], source["by_and_for_members"], source["workstreams"]
    setup = [
        {name: point[name] for name in ("n", "title", "text", "boundary") if name in point}
        | {"roles": "roles" in point}
        for point in own["setup"]
    ]
    copied = ("year", "document_title", "planning_title", "goal_heading", "goal", "setup_heading")
    programme = book.keep(
        Programme.objects,
        {name: own[name] for name in copied}
        | {
            "setup": setup,
            "lines_heading": source["learning_lines_heading"],
            "lines_intro": source["learning_lines_intro"],
            "by_members_heading": by_members["heading"],
            "by_members_text": by_members["text"],
            "workstreams_heading": workstreams["heading"],
            "workstreams_text": workstreams["text"],
        },
        identifier=own["id"],
    )
    roles = [role for point in own["setup"] for role in point.get("roles", [])]
    for order, role in enumerate(roles, start=1):
        values = {"order": order, "text": role["text"]}
        book.keep(programme.partos_roles, values, _explained(role), code=role["id"])
    return programme


def _keep_tracks(source: Record, programme: Programme, book: Book) -> dict[str, Track]:
    tracks = {}
    for order, record in enumerate(source["tracks"], start=1):
        values = {"order": order, "title": record["title"], "table_label": record["table_label"]}
        track = book.keep(programme.tracks, values, code=record["id"])
        book.keep_texts(track.goals, record["goals"])
        book.keep_texts(track.formats, record["formats"])
        tracks[record["id"]] = track
    return tracks


def _keep_lines(source: Record, programme: Programme, book: Book) -> dict[str, LearningLine]:
    wanted = {record["id"]: record["n"] for record in source["learning_lines"]}
    if any(wanted.get(line.slug, line.number) != line.number for line in programme.learning_lines.all()):
        # Out of the way first: two lines that change places would for a moment have the same number.
        programme.learning_lines.update(number=F("number") + 1000)
    lines = {}
    for record in source["learning_lines"]:
        values = {name: record[name] for name in ("title", "title_language", "text")}
        colours_of_line = record["colours"]
        ours = _explained(record) | {
            "colour": colours_of_line["light"],
            "tint": colours_of_line["tint"],
            "colour_dark": colours_of_line["dark"],
        }
        lines[record["id"]] = book.keep(
            programme.learning_lines, values | {"number": record["n"]}, ours, slug=record["id"]
        )
    return lines


def _keep_activities(
    source: Record, programme: Programme, lines: dict[str, LearningLine], tracks: dict[str, Track], book: Book
) -> list[int]:
    rows = Activity.objects.filter(learning_line__programme=programme)
    kept = []
    for line in source["learning_lines"]:
        for order, record in enumerate(line["activities"], start=1):
            values = {name: record[name] for name in ("slug", "kind", "verbatim", "title", "title_language")}
            values |= {name: record.get(name, "") for name in ("co_host", "facilitation_note")}
            values |= {"learning_line": lines[line["id"]], "track": tracks[record["track"]], "order": order}
            kept.append(book.keep(rows, values, _explained(record), code=record["id"]).pk)
    return kept


def _keep_workstreams(source: Record, programme: Programme, book: Book) -> list[int]:
    kept = []
    for order, record in enumerate(source["workstreams"]["items"], start=1):
        values = {"code": record["code"], "order": order, "title": record["title"]}
        workstream = book.keep(programme.workstreams, values, _explained(record), slug=record["id"])
        book.keep_texts(workstream.points, record["points"])
        kept.append(workstream.pk)
    return kept


def _make_organisations(source: Record, book: Book) -> None:
    """Made with the programme, where missing, and never again: from then on the team keeps and renames them."""
    for record in source.get("organisations", []):
        values = {"kind": record["kind"], "country": record["country"]}
        _, made = Organisation.objects.get_or_create(name=record["name"], defaults=values)
        if made:
            book.tally["made"] += 1


def _refuse_to_remove_groups_in_use(activities: QuerySet[Activity]) -> None:
    group = activities.filter(memberships__isnull=False).first()
    if group:
        raise StillInUse(f'"{group}" is no longer in the file, but people are in the group. Put it back.')
