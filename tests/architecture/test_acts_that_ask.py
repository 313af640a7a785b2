"""Every act of staff on several rows, and every danger button, asks first and says in numbers what will happen."""

import pytest
from django.contrib.admin import site

from core.move_buttons import MoveButtons

# Actions that need not ask, each with its reason.
NEED_NOT_ASK = {
    "delete_selected": "Django's own: its page names each row and the number of what hangs on it",
    "account.emailaddress.make_verified": "allauth's own: an address counts as its owner's; nobody loses anything",
    "core.outgoingmail.send_again": "mail that failed leaves once more; nobody loses anything",
    "core.refusedaddress.try_again": "mail that was held leaves; nobody loses anything",
}
ADMINS = sorted(site._registry.values(), key=lambda one: one.opts.label)


def actions_of(model_admin):
    """Name and function of each, whoever may use it."""
    names = [*(model_admin.actions or []), *dict(site.actions)]
    return {name: model_admin.get_action(name)[0] for name in names if model_admin.get_action(name)}


def test_there_are_actions_and_danger_buttons_to_look_at():
    assert any(actions_of(one) for one in ADMINS)
    assert any(button.is_danger for one in ADMINS if isinstance(one, MoveButtons) for button in one.move_buttons)


@pytest.mark.parametrize("model_admin", ADMINS, ids=lambda one: one.opts.label_lower)
def test_each_action_on_several_rows_asks_first(model_admin):
    silent = [
        name
        for name, function in actions_of(model_admin).items()
        if not getattr(function, "asks_first", False)
        and not {name, f"{model_admin.opts.label_lower}.{name}"} & set(NEED_NOT_ASK)
    ]
    assert silent == []


@pytest.mark.parametrize(
    "model_admin", [one for one in ADMINS if isinstance(one, MoveButtons)], ids=lambda one: one.opts.label_lower
)
def test_each_danger_button_says_what_will_happen(model_admin):
    assert [button.name for button in model_admin.move_buttons if button.is_danger and button.foretell is None] == []
