"""Samples of the mails about certificates (core.mail_samples)."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from core.dates import local
from core.mail import Letter
from core.mail_samples import Case, Sample
from members.mail_samples import FICTIONAL, Scene
from quality import mails
from quality.models import Certificate, CertificationBody


def recertification(scene: Scene, *, is_own: bool) -> list[Letter]:
    body, _made = CertificationBody.objects.get_or_create(name=f"Keurmeester Certificatie {FICTIONAL}")
    certificate = Certificate(
        organisation=scene.organisation,
        standard="ISO 9001:2015",
        body=body,
        expires_on=local(scene.now).date() + timedelta(days=90),
        is_demo=True,
        changed_at=scene.now,
    )
    certificate.save()
    return [mails.recertification(certificate, scene.sam, days=90, is_own=is_own)]


SAMPLES = [
    Sample(
        "quality/mail/recertification",
        _("Certificates"),
        _("A certificate expires"),
        _("270, 180, 90 and 30 days before a certificate expires. To those who keep the quality file."),
        Scene,
        (
            Case(lambda scene: recertification(scene, is_own=True), "own", _("to the organisation itself")),
            Case(lambda scene: recertification(scene, is_own=False), "coordinator", _("to the quality coordinator")),
        ),
        "quality.view_certificate",
    )
]
