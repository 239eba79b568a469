"""Clusters as an infrastructure repository describes them: one cluster.yaml, and its tfvars."""

from dataclasses import dataclass

from throughline.cli.demonstration.path import apply
from throughline.cli.demonstration.people import NOOR
from throughline.cli.demonstration.story import Story
from throughline.intake.actions import import_infrastructure

AWS = """\
  account: "{account}"
  region: {region}
"""
GCP = """\
  project: {account}
  region: {region}
"""
CLUSTER = """\
name: {name}
provider: {provider}
metadata:
  2i2c:
    hubspot_deal_id: "{deal}"
{provider}:
{cloud}  billing:
    paid_by_us: {paid_by_us}
hubs:
  - name: staging
    display_name: {title} (staging)
    domain: staging.{domain}
  - name: prod
    display_name: {title}
    domain: hub.{domain}
"""
TFVARS = """\
cluster_name = "{name}"
default_budget_alert = {{
  "enabled" : {armed}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """A cluster, whose bill somebody pays."""

    name: str
    account: str
    paid_by_us: bool = True
    armed: bool = True  # its budget alert
    provider: str = "aws"
    region: str = "us-west-2"


def run_cluster(story: Story, runs: Runs, *, on: int) -> None:
    """Take in the files of a cluster that serves a deal, and make true what it implies."""
    cloud = (AWS if runs.provider == "aws" else GCP).format(
        account=runs.account, region=runs.region
    )
    text = CLUSTER.format(
        name=runs.name,
        provider=runs.provider,
        deal=story.offer.hubspot_id,
        cloud=cloud,
        paid_by_us=str(runs.paid_by_us).lower(),
        title=story.offer.served.long_name,
        domain=f"{runs.name}.example",
    )
    scene = story.scene
    scene.file(f"{runs.name}/cluster.yaml", text)
    armed = str(runs.armed).lower()
    scene.file(f"{runs.name}/{runs.name}.tfvars", TFVARS.format(name=runs.name, armed=armed))
    import_infrastructure([scene.folder / runs.name], by=NOOR, at=scene.when(on))
    apply(story, on=on)
