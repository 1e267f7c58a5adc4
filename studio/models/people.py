from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from .base import Coded


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin, Coded):
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=80)
    is_staff = models.BooleanField(default=False, help_text="May open the Django admin of this studio.")
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_user_per_email")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        letters = [word[0] for word in (self.name or self.email).split()[:2]]
        return "".join(letters).upper()


class Team(Coded):
    name = models.CharField(max_length=80)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="teams")

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a member may do; each role may all that the ones below it may."""

    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    MEMBER = "member", "Member"
    VIEWER = "viewer", "Viewer"

    @property
    def may_write(self) -> bool:
        return self is not Role.VIEWER

    @property
    def may_administer(self) -> bool:
        return self in {Role.OWNER, Role.ADMIN}

    @property
    def says(self) -> str:
        return {
            Role.OWNER: "Everything, including members, connections and ownership",
            Role.ADMIN: "Members, connections and credits",
            Role.MEMBER: "Creates and changes clips",
            Role.VIEWER: "Listens and reads",
        }[self]


class Membership(Coded):
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="one_membership_per_person")]
        ordering = ["created_at"]

    def __str__(self) -> str:
        return f"{self.user} in {self.team} ({self.role})"

    @property
    def may_write(self) -> bool:
        return Role(self.role).may_write

    @property
    def may_administer(self) -> bool:
        return Role(self.role).may_administer


class Invitation(Coded):
    """A link that makes whoever opens it a member. Only the token's hash is kept."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=8, choices=Role, default=Role.MEMBER)
    email = models.EmailField(blank=True, help_text="Only a reminder of whom the link was made for.")
    token_hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"invitation to {self.team} as {self.role}"

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.revoked_at is None and timezone.now() < self.expires_at


class Connection(Coded):
    """A team's account with one provider. The key is readable by `work.providers` alone."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="connections")
    name = models.CharField(max_length=60)
    base_url = models.CharField(max_length=300)
    is_offline = models.BooleanField(
        default=False, help_text="Answered by the offline provider, in this process."
    )
    is_default = models.BooleanField(default=False)
    key_encrypted = models.TextField(editable=False)
    key_last4 = models.CharField(max_length=4, editable=False)
    checked_at = models.DateTimeField(null=True, blank=True)
    remote_credits = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True, help_text="Why the last check failed, in words.")
    sent_at = models.DateTimeField(
        null=True, blank=True, help_text="When a task was last sent there; providers want them spaced."
    )
    retired_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["team"], condition=models.Q(is_default=True), name="one_default_connection_per_team"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.team}"

    @property
    def host(self) -> str:
        """The registry's word for this provider: prices and availability are kept by host."""
        if self.is_offline:
            return "offline"
        return self.base_url.split("//", 1)[-1].split("/", 1)[0].lower()


class OperationState(models.Model):
    """What is known of an operation at a connection besides the registry: its host's 410, an admin's word."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="operation_states")
    operation = models.CharField(max_length=60)
    status = models.CharField(max_length=12, help_text="A status of the registry, such as retired.")
    reason = models.CharField(max_length=300, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The admin who said so; empty = the host did.",
    )
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "operation"], name="one_state_per_connection_and_operation"
            )
        ]

    def __str__(self) -> str:
        return f"{self.operation} at {self.connection}: {self.status}"
