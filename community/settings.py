"""Every setting, read from the environment. The README lists them with defaults."""

import ssl
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from redis.backoff import NoBackoff
from redis.retry import Retry

from community import embedded
from community.lib import buckets, embeds, env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))

# Safety ------------------------------------------------------------------------

# There is no "local" mode here: `make run` lends its own machine the same settings
# that a server is given (see local.py), so what runs at home runs in production.
DEBUG = env.flag("DEBUG")
DEVELOPMENT_KEY = "only-for-development-" + "x" * 40
SECRET_KEY = env.text("SECRET_KEY", DEVELOPMENT_KEY if DEBUG else "")
if len(SECRET_KEY) < 50 or (SECRET_KEY == DEVELOPMENT_KEY and not DEBUG):
    raise ImproperlyConfigured(
        "Set SECRET_KEY to at least 50 random characters, or DEBUG=1 on your own "
        "machine. To make one: python -c 'import secrets; "
        "print(secrets.token_urlsafe(50))'"
    )

# Personal facts are sealed with the first of these, and opened with any of them.
# None given, with a key made of SECRET_KEY, which must then never change.
FIELD_KEYS = env.words("FIELD_KEYS")

# The chain of the staff's acts is made with it; none given, with one of SECRET_KEY.
AUDIT_KEY = env.text("AUDIT_KEY")

# Backups are encrypted with it; without one none are made.
BACKUP_KEY = env.text("BACKUP_KEY")

# Crash pages with DEBUG show no values.
DEFAULT_EXCEPTION_REPORTER = "community.error_reports.Report"
DEFAULT_EXCEPTION_REPORTER_FILTER = "community.error_reports.ReportFilter"

ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "*" if DEBUG else "")
if not ALLOWED_HOSTS or ("*" in ALLOWED_HOSTS and not DEBUG):
    raise ImproperlyConfigured("Set ALLOWED_HOSTS to the names of the site.")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
HTTPS = env.flag("HTTPS", not DEBUG)
# Where members reach the site: for links in mails and for what gateways call back.
SITE_URL = env.text(
    "SITE_URL",
    f"{'https' if HTTPS else 'http'}://{ALLOWED_HOSTS[0].replace('*', 'localhost')}",
).rstrip("/")

SECURE_SSL_REDIRECT = HTTPS
# A load balancer asks by plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
# Believed only from the proxy in front, which must set it itself (see deploy/).
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
# How many proxies add to X-Forwarded-For: rate limits count by the address it gives.
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXIES", 1 if HTTPS else 0)
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
if HTTPS:  # browsers take cookies of such names from this host alone
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
CSRF_FAILURE_VIEW = "community.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"

# Other sites that people may sign in with: those that have an id and a secret here.
SOCIAL = {
    name: {"client_id": client_id, "secret": env.text(f"SOCIAL_{name.upper()}_SECRET")}
    for name in ("google", "github", "weixin")
    if (client_id := env.text(f"SOCIAL_{name.upper()}_ID"))
}

# The ways to pay. "test" takes no real money: only on one's own machine by default.
PAYMENT_GATEWAYS = env.words("PAYMENT_GATEWAYS", "" if HTTPS else "test")

HOSTS = {
    "google": ["https://accounts.google.com"],
    "github": ["https://github.com"],
    "weixin": ["https://open.weixin.qq.com"],
    "stripe": ["https://checkout.stripe.com"],
    "alipay": ["https://*.alipay.com", "https://*.alipaydev.com"],
    "wechat": ["https://wx.tenpay.com"],
}
ELSEWHERE = [name for name in (*SOCIAL, *PAYMENT_GATEWAYS) if name in HOSTS]

# Uploads lie in a bucket of S3, or of what speaks like it, once one is named.
BUCKET = buckets.Bucket(
    name=env.text("S3_BUCKET"),
    endpoint=env.text("S3_ENDPOINT"),
    region=env.text("S3_REGION", "us-east-1"),
    access_key=env.text("S3_ACCESS_KEY"),
    secret_key=env.text("S3_SECRET_KEY"),
)

# Servers of one's own for live events: of films and streams, or of Jitsi.
LIVE_HOSTS = env.words("LIVE_HOSTS")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF, *buckets.origins(BUCKET)],
        "frame-src": embeds.HOSTS,  # after a reader has pressed play
        "object-src": [NONE],
        "base-uri": [SELF],
        # A form may lead on to where one signs in or pays: browsers count that in.
        "form-action": [SELF, *(host for name in ELSEWHERE for host in HOSTS[name])],
        "frame-ancestors": [NONE],
    }
}

# The house ---------------------------------------------------------------------

