"""All settings. What differs between machines is read from the environment; README.md lists the variables.

TRIAL=true is the trial run of script/server: plain HTTP on this machine, SQLite, files as broker, cache and mailbox.
Outside it nothing has a default that could be wrong in silence: what is missing or wrong is told in a list at the end.
"""

import os
import re
from functools import partial
from pathlib import Path

from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _

from partos_portal import environment
from partos_portal.watch import logs

BASE_DIR = Path(__file__).resolve().parent.parent
env = environment.Environment(os.environ)

TRIAL = env.boolean("TRIAL", default=False)
VAR_DIR = Path(env.text("VAR_DIR", default=str(BASE_DIR / "var")))
DEBUG = False
SECRET_KEY = env.text("SECRET_KEY", "50 random characters or more", is_right=bool if TRIAL else environment.is_secret)
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS", default=[])
# Encrypts the secrets of second steps (members.factor_secrets).
MFA_KEY = env.text("MFA_KEY", "50 random characters or more", is_right=bool if TRIAL else environment.is_secret)
MFA_KEY_FALLBACKS = env.words("MFA_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.words(
    "ALLOWED_HOSTS",
    "the names that the portal answers to, such as portal.example",
    is_right=environment.is_host,
    trial=["localhost", "127.0.0.1", "[::1]"],
)
# Where people reach the portal; the links in mails start with it.
PORTAL_URL = env.text(
    "PORTAL_URL",
    "http://host:port, or leave TRIAL out" if TRIAL else "the address without a path, such as https://portal.example",
    is_right=partial(environment.is_web_address, schemes="http" if TRIAL else "https"),
    trial="http://localhost:8000",
).rstrip("/")
# How many proxies in front of us tell who asks (X-Forwarded-For) and by which protocol (X-Forwarded-Proto).
TRUSTED_PROXY_COUNT = env.number(
    "TRUSTED_PROXY_COUNT", "the number of proxies in front, usually 1; 0 when gunicorn itself ends TLS", trial=0
)
if TRIAL and TRUSTED_PROXY_COUNT:
    env.complain("TRIAL is wrong: a portal behind a proxy is no trial run; leave one of the two out.")

INSTALLED_APPS = [
    "partos_portal",
    "sessions_app",
    "integrity",
    "quality",
    "leerlijnen",
    "members",
    "core",
    "core.admin_config.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",  # allauth's list of passkeys loads it
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "crispy_forms",
    "crispy_bootstrap5",
]
MIDDLEWARE = [
    "partos_portal.watch.middleware.tell_of_each_request",
    "django.middleware.security.SecurityMiddleware",
    "core.middleware.compress_public_pages",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.middleware.content_security_policy",
    "core.middleware.permissions_policy",
    "core.middleware.keep_out_of_caches",
    "core.middleware.read_as_utf8",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "members.middleware.KnowTheSession",
    "django.contrib.messages.middleware.MessageMiddleware",
    "core.middleware.keep_what_was_typed",
    "members.middleware.require_second_factor_of_staff",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "members.middleware.ask_who_is_there",
    "members.middleware.SayThatAFormWasRefused",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]
ROOT_URLCONF = "partos_portal.urls"
WSGI_APPLICATION = "partos_portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.context.portal",
                "leerlijnen.context.colours",
            ],
            "builtins": ["core.templatetags.everywhere"],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

# Two databases: SQLite for the trial run, PostgreSQL for production. No ATOMIC_REQUESTS: on SQLite every request
# would take the write lock.
SQLITE_OPTIONS = {  # A writer locks before it reads, so that no read is ever upgraded under another's write.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
}
DATABASE_URL = env.address(
    "DATABASE_URL",
    "postgres://user:password@host:5432/name",
    "postgres postgresql psql pgsql sqlite" if TRIAL else "postgres postgresql psql pgsql",
    trial=f"sqlite:///{VAR_DIR}/portal.sqlite3",
)
DATABASES = {"default": environment.database(DATABASE_URL) | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}}
if DATABASE_URL.startswith("sqlite"):
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Two brokers: files for the trial run, Redis for production. The broker carries wake-ups and never state, so that
# nothing is lost with it. REDIS_URL is redis://… or unix:///path?db=0.
REDIS_URL = env.address("REDIS_URL", "redis://host:6379/0", "redis rediss unix", trial="")
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 3600,
        "unacked_restore_throttle": 1,
        "socket_timeout": 5,
        # A page that wakes the worker does not wait for a broker that is away.
        "max_retries": 1,
        "interval_start": 0,
    }
    CACHES = {
        name: {
            "BACKEND": f"core.cache.{kind}",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},  # seconds; a page waits no longer for it
        }
        for name, kind in {"default": "PatientRedisCache", "sessions": "ForgetfulRedisCache"}.items()
    }
    SESSION_CACHE_ALIAS = "sessions"
