"""Django's messages, in a cookie that goes by the name of settings.MESSAGE_COOKIE_NAME."""

from django.conf import settings
from django.contrib.messages.storage import cookie, fallback, session


class CookieStorage(cookie.CookieStorage):
    cookie_name = settings.MESSAGE_COOKIE_NAME


class Messages(fallback.FallbackStorage):
    storage_classes = (CookieStorage, session.SessionStorage)
