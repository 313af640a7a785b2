"""Reading a programme's YAML file: everything that is wrong with it, by line and field, before anything is written.

The shape of the file is the table PROGRAMME_FILE at the end of the readers; `leerlijnen/data/` holds examples.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

from leerlijnen.models import (
    Activity,
    Language,
    LearningLine,
    PartosRole,
    Programme,
    Track,
    TrackFormat,
    TrackGoal,
    Workstream,
)
from leerlijnen.rules import (
    DARK_PAPER,
    PAPER,
    WHITE,
    ActivityKind,
    PartosRoleCode,
    TrackCode,
    WorkstreamCode,
    too_faint,
)
from members.models import Organisation
from members.rules import OrganisationKind


@dataclass(frozen=True, order=True)
class Problem:
    line: int
    path: str
    sentence: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.path or 'the file'}: {self.sentence}"


class InvalidFile(Exception):
    """`problems` lists everything that is wrong, in the order of the file."""

    def __init__(self, problems: list[Problem]):
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class Record(dict[str, Any]):
    """A mapping of the file that remembers where it and its fields stand."""

    def __init__(self, path: str, line: int):
        super().__init__()
        self.path = path
        self.lines = {"": line}

    def problem(self, field: str, sentence: str) -> Problem:
        return Problem(self.lines.get(field, self.lines[""]), f"{self.path}.{field}".strip("."), sentence)


# A reader turns a node of the YAML tree into a value, and adds to `problems` what it finds wrong. WRONG stands for a
# value that could not be read, so that the checks that follow can leave it alone.
Reader = Callable[[yaml.Node, str, list[Problem]], Any]
WRONG: Any = object()
KINDS = {"str": "text", "int": "a whole number", "map": "fields", "seq": "a list", "null": "nothing"}


def kind_of(node: yaml.Node) -> str:
    tag = node.tag.rpartition(":")[2]
    return KINDS.get(tag, tag)


def refuse(node: yaml.Node, path: str, problems: list[Problem], sentence: str) -> Any:
    problems.append(Problem(node.start_mark.line + 1, path, sentence))
    return WRONG


def text(most: int | None = None, pattern: str = "", example: str = "") -> Reader:
    def read(node: yaml.Node, path: str, problems: list[Problem]) -> Any:
        if not isinstance(node, yaml.ScalarNode) or kind_of(node) != "text":
            return refuse(node, path, problems, f"text is needed here, and this is {kind_of(node)}")
        if not node.value.strip():
            return refuse(node, path, problems, "text is needed here, and it is empty")
        if most and len(node.value) > most:
            return refuse(node, path, problems, f"at most {most} characters, and these are {len(node.value)}")
        if pattern and not re.fullmatch(pattern, node.value):
            return refuse(node, path, problems, f'"{node.value}" should look like {example}')
        return node.value

    return read


def text_of(model: type, field: str) -> Reader:
    """As long as the model's field allows."""
    return text(most=model._meta.get_field(field).max_length)  # type: ignore[attr-defined]


def identifier(most: int = 50) -> Reader:
    return text(most, r"[a-z0-9]+([-_][a-z0-9]+)*", "an-identifier, in small letters, digits and hyphens")


def number(least: int, most: int) -> Reader:
    def read(node: yaml.Node, path: str, problems: list[Problem]) -> Any:
        if kind_of(node) != "a whole number":
            return refuse(node, path, problems, f"a whole number is needed here, and this is {kind_of(node)}")
        if not re.fullmatch(r"\d{1,9}", str(node.value)) or not least <= int(node.value) <= most:
            return refuse(node, path, problems, f"a number from {least} to {most} is needed here")
        return int(node.value)

    return read


def one_of(values: list[str]) -> Reader:
    def read(node: yaml.Node, path: str, problems: list[Problem]) -> Any:
        if not isinstance(node, yaml.ScalarNode) or node.value not in values:
            given = f'"{node.value}"' if isinstance(node, yaml.ScalarNode) else kind_of(node)
            return refuse(node, path, problems, f"{given} is not known; choose {', '.join(values)}")
        return node.value

    return read


