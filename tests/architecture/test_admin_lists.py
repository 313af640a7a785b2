"""No list in the admin can be asked for more than it offers, and none breaks on what is typed behind its address."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse

from core.portal_admin import PortalAdmin, fields_along, path_of
from members.models import User
from sessions_app.models import Registration
from tests.architecture.planted import PEOPLE, World, plant
from tests.architecture.test_admin_access import TEAM, opens
from tests.factories.members import UserFactory

pytestmark = pytest.mark.django_db

LEFT_OUT = "Dat deel is weggelaten."
LISTS = list(admin.site._registry.items())


def label_of(item):
    return item._meta.label_lower if hasattr(item, "_meta") else ""


@pytest.fixture
def world(request, now) -> World:
    return plant({role: request.getfixturevalue(role) for role in PEOPLE}, now=now)


def list_of(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


@pytest.fixture
def superuser(db):
    return UserFactory(name="Beheerder", is_staff=True, is_superuser=True)


def rows_on(response) -> int:
    return response.context["cl"].result_count


@pytest.mark.parametrize(("model", "kept"), LISTS, ids=label_of)
def test_every_list_has_the_one_base(model, kept):
    assert isinstance(kept, PortalAdmin)
    for name in ("lookup_allowed", "to_field_allowed", "readable", "get_object", "get_changelist_instance"):
        assert getattr(type(kept), name) is getattr(PortalAdmin, name), name


def test_a_list_of_another_package_gets_the_base_too():
    site = type(admin.site._wrapped)()
    site.register(Group, type("Plain", (admin.ModelAdmin,), {}))
    assert isinstance(site._registry[Group], PortalAdmin)


def columns(model) -> list[str]:
    """Lookups on each column of the row and of what it belongs to."""
    found = []
    for field in model._meta.get_fields():
        found.append(field.name)
        if field.is_relation and field.related_model:
            found += [f"{field.name}__{inner.name}" for inner in field.related_model._meta.concrete_fields]
    return found


@pytest.mark.parametrize(("model", "kept"), LISTS, ids=label_of)
def test_only_what_a_list_declares_narrows_it(rf, superuser, model, kept):
    request = rf.get("/")
    request.user = superuser
    declared = set(kept.declared(request))
    paths = {path_of(item) or item.parameter_name for item in kept.get_list_filter(request)}
    for column in columns(model):
        for lookup in ("", "__gte", "__startswith", "__regex", "__in", "__range", "__isnull", "__exact"):
            name = column + lookup
            of_a_filter = name.startswith(tuple(paths)) and lookup in ("", "__isnull", "__exact")
            assert kept.lookup_allowed(name, "1", request) == (name in declared), name
            assert name not in declared or of_a_filter, name


@pytest.mark.parametrize(("model", "kept"), LISTS, ids=label_of)
def test_the_filters_and_the_search_ask_only_what_the_list_or_the_page_shows(rf, superuser, model, kept):
    request = rf.get("/")
    request.user = superuser
    if kept.fields or kept.fieldsets or kept.form.base_fields:
        shown = {name for name in kept.get_fields(request, model()) if isinstance(name, str)}
    else:
        shown = {field.name for field in model._meta.fields}
    shown |= set(kept.list_display) | {"marked_title", "shown_title"}
    for item in [*kept.get_list_filter(request), *kept.get_search_fields(request)]:
        if path := path_of(item):
            first = fields_along(model, path)[0].name
            inlines = {inline.model for inline in kept.inlines}
            if model is User and first == "groups":
                continue  # on the page of an account, and not where one is added
            assert first in shown | UNDER_ANOTHER_NAME or model._meta.get_field(first).related_model in inlines, path


# Columns that a list or page shows in words of its own.
UNDER_ANOTHER_NAME = {"kind", "title", "state", "has_failed", "learning_line", "track", "workstream", "programme"}


@pytest.mark.parametrize("role", TEAM)
def test_nobody_searches_in_rows_that_she_may_not_see(request, rf, role):
    person = request.getfixturevalue(role)
    asked = rf.get("/")
    asked.user = person
    for model, kept in LISTS:
        if opens()[label_of(model)][role] == "-":
            continue
        for item in [*kept.get_list_filter(asked), *kept.get_search_fields(asked)]:
            for other, name in kept.crossed(path_of(item)) if path_of(item) else []:
                may = person.has_perm(f"{other._meta.app_label}.view_{other._meta.model_name}")
                assert may or name in ("name", "title"), (label_of(model), item)


def test_the_functional_administrator_cannot_find_an_organisation_by_its_mail_domain(
    client, functional_administrator, now, member_organisation
):
    member_organisation.mail_domains.create(domain="geheim.example")
    client.force_login(functional_administrator)
    url = reverse("admin:members_organisation_changelist")
    assert rows_on(client.get(url, {"q": "Horizon"})) == 1
    assert rows_on(client.get(url, {"q": "geheim"})) == 0


@pytest.mark.parametrize("role", ["staff", "functional_administrator"])
def test_the_password_of_a_person_cannot_be_guessed_letter_by_letter(client, request, practitioner, role):
    practitioner.set_password("een geheim dat niemand raadt")
    practitioner.save()
    client.force_login(request.getfixturevalue(role))
    url = reverse("admin:members_user_changelist")
    answers = set()
    for lookup in ("password__gte", "password__startswith", "password", "affiliations__person__password__gte"):
        for guess in (practitioner.password[:9], "zzz"):
            response = client.get(url, {"q": practitioner.email, lookup: guess})
            answers.add((response.status_code, rows_on(response)))
            assert LEFT_OUT in response.content.decode()
    assert answers == {(200, 1)}


def test_a_page_of_the_admin_finds_its_row_by_key_alone(client, functional_administrator, practitioner):
    client.force_login(functional_administrator)
    page = reverse("admin:members_user_change", args=[practitioner.email])
    assert client.get(page, {"_to_field": "email"}).status_code == 400
    page = reverse("admin:members_user_change", args=[practitioner.pk])
    assert client.get(page, {"_to_field": ""}).status_code == 200
    assert client.post(page, {"_to_field": ""}).status_code == 422  # nothing was filled in
    response = client.get(reverse("admin:members_user_changelist"), {"_to_field": "password"})
    assert response.status_code == 200
    assert LEFT_OUT in response.content.decode()


def test_looking_up_is_for_the_fields_that_a_page_fills_in_so(client, staff, practitioner):
    client.force_login(staff)
    url = reverse("admin:autocomplete")

    def status(app, model, field, term=""):
        asked = {"app_label": app, "model_name": model, "field_name": field, "term": term}
        return client.get(url, asked).status_code

    assert status("members", "affiliation", "person") == 200
    assert status("members", "user", "affiliations") == 403
    assert status("core", "auditentry", "actor") == 403
    assert status("members", "affiliation", "person", term="\0") == 200
    assert status("members", "affiliation", "person", term="x" * 60_000) == 200


ODD = [
    "pk__range=1", "id__in=a", "pk=99999999999999999999", "p=99999999999", "p=0", "p=-1", "p=400", "p=abc", "o=99",
    "o=-99.1.abc", "o=" + ".".join(["1"] * 2500), "all=", "e=1", "_facets=", "_popup=1", "_to_field=email", "q=%00",
    "q=" + "x" * 60_000, "q=" + "a+" * 1_500, "q=%22", "q=%F0%28", "q=99999999999999999999", "nothing=1",
    "nothing__at__all=1", "state__exact=%00", "state__exact=nergens", "is_active__exact=2", "state__isnull=x",
    "session__id__exact=99999999999999999999", "session__id__exact=abc", "session__id__exact=1&session__id__exact=2",
    "person__id__exact=" + "9" * 5_000, "kind=%00", "month=9999-99", "month=%00", "contact=%00", "country=%00",
    "?=&=&&", "_changelist_filters=%00", "%00=1", "groups__id__exact=9223372036854775808",
]  # fmt: skip
PERIODS = [
    "{0}__year=9999", "{0}__year=0", "{0}__year=1", "{0}__year=99999999999999999999", "{0}__year=abc",
    "{0}__year=2026&{0}__month=13", "{0}__year=9999&{0}__month=12", "{0}__year=2026&{0}__month=2&{0}__day=30",
    "{0}__month=5", "{0}__day=1", "{0}__gte=0001-01-01", "{0}__gte=x", "{0}__lt=9999-12-31T23:59:59",
    "{0}__year=%00", "{0}__year=2026&{0}__day=3",
]  # fmt: skip


# Together they have each kind of filter, search and order.
EVERY_FILTER = ("members.user", "members.affiliation", "sessions_app.session", "core.outgoingmail")


@pytest.mark.parametrize(("model", "kept"), LISTS, ids=label_of)
def test_odd_values_are_answered_with_the_list(client, superuser, model, kept):
    client.force_login(superuser)
    client.raise_request_exception = False
    url, wrong = list_of(model), []
    asked = [*ODD, *(odd.format(kept.date_hierarchy or "starts_at") for odd in PERIODS)]
    if label_of(model) not in EVERY_FILTER:
        asked = asked[::6]  # the base is the same
    for query in asked:
        response = client.get(f"{url}?{query}")
        if response.status_code != 200 or b"changelist" not in response.content:
            wrong.append(f"{query[:60]}: {response.status_code}")
    assert wrong == []


@pytest.mark.parametrize("query", ["pk__range=1", "{0}__year=9999", "p=99999999999", "p=400", "password__gte=a"])
def test_what_was_left_out_is_told(client, staff, query):
    UserFactory.create_batch(101)
    client.force_login(staff)
    response = client.get(f"{reverse('admin:members_user_changelist')}?{query}".format("date_joined"))
    assert response.status_code == 200
    assert LEFT_OUT in response.content.decode()


def test_a_filter_that_the_list_offers_still_narrows_it(client, staff, practitioner, contact):
    client.force_login(staff)
    url = reverse("admin:members_affiliation_changelist")
    assert rows_on(client.get(f"{url}?role__exact=contact")) == 1
    assert rows_on(client.get(f"{url}?role__exact=contact&role__exact=colleague")) == 3
    response = client.get(reverse("admin:members_user_changelist"), {"is_staff__exact": "1", "o": "-1"})
    assert rows_on(response) == 1
    assert LEFT_OUT not in response.content.decode()


def test_a_month_of_the_calendar_still_narrows_the_list(world, staff):
    client = world.client("staff")
    url = reverse("admin:sessions_app_registration_changelist")
    everything = rows_on(client.get(url))
    [year] = set(Registration.objects.values_list("queued_at__year", flat=True))
    assert rows_on(client.get(f"{url}?queued_at__year={year}")) == everything > 0
    assert rows_on(client.get(f"{url}?queued_at__year={year - 3}&queued_at__month=1")) == 0


@pytest.mark.parametrize("key", ["abc", "99999999999999999999", "-1", "", "\0", "1\0", "1,2", "١"])
def test_a_choice_of_rows_that_cannot_be_does_nothing(client, staff, practitioner, key):
    client.force_login(staff)
    client.raise_request_exception = False
    url = reverse("admin:members_affiliation_changelist")
    response = client.post(url, {"action": "end_selected", "index": "0", "_selected_action": [key]}, follow=True)
    assert response.status_code == 200
    assert practitioner.affiliations.get().state == "confirmed"


@pytest.mark.parametrize("key", ["99999999999999999999", "9223372036854775808", "%00", "abc", "-1", "1%00"])
def test_a_page_of_a_row_that_cannot_be_is_no_error(client, superuser, key):
    client.force_login(superuser)
    client.raise_request_exception = False
    for model, _kept in LISTS:
        for page in ("change/", "history/", "delete/", "move/x/", "erase/", "series/"):
            answer = client.get(f"{list_of(model)}{key}/{page}").status_code
            assert answer in (301, 302, 403, 404, 405), f"{model} {page}: {answer}"


@pytest.mark.parametrize("key", ["2026-02-30", "{}", "\0", "9" * 30])
def test_a_looked_up_row_that_cannot_be_is_told_at_its_field(client, staff, key):
    client.force_login(staff)
    client.raise_request_exception = False
    asked = {"person": key, "organisation": key, "role": "contact", "track_profile": "leadership"}
    response = client.post(reverse("admin:members_affiliation_add"), asked)
    assert response.status_code in (200, 422)
    assert {"person", "organisation"} <= set(response.context["adminform"].form.errors)


def test_who_sees_people_sees_no_password(staff):
    shown = admin.site.get_model_admin(User)
    assert "password" not in [*shown.list_display, *shown.search_fields, *shown.list_filter]
