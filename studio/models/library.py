from __future__ import annotations

from django.conf import settings
from django.db import models

from .base import Coded
from .people import Connection, Team
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
    second_parent = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="second_children",
        help_text="Of a mashup.",
    )
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

    # As above; empty for what a provider generated.
    origin = models.CharField(max_length=12, null=True, blank=True, choices=[("uploaded", "Uploaded")])
    role = models.CharField(
        max_length=8, null=True, blank=True, help_text='Of a pair: "part" or "full", the joined song.'
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

    @property
    def is_uploaded(self) -> bool:
        return self.origin == "uploaded"


class Asset(Coded):
    """One stored file of a clip. The bytes are in the vault under `key`, named by their hash."""

    class Kind(models.TextChoices):
        AUDIO = "audio", "Audio as delivered"
        LOSSLESS = "lossless", "Lossless master"
        COVER = "cover", "Cover"
        PEAKS = "peaks", "Peaks"
        TIMELINE = "timeline", "Timed lyrics"
        ANSWER = "answer", "Provider's answer"
        STEM = "stem", "Stem"
        WAV = "wav", "WAV"
        VOX = "vox", "Voice cut out"
        MIDI = "midi", "MIDI"
        NOTES = "notes", "Notes"
        TEMPO = "tempo", "Tempo"
        VIDEO = "video", "Video"

    clip = models.ForeignKey(Clip, models.CASCADE, related_name="assets")
    kind = models.CharField(max_length=12, choices=Kind)
    name = models.CharField(
        max_length=120, default="", blank=True, help_text="Tells assets of one kind apart."
    )
    key = models.CharField(max_length=160, help_text="Where the vault has it.")
    content_type = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    task = models.ForeignKey(
        Task, models.SET_NULL, null=True, blank=True, related_name="assets", help_text="Which brought it."
    )
    details = models.JSONField(
        null=True, blank=True, help_text="Facts about it: label, part, remote_id, duration_s, start_s …"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clip", "kind", "name"], name="one_asset_per_kind_and_name")
        ]
        indexes = [models.Index(fields=["sha256"], name="asset_by_hash")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.clip_id}"


class Recording(Coded):
    """Audio that somebody brought: a file, the microphone or an address. Measured on arrival."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="recordings")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=200)
    source_url = models.TextField(blank=True, help_text="Where it was fetched from, if from an address.")
    key = models.CharField(max_length=160, help_text="Where the vault has it.")
    content_type = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    duration_s = models.FloatField()
    loudness_lufs = models.FloatField(null=True, blank=True)
    true_peak_dbtp = models.FloatField(null=True, blank=True)
    noise_db = models.FloatField(
        null=True, blank=True, help_text="Level of the quietest tenth against the loudest, in dB; below 0."
    )
    sketch = models.CharField(max_length=240, blank=True, help_text="As of a clip.")

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name


class Persona(Coded):
    """A reusable singer at one provider: made from a clip, or, as a voice, from a recording."""

    class Kind(models.TextChoices):
        PERSONA = "persona", "Persona"
        VOICE = "voice", "Voice"

    team = models.ForeignKey(Team, models.CASCADE, related_name="personas")
    connection = models.ForeignKey(Connection, models.PROTECT, related_name="personas")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    task = models.OneToOneField(Task, models.PROTECT, related_name="persona", help_text="Which made it.")
    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=120)
    remote_id = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    styles = models.TextField(blank=True)
    clip = models.ForeignKey(
        Clip,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="personas",
        help_text="Whom it is made from.",
    )
    start_s = models.FloatField(null=True, blank=True, help_text="Of the window of the clip to be heard.")
    end_s = models.FloatField(null=True, blank=True)
    recording = models.ForeignKey(Recording, models.SET_NULL, null=True, blank=True, related_name="personas")
    uses = models.PositiveIntegerField(default=0, help_text="Tasks that it was asked to sing in.")
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name
