from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.db import models

from .people import Connection, Team
from .work import Task


class Entry(models.Model):
    """One signed, never changed line of the ledger; the balance of a connection is the sum of its lines.

    A hold takes the quoted price out of the balance. Its settle gives back the hold less what the
    provider charged (so usually 0) and names the charge; a release gives all of it back.
    """

    class Kind(models.TextChoices):
        GRANT = "grant", "Granted"
        HOLD = "hold", "Held"
        SETTLE = "settle", "Settled"
        RELEASE = "release", "Released"
        ADJUST = "adjust", "Adjusted"

    team = models.ForeignKey(Team, models.PROTECT, related_name="entries")
    connection = models.ForeignKey(Connection, models.PROTECT, related_name="entries")
    task = models.ForeignKey(Task, models.PROTECT, null=True, blank=True, related_name="entries")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(max_length=8, choices=Kind)
    amount_credits = models.IntegerField(help_text="What it adds to the balance; negative takes away.")
    charged_credits = models.PositiveIntegerField(
        default=0, help_text="On a settle: what the provider charged."
    )
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "entries"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "kind"],
                condition=models.Q(task__isnull=False),
                name="one_entry_per_task_and_kind",
            )
        ]
        indexes = [models.Index(fields=["connection", "created_at"], name="entry_of_connection")]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_credits:+d}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("The ledger is append-only: correct it with a new entry.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("The ledger is append-only: correct it with a new entry.")


class Price(models.Model):
    """What an operation costs on a host: data that overrides the registry's first guess."""

    host = models.CharField(max_length=120)
    operation = models.CharField(max_length=60)
    variant = models.CharField(
        max_length=60, blank=True, help_text="Where the price depends on it: model or mode."
    )
    credits = models.PositiveIntegerField()
    note = models.CharField(max_length=200, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["host", "operation", "variant"], name="one_price_per_host_and_variant"
            )
        ]

    def __str__(self) -> str:
        return f"{self.operation} on {self.host}: {self.credits}"
