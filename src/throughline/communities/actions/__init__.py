"""Writing down what is known about communities and their people."""

from throughline.communities.actions.contacts import (
    edit_contact,
    erase_contact,
    merge_contacts,
)
from throughline.communities.actions.context import (
    Told,
    answer_follow_up,
    answer_question,
    ask_further,
    stamp_of,
)
from throughline.communities.actions.corrections import (
    issue_record_link,
    open_links,
    open_record,
    propose_correction,
    revoke_record_link,
    settle_correction,
)
from throughline.communities.actions.ids import (
    keep_alias,
    name_community,
    release_id,
    reserve_id,
    use_id,
)
from throughline.communities.actions.merging import merge_communities
from throughline.communities.actions.people import Person, assign_role, carry_roles, end_roles
from throughline.communities.actions.records import FIELDS, Said, describe_community

__all__ = [
    "FIELDS",
    "Person",
    "Said",
    "Told",
    "answer_follow_up",
    "answer_question",
    "ask_further",
    "assign_role",
    "carry_roles",
    "describe_community",
    "edit_contact",
    "end_roles",
    "erase_contact",
    "issue_record_link",
    "keep_alias",
    "merge_communities",
    "merge_contacts",
    "name_community",
    "open_links",
    "open_record",
    "propose_correction",
    "release_id",
    "reserve_id",
    "revoke_record_link",
    "settle_correction",
    "stamp_of",
    "use_id",
]
