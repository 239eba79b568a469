from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="document",
            name="says",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
    ]
