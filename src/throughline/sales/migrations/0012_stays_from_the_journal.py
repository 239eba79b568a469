from django.db import migrations

from throughline.sales.staying import move_told, stays_told

DEAL, BATCH = "sales.deal", 1000


def make_stays(apps, _schema_editor):
    """Write down how long deals stood where, as the journal tells of it so far."""
    deals, stays = apps.get_model("sales", "Deal"), apps.get_model("sales", "Stay")
    moves = {}
    entries = apps.get_model("journal", "Entry").objects.filter(subject_type=DEAL)
    entries = entries.filter(act__startswith="sales.deal.").order_by("pk")
    for act, at, facts, number in entries.values_list("act", "at", "facts", "subject_id").iterator(
        BATCH
    ):
        if move := move_told(act, at, facts):
            moves.setdefault(int(number), []).append(move)
    fresh = []
    for pk, stage, since, created_at in (
        deals.objects.values_list("pk", "stage", "stage_since", "created_at")
        .order_by("pk")
        .iterator(BATCH)
    ):
        told = moves.get(pk, [])
        begun = (told[0].before, created_at) if told else (stage, since)
        found = stays_told(told, stage=begun[0], since=begun[1])
        fresh += [
            stays(
                deal_id=pk, stage=one.stage, from_at=one.from_at, to_at=one.to_at, days=one.days,
                next_stage=one.next_stage, again_at=one.again_at,
            )
            for one in found
        ]  # fmt: skip
    stays.objects.bulk_create(fresh, batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("sales", "0011_stays"), ("journal", "0003_erased_people_leave_the_sentences")]

    operations = [migrations.RunPython(make_stays, migrations.RunPython.noop)]
