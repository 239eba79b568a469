"""What the fields of a community's record are called, and what helps to fill them in."""

from typing import Final

LABELS: Final = {
    "short_name": "Short name",
    "long_name": "Long name",
    "website": "Website",
    "github_org": "GitHub organisation",
    "repositories": "Repositories",
    "logo_url": "Logo",
    "cloud": "Cloud",
    "cloud_unknown_because": "Cloud unknown, because",
    "region": "Region",
    "data_location": "Where the data are",
}
FIELD_HELP: Final = {
    "short_name": "About one word. It changes freely; the community_id does not.",
    "website": "With https:// in front.",
    "github_org": "As in its address: github.com/….",
    "repositories": "Representative ones: one address a line.",
    "logo_url": "An address with https://; it is shown on this page.",
    "cloud": "Such as aws or gcp; close to where the data are.",
    "cloud_unknown_because": "Instead of a cloud.",
    "region": "Left empty, new clusters go to us-west-2; that is a default, not an answer.",
}


def field_label(name: str) -> str:
    """Return what people call a field."""
    return LABELS.get(name, name)
