from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("studio", "0002_search_and_cache")]

    operations = [
        migrations.AddField(
            model_name="clip",
            name="remarks",
            field=models.JSONField(
                blank=True,
                help_text="What the provider says about this take: a list of sentences.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="clip",
            name="preview_url",
            field=models.TextField(
                blank=True,
                help_text="Where the provider streams what is done of a running clip.",
                null=True,
            ),
        ),
    ]
