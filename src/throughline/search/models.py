"""What is indexed of each thing, and how far the journal is read. All of it can be made anew.

The words themselves are in a table that each database has in its own way: see `engines.py`.
"""

from django.db import models

from throughline.search.words import Family, Kind


class Item(models.Model):
    """One thing that can be found: what it is, and a digest of what is indexed of it.

    Nothing that people read is kept: titles and quotations come from the rows, when they are shown.
    """

    kind = models.CharField(max_length=20, choices=Kind.choices)
    number = models.BigIntegerField()  # of its row
    family = models.CharField(max_length=20, choices=Family.choices)
    family_number = models.BigIntegerField()
    on_desk = models.BooleanField(default=False)  # the Sponsor has, or had, work about it
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="search_item_once"),
        ]
        indexes = [models.Index(fields=["family", "family_number"], name="search_family")]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class ExactId(models.Model):
    """What a thing is called exactly: a deal's id, a cluster's name, an issue's address."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="ids")
    word = models.CharField(max_length=250, db_index=True)  # as `folding.exact` writes it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "word"], name="search_id_once"),
        ]

    def __str__(self) -> str:
        return self.word


class Reading(models.Model):
    """How far the index has followed the journal, and how far it was filled: one row."""

    upto = models.BigIntegerField(default=0)  # of the journal: everything up to here was read
    # Numbers of the journal that were not there when later ones were: `[first, last, since]`. On
    # PostgreSQL an entry may become visible after one with a higher number.
    gaps = models.JSONField(default=list)
    filling = models.JSONField(null=True)  # where to go on: `[family, number]`; null: it is full
    erased_upto = models.BigIntegerField(default=0)  # the last erasing that was looked after

    def __str__(self) -> str:
        return f"read up to {self.upto}"
