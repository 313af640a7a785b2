import uuid

from django.conf import settings
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Lower
from django.utils.translation import gettext_lazy as _

from core import links, model_fields
from core.links import HIDDEN, SecretLink

STOP = "stop"  # the purpose of the link that switches a stream of mail off


class MailState(models.TextChoices):
    QUEUED = "queued", _("waiting")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")
    WITHDRAWN = "withdrawn", _("withdrawn")
    DIGEST = "digest", _("for the daily digest")
    BUNDLED = "bundled", _("in a daily digest")
    HELD = "held", _("held, the address was refused")


class OutgoingMailQuerySet(models.QuerySet):
    def unsent(self):
        return self.filter(state__in=[MailState.QUEUED, MailState.SENDING])

    def waiting(self):
        """Those that may leave by themselves, soon or later: what is past by then is taken back."""
        return self.filter(state__in=[MailState.QUEUED, MailState.SENDING, MailState.DIGEST, MailState.HELD])

    def not_left(self):
        """Those that wait, and those that failed and could be sent again."""
        return self.waiting() | self.filter(state=MailState.FAILED)

    def done(self):
        """Those that have left, or never will."""
        return self.filter(state__in=[MailState.SENT, MailState.FAILED, MailState.WITHDRAWN, MailState.BUNDLED])

    def empty(self):
        """Take out what was written; gives their number. The keys stay, so that nothing is written anew."""
        return self.update(subject="", text="", html="", attachments=[], secret_link=None, link_mark="", about=None)

    def delete(self):
        """With the addresses that were refused on one of these mails; what else was held for those is tried again."""
        addresses = list(RefusedAddress.objects.filter(mail__in=self).values_list("address", flat=True))
        gone = super().delete()
        if addresses:
            held = OutgoingMail.objects.annotate(small=Lower("to")).filter(small__in=addresses, state=MailState.HELD)
            held.exclude(text="").update(state=MailState.QUEUED, attempts=0, error="")
        return gone

    # As Django marks its own: no template calls it, and no manager offers to delete everything.
    delete.alters_data = delete.queryset_only = True  # type: ignore[attr-defined]

    def can_be_sent_again(self):
        """Failed, with a text: that of an old mail was emptied (domain.md 5.5)."""
        return self.filter(state=MailState.FAILED).exclude(text="")

    def claimable(self, now, lease):
        """Mails whose time has come, and those whose worker died with them in hand (`lease` is a timedelta)."""
        return self.filter(
            Q(state=MailState.QUEUED, next_attempt_at__lte=now)
            | Q(state=MailState.SENDING, claimed_at__lte=now - lease)
        ).order_by("-urgent", "next_attempt_at", "pk")

    def behind_stop_link(self, token):
        """The mail whose link this is, with its reader; None for a link that was not made here, or is too old."""
        try:
            row, nonce = links.read(token, purpose=STOP)
        except links.BadLink:
            return None
        rows = (
            OutgoingMail.objects.filter(pk=row, recipient__is_active=True)
            .exclude(stream="")
            .select_related("recipient")
        )
        return next((found for found in rows if found.message_id.hex == nonce), None)

    def visible_to(self, person):
        """For the list in the admin: without the mails that need a right which this person lacks."""
        held = person.get_all_permissions()
        # A digest may need several, joined by a plus sign.
        joined = OutgoingMail.objects.filter(needs_right__contains="+").values_list("needs_right", flat=True).distinct()
        several = [rights for rights in joined if held.issuperset(rights.split("+"))]
        return self.filter(Q(needs_right="") | Q(needs_right__in=[*held, *several]))


