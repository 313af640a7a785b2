"""What can be done with certificates, for the audit trail (core.audit)."""

from django.utils.translation import gettext_lazy as _

from core.audit import Verb

CERTIFICATE = "quality.Certificate"

VERBS = (
    Verb("certificate.added", _("certificate added"), on=CERTIFICATE),
    Verb("certificate.changed", _("certificate changed"), on=CERTIFICATE),
    Verb("certificate.suspended", _("certificate suspended"), on=CERTIFICATE),
    Verb("certificate.suspension_lifted", _("suspension of the certificate lifted"), on=CERTIFICATE),
    Verb("certificate.withdrawn", _("certificate withdrawn"), on=CERTIFICATE),
    Verb("certification_body.added", _("certification body added"), on="quality.CertificationBody"),
    Verb("certification_body.changed", _("certification body changed"), on="quality.CertificationBody"),
)
