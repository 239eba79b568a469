"""Webhooks of HubSpot: proved on the raw body; what they say is no more than a hint."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from throughline.connectors.hubspot.signatures import is_signed_v1, is_signed_v3
from throughline.intake.models import HubSpotHint
from throughline.kernel.errors import Refused

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DEAL = "deal."
DEAL_TYPE = "0-3"
TO_DEAL = "_TO_DEAL"  # how the name of an association ends


class NotGenuine(Refused):
    """Nothing proves that HubSpot sent this."""


class Event(BaseModel):
    """What we read of an event; everything may be wrong, but an id to look at."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel)

    object_id: int | None = None  # events of associations have two ends instead
    from_object_id: int | None = None
    to_object_id: int | None = None
    association_type: str = Field(default="", max_length=60)
    occurred_at: int = Field(ge=0, lt=10**15)  # milliseconds
    portal_id: int = 0
    subscription_id: int = 0
    subscription_type: str = Field(default="", max_length=60)
    event_type: str = Field(default="", max_length=60)
    object_type_id: str = Field(default="", max_length=20)
    property_name: str = Field(default="", max_length=100)
    new_object_id: int | None = None
    merged_object_ids: tuple[int, ...] = ()

    @property
    def is_about_a_deal(self) -> bool:
        """Whether a deal is to be looked at."""
        return self._starts_at_a_deal or self.association_type.endswith(TO_DEAL)

    @property
    def _starts_at_a_deal(self) -> bool:
        kind = self.subscription_type or self.event_type
        return kind.startswith(DEAL) or self.object_type_id == DEAL_TYPE

    @property
    def deals(self) -> Iterator[int]:
        """The deals to look at: in a merge all of them, of an association its ends that are deals."""
        named: list[int | None] = []
        if self._starts_at_a_deal:
            named = [self.object_id or self.from_object_id, *self.merged_object_ids]
            named.append(self.new_object_id)
        if self.association_type.endswith(TO_DEAL):
            named.append(self.to_object_id)
        yield from dict.fromkeys(one for one in named if one)


EVENTS = TypeAdapter(list[Event])


def proved_hints(
    body: bytes, *, headers: Mapping[str, str], method: str, path: str, at: datetime
) -> list[HubSpotHint]:
    """Return what a webhook names, unsaved.

    The address that was signed is the public one, which only the settings know.

    Raises:
        NotGenuine: nothing proves that HubSpot sent it just now.
        Refused: no secret is set, or it is no list of events.
    """
    check_genuine(body, headers=headers, method=method, uri=settings.BASE_URL + path, at=at)
    try:
        events = EVENTS.validate_json(body)
    except ValidationError as error:
        raise Refused("This is no list of events.", remedy="Send it as HubSpot does.") from error
    wanted = [
        event
        for event in events
        if event.is_about_a_deal and settings.HUBSPOT_PORTAL in {"", str(event.portal_id)}
    ]
    return [
        HubSpotHint(
            key=_key(event, deal),
            deal_id=str(deal),
            happened_at=EPOCH + timedelta(milliseconds=event.occurred_at),
            kept_at=at,
        )
        for event in wanted
        for deal in event.deals
    ]


def check_genuine(
    body: bytes, *, headers: Mapping[str, str], method: str, uri: str, at: datetime
) -> None:
    """Pass if HubSpot signed a request within the last five minutes.

    Raises:
        Refused: no secret is set.
        NotGenuine: it did not, or only in the older way, which the settings do not allow.
    """
    secret = settings.HUBSPOT_WEBHOOK_SECRET
    if not secret:
        raise Refused(
            "Webhooks of HubSpot are not expected.",
            remedy="Set THROUGHLINE_HUBSPOT_WEBHOOK_SECRET to the app's client secret.",
        )
    if newer := headers.get("X-HubSpot-Signature-v3", ""):
        timestamp = headers.get("X-HubSpot-Request-Timestamp", "")
        is_genuine = is_signed_v3(
            newer, secret=secret, method=method, uri=uri, body=body, timestamp=timestamp, at=at
        )
    else:
        older = headers.get("X-HubSpot-Signature", "")
        is_genuine = settings.HUBSPOT_OLD_SIGNATURES and is_signed_v1(
            older, secret=secret, body=body
        )
    if not is_genuine:
        raise NotGenuine(
            "Nothing proves that HubSpot sent this just now.",
            remedy="Check THROUGHLINE_HUBSPOT_WEBHOOK_SECRET, THROUGHLINE_BASE_URL and the clock;"
            " an app that signs the older way only needs THROUGHLINE_HUBSPOT_OLD_SIGNATURES.",
        )


def _key(event: Event, deal: int) -> str:
    """Return what tells an event from others; HubSpot's own event id is not unique."""
    parts = (
        event.portal_id, event.subscription_id, event.subscription_type or event.event_type,
        event.property_name or f"{event.association_type}{event.to_object_id or ''}",
        event.occurred_at, deal,
    )  # fmt: skip
    return ":".join(str(part) for part in parts)
