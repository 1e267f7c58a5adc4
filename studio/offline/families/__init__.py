"""The addresses of the provider, family by family. Each module has ROUTES, and `poll_body(job)` when tasks of
the family can be called back about."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType
from typing import Any

from studio.offline.models import Job
from studio.offline.wire import Route


@cache
def modules() -> dict[str, ModuleType]:
    """Every family's module by its name."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    return {name: importlib.import_module(f"{__name__}.{name}") for name in names}


def routes() -> tuple[Route, ...]:
    return tuple(route for module in modules().values() for route in getattr(module, "ROUTES", ()))


def poll_body(job: Job) -> dict[str, Any]:
    """What a poll of a task that succeeded says."""
    found: dict[str, Any] = modules()[job.family].poll_body(job)
    return found
