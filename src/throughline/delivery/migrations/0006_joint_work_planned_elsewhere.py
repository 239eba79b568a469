from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0005_evidence_and_verdicts"),
    ]

    operations = [
        migrations.AddField(
            model_name="jointwork",
            name="begun_as",
            field=models.CharField(default="", max_length=60),
            preserve_default=False,
        ),
    ]
