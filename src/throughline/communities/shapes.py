"""Communities as documents, the same for commands and programs."""

from datetime import datetime
from typing import Any

from throughline.communities.ids import IdCheck
from throughline.communities.models import Community, Contact, Correction
from throughline.communities.queries import (
    DEFAULT_REGION,
    Matrix,
    missing_fields,
    missing_for_phases,
    provenance_of,
)
from throughline.playbook.model import Playbook

SHOWN = ("short_name", "long_name", "website", "github_org", "repositories", "logo_url", "cloud",
         "cloud_unknown_because", "region", "data_location")  # fmt: skip


def community_line(community: Community) -> dict[str, Any]:
    """Return one line of a list."""
    return {
        "community": community.pk,
        "short_name": community.short_name,
        "long_name": community.long_name,
        "community_id": community.community_id,
        "id_state": community.id_state,
    }


def community_shape(community: Community, *, playbook: Playbook, at: datetime) -> dict[str, Any]:
    """Return a record with the source and the age in days of each of its fields."""
    known = provenance_of(community, at=at)
    missing = missing_fields(community, wanted=playbook.community_record)
    return {
        **community_line(community),
        "version": community.version,
        "id_reserved_until": community.id_reserved_until,
        "aliases": [alias.alias for alias in community.aliases.all()],
        "fields": {
            name: {"value": getattr(community, name)}
            | (
                {
                    "source": known[name].source.source,
                    "sureness": known[name].source.sureness,
                    "by": known[name].source.by,
                    "at": known[name].source.at,
                    "age_days": known[name].age_days,
                }
                if name in known
                else {}
            )
            for name in SHOWN
        },
        "complete": {
            "known": len(playbook.community_record) - len(missing),
            "wanted": len(playbook.community_record),
            "missing": missing,
        },
        "missing_for_phases": {str(phase): lacks for phase, lacks in missing_for_phases(community)},
        "default_region": "" if community.region else DEFAULT_REGION,
    }


def check_shape(check: IdCheck) -> dict[str, Any]:
    """Return what is to be said of an id."""
    return {
        "community_id": check.community_id,
        "free": check.is_free,
        "standing": check.standing.value,
        "message": check.message,
        "near": [
            {"name": one.name, "community": one.community, "distance": one.distance}
            for one in check.near
        ],
        "names": [
            {"kind": one.kind, "name": one.name, "limit": one.limit, "fits": one.fits}
            for one in check.names
        ],
    }


def matrix_shape(matrix: Matrix) -> dict[str, Any]:
    """Return who is what for a deal; empty cells are empty texts."""
    return {
        "roles": [role.code for role in matrix.roles],
        "people": [
            {
                "person": row.contact.pk,
                "full_name": row.contact.full_name,
                "email": row.contact.email,
                "github_id": row.contact.github_id,
                "cells": [
                    {"state": cell.state, "from": cell.from_on, "to": cell.to_on}
                    for cell in row.cells
                ],
            }
            for row in matrix.rows
        ],
        "nobody": [role.code for role in matrix.gaps],
    }


def contact_shape(contact: Contact) -> dict[str, Any]:
    """Return a person with everything they were and are, the latest first."""
    return {
        "contact": contact.pk,
        "full_name": contact.full_name,
        "first_name": contact.first_name,
        "email": contact.email,
        "github_id": contact.github_id,
        "version": contact.version,
        "erased": contact.erased_at is not None,
        "roles": [
            {"role": one.role, "about": one.subject, "from": one.from_on, "to": one.to_on}
            for one in sorted(
                contact.assignments.all(), key=lambda one: (one.from_on, one.pk), reverse=True
            )
        ],
    }


def correction_shape(correction: Correction) -> dict[str, Any]:
    """Return what a community corrected by link, and what was taken over of it."""
    return {
        "correction": correction.pk,
        "community": correction.community.short_name,
        "facts": correction.facts,
        "answers": correction.answers,
        "said_by": correction.said_by,
        "at": correction.at,
        "settled_by": correction.settled_by or None,
        "taken": correction.taken,
    }
