import uuid
from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


def spec_to_work(apps: Any, _schema_editor: Any) -> None:
    take_model = apps.get_model("offline", "Take")
    for take in take_model.objects.iterator():
        take.work = {"do": "create", "spec": take.work}
        take.save(update_fields=["work"])


def work_to_spec(apps: Any, _schema_editor: Any) -> None:
    take_model = apps.get_model("offline", "Take")
    take_model.objects.exclude(work__do="create").delete()
    for take in take_model.objects.iterator():
        take.work = take.work["spec"]
        take.save(update_fields=["work"])


class Migration(migrations.Migration):
    dependencies = [("offline", "0002_take_remarks")]

    operations = [
        migrations.RenameField("take", "spec", "work"),
        migrations.AlterField(
            "take",
            "work",
            models.JSONField(help_text="What makes it, and of what: see studio.offline.works."),
        ),
        migrations.RunPython(spec_to_work, work_to_spec),
        migrations.AddField("job", "family", models.CharField(default="sonic", max_length=20)),
        migrations.AddField(
            "job",
            "origin",
            models.CharField(
                blank=True,
                default="",
                help_text="What the caller puts before our files' addresses.",
                max_length=200,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "job",
            "webhook_url",
            models.CharField(blank=True, default="", max_length=1024),
            preserve_default=False,
        ),
        migrations.AddField(
            "job",
            "webhook_secret",
            models.CharField(blank=True, default="", max_length=200),
            preserve_default=False,
        ),
        migrations.AddField("job", "webhook_tries", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField(
            "take",
            "role",
            models.CharField(
                blank=True,
                default="",
                help_text="In answers of pairs: extended, replaced or full.",
                max_length=12,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "take",
            "stem_type",
            models.CharField(blank=True, default="", help_text="The part that a stem plays.", max_length=30),
            preserve_default=False,
        ),
        migrations.AddField(
            "take",
            "about",
            models.JSONField(
                blank=True,
                default=dict,
                help_text="What else is known or was asked of it: persona, midi, voices …",
            ),
        ),
        migrations.AddField(
            "take",
            "used_at",
            models.DateTimeField(
                db_index=True,
                default=django.utils.timezone.now,
                help_text="When its large files were last made or needed.",
            ),
        ),
        migrations.CreateModel(
            name="Persona",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("persona_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("persona", "Persona"), ("voice", "Voice")], default="persona", max_length=10
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("description", models.TextField(blank=True)),
                ("styles", models.TextField(blank=True, help_text="Tags for songs that name none.")),
                ("parameters", models.JSONField(help_text="The engine's persona, by its fields' names.")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="personas",
                        to="offline.account",
                    ),
                ),
            ],
            options={"ordering": ["name", "pk"]},
        ),
    ]
