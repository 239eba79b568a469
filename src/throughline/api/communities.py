"""Communities and the people of theirs."""

from typing import Any

from django.http import HttpRequest
from ninja import Path, Query, Router

from throughline.api import schemas
from throughline.api.access import needs
from throughline.api.dates import at
from throughline.api.paging import page
from throughline.communities.models import Contact
from throughline.communities.queries import find_community, find_contact
from throughline.communities.shapes import community_line, community_shape, contact_shape
from throughline.delivery.served import communities_matching
from throughline.people.words import Permission
from throughline.playbook.current import current

router = Router(tags=["communities"])


@router.get("/communities", response=schemas.Page[schemas.CommunityLine])
@needs(Permission.READ)
def list_communities(request: HttpRequest, wanted: Query[schemas.TextWanted]) -> dict[str, Any]:
    """List communities by name: those whose names or ids hold a text."""
    return page(communities_matching(wanted.q), wanted, community_line)


@router.get("/communities/{reference}", response=schemas.Community, by_alias=True)
@needs(Permission.READ)
def show_community(request: HttpRequest, reference: Path[schemas.Text]) -> dict[str, Any]:
    """Show a record: by community_id, older id, short name or number."""
    return community_shape(find_community(reference), playbook=current(), at=at())


@router.get("/contacts", response=schemas.Page[schemas.Contact], by_alias=True)
@needs(Permission.SEE_CONTACTS)
def list_contacts(request: HttpRequest, span: Query[schemas.Span]) -> dict[str, Any]:
    """List people by number, but for those who are erased or merged into others."""
    standing = Contact.objects.filter(erased_at=None, merged_into=None).order_by("pk")
    return page(standing.prefetch_related("assignments"), span, contact_shape)


@router.get("/contacts/{reference}", response=schemas.Contact, by_alias=True)
@needs(Permission.SEE_CONTACTS)
def show_contact(request: HttpRequest, reference: Path[schemas.Text]) -> dict[str, Any]:
    """Show a person: by e-mail, GitHub id, full name or number."""
    return contact_shape(find_contact(reference))