def list_of(item: Reader) -> Reader:
    def read(node: yaml.Node, path: str, problems: list[Problem]) -> Any:
        if not isinstance(node, yaml.SequenceNode):
            return refuse(node, path, problems, f"a list is needed here, and this is {kind_of(node)}")
        if not node.value:
            return refuse(node, path, problems, "the list is empty")
        values = [item(child, f"{path}[{number}]", problems) for number, child in enumerate(node.value)]
        return [value for value in values if value is not WRONG]

    return read


def fields(**readers: Reader) -> Reader:
    """A mapping with these fields; one whose name ends in `_` may be left out."""
    known = {name.removesuffix("_"): reader for name, reader in readers.items()}
    needed = {name for name in readers if not name.endswith("_")}

    def read(node: yaml.Node, path: str, problems: list[Problem]) -> Any:
        if not isinstance(node, yaml.MappingNode):
            return refuse(node, path, problems, f"fields are needed here, and this is {kind_of(node)}")
        record = Record(path, node.start_mark.line + 1)
        for key, value in node.value:
            name = str(key.value)
            if name in record.lines:
                refuse(key, f"{path}.{name}".strip("."), problems, "this field stands here twice")
            elif name not in known:
                refuse(key, f"{path}.{name}".strip("."), problems, "this field is not known")
            else:
                record.lines[name] = key.start_mark.line + 1
                record[name] = known[name](value, f"{path}.{name}".strip("."), problems)
        problems += [record.problem(name, "this field is missing") for name in sorted(needed - record.lines.keys())]
        for name in [name for name, value in record.items() if value is WRONG]:
            del record[name]
        return record

    return read


COLOUR = text(7, r"#[0-9A-Fa-f]{6}", 'a colour such as "#3B4BA3"')
EXPLANATION = fields(nl=text(500), en=text(500))
ORDINAL = number(1, 99)

ROLE = fields(id=one_of(PartosRoleCode.values), text=text_of(PartosRole, "text"), explanation_=EXPLANATION)
SETUP = fields(n=ORDINAL, title=text(200), text=text(), roles_=list_of(ROLE), boundary_=text())
TRACK = fields(
    id=one_of(TrackCode.values),
    title=text_of(Track, "title"),
    table_label=text_of(Track, "table_label"),
    goals=list_of(text_of(TrackGoal, "text")),
    formats=list_of(text_of(TrackFormat, "text")),
)
ACTIVITY = fields(
    id=text(10, r"[A-Za-z0-9-]+", "A1"),
    slug=identifier(120),
    track=one_of(TrackCode.values),
    kind=one_of(ActivityKind.values),
    verbatim=text_of(Activity, "verbatim"),
    title=text_of(Activity, "title"),
    title_language=one_of(Language.values),
    co_host_=text_of(Activity, "co_host"),
    facilitation_note_=text_of(Activity, "facilitation_note"),
    explanation_=EXPLANATION,
)
LINE = fields(
    n=ORDINAL,
    id=identifier(),
    title=text_of(LearningLine, "title"),
    title_language=one_of(Language.values),
    text=text(),
    colours=fields(light=COLOUR, tint=COLOUR, dark=COLOUR),
    activities=list_of(ACTIVITY),
    explanation_=EXPLANATION,
)
WORKSTREAM = fields(
    id=identifier(),
    code=one_of(WorkstreamCode.values),
    title=text_of(Workstream, "title"),
    points=list_of(text()),
    explanation_=EXPLANATION,
)
PROGRAMME_FILE = fields(
    programme=fields(
        id=identifier(),
        year=number(2000, 2100),
        document_title=text_of(Programme, "document_title"),
        planning_title=text_of(Programme, "planning_title"),
        goal_heading=text_of(Programme, "goal_heading"),
        goal=list_of(text()),
        setup_heading=text_of(Programme, "setup_heading"),
        setup=list_of(SETUP),
    ),
    tracks=list_of(TRACK),
    learning_lines_heading=text_of(Programme, "lines_heading"),
    learning_lines_intro=text(),
    learning_lines=list_of(LINE),
    by_and_for_members=fields(heading=text_of(Programme, "by_members_heading"), text=text()),
    workstreams=fields(heading=text_of(Programme, "workstreams_heading"), text=text(), items=list_of(WORKSTREAM)),
    organisations_=list_of(
        fields(
            name=text_of(Organisation, "name"),
            kind=one_of(OrganisationKind.values),
            country=text(2, r"[A-Z]{2}", "NL or BE"),
        )
    ),
)


