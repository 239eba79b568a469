"""What runs, as the infrastructure repository describes it. Deal ids are text: no key upwards."""

from django.db import models

from throughline.infrastructure.words import Payer


class CloudAccount(models.Model):
    """An AWS account, a GCP project, or the like: the thing a bill comes for."""

    provider = models.CharField(max_length=40)  # "aws", "gcp", "azure"
    identifier = models.CharField(max_length=120)  # text: AWS account numbers may start with zeros

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "identifier"], name="account_once"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.identifier}"


class Cluster(models.Model):
    """One Kubernetes cluster."""

    name = models.CharField(max_length=120, unique=True)
    provider = models.CharField(max_length=40)
    account = models.ForeignKey(
        CloudAccount, null=True, on_delete=models.PROTECT, related_name="clusters"
    )
    region = models.CharField(max_length=60, blank=True)
    paid_by = models.CharField(max_length=20, choices=Payer.choices, default=Payer.UNKNOWN)
    deal_id = models.CharField(max_length=40, blank=True, db_index=True)  # as the file names it
    budget_alert = models.BooleanField(null=True)  # None: nothing says either way
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Hub(models.Model):
    """One JupyterHub on a cluster."""

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="hubs")
    name = models.CharField(max_length=120)
    display_name = models.CharField(max_length=200, blank=True)
    domain = models.CharField(max_length=253, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cluster", "name"], name="hub_once"),
        ]

    def __str__(self) -> str:
        return f"{self.cluster.name}/{self.name}"