else:
    CELERY_BROKER_URL = "filesystem://localhost//"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(VAR_DIR / "broker"),
        "data_folder_out": str(VAR_DIR / "broker"),
        "control_folder": str(VAR_DIR / "broker-control"),
    }
    CACHES = {"default": {"BACKEND": "core.cache.PatientFileCache", "LOCATION": VAR_DIR / "cache"}}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Europe/Amsterdam"
# A task that waited longer than the next beat is superseded by it.
CELERY_BEAT_SCHEDULE = {
    name: {"task": name, "schedule": seconds, "options": {"expires": seconds}}
    for name, seconds in {
        "core.tick": 60.0,
        "core.deliver_mail": 60.0,
        "members.make_digests": 60.0,
        "members.forget_last_mails": 3600.0,
        "members.end_memberships": 60.0,
        "members.answer_requests": 3600.0,
        "leerlijnen.answer_requests": 3600.0,
        "sessions_app.queue_reminders": 60.0,
        "sessions_app.close_registrations": 60.0,
        "sessions_app.release_seats": 60.0,
        "sessions_app.expire_offers": 60.0,
        "sessions_app.answer_requests": 60.0,
        "sessions_app.queue_deadlines": 3600.0,
        "sessions_app.forget_dialogues": 60.0,
        "quality.queue_reminders": 3600.0,
        "integrity.queue_reminders": 3600.0,
    }.items()
}
# Each night; a night that was missed is made up for when beat comes back.
CELERY_BEAT_SCHEDULE["partos_portal.retain"] = {
    "task": "partos_portal.retain",
    "schedule": crontab(hour="3", minute="40"),
    "options": {"expires": 6 * 3600.0},
}
CELERY_BEAT_SCHEDULER = "partos_portal.beat:CarefulScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 60  # seconds, after which it finds at the latest that the clock was set back
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")

# Mail. EMAIL_URL is smtp://, smtp+tls:// or smtp+ssl://user:password@host:port; without it mail lands in var/mail.
EMAIL_URL = env.address("EMAIL_URL", "smtp+tls://user:password@host:587", "smtp smtps smtp+tls smtp+ssl", trial="")
if EMAIL_URL:
    vars().update(environment.mail_server(EMAIL_URL))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_TIMEOUT = 5  # seconds; a login code waits for nobody longer
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text(
    "DEFAULT_FROM_EMAIL",
    "the sender of all mail, such as Netwerk en Leren <portaal@portal.example>",
    is_right=environment.is_sender,
    trial="Netwerk en Leren <portaal@localhost>",
)
# A claimed mail that was not sent within this many seconds belongs to a worker that died.
MAIL_LEASE_SECONDS = env.number("MAIL_LEASE_SECONDS", default=300)
# A mail that is older than 15 minutes is late, as /healthz tells it (partos_portal.watch.views).
MAIL_UNDO_MINUTES = env.number("MAIL_UNDO_MINUTES", "a number from 0 to 14", below=15, default=5)

