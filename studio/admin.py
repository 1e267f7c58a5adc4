"""The Django admin: to look at everything, and to mend what is data. Money and states are read only."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import ReadOnlyPasswordHashField
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_q.models import Failure as FailedJob
from django_q.models import OrmQ, Schedule
from django_q.models import Success as FinishedJob

from studio.models import (
    Asset,
    Clip,
    Connection,
    Entry,
    Invitation,
    Membership,
    Price,
    Task,
    Team,
    User,
)

admin.site.site_header = "Ostinato"
admin.site.site_title = "Ostinato admin"
admin.site.index_title = "What the studio knows"
# Signing in has one door, with its limits and second step.
admin.site.login = secure_admin_login(admin.site.login)

# The queue is plumbing, and its pages unpickle what they show.
for plumbing in (OrmQ, Schedule, FailedJob, FinishedJob):
    if admin.site.is_registered(plumbing):
        admin.site.unregister(plumbing)


def link(row: Model | None, text: str = "") -> str | SafeString:
    """The admin page of a row."""
    if row is None:
        return "–"
    address = reverse(f"admin:studio_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', address, text or str(row))


class LookOnly(admin.ModelAdmin):
    """Rows that only the studio's own code may write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LookOnlyInline(admin.TabularInline):
    extra = 0
    max_num = 0
    can_delete = False
    show_change_link = True

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ClipInline(LookOnlyInline):
    model = Clip
    fields = ("title", "state", "problem_text", "duration_s", "ready_at")


class EntryInline(LookOnlyInline):
    model = Entry
    fields = ("created_at", "kind", "amount_credits", "charged_credits", "person", "note")


class AssetInline(LookOnlyInline):
    model = Asset
    fields = ("kind", "name", "content_type", "size_bytes", "sha256", "key")


@admin.register(Task)
class TaskAdmin(LookOnly):
    list_display = (
        "created_at",
        "operation",
        "status",
        "problem_kind",
        "needs_person",
        "team",
        "person",
        "host",
        "price_credits",
    )
    list_filter = ("status", "needs_person", "problem_kind", "operation", "created_at", "team")
    list_select_related = ("team", "person", "connection")
    search_fields = ("code", "remote_id", "person__email", "person__name", "problem_text", "answer")
    date_hierarchy = "created_at"
    inlines = (ClipInline, EntryInline)
    fieldsets = (
        (None, {"fields": ("code", "operation", "status", "team", "person", "connection", "parent")}),
        ("Problem", {"fields": ("problem_kind", "problem_text", "needs_person")}),
        (
            "Times",
            {
                "fields": (
                    "created_at",
                    "submitted_at",
                    "due_at",
                    "lease_until",
                    "deadline_at",
                    "finished_at",
                    "tries",
                )
            },
        ),
        ("Request and answer", {"fields": ("remote_id", "price_credits", "recipe", "payload", "raw_answer")}),
    )
    readonly_fields = ("code", "created_at", "raw_answer")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Task]:
        # Answers of megabytes are nothing for a list; a task's own page fetches its one.
        return super().get_queryset(request).defer("answer", "payload", "recipe")

    @admin.display(description="Host", ordering="connection__base_url")
    def host(self, task: Task) -> str:
        return task.connection.host

    @admin.display(description="Answer as it came")
    def raw_answer(self, task: Task) -> SafeString:
        return format_html("<pre>{}</pre>", task.answer or "none yet")


@admin.register(Entry)
class EntryAdmin(LookOnly):
    list_display = (
        "created_at",
        "kind",
        "amount_credits",
        "charged_credits",
        "team",
        "connection",
        "of_task",
        "person",
        "note",
    )
    list_filter = ("kind", "created_at", "connection")
    list_select_related = ("team", "connection", "task", "person")
    search_fields = ("note", "task__code", "person__email", "team__name")
    date_hierarchy = "created_at"

    @admin.display(description="Task")
    def of_task(self, entry: Entry) -> str | SafeString:
        return link(entry.task, entry.task.operation if entry.task else "")


