"""`manage.py load_programme`, and what it does to the database."""

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.forms import model_to_dict

from core.dates import AMSTERDAM
from core.models import AuditEntry
from leerlijnen.models import Activity, LearningLine, PartosRole, Programme, Track, Workstream
from members.models import Organisation
from tests.factories.leerlijnen import FILE_2026, GroupMembershipFactory, load_2026
from tests.factories.sessions import SessionFactory

pytestmark = pytest.mark.django_db
MODELS = [Programme, PartosRole, Track, LearningLine, Activity, Workstream, Organisation]


def contents():
    return {model: [model_to_dict(row) for row in model.objects.order_by("pk")] for model in MODELS}


@pytest.fixture
def load(tmp_path, capsys):
    """Load the programme of 2026 after `change(source)`, and give what the command said."""

    def load(change=lambda source: None, **options):
        source = yaml.safe_load(FILE_2026.read_text(encoding="utf-8"))
        change(source)
        file = tmp_path / "programme.yaml"
        file.write_text(yaml.safe_dump(source, allow_unicode=True), encoding="utf-8")
        call_command("load_programme", file, **options)
        return capsys.readouterr().out.strip()

    return load


def activity(source, code):
    return next(each for line in source["learning_lines"] for each in line["activities"] if each["id"] == code)


def test_a_fresh_install_holds_the_nine_activities():
    load_2026()
    assert list(Activity.objects.values_list("code", "track__code", "learning_line__slug")) == [
        ("A1", "practitioner", "digital-readiness"),
        ("A2", "practitioner", "digital-readiness"),
        ("A3", "leadership", "digital-readiness"),
        ("A4", "practitioner", "equitable-partnerships"),
        ("A5", "practitioner", "equitable-partnerships"),
        ("A6", "leadership", "equitable-partnerships"),
        ("A7", "practitioner", "future-ready-international-cooperation"),
        ("A8", "practitioner", "future-ready-international-cooperation"),
        ("A9", "leadership", "future-ready-international-cooperation"),
    ]


def test_an_organisation_that_the_team_renamed_is_not_made_again():
    load_2026()
    Organisation.objects.filter(name="Partos").update(name="Vereniging Partos (fictief)")
    load_2026()
    assert not Organisation.objects.filter(name="Partos").exists()


def test_the_organisations_of_the_document_can_be_chosen():
    load_2026()
    assert set(Organisation.objects.values_list("name", "kind", "country")) == {
        ("Partos", "association", "NL"),
        ("ngo-federatie", "partner", "BE"),
    }


def test_a_second_run_changes_nothing_and_says_so(load):
    assert load() == "Agenda Partos Netwerk en Leren 2026: 36 made."
    before, audited = contents(), AuditEntry.objects.count()
    assert load() == "Agenda Partos Netwerk en Leren 2026: nothing changed."
    assert contents() == before
    assert AuditEntry.objects.count() == audited


def test_a_text_that_changed_in_the_file_is_updated(load):
    load()

    def correct(source):
        activity(source, "A2")["title"] = "Cybersecurity and digital autonomy"
        source["tracks"][0]["goals"] = ["Leren", "Tools"]
        source["workstreams"]["items"][0]["points"].append("Een derde punt")

    assert load(correct).endswith(": 2 changed, 1 made, 1 removed.")
    assert Activity.objects.get(code="A2").title == "Cybersecurity and digital autonomy"
    assert [goal.text for goal in Track.objects.get(code="practitioner").goals.all()] == ["Leren", "Tools"]


def test_what_the_team_wrote_and_coloured_stays(load):
    load()
    LearningLine.objects.filter(slug="digital-readiness").update(explanation="Van het team", colour="#123456")
    Organisation.objects.filter(name="ngo-federatie").update(country="NL")
    assert load().endswith("nothing changed.")
    assert LearningLine.objects.get(slug="digital-readiness").explanation == "Van het team"
    assert load(reset=True).endswith(": 1 changed.")
    assert LearningLine.objects.get(slug="digital-readiness").colour == "#3B4BA3"
    assert Organisation.objects.get(name="ngo-federatie").country == "NL"


def test_two_lines_can_change_places(load):
    load()

    def swap(source):
        lines = source["learning_lines"]
        lines[0], lines[1] = lines[1] | {"n": 1}, lines[0] | {"n": 2}

    load(swap)
    assert [line.slug for line in LearningLine.objects.all()] == [
        "equitable-partnerships",
        "digital-readiness",
        "future-ready-international-cooperation",
    ]


