"""The offline provider's own books: who may call, what was asked, what was rendered."""

from __future__ import annotations

import secrets
import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils import timezone


class Account(models.Model):
    """One key and its credits. Only the hash of the key is kept."""

    name = models.CharField(max_length=120)
    key_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the key, in hexadecimal.")
    key_last4 = models.CharField(max_length=4)
    credits = models.PositiveIntegerField(default=0)
    extra_credits = models.PositiveIntegerField(default=0, help_text="Spent before the others.")
    shows_partial = models.BooleanField(
        default=False,
        help_text="Polls show running clips as well; otherwise 202 until all are final.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return f"{self.name} (…{self.key_last4})"


class Job(models.Model):
    """One accepted request. It is charged when it is made, and refunded at most once."""

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"

    task_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="jobs")
    family = models.CharField(max_length=20, default="sonic")
    task_type = models.CharField(max_length=40)
    request = models.JSONField(
        help_text="What was asked for, checked; fields that nobody knows are left out."
    )
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    charged_credits = models.PositiveIntegerField(default=0, help_text="From both pools together.")
    charged_extra_credits = models.PositiveIntegerField(
        default=0, help_text="The part that the extra pool paid."
    )
    refunded_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    origin = models.CharField(
        max_length=200, blank=True, help_text="What the caller puts before our files' addresses."
    )
    webhook_url = models.CharField(max_length=1024, blank=True)
    webhook_secret = models.CharField(max_length=200, blank=True)
    webhook_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.task_type} {self.task_id}"


PREVIEW = "preview"


def _file_key() -> str:
    return secrets.token_urlsafe(24)


class Take(models.Model):
    """One clip in the making or made. `work` is all a render needs, so a render can be repeated at will."""

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        RUNNING = "running", "Running"
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"

    OPEN = (State.PENDING, State.RUNNING)

    clip_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    job = models.ForeignKey(Job, models.CASCADE, related_name="takes")
    position = models.PositiveSmallIntegerField()
    work = models.JSONField(help_text="What makes it, and of what: see studio.offline.works.")
    role = models.CharField(
        max_length=12, blank=True, help_text="In answers of pairs: extended, replaced or full."
    )
    stem_type = models.CharField(max_length=30, blank=True, help_text="The part that a stem plays.")
    file_key = models.CharField(
        max_length=40, unique=True, default=_file_key, help_text="The secret part of the files' addresses."
    )

    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    stage = models.CharField(max_length=60, blank=True)
    share = models.FloatField(default=0, help_text="How much of the render is done, 0 to 1.")
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(help_text="When a poll takes the render for lost and rings for it again.")
    error = models.TextField(blank=True)

    title = models.CharField(max_length=200, blank=True)
    tags = models.TextField(blank=True)
    lyrics = models.TextField(blank=True)
    duration_s = models.FloatField(null=True, blank=True)
    bpm = models.FloatField(null=True, blank=True)
    key = models.CharField(max_length=20, blank=True)
    alignment = models.JSONField(default=list, blank=True)
    remarks = models.JSONField(
        default=list, blank=True, help_text="Sentences about the song for its musician."
    )
    # While it runs there may be a preview.
    files = models.JSONField(default=dict, blank=True, help_text="File names in its folder: mp3, flac, jpg.")
    about = models.JSONField(
        default=dict, blank=True, help_text="What else is known or was asked of it: persona, midi, voices …"
    )
    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(
        default=timezone.now, db_index=True, help_text="When its large files were last made or needed."
    )

    class Meta:
        ordering = ["job", "position"]
        constraints = [models.UniqueConstraint(fields=["job", "position"], name="one_take_per_position")]

    def __str__(self) -> str:
        return f"{self.title or 'Untitled'} {self.clip_id}"

    def path(self, kind: str) -> Path | None:
        """The file of that kind: mp3, flac or jpg of a finished take, preview of a running one; or None."""
        name = self.files.get(kind)
        if kind == PREVIEW:
            return self.scratch(self.attempts) / name if name and self.state == self.State.RUNNING else None
        return self.folder / name if name and self.state == self.State.SUCCEEDED else None

    @property
    def is_uploaded(self) -> bool:
        """Whether it is a recording that was taken in, which nothing but its file can bring back."""
        return bool(self.work.get("do") == "upload")

    @property
    def is_kept(self) -> bool:
        """Whether its lossless copy has to stay: a recording that somebody may name again."""
        return self.is_uploaded and self.job.task_type != "recording"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def folder(self) -> Path:
        """Where its finished files lie."""
        return Path(settings.DATA_DIR) / "offline" / str(self.clip_id)

    def scratch(self, attempt: int) -> Path:
        """Where an attempt makes them."""
        return self.folder.with_name(f".{self.clip_id}.{attempt}")


class Persona(models.Model):
    """A singer to be asked for again: from a song (persona) or from a recording (voice)."""

    class Kind(models.TextChoices):
        PERSONA = "persona", "Persona"
        VOICE = "voice", "Voice"

    persona_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="personas")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PERSONA)
    name = models.CharField(max_length=80)
    description = models.TextField(blank=True)
    styles = models.TextField(blank=True, help_text="Tags for songs that name none.")
    parameters = models.JSONField(help_text="The engine's persona, by its fields' names.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
