"""All configuration, read from the environment in one place. README.md has the table of variables."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from cryptography.fernet import Fernet
from csp.constants import NONCE, NONE, SELF

from studio import env

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var"))).resolve()
# The engine knows nothing of Django; it reads this where every program does.
os.environ["PACKS_DIR"] = env.text("PACKS_DIR", str(DATA_DIR / "packs"))
HOST = env.text("HOST", "127.0.0.1")
PORT = env.number("PORT", 8000)
PUBLIC_URL = env.text("PUBLIC_URL").rstrip("/")
IS_LOOPBACK = HOST in {"127.0.0.1", "localhost", "::1"}
IS_HTTPS = PUBLIC_URL.startswith("https://")
REDIS_URL = env.text("REDIS_URL")

DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.kept_secret("SECRET_KEY", DATA_DIR / "keys")
# Newest first; older ones only decrypt, so a key is rotated by putting a new one in front.
ENCRYPTION_KEYS = env.kept_secret(
    "ENCRYPTION_KEYS", DATA_DIR / "keys", make=lambda: Fernet.generate_key().decode()
).split(",")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS") or [
    "localhost",
    "127.0.0.1",
    "[::1]",
    *([HOST] if HOST not in {"0.0.0.0", "::"} else ["*"] if not PUBLIC_URL else []),  # noqa: S104
    *([urlsplit(PUBLIC_URL).hostname or ""] if PUBLIC_URL else []),
]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_q",
    "studio",
    "studio.offline",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "studio.middleware.CompressPages",
    "csp.middleware.CSPMiddleware",
    "studio.middleware.refuse_huge_bodies",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "studio.middleware.keep_fragments_from_sign_in",
    "allauth.account.middleware.AccountMiddleware",
    "studio.middleware.current_team",
]

ROOT_URLCONF = "studio.urls"
WSGI_APPLICATION = "studio.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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
                "studio.views.context.shell",
            ],
            "builtins": ["studio.templatetags.studio"],
        },
    }
]

# --- database: one file by default, measured settings for SQLite -------------------------------

DATABASES = {
    "default": environ.Env.db_url_config(env.text("DATABASE_URL", f"sqlite:///{DATA_DIR}/ostinato.sqlite3"))
}
DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # DEFERRED transactions cannot be upgraded while another writer works: "database is locked".
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA cache_size=-16000;"
            "PRAGMA mmap_size=134217728;PRAGMA journal_size_limit=27103364;"
        ),
    }

# Sign-in limits are counted in the cache, so every process has to see the same one.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "studio_cache"},
    # The queue would write its own status every second; our heartbeats say more.
    "queue": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}

# --- people -----------------------------------------------------------------------------------

AUTH_USER_MODEL = "studio.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "studio.accounts.Adapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Ostinato: "
ACCOUNT_SESSION_REMEMBER = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Ostinato"
MFA_ADAPTER = "studio.accounts.MfaAdapter"
vars().update(environ.Env.email_url_config(env.text("EMAIL_URL", "consolemail://")))
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "Ostinato <studio@localhost>")
INVITATION_DAYS = 14

# --- files ------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_MIMETYPES = {".webmanifest": "application/manifest+json"}
# The vault's bytes; any Django storage class will do.
STORAGES: dict[str, Any] = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "vault"},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "studio.assets.StudioStatic"
    },
}
FILE_UPLOAD_TEMP_DIR = None
MAX_BODY_BYTES = 2_500_000
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
MAX_AUDIO_BYTES = env.number("MAX_AUDIO_MB", 200) * 1_000_000

# --- work -------------------------------------------------------------------------------------

QUEUE_WORKERS = env.number("QUEUE_WORKERS", 4)
RENDER_WORKERS = env.number("RENDER_WORKERS", min(os.cpu_count() or 1, 4))
WEB_WORKERS = env.number("WEB_WORKERS", min(os.cpu_count() or 1, 4))
WEB_THREADS = env.number("WEB_THREADS", 4)
Q_CLUSTER: dict[str, Any] = {
    "name": "studio",  # also the signing salt: the same on every machine
    "workers": QUEUE_WORKERS,
    "timeout": 300,  # above every HTTP time limit, with room for two downloads and their measuring
    "retry": 1500,  # > timeout x (2 + ceil((queue_limit + bulk) / workers)); only a safety net
    "queue_limit": 1,
    "bulk": 1,
    "ack_failures": True,  # a retry is our decision, per error, never the queue's
    "max_attempts": 1,
    "save_limit": -1,
    "poll": 0.2,
    "guard_cycle": 1,
    "recycle": 500,
    "max_rss": 500_000,
    "catch_up": False,
    "scheduler": False,  # the ticker does all timing
    "label": "Queue (plumbing)",
    "cache": "queue",
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
    "ALT_CLUSTERS": {
        # Renders are long and busy; in a queue of their own they never hold up a status poll.
        "render": {
            "workers": RENDER_WORKERS,
            "timeout": 900,
            "retry": 4000,
            "recycle": 20,
            "max_rss": 1_500_000,
            "queue_limit": 1,
            "bulk": 1,
        }
    },
}

# Longer than any request can take, an upload's 185 s included (to connect 5, to be answered 120, to read 60),
# and shorter than a job may. Whoever lets this lease run out is dead, and nobody knows what was sent.
SUBMIT_LEASE_S = 240
# Least seconds between two requests that cost credits on one connection: what the standard plan is granted.
SUBMIT_SPACING_S = env.number("SUBMIT_SPACING_S", 3)
# A look that takes longer is joined by a second one, which does no harm.
REFRESH_LEASE_S = 150
SUBMIT_TRIES = 8
TASK_DEADLINE_S = 3600
# Imported by a cluster before it forks its workers, so that they share the memory and none pays for it again.
WORKER_IMPORTS = {
    "studio": ("studio.work.jobs", "studio.offline.planning"),
    "render": ("studio.offline.jobs",),
}
# A queue that lets an empty job wait for longer while a worker is idle has frozen, and is replaced.
WATCHDOG_S = 20
WORKER_START_S = 40  # before its first sign of life: a loaded machine needs time to import everything
# Least and most seconds between two looks at a running task; remote providers advise 15 to 25.
POLL_S = (15.0, 25.0)
OFFLINE_POLL_S = (0.6, 0.8)

# --- providers --------------------------------------------------------------------------------

# on, off, or auto: answer other programs over HTTP only where the studio is for this machine alone. (With a
# PUBLIC_URL, a proxy in front makes loopback public.)
OFFLINE_HTTP = env.text("OFFLINE_HTTP", "auto")
OFFLINE_HTTP_IS_ON = OFFLINE_HTTP == "on" or (OFFLINE_HTTP == "auto" and IS_LOOPBACK and not PUBLIC_URL)
# Whether addresses of recordings and webhooks may lead into our own network.
FETCH_PRIVATE = env.flag("FETCH_PRIVATE", default=False)
# In which of the documented forms the offline provider answers polls: p3, p1 or p2; data or handledData.
OFFLINE_PRODUCER_DIALECT = "p3"
OFFLINE_STUDIO_SHAPE = "data"
OFFLINE_FIRST_CREDITS = env.number("OFFLINE_CREDITS", 1000)

# --- safety -----------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
CSRF_FAILURE_VIEW = "studio.views.home.stale_page"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 60
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
if IS_HTTPS:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = env.flag("SSL_REDIRECT", default=True)
    # Whoever asks for it is on this machine or in front of it, and takes a redirect for a failure.
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env.number("HSTS_SECONDS", 60 * 60 * 24 * 365)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True

# --- the rest ---------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
TIME_ZONE = env.text("TIME_ZONE", "UTC")
USE_I18N = False
USE_TZ = True
USE_THOUSAND_SEPARATOR = False
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname:<7} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "WARNING")},
    "loggers": {
        "studio": {"level": env.text("LOG_LEVEL", "INFO")},
        "django-q": {"handlers": ["console"], "level": "ERROR", "propagate": False},
    },
}
