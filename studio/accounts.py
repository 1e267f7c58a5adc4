"""How allauth behaves here: nobody signs up alone; people come by the welcome page or an invitation."""

from __future__ import annotations

from urllib.parse import urlsplit

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest
from django.urls import reverse
from qrcode.image.svg import SvgPathFillImage

from studio import keys
from studio.models import User

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class Adapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("settings")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link of the reset e-mail, never built from a Host header that a stranger chose."""
        url = super().get_reset_password_from_key_url(key)
        return settings.PUBLIC_URL + urlsplit(url).path if settings.PUBLIC_URL else url


class MfaAdapter(DefaultMFAAdapter):
    """Keeps the secrets of authenticator apps encrypted, with the keys that guard provider keys."""

    def build_totp_svg(self, url: str) -> str:
        # Cameras need dark on light, whatever the theme.
        drawn = qrcode.make(url, image_factory=SvgPathFillImage)
        return drawn.to_string(encoding="unicode")

    def encrypt(self, text: str) -> str:
        return keys.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return keys.decrypt(encrypted_text)


def sign_in(request: HttpRequest, user: User) -> None:
    """Sign in somebody who has just chosen a password. The session gets a new key, as after any sign-in."""
    login(request, user, backend=BACKEND)
    record_authentication(request, user, method="password", email=user.email)


def mail_is_printed() -> bool:
    """Whether e-mail only appears in the console of the studio's process."""
    return settings.EMAIL_BACKEND.endswith(".console.EmailBackend")
