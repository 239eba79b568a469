import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("communities", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="EarlierAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("question", models.CharField(max_length=40)),
                ("text", models.TextField()),
                ("source", models.CharField(blank=True, max_length=250)),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=160)),
            ],
        ),
        migrations.CreateModel(
            name="FactSource",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("field", models.CharField(max_length=40)),
                ("value", models.TextField(blank=True)),
                ("source", models.CharField(blank=True, max_length=250)),
                (
                    "sureness",
                    models.CharField(
                        choices=[
                            ("said", "Somebody said so"),
                            ("confirmed", "Confirmed"),
                            ("assumed", "Assumed"),
                        ],
                        max_length=20,
                    ),
                ),
                ("by", models.CharField(max_length=160)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("question", models.CharField(max_length=40)),
                ("text", models.TextField()),
                ("asked_by", models.CharField(max_length=160)),
                ("asked_at", models.DateTimeField()),
                ("answer", models.TextField(blank=True)),
                ("answered_by", models.CharField(blank=True, max_length=160)),
                ("answered_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="FreedId",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.CharField(db_index=True, max_length=63)),
                ("freed_on", models.DateField()),
            ],
        ),
        migrations.AlterModelOptions(
            name="communityalias",
            options={"verbose_name_plural": "community aliases"},
        ),
        migrations.RemoveConstraint(
            model_name="contact",
            name="contact_can_be_reached",
        ),
        migrations.AddField(
            model_name="community",
            name="id_reserved_by",
            field=models.CharField(blank=True, max_length=160),
        ),
        migrations.AddField(
            model_name="community",
            name="merged_into",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="communities.community",
            ),
        ),
        migrations.AddField(
            model_name="community",
            name="version",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="contact",
            name="erased_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="contact",
            name="merged_into",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="communities.contact",
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="version",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("email__isnull", False),
                    models.Q(("github_id", ""), _negated=True),
                    ("erased_at__isnull", False),
                    ("merged_into__isnull", False),
                    _connector="OR",
                ),
                name="contact_can_be_reached",
            ),
        ),
        migrations.AddField(
            model_name="earlieranswer",
            name="community",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="earlier_answers",
                to="communities.community",
            ),
        ),
        migrations.AddField(
            model_name="factsource",
            name="community",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="sources",
                to="communities.community",
            ),
        ),
        migrations.AddField(
            model_name="followup",
            name="community",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="follow_ups",
                to="communities.community",
            ),
        ),
        migrations.AddField(
            model_name="freedid",
            name="community",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="freed_ids",
                to="communities.community",
            ),
        ),
        migrations.AddIndex(
            model_name="factsource",
            index=models.Index(fields=["community", "field", "at"], name="fact_source_latest"),
        ),
    ]
