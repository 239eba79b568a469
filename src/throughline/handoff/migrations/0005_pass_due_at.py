from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("handoff", "0004_decisions_about_fields_and_drift"),
    ]

    operations = [
        migrations.AddField(
            model_name="pass",
            name="due_at",
            field=models.DateTimeField(null=True),
        ),
    ]
