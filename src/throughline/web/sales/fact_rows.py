"""The facts that hold several things, each with fields of its own: rows of plain inputs."""

from datetime import date
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from throughline.communities.models import ContextAnswer
from throughline.sales.words import AgreementKind, SigningState
from throughline.web.sales.fact_forms import FactForm, Row


def day_input(label: str) -> forms.DateField:
    """Return an optional field for a day."""
    return forms.DateField(
        required=False,
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "That is not a day. Write it as 2026-06-30."},
    )


def text_input(label: str, longest: int, *, lines: int = 1, help_text: str = "") -> forms.CharField:
    """Return an optional field for text."""
    widget = forms.Textarea(attrs={"rows": lines}) if lines > 1 else forms.TextInput
    return forms.CharField(
        required=False, label=label, max_length=longest, widget=widget, help_text=help_text
    )


class DatesForm(FactForm):
    """Start and last day, and one due date for each deliverable of the statement of work."""

    left_out = frozenset({"deliverables"})

    @property
    def titles(self) -> list[str]:
        """The deliverables of the newest statement of work."""
        statement = self.setting.facts.statement
        return [one["title"] for one in statement.content["deliverables"]] if statement else []

    def add_rows(self) -> None:
        for index, title in enumerate(self.titles):
            self.fields[f"due_{index}"] = day_input(title)

    def known(self) -> dict[str, Any]:
        deal = self.setting.facts.deal
        due = {
            f"due_{index}": date.fromisoformat(deal.deliverable_dates[title])
            for index, title in enumerate(self.titles)
            if title in deal.deliverable_dates
        }
        start = deal.contract_start_on or deal.target_start_on
        return {"start_on": start, "end_on": deal.contract_end_on or deal.target_end_on, **due}

    @property
    def rows(self) -> list[Row]:
        fields = tuple(self[f"due_{index}"] for index in range(len(self.titles)))
        return [Row("Deliverables are due on", fields)] if fields else []

    def value(self) -> dict[str, Any]:
        due = {
            title: self.cleaned_data[f"due_{index}"]
            for index, title in enumerate(self.titles)
            if self.cleaned_data[f"due_{index}"]
        }
        return {**super().value(), "deliverables": due}


class PeopleForm(FactForm):
    """One row for each role: who has it, and room for one person more."""

    left_out = frozenset({"people"})

    def add_rows(self) -> None:
        for role in self.setting.playbook.engagement_roles:
            self.fields[f"full_name_{role.code}"] = text_input("Full name", 160)
            self.fields[f"email_{role.code}"] = forms.EmailField(
                required=False,
                label="E-mail",
                max_length=254,
                error_messages={"invalid": "That is no e-mail address."},
            )
            self.fields[f"github_id_{role.code}"] = text_input("GitHub id", 60)

    @property
    def rows(self) -> list[Row]:
        return [
            Row(
                f"{role.name}" if role.required else f"{role.name} (optional)",
                self._fields_of(role.code),
                self._holders(role.code),
            )
            for role in self.setting.playbook.engagement_roles
        ]

    def _fields_of(self, role: str) -> tuple[BoundField, ...]:
        return tuple(self[f"{part}_{role}"] for part in ("full_name", "email", "github_id"))

    def _holders(self, role: str) -> str:
        names = [one.contact.full_name for one in self.setting.facts.roles if one.role == role]
        return f"Now: {', '.join(names)}. Fill in to add another." if names else ""

    @property
    def introduction(self) -> str:
        return "Fill in whom you know; a person is found again by their e-mail."

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for role in self.setting.playbook.engagement_roles:
            reachable = cleaned.get(f"email_{role.code}") or cleaned.get(f"github_id_{role.code}")
            if reachable and not cleaned.get(f"full_name_{role.code}"):
                self.add_error(f"full_name_{role.code}", "Who is it? Give the full name.")
            if cleaned.get(f"full_name_{role.code}") and not reachable:
                self.add_error(f"email_{role.code}", "Give an e-mail or a GitHub id to reach them.")
        if not self.errors and not self.value()["people"]:
            self.add_error(None, "Nobody is named. Fill in at least one row.")
        return cleaned

    def value(self) -> dict[str, Any]:
        return {
            "people": [
                {
                    "role": role.code,
                    "full_name": name,
                    "email": self.cleaned_data.get(f"email_{role.code}", ""),
                    "github_id": self.cleaned_data.get(f"github_id_{role.code}", ""),
                }
                for role in self.setting.playbook.engagement_roles
                if (name := self.cleaned_data.get(f"full_name_{role.code}"))
            ]
        }


