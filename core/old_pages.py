"""No old page overwrites a newer one: what a form was made from comes back, and is compared under a lock.

A page carries, signed, a digest of each value that it was made from. When it comes back, what its reader left alone
takes the value that stands there now; what she changed is written; and what somebody else changed meanwhile as well is
refused, with both values to choose from. Without the signed digests whatever differs from what stands there now is
refused, so that an old or a hand-made page overwrites nothing either.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.models import InlineForeignKeyField
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from core.form_values import in_words, stable
from core.moves import Refused

MADE_FROM = "made_from"
THEIRS, MINE = "theirs", "mine"
STATE = "*"  # in what a page was made from: what the page shows beside its fields
SEEN = "?"  # before a field's name: what somebody else made of it, as a page showed it with a choice

CLASH = _("This was changed elsewhere while your page was open. Choose above which of the two stays.")
OUTDATED = _(
    "This changed while your page was open. Nothing has been done. The page shows what holds now: look whether you"
    " still want this, and press the button once more."
)


@dataclass(frozen=True)
class Clash:
    """A field that two people changed: both values in words, and which one stays, once that was chosen."""

    name: str
    choice: str  # the name under which the page sends which one stays
    label: str
    theirs: str
    yours: str
    chosen: str = ""

    @property
    def is_removal(self) -> bool:
        return self.name == DELETION_FIELD_NAME


class GuardedForm(forms.BaseForm):
    """Mixin for a form that changes a row; the row is read, and the form made, under its lock (see `under_lock`).

    In a page `guard.html` stands inside the form. A form that is not a ModelForm tells its row in `guarded_row`.
    """

    clashes: list[Clash] = []

    @property
    def guarded_row(self) -> Model | None:
        """What the form changes; nothing for a new row."""
        row: Model = getattr(self, "instance")  # noqa: B009  # of a ModelForm
        return row if row.pk is not None else None

    def shown_state(self) -> str:
        """What the page shows beside its fields and the act depends on; changed meanwhile, nothing is done."""
        return ""

    def full_clean(self) -> None:
        self._take_over_what_was_left_alone()
        super().full_clean()
        if not self.is_bound:
            return
        if self._is_outdated:
            self.add_error(None, OUTDATED)
        for clash in self.clashes:
            if not clash.chosen:
                self.add_error(clash.name, CLASH)

    @cached_property
    def changed_data(self) -> list[str]:
        self._take_over_what_was_left_alone()
        return super().changed_data

    @property
    def is_stale(self) -> bool:
        """Whether something was refused because the page was older than the row: then nothing at all is written."""
        return bool(self.errors) and (self._is_outdated or any(not clash.chosen for clash in self.clashes))

    # What goes into the page

    @property
    def made_from(self) -> str:
        """The signed digests for the page; of a refused one those that it came with, so that they hold on."""
        row = self.guarded_row
        if row is None:
            return ""
        if self.is_bound:
            self._take_over_what_was_left_alone()
            values = self._made_from
        else:
            values = {name: digest(self._now(name)) for name in self._guarded_names()}
            values[STATE] = digest(self.shown_state())
        return signing.dumps(values, salt=self._salt(row.pk), compress=True)

    @property
    def made_from_name(self) -> str:
        return self.add_prefix(MADE_FROM)

    def choice_name(self, name: str) -> str:
        return self.add_prefix(f"stays-{name}")

    # What came back

    def _take_over_what_was_left_alone(self) -> None:
        """Once, before anything is checked: compare each field with what the page was made from."""
        if "_made_from" in self.__dict__:
            return
        self._made_from: dict[str, str] = {}
        self.clashes: list[Clash] = []
        self._is_outdated = False
        row = self.guarded_row
        if not self.is_bound or row is None:
            return
        self._made_from = read(self.data.get(self.made_from_name), salt=self._salt(row.pk))
        state = digest(self.shown_state())
        self._is_outdated = bool(self.shown_state()) and self._made_from.get(STATE) != state
        self._made_from[STATE] = state
        if self._is_ticked(DELETION_FIELD_NAME) and self._goes():
            return
        for name in self._guarded_names():
            self._compare(name)

    def _compare(self, name: str) -> None:
        field = self.fields[name]
        now, typed = self._now(name), stable(field, self[name].data)
        then = self._made_from.get(name)
        if typed == now:
            self._made_from[name] = digest(now)
        elif digest(typed) == then:
            self._put(name, now)
        elif digest(now) != then:
            chosen = self._choice(name, now)
            if chosen == THEIRS:
                self._put(name, now)
                return
            theirs = in_words(field, self.get_initial_for_field(field, name))
            self._ask(name, now, theirs=theirs, yours=in_words(field, self[name].data), chosen=chosen)

    def _goes(self) -> bool:
        """Who takes away a row that somebody else changed meanwhile has to say so twice; False when it stays."""
        names = self._guarded_names()
        now = "\n".join(self._now(name) for name in names)
        if all(self._made_from.get(name) == digest(self._now(name)) for name in names):
            return True
        chosen = self._choice(DELETION_FIELD_NAME, now)
        if chosen == THEIRS:
            self._made_from.pop(SEEN + DELETION_FIELD_NAME, None)
            self._send(DELETION_FIELD_NAME, None)
            return False
        fields = [(self.fields[name], self.get_initial_for_field(self.fields[name], name)) for name in names]
        theirs = ", ".join(filter(None, (in_words(field, value) for field, value in fields)))
        self._ask(DELETION_FIELD_NAME, now, theirs=theirs, yours="", chosen=chosen)
        return True

    def _ask(self, name: str, now: str, *, theirs: str, yours: str, chosen: str) -> None:
        self._made_from[SEEN + name] = digest(now)
        label, choice = str(self[name].label), self.choice_name(name)
        if self.prefix:  # one row of several: tell which
            label = f"{self.guarded_row}: {label}"
        self.clashes.append(Clash(name, choice, label, theirs=theirs, yours=yours, chosen=chosen))

    def _choice(self, name: str, now: str) -> str:
        """What was chosen for a field; nothing when it changed once more since the choice was shown."""
        chosen = self.data.get(self.choice_name(name), "")
        has_seen = self._made_from.get(SEEN + name) == digest(now)
        return chosen if has_seen and chosen in (THEIRS, MINE) else ""

    def _put(self, name: str, now: str) -> None:
        """As if the page had been made from what stands there now."""
        self._made_from[name] = digest(now)
        self._made_from.pop(SEEN + name, None)
        field = self.fields[name]
        value = field.prepare_value(self.get_initial_for_field(field, name))
        widget: Any = getattr(field.widget, "widget", field.widget)  # the admin wraps those that lead to other rows
        is_box = isinstance(widget, forms.CheckboxInput)
        self._send(name, ("on" if value else None) if is_box else widget.format_value(value))

    def _send(self, name: str, value: Any) -> None:
        """Let the form have come with `value`, as a browser would have sent it; None is what it would not send."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        html_name = self.add_prefix(name)
        if value is None:
            data.pop(html_name, None)
        elif isinstance(data, MultiValueDict):
            data.setlist(html_name, list(value) if isinstance(value, list | tuple | set) else [value])
        else:
            data[html_name] = value
        self.data = data

    def _is_ticked(self, name: str) -> bool:
        return name in self.fields and bool(self[name].data)

    def _now(self, name: str) -> str:
        field = self.fields[name]
        return stable(field, self.get_initial_for_field(field, name))

    def _guarded_names(self) -> list[str]:
        meta = getattr(self, "_meta", None)
        key = meta.model._meta.pk.name if meta is not None else ""
        return [
            name
            for name, field in self.fields.items()
            if not field.disabled
            and not isinstance(field, InlineForeignKeyField)
            and name not in (key, DELETION_FIELD_NAME)
        ]

    def _salt(self, pk: Any) -> str:
        row = self.guarded_row
        label = (row or self._meta.model)._meta.label_lower  # type: ignore[attr-defined]
        return f"{MADE_FROM}:{label}:{pk}"

    def changed_on_the_page_of(self, pk: Any) -> str:
        """What its reader made, in words, of a row that is not there any more and had the key `pk`; else nothing."""
        then = read(self.data.get(self.made_from_name), salt=self._salt(pk))
        names = [name for name in self._guarded_names() if name in then]
        if then and all(then[name] == digest(stable(self.fields[name], self[name].data)) for name in names):
            return ""
        typed = (in_words(self.fields[name], self[name].data) for name in names or self._guarded_names())
        return ", ".join(words for words in typed if words)


