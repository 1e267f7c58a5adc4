"""The nouns: fields, constraints and questions about one row. Verbs live in modules of their own."""

from .base import Coded
from .credits import Entry, Price
from .library import Asset, Clip, Persona, Recording
from .people import Connection, Invitation, Membership, OperationState, Role, Team, User
from .work import Beat, Draft, Recipe, Task

__all__ = [
    "Asset",
    "Beat",
    "Clip",
    "Coded",
    "Connection",
    "Draft",
    "Entry",
    "Invitation",
    "Membership",
    "OperationState",
    "Persona",
    "Price",
    "Recipe",
    "Recording",
    "Role",
    "Task",
    "Team",
    "User",
]