def read_programme(source: str) -> Record:
    """The programme in `source`, checked. Raises InvalidFile with all that is wrong."""
    try:
        root = yaml.compose(source, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"column {mark.column + 1}" if mark else ""
        sentence = f"this is not YAML: {error.problem or error.context}"
        raise InvalidFile([Problem(mark.line + 1 if mark else 1, where, sentence)]) from None
    except yaml.YAMLError as error:  # a character that YAML does not allow
        raise InvalidFile([Problem(1, "", f"this is not YAML: {' '.join(str(error).split())}")]) from None
    if root is None:
        raise InvalidFile([Problem(1, "", "it is empty")])
    problems: list[Problem] = []
    programme = PROGRAMME_FILE(root, "", problems)
    if programme is not WRONG:
        problems += contradictions(programme)
    if problems:
        raise InvalidFile(sorted(problems))
    return programme


def contradictions(programme: Record) -> list[Problem]:
    """What no single field shows: things that stand there twice, that are missing, or that cannot be read."""
    lines, tracks = programme.get("learning_lines", []), programme.get("tracks", [])
    setup = programme.get("programme", {}).get("setup", [])
    roles = [role for point in setup for role in point.get("roles", [])]
    activities = [activity for line in lines for activity in line.get("activities", [])]
    workstreams = programme.get("workstreams", {}).get("items", [])
    found = [
        *twice(lines, "id"),
        *twice(tracks, "id"),
        *twice(roles, "id"),
        *twice(activities, "id"),
        *twice(activities, "slug"),
        *twice(workstreams, "id"),
        *twice(workstreams, "code"),
        *twice(programme.get("organisations", []), "name"),
        *out_of_order(lines),
        *out_of_order(setup),
        *(problem for line in lines if "colours" in line for problem in faint(line["colours"])),
    ]
    if setup:
        found += left_out(programme["programme"], "setup", "role", PartosRoleCode.values, roles)
    if tracks:
        found += left_out(programme, "tracks", "track", TrackCode.values, tracks)
    return found


def twice(records: list[Record], field: str) -> list[Problem]:
    first: dict[str, int] = {}
    found = []
    for record in records:
        value = record.get(field)
        if value in first:
            found.append(record.problem(field, f'"{value}" stands in line {first[value]} already'))
        elif value is not None:
            first[value] = record.lines[field]
    return found


def out_of_order(records: list[Record]) -> list[Problem]:
    """`n` counts 1, 2, 3, so that a row that went missing shows."""
    numbered = [record for record in records if "n" in record]
    return [
        record.problem("n", f"{place} comes here, and this is {record['n']}")
        for place, record in enumerate(numbered, start=1)
        if record["n"] != place
    ][:1]


def left_out(owner: Record, field: str, what: str, codes: list[str], records: list[Record]) -> list[Problem]:
    missing = [code for code in codes if code not in {record.get("id") for record in records}]
    return [owner.problem(field, f'{what} "{code}" is missing') for code in missing]


def faint(colours: Record) -> list[Problem]:
    found = []
    if {"light", "tint"} <= colours.keys() and (ratio := too_faint(colours["light"], PAPER, WHITE, colours["tint"])):
        found.append(colours.problem("light", f"contrast {ratio:.1f} to 1 is too little to read"))
    if "dark" in colours and (ratio := too_faint(colours["dark"], DARK_PAPER)):
        found.append(colours.problem("dark", f"contrast {ratio:.1f} to 1 is too little to read"))
    return found
