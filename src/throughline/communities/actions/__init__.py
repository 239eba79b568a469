"""Writing down what is known about communities and their people."""

from throughline.communities.actions.context import answer_follow_up, answer_question, ask_further
from throughline.communities.actions.ids import (
    keep_alias,
    name_community,
    release_id,
    reserve_id,
    use_id,
)
from throughline.communities.actions.people import Person, assign_role, end_roles
from throughline.communities.actions.records import FIELDS, describe_community

__all__ = [
    "FIELDS",
    "Person",
    "answer_follow_up",
    "answer_question",
    "ask_further",
    "assign_role",
    "describe_community",
    "end_roles",
    "keep_alias",
    "name_community",
    "release_id",
    "reserve_id",
    "use_id",
]