INSTALLED_APPS = [
    "community",
    "recommend",
    "analytics",
    "incentives",
    "content",
    "accounts",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "django.contrib.sites",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    *(f"allauth.socialaccount.providers.{name}" for name in SOCIAL),
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "taggit",
    "template_partials",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "community.middleware.content_policy",
    "community.middleware.no_null_characters",
    "content.middleware.rooms_answer_at_once",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.MemberLocaleMiddleware",
    "accounts.middleware.pages_are_private",
    "accounts.middleware.the_removed_are_visitors",
    "accounts.middleware.visitors_upload_nothing",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.desk_needs_second_factor",
    "django_htmx.middleware.HtmxMiddleware",
    "community.middleware.drafts_are_receipted",
]

ROOT_URLCONF = "community.urls"
WSGI_APPLICATION = "community.wsgi.application"
SITE_ID = 1

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
                "community.context.site",
            ],
        },
    }
]

# Data --------------------------------------------------------------------------

DATABASE_URL = env.text("DATABASE_URL") or embedded.database_url(VAR_DIR)
REDIS_URL = env.text("REDIS_URL") or embedded.redis_url(VAR_DIR)
# Connections to other machines must be encrypted, unless the network is one's own.
PLAINTEXT_OK = env.flag("PLAINTEXT_OK")

DATABASES = {
    "default": dj_database_url.parse(
        DATABASE_URL,
        engine="community.database",
        conn_max_age=600,
        conn_health_checks=True,
    )
}
# A machine that is gone must not hold up a page for minutes.
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "community.lib.caches.Cache",
        "LOCATION": REDIS_URL,
        # Without Redis pages are slower, not broken: sessions fall back to Postgres,
        # limits on guessing to the memory of each process.
        "OPTIONS": {
            "IGNORE_EXCEPTIONS": True,
            "SOCKET_CONNECT_TIMEOUT": 1,
            "SOCKET_TIMEOUT": 1,
            # The client's own retries sleep for seconds.
            "CONNECTION_POOL_KWARGS": {"retry": Retry(NoBackoff(), 1)},
        },
        "KEY_PREFIX": "zhiqun",
    },
    # Drawn, 100 kB each: in Redis they would push out sessions and counts.
    "pictures": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": VAR_DIR / "pictures",
        "OPTIONS": {"MAX_ENTRIES": 2000},
    },
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

# Celery has its own words for a Redis on a Unix socket.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace(
    "?db=", "?virtual_host="
)
if REDIS_URL.startswith("rediss:"):
    CELERY_BROKER_USE_SSL = {"ssl_cert_reqs": ssl.CERT_REQUIRED}
CELERY_TASK_IGNORE_RESULT = True
# A task is done when it has run, not when it was fetched: killed, it comes again.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Longer than any task, or a slow one would be handed out a second time.
CELERY_TASK_TIME_LIMIT = 5 * 3600
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 6 * 3600,
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
}
# A page that asks for a task waits a moment for Redis, then goes on without it.
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0.1,
    "interval_max": 0.1,
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {"accounts.tasks.deliver_*": {"queue": "mail"}}
CELERY_TASK_ALWAYS_EAGER = env.flag("CELERY_TASK_ALWAYS_EAGER")

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(VAR_DIR / "media")))
MEDIA_URL = "/media/"
# Large files while they come; private, and on the disk where uploads lie they are
# moved and not copied.
UPLOADS_DIR = VAR_DIR / "uploads"
# What the files of one author's work may take before it is let in for the first time.
MEMBER_DRAFTS_MB = env.number("MEMBER_DRAFTS_MB", 1024)
MENTOR_DRAFTS_MB = env.number("MENTOR_DRAFTS_MB", 20 * 1024)
BACKUP_DIR = Path(env.text("BACKUP_DIR", str(VAR_DIR / "backups")))
BACKUPS_KEPT = env.number("BACKUPS_KEPT", 7)
# nginx sends the files itself (see deploy/); without it we do.
X_ACCEL = env.flag("X_ACCEL")
ON_DISK = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
STORAGES = {
    "default": buckets.storage(BUCKET) if BUCKET.name else ON_DISK,
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not DEBUG
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# People ------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.MemberBackend"]
_VALIDATORS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATORS}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATORS}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATORS}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATORS}.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"signup": "accounts.forms.consent.SignUpForm"}
SOCIALACCOUNT_FORMS = {"signup": "accounts.forms.consent.SocialSignUpForm"}
# Name and consents are asked first. An e-mail that has an account is not taken over.
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_PROVIDERS = {name: {"APPS": [app]} for name, app in SOCIAL.items()}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # on one's own machine
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
# The desk opens only to staff with a second factor.
STAFF_NEEDS_MFA = env.flag("STAFF_NEEDS_MFA", HTTPS)
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
# A session left open is not enough to take the account by another e-mail address.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
# Added to allauth's own: the codes of gifts and invitations, and feedback.
ACCOUNT_RATE_LIMITS = {"redeem_code": "10/m/user", "feedback": "10/h/ip"}

# Ways to pay: each needs its settings only where it is offered ------------------

