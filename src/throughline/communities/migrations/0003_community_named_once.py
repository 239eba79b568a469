"""No two communities that stand have one name, whatever its case."""

from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Lower


def tell_apart(apps, schema_editor):
    """Number the younger of two communities of one name, so that people can merge them."""
    communities = apps.get_model("communities", "Community").objects
    taken = set()
    for one in communities.filter(merged_into__isnull=True).order_by("pk"):
        name, number = one.short_name, 1
        while one.short_name.lower() in taken:
            number += 1
            one.short_name = f"{name[:70]} ({number})"
        if number > 1:
            one.save(update_fields=["short_name"])
        taken.add(one.short_name.lower())


class Migration(migrations.Migration):
    dependencies = [("communities", "0002_record_sources_and_people")]
    operations = [
        migrations.RunPython(tell_apart, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="community",
            constraint=models.UniqueConstraint(
                Lower("short_name"),
                condition=Q(merged_into__isnull=True),
                name="community_named_once",
            ),
        ),
    ]
