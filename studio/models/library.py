from __future__ import annotations

from django.db import models

from .base import Coded
from .people import Team
from .work import Task


class Clip(Coded):
    """One rendered piece of audio. It is ready only when its audio, cover and raw answer are in the vault."""

    class State(models.TextChoices):
        RUNNING = "running", "Creating"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    team = models.ForeignKey(Team, models.CASCADE, related_name="clips")
    task = models.ForeignKey(Task, models.PROTECT, related_name="clips")
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="children")
    remote_id = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField(default=0, help_text="0 is take A, 1 is take B.")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    problem_text = models.TextField(blank=True)

    title = models.CharField(max_length=200, blank=True)
    tags = models.TextField(blank=True)
    negative_tags = models.TextField(blank=True)
    lyrics = models.TextField(blank=True)
    description = models.TextField(blank=True)
    model = models.CharField(max_length=60, blank=True)

    duration_s = models.FloatField(null=True, blank=True)
    loudness_lufs = models.FloatField(null=True, blank=True)
    true_peak_dbtp = models.FloatField(null=True, blank=True)
    bpm = models.FloatField(null=True, blank=True)
    key = models.CharField(max_length=20, blank=True)
    sketch = models.CharField(
        max_length=240,
        blank=True,
        help_text="120 heights 0-99 as two digits each: the waveform of a list row.",
    )
    ready_at = models.DateTimeField(null=True, blank=True)
    # Null by default, so that the columns are added without rebuilding the table and its search triggers.
    remarks = models.JSONField(
        null=True, blank=True, help_text="What the provider says about this take: a list of sentences."
    )
    preview_url = models.TextField(
        null=True, blank=True, help_text="Where the provider streams what is done of a running clip."
    )

    class Meta:
        ordering = ["-created_at", "position"]
        constraints = [models.UniqueConstraint(fields=["task", "remote_id"], name="one_clip_per_remote_id")]
        indexes = [models.Index(fields=["team", "-created_at", "-id"], name="clip_of_team")]

    def __str__(self) -> str:
        return self.title or f"clip {self.code}"

    @property
    def take(self) -> str:
        """The take's letter: A, B, ..."""
        return chr(ord("A") + self.position)

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY


class Asset(Coded):
    """One stored file of a clip. The bytes are in the vault under `key`, named by their hash."""

    class Kind(models.TextChoices):
        AUDIO = "audio", "Audio as delivered"
        LOSSLESS = "lossless", "Lossless master"
        COVER = "cover", "Cover"
        PEAKS = "peaks", "Peaks"
        TIMELINE = "timeline", "Timed lyrics"
        ANSWER = "answer", "Provider's answer"

    clip = models.ForeignKey(Clip, models.CASCADE, related_name="assets")
    kind = models.CharField(max_length=12, choices=Kind)
    name = models.CharField(
        max_length=120, default="", blank=True, help_text="Tells assets of one kind apart."
    )
    key = models.CharField(max_length=160, help_text="Where the vault has it.")
    content_type = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clip", "kind", "name"], name="one_asset_per_kind_and_name")
        ]
        indexes = [models.Index(fields=["sha256"], name="asset_by_hash")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.clip_id}"
