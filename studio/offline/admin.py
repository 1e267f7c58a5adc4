"""What the offline provider did, for whoever looks after the machine: read it, change next to nothing."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from studio.offline.models import Account, Job, Take


class _ReadOnly(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Account)
class AccountAdmin(admin.ModelAdmin):
    list_display = ("name", "key_last4", "credits", "extra_credits", "shows_partial", "created_at")
    search_fields = ("name", "key_last4")
    fields = ("name", "shows_partial", "credits", "extra_credits", "key_last4", "created_at")
    readonly_fields = ("credits", "extra_credits", "key_last4", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        # A key is shown once, by the command offline_key.
        return False


@admin.register(Job)
class JobAdmin(_ReadOnly):
    list_display = (
        "task_id",
        "account",
        "task_type",
        "state",
        "charged_credits",
        "refunded_at",
        "created_at",
    )
    list_filter = ("state", "task_type", "account")
    search_fields = ("task_id",)
    list_select_related = ("account",)
    exclude = ("webhook_secret",)


@admin.register(Take)
class TakeAdmin(_ReadOnly):
    list_display = ("title", "clip_id", "state", "stage", "share", "attempts", "duration_s", "created_at")
    list_filter = ("state",)
    search_fields = ("clip_id", "title", "job__task_id")
    exclude = ("file_key",)