class OutgoingMail(models.Model):
    """One message to one address: written with the change it tells of, sent by the worker."""

    key = models.CharField(_("key"), max_length=200)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("recipient")
    )
    to = model_fields.AddressField(_("to"), max_length=254)
    language = models.CharField(_("language"), max_length=2)
    kind = models.CharField(_("kind"), max_length=80)
    subject = model_fields.LineField(_("subject"), max_length=250)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"), blank=True)
    attachments = models.JSONField(_("attachments"), default=list, blank=True)
    urgent = models.BooleanField(_("urgent"), default=False)
    stream = models.CharField(_("stream"), max_length=20, blank=True)  # see core.streams; empty goes always
    about = models.JSONField(
        null=True, blank=True, editable=False
    )  # what it stands under in a digest, a core.mail.About
    needs_right = models.CharField(max_length=250, blank=True, editable=False)
    # The personal link that comes in place of the mark as the mail is sent; see core.links.
    secret_link = models.JSONField(null=True, blank=True, editable=False)
    link_mark = models.CharField(max_length=40, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=MailState, default=MailState.QUEUED)
    queued_at = models.DateTimeField(_("queued at"))
    expires_at = models.DateTimeField(_("of no use after"), null=True, blank=True)
    next_attempt_at = models.DateTimeField(_("next attempt at"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    claim = models.UUIDField(null=True, blank=True, editable=False)
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    error = models.CharField(_("last error"), max_length=500, blank=True)
    message_id = models.UUIDField(default=uuid.uuid4, editable=False)
    act = models.ForeignKey(
        "core.Act", models.SET_NULL, null=True, blank=True, related_name="mails", editable=False
    )  # by which it waits; see core.acts

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mail")
        constraints = [
            # A key that exists keeps its message from going out twice; a withdrawn one gives its key free again.
            models.UniqueConstraint(fields=["key"], condition=~Q(state="withdrawn"), name="one_live_mail_per_key")
        ]
        indexes = [
            models.Index(fields=["state", "next_attempt_at"], name="mail_due"),
            models.Index(fields=["key"], name="mail_key", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"

    def with_link(self, text):
        """The text as it is sent."""
        if self.stream:
            text = text.replace(self.stop_mark, self.stop_link)
        if not self.secret_link:
            return text
        return text.replace(self.link_mark, SecretLink(**self.secret_link).address(language=self.language))

    @property
    def stop_mark(self):
        """Stands in the waiting mail for the link that switches its stream off; nobody can guess it."""
        return f"[stop {self.message_id.hex}]"

    @property
    def stop_link(self):
        """Switches the stream off for whoever has this mail, without signing in. Made as the mail is sent."""
        return SecretLink(view="mail-stop", purpose=STOP, row=self.pk, nonce=self.message_id.hex).address(
            language=self.language
        )

    @property
    def text_for_staff(self):
        """The text for eyes other than the reader's: personal links are hidden."""
        text = self.text.replace(self.stop_mark, HIDDEN)
        return text.replace(self.link_mark, HIDDEN) if self.link_mark else text


class ActQuerySet(models.QuerySet):
    def with_mails(self):
        """Adds `mails_waiting`, and `people`: how many get one; the newest first."""
        waits = Q(mails__state__in=[MailState.QUEUED, MailState.DIGEST])
        return self.annotate(
            mails_waiting=Count("mails", filter=waits), people=Count(Lower("mails__to"), filter=waits, distinct=True)
        ).order_by("-at", "-pk")


class Act(models.Model):
    """What a member of staff did in one go, while its mails wait: what it changed, so that it can be taken back.

    Keys and codes only. `changes` is by model and key what each field was, `created` the keys of new rows, `withdrawn`
    the mails that it took back with their states; `digest` tells whether anything changed since. See core.acts.
    """

    verb = models.CharField(max_length=60)
    target_type = models.CharField(max_length=60)
    target_id = models.BigIntegerField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    waits_until = models.DateTimeField(db_index=True)
    codes = models.JSONField(default=dict)
    changes = models.JSONField(default=dict)
    created = models.JSONField(default=dict)
    withdrawn = models.JSONField(default=list)
    digest = models.CharField(max_length=64, blank=True)
    can_be_undone = models.BooleanField(default=False)

    objects = ActQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["target_type", "target_id"], name="act_target")]

    def __str__(self):
        return f"{self.verb} {self.target_type} {self.target_id}"


class RefusedAddressQuerySet(models.QuerySet):
    def visible_to(self, person):
        """Without the addresses that only who has a further right may know, such as those of invitations."""
        rights = person.get_all_permissions()
        known = ~Q(recipient=None) | Q(mail__needs_right="")
        return self.filter(known | Q(mail__needs_right__in=rights))

    def with_held(self):
        """Adds `held`: how many mails wait for the address."""
        mails = OutgoingMail.objects.annotate(small=Lower("to")).filter(small=OuterRef("address"), state=MailState.HELD)
        counted = mails.order_by().values("small").annotate(number=Count("pk")).values("number")
        return self.annotate(held=Coalesce(Subquery(counted), 0))


class RefusedAddress(models.Model):
    """An address that the mail server refused for good: it gets no mail until it is tried again.

    It goes with the mail on which it was refused, so that nothing tells longer than the mail would who was invited.
    """

    address = model_fields.AddressField(_("address"), max_length=254, unique=True)  # in small letters
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    mail = models.ForeignKey(OutgoingMail, models.CASCADE, related_name="+", editable=False)
    answer = models.CharField(_("what the mail server said"), max_length=500)  # without addresses
    refused_at = models.DateTimeField(_("refused at"))

    objects = RefusedAddressQuerySet.as_manager()

    class Meta:
        verbose_name = _("refused address")
        verbose_name_plural = _("refused addresses")
        ordering = ["-refused_at"]

    def __str__(self):
        return self.address


class AuditEntry(models.Model):
    """One line of the audit trail; see core.audit, which alone writes it."""

    verb = models.CharField(_("what"), max_length=60)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who")
    )
    target_type = models.CharField(_("kind of row"), max_length=60)
    target_id = models.BigIntegerField(_("row"), null=True, blank=True)  # none where it would lead to a person
    codes = models.JSONField(_("details"), default=dict)
    at = models.DateTimeField(_("when"), db_index=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["target_type", "target_id"], name="audit_target")]

    def __str__(self):
        return f"{self.verb} {self.target_type} {self.target_id}"


class Heartbeat(models.Model):
    """When a part of the portal that nobody looks at was last seen alive."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    def __str__(self):
        return self.name
