import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0002_what_our_own_files_say"),
        ("mail", "0006_notes_keep_their_html"),
    ]

    operations = [
        migrations.AlterField(
            model_name="attachment",
            name="document",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="documents.document",
            ),
        ),
    ]