class GuardedModelForm(GuardedForm, forms.ModelForm):
    """For ModelAdmin and inlines."""


def under_lock(model: type[Model], *, pk: Callable[..., Any] = lambda request, pk, **kwargs: pk) -> Callable:
    """For a view whose form changes a row: POST reads the row, and writes it, while nobody else can.

    `pk` gives the key out of what the view gets. A key that there is not locks nothing, and is the view's to refuse.
    """

    def decorate(view):
        @wraps(view)
        def wrapped(request, *args, **kwargs):
            if request.method != "POST":
                return view(request, *args, **kwargs)
            with transaction.atomic():
                hold(model, pk(request, *args, **kwargs))
                return view(request, *args, **kwargs)

        return wrapped

    return decorate


def under_own_lock(view):
    """As `under_lock`, of the account of who is signed in, which is read anew."""

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with transaction.atomic():
            hold(get_user_model(), request.user.pk)
            request.user.refresh_from_db()
            return view(request, *args, **kwargs)

    return wrapped


def hold(model: type[Model], pk: Any) -> None:
    """Lock a row until the transaction ends, if there is one with that key."""
    try:
        key = model._meta.pk.to_python(pk)
    except ValidationError:
        return
    if "\0" in str(key):
        return
    list(model._base_manager.select_for_update(of=("self",)).filter(pk=key).values_list("pk"))


def row_digest(row: Model, *, but: Iterable[str] = ()) -> str:
    """Of all that stands in a row, but for the fields `but`: for a button, pressed on what its page showed."""
    fields = [field for field in row._meta.concrete_fields if field.attname not in but]
    return digest("\n".join(f"{field.attname}={field.value_from_object(row)}" for field in fields))


def check_shown(sent: Mapping[str, Any], row: Model) -> None:
    """Raise Refused when a button comes from a page that showed something else of `row`, or does not tell what."""
    if sent.get("shown") != row_digest(row):
        raise Refused(OUTDATED)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def read(signed: str | None, *, salt: str) -> dict[str, str]:
    """What a page was made from; nothing when that was not signed here for this row."""
    try:
        return signing.loads(signed or "", salt=salt)
    except signing.BadSignature:
        return {}
