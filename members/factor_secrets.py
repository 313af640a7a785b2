"""What an authenticator app and spare codes keep in the database is encrypted, with a key that is not in it.

A dump of the database, or who reads a backup, gives no second step away. settings.MFA_KEY encrypts; what
MFA_KEY_FALLBACKS encrypted still opens (docs/operations.md tells how to replace a key).
"""

from base64 import urlsafe_b64encode
from hashlib import sha256

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.translation import gettext_lazy as _

SECRET_FIELDS = ("secret", "seed")  # of an authenticator's data; a passkey has none: its key is public


def box() -> MultiFernet:
    keys = [settings.MFA_KEY, *settings.MFA_KEY_FALLBACKS]
    return MultiFernet([Fernet(urlsafe_b64encode(sha256(key.encode()).digest())) for key in keys])


class EncryptingMFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is not right. Fill in the code that your app shows now."),
    }

    def encrypt(self, text: str) -> str:
        return box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises InvalidToken for what no key opens: then MFA_KEY is not the one that the database was written with."""
        return box().decrypt(encrypted_text.encode()).decode()


def encrypt_all(authenticators) -> int:
    """Encrypt with the newest key what stands there in the clear or under an older one; gives how many rows."""
    number = 0
    for row in authenticators.iterator():
        fresh = {name: again(row.data[name]) for name in SECRET_FIELDS if name in row.data}
        if fresh:
            row.data = row.data | fresh
            row.save(update_fields=["data"])
            number += 1
    return number


def again(kept: str) -> str:
    try:
        return box().rotate(kept.encode()).decode()
    except InvalidToken:
        if kept.startswith("gAAAA"):  # encrypted, by a key that we do not have: encrypting it twice would lose it
            raise
        return box().encrypt(kept.encode()).decode()
