"""Whatever people, staff and the clock do, in any order: the seats are those of a slow model in plain Python.

The model is in `seats/model.py`, the steps in `seats/people.py`, `staff.py` and `clock.py`, and what must hold after
each step in `seats/base.py`. Most steps choose somebody for whom they mean something, so that offers are made,
answered and lapse in each sequence; now and then they choose anybody, who is refused.
"""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.factories.members import OrganisationFactory, UserFactory, member_person

pytest.register_assert_rewrite("tests.sessions_app.seats")

from tests.sessions_app.seats.clock import Seats  # noqa: E402  # after it was said that its asserts explain themselves

pytestmark = pytest.mark.django_db

EXAMPLES, MANY_EXAMPLES, STEPS = 25, 300, 20


@pytest.mark.parametrize(
    "examples",
    [EXAMPLES, pytest.param(MANY_EXAMPLES, marks=[pytest.mark.long, pytest.mark.timeout(3600)])],
)
def test_seats_are_those_of_the_slow_model_whatever_happens(staff, examples):
    organisations = [OrganisationFactory() for _ in range(3)]
    # Four of a large organisation, two smaller ones, and one who comes for nobody.
    crowd = [member_person(organisations[n]) for n in (0, 0, 0, 0, 1, 1, 2)] + [UserFactory()]
    works_at = {person.pk: getattr(person.affiliations.first(), "organisation_id", None) for person in crowd}

    class Machine(Seats):
        pass

    Machine.people, Machine.staff, Machine.works_at = [person.pk for person in crowd], staff, works_at
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples, stateful_step_count=STEPS, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
            # A sequence that fails is shown as it was found: looking for the shortest takes longer than a test may.
            phases=[Phase.generate] if examples == EXAMPLES else list(Phase),
        ),
    )  # fmt: skip
