from django.db import migrations


def say_into_which(apps, _schema_editor):
    """Merged deals were known so far by their old numbers alone, which lead to what they became."""
    deals, aliases = apps.get_model("sales", "Deal"), apps.get_model("sales", "DealAlias")
    went = dict(aliases.objects.values_list("old_id", "deal"))
    for deal in deals.objects.filter(hubspot_id__in=went, deleted_at__isnull=False):
        if went[deal.hubspot_id] != deal.pk:
            deals.objects.filter(pk=deal.pk).update(merged_into=went[deal.hubspot_id])


class Migration(migrations.Migration):
    dependencies = [("sales", "0009_merged_deals_say_into_which")]

    operations = [migrations.RunPython(say_into_which, migrations.RunPython.noop)]