def test_an_activity_that_left_the_file_goes(load):
    load()
    assert load(lambda source: source["learning_lines"][0]["activities"].pop(1)).endswith("1 removed.")
    assert not Activity.objects.filter(code="A2").exists()


def test_an_activity_with_sessions_stays_and_nothing_is_half_written(load):
    load()
    kept = Activity.objects.get(code="A2")
    SessionFactory(
        activity=kept, programme=kept.learning_line.programme, learning_line=kept.learning_line, track=kept.track
    )
    before = contents()

    def change(source):
        source["learning_lines"][0]["activities"].pop(1)
        source["learning_lines"][2]["title"] = "Half written"

    with pytest.raises(CommandError, match='"cybersecurity and digital autonomy" is no longer in the file, but sess'):
        load(change)
    assert contents() == before


def test_a_group_with_people_stays(load):
    load()
    GroupMembershipFactory(activity=Activity.objects.get(code="A1"))
    with pytest.raises(CommandError, match="but people are in the group"):
        load(lambda source: source["learning_lines"][0]["activities"].pop(0))


def next_year(source):
    source["programme"] |= {"id": "netwerk-en-leren-2027", "year": 2027}
    for line in source["learning_lines"]:
        line["id"] += "-2027"
        for each in line["activities"]:
            each["slug"] += "-2027"
    for workstream in source["workstreams"]["items"]:
        workstream["id"] += "-2027"


def test_another_year_stands_beside_this_one(load):
    load()
    load(next_year)
    assert Activity.objects.count() == 18
    assert load().endswith("nothing changed.")


@pytest.mark.parametrize(("code", "page"), [("integrity", "/integriteit/"), ("quality", "/kwaliteit/")])
def test_the_page_of_a_workstream_tells_what_this_year_has(load, client, now, code, page):
    """Whatever its identifier is: that has to be new each year."""

    def of(year):
        def change(source):
            next_year(source)
            source["programme"] |= {"id": f"netwerk-en-leren-{year}", "year": year}
            for line in source["learning_lines"]:
                line["id"] += f"-{year}"
                for each in line["activities"]:
                    each["slug"] += f"-{year}"
            for workstream in source["workstreams"]["items"]:
                workstream |= {"id": f"{workstream['id']}-{year}", "points": [f"Punt van {year}."]}

        return change

    this_year = now.astimezone(AMSTERDAM).year
    for year in (this_year - 1, this_year, this_year + 1):
        load(of(year))
    shown = client.get(page).content.decode()
    assert f"Punt van {this_year}." in shown
    assert f"Punt van {this_year - 1}." not in shown
    assert f"Punt van {this_year + 1}." not in shown
    Workstream.objects.exclude(programme__year=this_year + 1).delete()
    assert Workstream.objects.current(code, this_year).points.get().text == f"Punt van {this_year + 1}."


def test_another_programme_cannot_take_what_is_taken(load):
    load()
    before = contents()
    with pytest.raises(CommandError, match='"digital-readiness" belongs to another programme'):
        load(lambda source: source["programme"].update(id="other", year=2027))
    with pytest.raises(CommandError, match="There is another programme of 2026"):
        load(lambda source: source["programme"].update(id="other"))
    assert contents() == before


def test_a_file_with_mistakes_is_refused_whole(load):
    def spoil(source):
        activity(source, "A1")["track"] = "managers"
        source["learning_lines"][2]["activities"][0]["id"] = "A1"

    with pytest.raises(CommandError) as refused:
        load(spoil)
    first, *problems = str(refused.value).splitlines()
    assert first.endswith("was not loaded. Mend this first:")
    assert [problem.split(":")[0].partition(", ")[2] for problem in problems] == [
        "learning_lines[0].activities[0].track",
        "learning_lines[2].activities[0].id",
    ]
    assert not Programme.objects.exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read: No such file"),
        (b"\xff\xfe\x00", "is not a text file in UTF-8"),
        (b"{", "line 1, column 2"),
    ],
)
def test_a_file_that_cannot_be_read_gets_a_sentence(tmp_path, content, told):
    file = tmp_path / "programme.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CommandError, match=told):
        call_command("load_programme", file)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("load_programme", tmp_path)
