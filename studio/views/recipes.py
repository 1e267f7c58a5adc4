from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from studio import access, operations
from studio.library import recipes as library
from studio.models import Recipe
from studio.work.assets import plain

MAX_FILE_BYTES = 2_000_000


@require_safe
@login_required
def recipes(request: HttpRequest) -> HttpResponse:
    if not request.membership:
        return render(request, "library/no_team.html", {})
    return _page(request)


def _page(request: HttpRequest, status: int = 200, problem: str = "") -> HttpResponse:
    membership = request.membership
    rows = [_row(request, one) for one in library.seen_by(request.user, membership.team)]
    context: dict[str, Any] = {
        "mine": [row for row in rows if row["is_mine"]],
        "shared": [row for row in rows if not row["is_mine"]],
        "problem": problem,
    }
    return render(request, "recipes/recipes.html", context, status=status)


def _row(request: HttpRequest, recipe: Recipe) -> dict[str, Any]:
    operation = operations.REGISTRY.get(recipe.operation)
    is_mine = recipe.person_id == request.user.pk
    return {
        "recipe": recipe,
        "label": operation.label if operation else recipe.operation,
        "tags": str(recipe.content.get("values", {}).get("tags") or ""),
        "is_usable": operation is not None,
        "is_mine": is_mine,
        "may_change": request.membership.may_write and (is_mine or request.membership.may_administer),
    }


@require_POST
@login_required
def keep_recipe(request: HttpRequest, code: UUID) -> HttpResponse:
    """Keep the recipe of the task `code` under a name."""
    task = access.task(request.user, code)
    access.write_in(request.user, task.team)
    name = request.POST.get("name", "")
    kept = library.keep_task(task, request.user, name, is_shared=bool(request.POST.get("is_shared")))
    messages.success(request, f"The recipe is kept as “{kept.name}”.")
    return redirect("recipes")


@require_POST
@login_required
def change_recipe(request: HttpRequest, code: UUID) -> HttpResponse:
    """Rename a recipe, and share it with the team or no longer."""
    found = access.recipe_write(request.user, code)
    name = plain(request.POST.get("name"), library.NAME_CHARS)
    if not name:
        return _page(request, 422, "Give the recipe a name.")
    others = Recipe.objects.filter(team=found.team, person=found.person, name=name).exclude(pk=found.pk)
    if others.exists():
        return _page(request, 422, f"“{name}” is taken. Choose another name.")
    is_shared = bool(request.POST.get("is_shared"))
    Recipe.objects.filter(pk=found.pk).update(name=name, is_shared=is_shared)
    messages.success(request, f"“{name}” is saved.")
    return redirect("recipes")


@require_POST
@login_required
def delete_recipe(request: HttpRequest, code: UUID) -> HttpResponse:
    found = access.recipe_write(request.user, code)
    found.delete()
    messages.success(request, f"“{found.name}” is deleted.")
    return redirect("recipes")


@require_safe
@login_required
def recipe_file(request: HttpRequest, code: UUID) -> HttpResponse:
    return _download([access.recipe(request.user, code)], "recipe")


@require_safe
@login_required
def recipes_file(request: HttpRequest) -> HttpResponse:
    if not request.membership:
        raise Http404
    return _download(list(library.seen_by(request.user, request.membership.team)), "recipes")


def _download(found: list[Recipe], name: str) -> HttpResponse:
    response = HttpResponse(library.to_json(found), content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="ostinato-{name}.json"'
    return response


@require_POST
@login_required
def import_recipes(request: HttpRequest) -> HttpResponse:
    """Take over every recipe of a file, or none."""
    if not request.membership:
        raise Http404
    team = request.membership.team
    access.write_in(request.user, team)
    file = request.FILES.get("file")
    try:
        if file is None or file.size > MAX_FILE_BYTES:
            raise library.BadRecipe("Choose a recipe file of at most 2 MB.")
        found = library.from_json(file.read())
    except library.BadRecipe as error:
        return _page(request, 422, error.text)
    with transaction.atomic():
        for name, content in found:
            library.keep(team, request.user, name, content)
    messages.success(request, f"{len(found)} recipe{'s' * (len(found) != 1)} brought in.")
    return redirect("recipes")
