"""What the page of scope and dependencies shows, by a constant number of queries."""

from collections.abc import Iterable
from typing import Any

from throughline.delivery.joint import JointState, joint_works_of, state_of
from throughline.delivery.models import Deliverable, Project
from throughline.delivery.promised import promise_gaps, promises_to_serve
from throughline.delivery.promises import promise_source
from throughline.delivery.queries import engagement_in_full
from throughline.delivery.words import DeliverableState
from throughline.people.models import User
from throughline.people.words import Permission
from throughline.sales.models import Agreement
from throughline.sales.queries import is_executed
from throughline.sales.words import AmendmentKind
from throughline.web.delivery.scope_forms import (
    AddWorkForm,
    BeginForm,
    Choices,
    ClauseForm,
    DropForm,
    JoinForm,
    LeaveForm,
    NeedForm,
    OpenJointForm,
    PriceForm,
    RescopeForm,
    ServeForm,
    offering,
)
from throughline.web.moment import Moment

OPEN = frozenset({DeliverableState.PLANNED, DeliverableState.RETURNED})


def scope_page(user: User, number: int, now: Moment) -> dict[str, Any]:
    """Return what was promised, what waits for what and who carries it, with the forms to change it.

    Raises:
        Engagement.DoesNotExist: there is none of that number.
    """
    engagement = engagement_in_full(number)
    deal = engagement.deal
    agreements = list(deal.agreements.prefetch_related("signatories").order_by("pk"))
    amendments: Choices = [
        (one.pk, one.title) for one in agreements
        if one.amendment_kind == AmendmentKind.AMENDMENT and is_executed(one)
    ]  # fmt: skip
    projects = list(engagement.projects.all())
    every = [one for project in projects for one in project.deliverables.all()]
    standing = [one for one in every if one.state != DeliverableState.DROPPED]
    promises: Choices = [(one, one) for one in promises_to_serve(engagement)]
    joint = [state_of(work) for work in joint_works_of(engagement)]
    shared = {one.work.project_id for one in joint}
    return {
        "engagement": engagement,
        "deal": deal,
        "gaps": promise_gaps(engagement, playbook=now.playbook, standing=every),
        "lines": [_line(one, standing, amendments, promises) for one in standing],
        "clauses": list(engagement.clauses.select_related("agreement").order_by("pk")),
        "amendments": amendments,
        "joint": [_joint(one) for one in joint],
        "agreements": agreements,
        "projects": projects,
        "may_change": user.may(Permission.DELIVER) or user.may(Permission.VERIFY),
        "may_start": user.may(Permission.DELIVER) or user.may(Permission.EDIT_DEALS),
        "may": {permission.value: user.may(permission) for permission in Permission},
        **_forms(projects, agreements, amendments, now),
        "open_form": offering(
            OpenJointForm(auto_id="id_open_%s"),
            project=[(one.pk, one.title) for one in projects if one.pk not in shared],
        ),
    }  # fmt: skip


def _forms(
    projects: list[Project], agreements: list[Agreement], amendments: Choices, now: Moment
) -> dict[str, Any]:
    """Return the forms that add something to what was promised."""
    return {
        "add_form": offering(
            AddWorkForm(auto_id="id_add_%s"), project=[(one.code, one.title) for one in projects],
            amendment=[("", "None: nobody promised it"), *amendments],
        ),
        "clause_form": offering(
            ClauseForm(auto_id="id_clause_%s"),
            agreement=[(one.pk, one.title) for one in agreements],
        ),
        "begin_form": offering(
            BeginForm(auto_id="id_begin_%s"),
            template=[(one.code, one.title) for one in now.playbook.begun_by_people()],
        ),
    }  # fmt: skip


def _line(
    one: Deliverable, standing: Iterable[Deliverable], amendments: Choices, promises: Choices
) -> dict[str, Any]:
    others = [(other.pk, other.title) for other in standing if other.pk != one.pk]
    scope = {
        "points": "\n".join(one.definition_of_done), "low_h": one.low_h, "high_h": one.high_h,
    }  # fmt: skip
    ids = f"id_{one.pk}_%s"
    return {
        "one": one,
        "source": promise_source(one),
        "is_open": one.state in OPEN,
        "needs": [need.needed for need in one.needs.all()],
        "need_form": offering(NeedForm(auto_id=f"need_{ids}"), needed=others) if others else None,
        "rescope_form": offering(
            RescopeForm(auto_id=f"rescope_{ids}", initial=scope), amendment=amendments
        ),
        "drop_form": offering(DropForm(auto_id=f"drop_{ids}"), amendment=amendments),
        "serve_form": offering(
            ServeForm(auto_id=f"serve_{ids}", initial={"promise": one.promise}), promise=promises
        )
        if promises
        else None,
    }


def _joint(state: JointState) -> dict[str, Any]:
    ids = f"id_joint_{state.work.pk}_%s"
    deals: Choices = [(share.deal.reference, share.deal.name) for share in state.shares]
    price = {
        "price": state.work.price,
        "currency": state.work.currency or state.work.project.engagement.deal.currency,
    }
    return {
        "state": state,
        "join_form": JoinForm(auto_id=f"join_{ids}"),
        "leave_form": offering(LeaveForm(auto_id=f"leave_{ids}"), deal=deals),
        "price_form": PriceForm(auto_id=f"price_{ids}", initial=price),
    }
