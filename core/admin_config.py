"""Puts our admin site (core.portal_admin) in the place of Django's own."""

from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    """Django's admin, with our site in the place of its own."""

    default_site = "core.portal_admin.PortalAdminSite"
