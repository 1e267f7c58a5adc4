from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from .base import Coded
from .people import Connection, Team


class Task(Coded):
    """One request to a provider and all we know of its progress. Only `studio.work` changes its status."""

    class Status(models.TextChoices):
        AWAITING_APPROVAL = "awaiting_approval", "Awaiting approval"
        QUEUED = "queued", "Queued"
        SUBMITTING = "submitting", "Sending"
        RUNNING = "running", "Creating"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        UNCONFIRMED = "unconfirmed", "Unconfirmed"
        CANCELLED = "cancelled", "Cancelled"

    OPEN = (Status.AWAITING_APPROVAL, Status.QUEUED, Status.SUBMITTING, Status.RUNNING)

    team = models.ForeignKey(Team, models.CASCADE, related_name="tasks")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="tasks")
    connection = models.ForeignKey(Connection, models.PROTECT, related_name="tasks")
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="retries")
    operation = models.CharField(
        max_length=60, help_text="A name from the registry, such as sonic.create_music."
    )
    recipe = models.JSONField(help_text="The complete, versioned set of parameters that the person gave.")
    payload = models.JSONField(help_text="The request body as it goes over the wire.")
    form_token = models.CharField(max_length=64, help_text="The same form sent twice gives the first task.")
    price_credits = models.PositiveIntegerField(help_text="What was quoted and held.")

    status = models.CharField(max_length=20, choices=Status, default=Status.QUEUED)
    remote_id = models.CharField(max_length=120, null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0, help_text="Attempts of the step it is in.")
    due_at = models.DateTimeField(default=timezone.now, help_text="When the ticker rings for it next.")
    lease_until = models.DateTimeField(null=True, blank=True, help_text="Whose step it is, until then.")
    deadline_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    problem_kind = models.CharField(max_length=40, blank=True)
    problem_text = models.TextField(blank=True, help_text="For the musician: what happened and what to do.")
    result = models.JSONField(
        null=True, blank=True, help_text="What was asked for, where it is no file: drafts, tags, tempo …"
    )
    source = models.ForeignKey(
        "Clip", models.SET_NULL, null=True, blank=True, related_name="tasks", help_text="The clip it is of."
    )
    answer = models.TextField(blank=True, help_text="The provider's latest answer as it came, for support.")
    needs_person = models.BooleanField(default=False, help_text="An admin has to look at its credits.")

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["team", "form_token"], name="one_task_per_form_token"),
            models.UniqueConstraint(
                fields=["connection", "remote_id"],
                condition=models.Q(remote_id__isnull=False),
                name="one_task_per_remote_id",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "due_at"], name="task_due"),
            models.Index(fields=["team", "-created_at"], name="task_of_team"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.code}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def values(self) -> dict[str, object]:
        return self.recipe.get("values", {})


class Recipe(Coded):
    """A recipe that somebody kept under a name."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="recipes")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="recipes")
    name = models.CharField(max_length=120)
    operation = models.CharField(max_length=60)
    content = models.JSONField(help_text="As Task.recipe.")
    is_shared = models.BooleanField(default=False, help_text="Seen by the whole team, not only by its maker.")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["team", "person", "name"], name="one_recipe_per_person_and_name")
        ]

    def __str__(self) -> str:
        return self.name


class Draft(models.Model):
    """What a person has typed into an operation's form and not yet sent."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts")
    operation = models.CharField(max_length=60)
    values = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "user", "operation"], name="one_draft_per_person_and_operation"
            )
        ]

    def __str__(self) -> str:
        return f"draft of {self.user} for {self.operation}"


class Beat(models.Model):
    """A heartbeat of a long-lived process: the worker's fence, the ticker, the render queue."""

    name = models.CharField(max_length=60, unique=True)
    beat_at = models.DateTimeField()
    details = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.name
