"""The facts whose forms need to know more than their fields: what is known, offered, or open."""

from typing import Any

from django.forms import HiddenInput

from throughline.communities.queries import proposed_id
from throughline.sales.permissions import review_waits
from throughline.web.sales.fact_forms import FactForm


class OwnerForm(FactForm):
    """Who has the deal; at first whoever asks."""

    def known(self) -> dict[str, Any]:
        return {"owner": self.setting.facts.deal.owner or self.setting.by}


class CommunityForm(FactForm):
    """Whom the deal serves."""

    def known(self) -> dict[str, Any]:
        community = self.setting.facts.deal.community
        return {"short_name": community.short_name if community else ""}


class CommunityIdForm(FactForm):
    """The id to reserve, as it is or as the name proposes it."""

    def known(self) -> dict[str, Any]:
        community = self.setting.facts.deal.community
        if community is None:
            return {}
        return {"community_id": community.community_id or proposed_id(community.short_name)}


class RecordForm(FactForm):
    """The community's record; only what is changed is written."""

    def known(self) -> dict[str, Any]:
        community = self.setting.facts.deal.community
        return {name: getattr(community, name) for name in self.plain} if community else {}

    def value(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.plain if name in self.changed_data}


class CloudForm(FactForm):
    """Cloud and region, or why they are unknown."""

    def known(self) -> dict[str, Any]:
        community = self.setting.facts.deal.community
        if community is None:
            return {}
        names = {"unknown_because": "cloud_unknown_because"}
        return {name: getattr(community, names.get(name, name)) for name in self.plain}


class ReviewForm(FactForm):
    """A question to PS or why there is none; while one waits, its answer."""

    def unneeded(self) -> frozenset[str]:
        if review_waits(self.setting.facts):
            return frozenset({"kind", "question", "needed_by", "not_needed_because"})
        return frozenset({"answer"})

    @property
    def introduction(self) -> str:
        waiting = [review for review in self.setting.facts.deal.reviews.all() if review.is_open]
        return f"{waiting[0].asked_by} asks: {waiting[0].question}" if waiting else ""


class TierForm(FactForm):
    """The tier, of those in the playbook."""

    def choices(self) -> dict[str, list[tuple[str, str]]]:
        return {"tier": [(tier.code, tier.name) for tier in self.setting.playbook.tiers]}

    def known(self) -> dict[str, Any]:
        deal = self.setting.facts.deal
        return {"tier": deal.tier, "none_because": deal.tier_none_because}


class SignOffForm(FactForm):
    """In which role the newest version is signed off; roles that have signed it are left out."""

    def choices(self) -> dict[str, list[tuple[str, str]]]:
        statement = self.setting.facts.statement
        signed = {one.role for one in statement.sign_offs.all()} if statement else set()
        roles = [one for one in self.setting.playbook.signoff_roles if one.code not in signed]
        offered = roles or self.setting.playbook.signoff_roles
        return {"role": [(one.code, one.name) for one in offered]}

    def add_rows(self) -> None:
        if "version" in self.fields:  # what is signed off is what this person had before them
            self.fields["version"].widget = HiddenInput()

    def known(self) -> dict[str, Any]:
        statement = self.setting.facts.statement
        return {"version": statement.version if statement else None}

    @property
    def introduction(self) -> str:
        statement = self.setting.facts.statement
        if statement is None:
            return "There is no statement of work yet."
        return f"You have read version {statement.version}, “{statement.title}”."


class LegalForm(FactForm):
    """A flag for legal advice; once it is raised, the answer."""

    def unneeded(self) -> frozenset[str]:
        flagged = bool(self.setting.facts.deal.legal_needed_because)
        return frozenset({"needed_because" if flagged else "answer"})

    @property
    def introduction(self) -> str:
        because = self.setting.facts.deal.legal_needed_because
        return f"Asked of the Sponsor: {because}" if because else ""


class RequestForm(FactForm):
    """Nothing to fill in."""

    @property
    def introduction(self) -> str:
        return "This puts the signatures on the Sponsor's desk."


class LossForm(FactForm):
    """Why the deal was lost."""

    def known(self) -> dict[str, Any]:
        return {"reason": self.setting.facts.deal.lost_reason}