@admin.register(Clip)
class ClipAdmin(LookOnly):
    list_display = ("created_at", "title", "state", "take", "model", "duration_s", "team", "of_task")
    list_filter = ("state", "model", "created_at", "team")
    list_select_related = ("team", "task")
    search_fields = ("code", "title", "tags", "remote_id")
    inlines = (AssetInline,)

    @admin.display(description="Task")
    def of_task(self, clip: Clip) -> str | SafeString:
        return link(clip.task, clip.task.operation)


@admin.register(Asset)
class AssetAdmin(LookOnly):
    list_display = ("created_at", "kind", "name", "of_clip", "content_type", "size_bytes", "sha256")
    list_filter = ("kind", "content_type")
    list_select_related = ("clip",)
    search_fields = ("code", "sha256", "key", "clip__title")

    @admin.display(description="Clip")
    def of_clip(self, asset: Asset) -> str | SafeString:
        return link(asset.clip)


@admin.register(Price)
class PriceAdmin(admin.ModelAdmin):
    list_display = ("host", "operation", "variant", "credits", "note", "updated_at")
    list_editable = ("credits", "note")
    list_filter = ("host", "operation")
    search_fields = ("host", "operation", "variant", "note")


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


class UserForm(forms.ModelForm):
    password = ReadOnlyPasswordHashField(
        help_text="Nobody can read it. Its owner changes it in their settings, or by “Forgot your password?”."
    )

    class Meta:
        model = User
        fields = ("email", "name", "password", "is_active", "is_staff", "is_superuser", "groups")


class NewUserForm(forms.ModelForm):
    """Without a password: the person chooses one by “Forgot your password?”."""

    class Meta:
        model = User
        fields = ("email", "name")

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def save(self, commit: bool = True) -> User:
        user: User = super().save(commit=False)
        user.set_unusable_password()
        user.save()
        return user


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    form = UserForm
    add_form = NewUserForm
    list_display = ("email", "name", "is_active", "is_staff", "last_login", "created_at")
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("email", "name", "code")
    ordering = ("email",)
    readonly_fields = ("code", "last_login", "created_at")
    filter_horizontal = ("groups",)
    fieldsets = (
        (None, {"fields": ("email", "name", "password", "code")}),
        ("May", {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        ("Times", {"fields": ("last_login", "created_at")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name")}),)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # a team could lose its only owner; closing the account (is_active) loses nothing


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):
    list_display = ("name", "code", "created_at")
    search_fields = ("name", "code")
    readonly_fields = ("code", "created_at")
    inlines = (MembershipInline,)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # its ledger stays


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    list_display = ("user", "team", "role", "created_at")
    list_filter = ("role", "team")
    list_select_related = ("user", "team")
    search_fields = ("user__email", "user__name", "team__name")
    autocomplete_fields = ("user", "team")


@admin.register(Invitation)
class InvitationAdmin(LookOnly):
    """To look and to withdraw; a link can only be made on the team's page, where it is shown once."""

    list_display = (
        "created_at",
        "team",
        "role",
        "email",
        "created_by",
        "expires_at",
        "accepted_at",
        "accepted_by",
        "revoked_at",
    )
    list_filter = ("role", "team")
    list_select_related = ("team", "created_by", "accepted_by")
    search_fields = ("email", "team__name", "created_by__email")
    exclude = ("token_hash",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser


@admin.register(Connection)
class ConnectionAdmin(LookOnly):
    list_display = (
        "name",
        "team",
        "host",
        "key_last4",
        "is_default",
        "checked_at",
        "remote_credits",
        "problem",
        "retired_at",
    )
    list_filter = ("is_offline", "is_default", "retired_at")
    list_select_related = ("team",)
    search_fields = ("name", "base_url", "team__name")
    exclude = ("key_encrypted",)
    readonly_fields = ("key_last4",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        return super().get_queryset(request).defer("key_encrypted")
