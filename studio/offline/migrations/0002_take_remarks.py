from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("offline", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="take",
            name="remarks",
            field=models.JSONField(
                blank=True, default=list, help_text="Sentences about the song for its musician."
            ),
        ),
    ]
