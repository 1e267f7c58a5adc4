import uuid

from django.db import models


class Coded(models.Model):
    """A row with an integer key inside and a public UUID outside; addresses only ever show the code."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True