class ContextForm(FactForm):
    """One text for each question, its source, and whether it was asked without an answer."""

    left_out = frozenset({"answers"})

    @property
    def standing(self) -> dict[str, ContextAnswer]:
        """What the community has said, by question."""
        community = self.setting.facts.deal.community
        return {one.question: one for one in community.context.all()} if community else {}

    def add_rows(self) -> None:
        for question in self.setting.playbook.context_questions:
            self.fields[f"text_{question.code}"] = text_input("Answer", 20_000, lines=4)
            self.fields[f"source_{question.code}"] = text_input("Source", 250)
            self.fields[f"asked_{question.code}"] = forms.BooleanField(
                required=False, label="Asked, not answered yet"
            )

    def known(self) -> dict[str, Any]:
        known: dict[str, Any] = {}
        for code, answer in self.standing.items():
            known |= {f"text_{code}": answer.text, f"source_{code}": answer.source}
            known[f"asked_{code}"] = not answer.text
        return known

    @property
    def rows(self) -> list[Row]:
        return [
            Row(one.text, tuple(self[f"{part}_{one.code}"] for part in ("text", "source", "asked")))
            for one in self.setting.playbook.context_questions
        ]

    @property
    def introduction(self) -> str:
        return "Markdown is welcome. The source is a call, a mail or an address."

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not self.value()["answers"]:
            self.add_error(None, "Nothing is new. Write an answer, or mark what was asked.")
        return cleaned

    def value(self) -> dict[str, Any]:
        """Return the answers that are new, so that the others keep their author and day."""
        changed = set(self.changed_data)
        return {
            "answers": [
                {
                    "question": one.code,
                    "text": self.cleaned_data[f"text_{one.code}"],
                    "source": self.cleaned_data[f"source_{one.code}"],
                }
                for one in self.setting.playbook.context_questions
                if changed & {f"text_{one.code}", f"source_{one.code}", f"asked_{one.code}"}
                and (
                    self.cleaned_data[f"text_{one.code}"] or self.cleaned_data[f"asked_{one.code}"]
                )
            ]
        }


class ArtefactForm(FactForm):
    """The document, and who signs it for which party."""

    left_out = frozenset({"signatories"})
    PARTIES = 3  # rows; an agreement has two parties, seldom more

    def add_rows(self) -> None:
        for index in range(self.PARTIES):
            self.fields[f"party_{index}"] = text_input("Party", 160)
            self.fields[f"name_{index}"] = text_input("Signed by", 160)

    def known(self) -> dict[str, Any]:
        agreement = self.setting.facts.agreement
        if agreement is None:
            deal = self.setting.facts.deal
            return {"effective_on": deal.contract_start_on, "end_on": deal.contract_end_on}
        known = {name: getattr(agreement, name) for name in self.plain}
        for index, one in enumerate(self._signatories()):
            known |= {f"party_{index}": one.party, f"name_{index}": one.name}
        return known

    def _signatories(self) -> list[Any]:
        agreement = self.setting.facts.agreement
        found = list(agreement.signatories.all()) if agreement else []
        return sorted(found, key=lambda one: one.position)

    @property
    def rows(self) -> list[Row]:
        return [
            Row(f"Party {index + 1}", (self[f"party_{index}"], self[f"name_{index}"]))
            for index in range(self.PARTIES)
        ]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for index in range(self.PARTIES):
            party, name = cleaned.get(f"party_{index}"), cleaned.get(f"name_{index}")
            if bool(party) != bool(name):
                missing = f"name_{index}" if party else f"party_{index}"
                self.add_error(missing, "A signature needs the party and who signs for it.")
        return cleaned

    @property
    def introduction(self) -> str:
        signed = [one for one in self._signatories() if one.state == SigningState.SIGNED]
        if not signed:
            return ""
        names = ", ".join(one.party for one in signed)
        return f"{names} signed already. A document that changes has to be signed anew."

    def value(self) -> dict[str, Any]:
        parties = [
            {"party": party, "name": self.cleaned_data[f"name_{index}"]}
            for index in range(self.PARTIES)
            if (party := self.cleaned_data[f"party_{index}"])
        ]
        return {**super().value(), "signatories": parties}


class ExecutionForm(FactForm):
    """The day of each signature that is missing; of a purchase order, its acceptance."""

    left_out = frozenset({"signed"})

    @property
    def open_parties(self) -> list[Any]:
        """The signatories who have not signed."""
        agreement = self.setting.facts.agreement
        found = agreement.signatories.all() if agreement else []
        unsigned = [one for one in found if one.state != SigningState.SIGNED]
        return sorted(unsigned, key=lambda one: one.position)

    def unneeded(self) -> frozenset[str]:
        agreement = self.setting.facts.agreement
        is_order = agreement is not None and agreement.kind == AgreementKind.PURCHASE_ORDER
        return frozenset() if is_order else frozenset({"accepted_on", "reference"})

    def add_rows(self) -> None:
        for one in self.open_parties:
            self.fields[f"signed_{one.position}"] = day_input(f"{one.name} for {one.party}")

    def known(self) -> dict[str, Any]:
        agreement = self.setting.facts.agreement
        return {"reference": agreement.reference} if agreement and "reference" in self.plain else {}

    @property
    def rows(self) -> list[Row]:
        fields = tuple(self[f"signed_{one.position}"] for one in self.open_parties)
        return [Row("Signed on", fields)] if fields else []

    @property
    def introduction(self) -> str:
        if self.setting.facts.agreement is None:
            return "Name the document that governs the deal first."
        if not self.open_parties and not self.plain:
            return "Nobody is left who has to sign."
        return ""

    def value(self) -> dict[str, Any]:
        signed = [
            {"party": one.party, "signed_on": day}
            for one in self.open_parties
            if (day := self.cleaned_data[f"signed_{one.position}"])
        ]
        return {**super().value(), "signed": signed}