# People
AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "members.passwords.LengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "members.passwords.CommonValidator"},
    {"NAME": "members.passwords.SimilarityValidator"},
    {"NAME": "members.passwords.KnownWordsValidator"},
]
LOGIN_URL = "account_request_login_code"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "members.adapter.PortalAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_SIGNUP_FORM_CLASS = "members.forms.signup.SignupDetails"
ACCOUNT_FORMS = {
    "login": "members.forms.sign_in.PasswordLoginForm",
    "signup": "members.forms.sign_in.SignupForm",
    "add_email": "members.forms.sign_in.AddEmailForm",
    "change_email": "members.forms.sign_in.ChangeEmailForm",
    "request_login_code": "members.forms.sign_in.RequestLoginCodeForm",
    "reset_password": "members.forms.sign_in.ResetPasswordForm",
    "reset_password_from_key": "members.forms.sign_in.ResetPasswordKeyForm",
    "set_password": "members.forms.sign_in.SetPasswordForm",
    "change_password": "members.forms.sign_in.ChangePasswordForm",
    "confirm_login_code": "members.forms.codes.ConfirmLoginCodeForm",
    "confirm_email_verification_code": "members.forms.codes.ConfirmEmailVerificationCodeForm",
    "confirm_password_reset_code": "members.forms.codes.ConfirmPasswordResetCodeForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CHANGE_EMAIL = True  # one address an account, changed once the new one is verified
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# How often anybody can make the portal mail an address; counted in the cache, which all processes share.
ACCOUNT_RATE_LIMITS = {
    "mail_to_stranger": "10/d/key",  # nobody confirmed that it is theirs
    "mail_to_known": "30/d/key",  # from one computer, so that a stranger elsewhere keeps nobody from signing in
}
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60  # seconds; members.reauthentication
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http" if TRIAL else "https"
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
MFA_ADAPTER = "members.factor_secrets.EncryptingMFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "members.forms.sign_in.AuthenticateForm",
    "reauthenticate": "members.forms.sign_in.ReauthenticateForm",
    "activate_totp": "members.forms.sign_in.ActivateTOTPForm",
    "add_webauthn": "members.forms.sign_in.AddPasskeyForm",
    "login_webauthn": "members.forms.sign_in.LoginByPasskeyForm",
    "authenticate_webauthn": "members.forms.sign_in.AuthenticateByPasskeyForm",
    "reauthenticate_webauthn": "members.forms.sign_in.ReauthenticateByPasskeyForm",
    "edit_webauthn": "members.forms.sign_in.RenamePasskeyForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Netwerk en Leren"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = TRIAL
USERSESSIONS_TRACK_ACTIVITY = False

# Language, time, static files
LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", _("Dutch")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["partos_portal.formats"]
TIME_ZONE = "Europe/Amsterdam"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", default=str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = VAR_DIR / "media"
if TRIAL:
    FILE_UPLOAD_PERMISSIONS = None  # as the umask says: for the owner only (script/lib/trial.py)

# Security
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not TRIAL
# By its name a browser takes such a cookie from this very host over HTTPS, and from no other host below the domain.
HOST_ONLY = "" if TRIAL else "__Host-"
SESSION_COOKIE_NAME = f"{HOST_ONLY}sessionid"
CSRF_COOKIE_NAME = f"{HOST_ONLY}csrftoken"
LANGUAGE_COOKIE_NAME = f"{HOST_ONLY}django_language"
MESSAGE_COOKIE_NAME = f"{HOST_ONLY}messages"
MESSAGE_STORAGE = "core.messages.Messages"
CSRF_FAILURE_VIEW = "core.views.csrf_failure"
SECURE_SSL_REDIRECT = env.boolean("SECURE_SSL_REDIRECT", default=not TRIAL)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 0 if TRIAL else env.number("SECURE_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not TRIAL
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# The name and shape of Django 6.0's own setting, so that its middleware can take over later.
SECURE_CSP = {
    "default-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}
# What our pages never ask of a device; passkeys are for the portal itself.
PERMISSIONS_POLICY = {
    **dict.fromkeys(["accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer"], ""),
    **dict.fromkeys(["microphone", "midi", "payment", "usb"], ""),
    **dict.fromkeys(["publickey-credentials-create", "publickey-credentials-get"], "self"),
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

# Pages of which neither log nor numbers tell anything, because who opened them when is nobody's business: where one can
# report or find support, whatever has a mailed link or an address of its own, what one needs of access and food, and
# one's own data. The stylesheet of the lines goes with each page. nginx has those that a first word tells.
QUIET_PATHS = [
    *("integriteit", "kwaliteit", "uitnodiging", "genodigd", "plaats", "mail"),
    *(r"mijn-agenda/[^/]+\.ics", r"leerlijnen/kleuren\.css"),
    *(r"bijeenkomsten/\d+/toegang-en-eten", "profiel/gegevens", "profiel/sluiten"),
]

# Logs, numbers, errors. LOG_FORMAT is line or json; /metrics is there only with METRICS_TOKEN.
LEVELS = "DEBUG, INFO, WARNING, ERROR or CRITICAL"
LOGGING = logs.configuration(
    form=env.text("LOG_FORMAT", "line or json", is_right=["line", "json"].__contains__, default="line"),
    level=env.text("LOG_LEVEL", LEVELS, is_right=re.findall(r"[A-Z]+", LEVELS).__contains__, default="INFO"),
    is_trial=TRIAL,
)
METRICS_TOKEN = env.text(
    "METRICS_TOKEN", "20 random characters or more", is_right=lambda token: len(token) >= 20, default=""
)
SENTRY_DSN = env.address("SENTRY_DSN", "https://key@host/number", "https http", default="")

env.refuse()
if SENTRY_DSN:
    from partos_portal.watch import sentry

    sentry.start(SENTRY_DSN)
