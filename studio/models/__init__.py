"""The nouns: fields, constraints and questions about one row. Verbs live in modules of their own."""

from .base import Coded
from .credits import Entry, Price
from .library import Asset, Clip
from .people import Connection, Invitation, Membership, Role, Team, User
from .work import Beat, Draft, Task

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
    "Price",
    "Role",
    "Task",
    "Team",
    "User",
]