STRIPE_SECRET_KEY = env.text("STRIPE_SECRET_KEY")
STRIPE_WEBHOOK_SECRET = env.text("STRIPE_WEBHOOK_SECRET")
STRIPE_API_BASE = env.text("STRIPE_API_BASE", "https://api.stripe.com")

ALIPAY_APP_ID = env.text("ALIPAY_APP_ID")
ALIPAY_SELLER_ID = env.text("ALIPAY_SELLER_ID")
ALIPAY_PRIVATE_KEY = env.text("ALIPAY_PRIVATE_KEY")  # ours
ALIPAY_PUBLIC_KEY = env.text("ALIPAY_PUBLIC_KEY")  # theirs
ALIPAY_GATEWAY = env.text("ALIPAY_GATEWAY", "https://openapi.alipay.com/gateway.do")

WECHAT_MCHID = env.text("WECHAT_MCHID")
WECHAT_APPID = env.text("WECHAT_APPID")
WECHAT_PRIVATE_KEY = env.text("WECHAT_PRIVATE_KEY")  # ours
WECHAT_CERT_SERIAL = env.text("WECHAT_CERT_SERIAL")
WECHAT_APIV3_KEY = env.text("WECHAT_APIV3_KEY")
# Theirs. Without both, their certificates are fetched instead.
WECHAT_PUBLIC_KEY = env.text("WECHAT_PUBLIC_KEY")
WECHAT_PUBLIC_KEY_ID = env.text("WECHAT_PUBLIC_KEY_ID")

# Language and time -------------------------------------------------------------

LANGUAGE_CODE = env.text("LANGUAGE_CODE", "en")
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["community.formats"]
TAGGIT_CASE_INSENSITIVE = True  # a tag is one in any case: an index holds it
TIME_ZONE = env.text("TIME_ZONE", "Asia/Shanghai")
USE_TZ = True

# Mail --------------------------------------------------------------------------

EMAIL_BACKEND = env.text(
    "EMAIL_BACKEND",
    f"django.core.mail.backends.{'filebased' if DEBUG else 'smtp'}.EmailBackend",
)
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.number("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS")
EMAIL_TIMEOUT = env.number("EMAIL_TIMEOUT", 60)
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "zhiqun@localhost")
# Where robots may post to beside the services' own hosts, as https://chat.example.org.
ROBOT_HOSTS = env.words("ROBOT_HOSTS")
# A mailbox that takes name+anything: mails come back there, see `read_bounces`.
BOUNCE_ADDRESS = env.text("BOUNCE_ADDRESS")

# The admin ------------------------------------------------------------------------

UNFOLD = {
    "SITE_TITLE": "community.sidebar.site_title",
    "SITE_HEADER": "community.sidebar.site_title",
    "SITE_URL": "/",
    "SITE_SYMBOL": "auto_stories",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": "community.sidebar.favicon"}
    ],
    "STYLES": ["community.sidebar.stylesheet"],
    "DASHBOARD_CALLBACK": "community.today.dashboard",
    "SIDEBAR": {"show_search": True, "navigation": "community.sidebar.navigation"},
    "BORDER_RADIUS": "6px",
    # Paper, ink and seal of static/css/tokens.css, as the theme's two scales.
    "COLORS": {
        "base": {
            "50": "#fbfaf7",
            "100": "#f3f0e8",
            "200": "#e5e0d4",
            "300": "#cfc8b8",
            "400": "#a39b89",
            "500": "#6f6858",
            "600": "#5c5648",
            "700": "#48433a",
            "800": "#312d26",
            "900": "#1d1b17",
            "950": "#141310",
        },
        "primary": {
            "50": "#fdf4f1",
            "100": "#f9e8e2",
            "200": "#f3cfc3",
            "300": "#ecaa97",
            "400": "#f0806a",
            "500": "#d4553b",
            "600": "#b8321a",
            "700": "#9a2813",
            "800": "#7c2112",
            "900": "#611c11",
            "950": "#370d07",
        },
    },
}

# Log -----------------------------------------------------------------------------

# One line each to the standard output: whatever runs the processes keeps it.
# LOG_FORMAT=json makes each line an object, for machines that collect them.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {
            "()": "community.lib.logs.TextFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        },
        "json": {"()": "community.lib.logs.JsonFormatter"},
    },
    "filters": {"one_line": {"()": "community.lib.logs.OneLine"}},
    "handlers": {
        "stdout": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": env.text("LOG_FORMAT", "text"),
        }
    },
    "root": {"handlers": ["stdout"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        # Django's own handler would mail each error with the form's data in it.
        "django": {"handlers": [], "propagate": True},
        "django.request": {"filters": ["one_line"]},
        # Which task ran is noise; what failed is not.
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        # It repeats what Stripe says of a person's card.
        "stripe": {"level": "WARNING"},
    },
}
