"""A programme as its pages show it, read in few queries whatever its size."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Value

from leerlijnen.models import (
    Activity,
    LearningLine,
    PartosRole,
    Programme,
    Track,
    TrackFormat,
    TrackGoal,
    Workstream,
    WorkstreamPoint,
)


@dataclass(frozen=True)
class TrackWords:
    """A track with its goals and formats."""

    row: Track
    goals: list[str]
    formats: list[str]


@dataclass(frozen=True)
class Cell:
    """What one track of one line holds."""

    track: TrackWords
    activities: list[Activity]


@dataclass(frozen=True)
class LineRow:
    line: LearningLine
    cells: list[Cell]


@dataclass(frozen=True)
class Outline:
    programme: Programme
    tracks: list[TrackWords]
    rows: list[LineRow]
    workstreams: list[tuple[Workstream, list[str]]]
    roles: list[PartosRole]

    @property
    def activities(self) -> list[Activity]:
        return [activity for row in self.rows for cell in row.cells for activity in cell.activities]


def outline_of(year: int) -> Outline | None:
    """The whole programme of a year in six queries, or None where there is none."""
    tracks, texts = tracks_and_texts(year)
    if not tracks:
        return None
    lines = LearningLine.objects.filter(programme__year=year)
    activities = list(Activity.objects.filter(learning_line__programme__year=year))
    return Outline(
        programme=tracks[0].row.programme,
        tracks=tracks,
        rows=[LineRow(line, cells_of(line, tracks, activities)) for line in lines],
        workstreams=[
            (workstream, texts["point", workstream.pk])
            for workstream in Workstream.objects.filter(programme__year=year)
        ],
        roles=list(PartosRole.objects.filter(programme__year=year)),
    )


def outline_of_line(line: LearningLine) -> list[Cell]:
    """Both tracks of one line, in three queries."""
    tracks, _ = tracks_and_texts(line.programme.year)
    return cells_of(line, tracks, list(line.activities.all()))


def cells_of(line: LearningLine, tracks: list[TrackWords], activities: list[Activity]) -> list[Cell]:
    return [
        Cell(
            track,
            [each for each in activities if each.learning_line_id == line.pk and each.track_id == track.row.pk],
        )
        for track in tracks
    ]


def tracks_and_texts(year: int) -> tuple[list[TrackWords], dict[Any, list[str]]]:
    tracks = Track.objects.filter(programme__year=year).select_related("programme")
    texts = short_texts(year)
    return [TrackWords(track, texts["goal", track.pk], texts["format", track.pk]) for track in tracks], texts


def short_texts(year: int) -> dict[Any, list[str]]:
    """Goals, formats and points, each in the order of the document, by kind and owner: one query for three tables."""

    def rows(model, kind, owner):
        mine = model.objects.filter(**{f"{owner}__programme__year": year}).order_by()
        return mine.values_list(Value(kind), owner, "order", "text")

    texts = defaultdict(list)
    three = rows(TrackGoal, "goal", "track").union(
        rows(TrackFormat, "format", "track"), rows(WorkstreamPoint, "point", "workstream")
    )
    for kind, owner, _, text in sorted(three):
        texts[kind, owner].append(text)
    return texts
