"""What a programme's file gets told, by line and field."""

import pytest
import yaml

from leerlijnen.loading import InvalidFile, read_programme
from tests.factories.leerlijnen import FILE_2026

SOURCE = FILE_2026.read_text(encoding="utf-8")


def problems_of(source):
    with pytest.raises(InvalidFile) as refused:
        read_programme(source)
    return [str(problem) for problem in refused.value.problems]


def line_of(text, nth=1):
    lines = [number for number, line in enumerate(SOURCE.splitlines(), start=1) if text in line]
    return lines[nth - 1]


def test_the_file_of_2026_is_sound():
    assert read_programme(SOURCE) == yaml.safe_load(SOURCE)


ONE_THING_WRONG = {
    "an unknown track": (
        ("-policies\n        track: leadership", "-policies\n        track: managers"),
        ("track: leadership", 1),
        'learning_lines[0].activities[2].track: "managers" is not known; choose practitioner, leadership',
    ),
    "an unknown kind": (
        ("kind: trajectory", "kind: course"),
        ("kind: trajectory", 1),
        'learning_lines[2].activities[0].kind: "course" is not known; choose working_group, network_sessions, '
        "leadership_dialogue, trajectory, peer_space",
    ),
    "a doubled line": (
        ("id: equitable-partnerships", "id: digital-readiness"),
        ("id: equitable-partnerships", 1),
        'learning_lines[1].id: "digital-readiness" stands in line 69 already',
    ),
    "a doubled activity": (
        ("id: A9", "id: A1"),
        ("id: A9", 1),
        'learning_lines[2].activities[2].id: "A1" stands in line 78 already',
    ),
    "a missing line": (
        ("  - n: 2\n    id: equitable", "  - n: 4\n    id: equitable"),
        ("  - n: 2", 2),
        "learning_lines[1].n: 2 comes here, and this is 4",
    ),
    "a missing field": (
        ('    title: "Equitable Partnerships"\n', ""),
        ("  - n: 2", 2),
        "learning_lines[1].title: this field is missing",
    ),
    "a field that nobody knows": (
        ("        co_host: ", "        cohost: "),
        ("co_host:", 1),
        "learning_lines[1].activities[0].cohost: this field is not known",
    ),
    "a field that stands there twice": (
        ("  year: 2026\n", "  year: 2026\n  year: 2027\n"),
        ("  document_title", 1),
        "programme.year: this field stands here twice",
    ),
    "text in the place of a number": (
        ("  year: 2026", '  year: "next"'),
        ("  year: 2026", 1),
        "programme.year: a whole number is needed here, and this is text",
    ),
    "a number that is far too large": (
        ("  year: 2026", "  year: 99999999999999999999"),
        ("  year: 2026", 1),
        "programme.year: a number from 2000 to 2100 is needed here",
    ),
    "a number in the place of text": (
        ('title: "Kwaliteit"', "title: 9001"),
        ('title: "Kwaliteit"', 1),
        "workstreams.items[1].title: text is needed here, and this is a whole number",
    ),
    "nothing in the place of text": (
        ('title: "Kwaliteit"', "title:"),
        ('title: "Kwaliteit"', 1),
        "workstreams.items[1].title: text is needed here, and this is nothing",
    ),
    "text in the place of a list": (
        ('goals: ["Leren", "Legitimiteit", "Tools"]', 'goals: "Leren"'),
        ('goals: ["Leren"', 1),
        "tracks[0].goals: a list is needed here, and this is text",
    ),
    "an empty list": (
        ('goals: ["Leren", "Legitimiteit", "Tools"]', "goals: []"),
        ('goals: ["Leren"', 1),
        "tracks[0].goals: the list is empty",
    ),
    "a title that is too long": (
        ('title: "Kwaliteit"', f'title: "{"x" * 10_000}"'),
        ('title: "Kwaliteit"', 1),
        "workstreams.items[1].title: at most 100 characters, and these are 10000",
    ),
    "a colour that is none": (
        ('light: "#A3431C"', 'light: "red"'),
        ('light: "#A3431C"', 1),
        'learning_lines[1].colours.light: "red" should look like a colour such as "#3B4BA3"',
    ),
    "a colour that nobody can read": (
        ('light: "#A3431C"', 'light: "#F0A37F"'),
        ('light: "#A3431C"', 1),
        "learning_lines[1].colours.light: contrast 1.7 to 1 is too little to read",
    ),
    "a colour that nobody can read in the dark": (
        ('dark: "#F0A37F"', 'dark: "#15181C"'),
        ('dark: "#F0A37F"', 1),
        "learning_lines[1].colours.dark: contrast 1.0 to 1 is too little to read",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", ONE_THING_WRONG)
def test_it_names_line_and_field_of(what):
    (old, new), (text, nth), sentence = ONE_THING_WRONG[what]
    assert SOURCE.count(old) == 1
    [problem] = problems_of(SOURCE.replace(old, new))
    assert problem == f"line {line_of(text, nth)}, {sentence}"


def test_a_role_that_was_left_out_is_missed():
    start = SOURCE.index("        - id: connect_across_silos")
    end = SOURCE.index("      boundary:")
    [problem] = problems_of(SOURCE[:start] + SOURCE[end:])
    assert problem.endswith('programme.setup: role "connect_across_silos" is missing')


def test_two_on_one_line_are_still_double():
    source = SOURCE.replace('{name: "ngo-federatie",', '{name: "Partos",')
    [problem] = problems_of(source)
    assert 'organisations[1].name: "Partos" stands in line' in problem


def test_everything_wrong_is_told_at_once_in_the_order_of_the_file():
    source = SOURCE.replace("  year: 2026", "  year: soon").replace('title: "Kwaliteit"', "title: []")
    problems = problems_of(source)
    assert [problem.partition(", ")[2].partition(":")[0] for problem in problems] == [
        "programme.year",
        "workstreams.items[1].title",
    ]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("", "line 1, the file: it is empty"),
        ("# only a comment", "line 1, the file: it is empty"),
        ("- a\n- b", "line 1, the file: fields are needed here, and this is a list"),
        ("just text", "line 1, the file: fields are needed here, and this is text"),
        ("programme: {id: x\nyear: ]", "line 2, column 5: this is not YAML: "),
        ("a: 1\n\tb: 2", "line 2, column 1: this is not YAML: found character '\\t' that cannot start any token"),
        ("a: &x [*x]", "line 1, a: this field is not known"),
        ("a: *nobody", "line 1, column 4: this is not YAML: found undefined alias 'nobody'"),
        ("a: \x00", "line 1, the file: this is not YAML: "),
        ("? [1, 2]\n: x", "this field is not known"),
        ("a: !!python/object/apply:os.system [ls]", "line 1, a: this field is not known"),
    ],
)
def test_a_file_that_is_no_programme_gets_a_sentence(source, told):
    assert any(told in problem for problem in problems_of(source))
