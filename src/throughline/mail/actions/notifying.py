"""Telling our own people: the one way, which asks everybody how they want to be told.

What must reach somebody whatever they chose (renewal notices, letters to communities) is a duty,
and is queued as a mail.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Final

from django.conf import settings
from django.db import transaction

from throughline.journal.actions import record
from throughline.mail.actions.queueing import queue_message
from throughline.mail.html import body_of
from throughline.mail.letters import Draft, draft_of
from throughline.mail.models import Notification
from throughline.mail.queries import wishes_of
from throughline.mail.wishes import Wishes
from throughline.mail.words import Channel, MailKind
from throughline.people.models import User
from throughline.playbook.model import Playbook
from throughline.playbook.parts import Lines, MailTemplate

FOOT = (
    "\n--\nYou are told of this at once, as you chose or as is usual here. To change that:\n{url}\n"
)


NOTES: Final = "the-notes-stand-here"  # in the page of a digest, until they do
FOOT_HTML = (
    '<p class="foot">You are told of this at once, as you chose or as is usual here.'
    ' <a href="{url}">Change that</a>.</p>'
)


@dataclass(frozen=True, slots=True)
class Note:
    """Something that people of ours are to know, under a key that is told to each of them once."""

    key: str
    subject: str
    text: str
    about: str
    blocks: bool  # it waits for those who are told
    html: str = ""  # where the playbook's text has an HTML part of its own


def note_of(
    template: MailTemplate, facts: Mapping[str, str], *, key: str, about: str, blocks: bool
) -> Note:
    """Return what a text of the playbook tells our people, in plain text and HTML.

    Raises:
        MailNotFilled: a fact is missing.
    """
    draft = draft_of(template, facts, key=key, to=(), about=about)
    return Note(key, draft.subject, draft.text, about, blocks, draft.html)


@transaction.atomic
def notify(
    people: Iterable[User], note: Note, *, playbook: Playbook, by: str, at: datetime
) -> list[Notification]:
    """Tell people something, each once and as they chose, and return what is new to them.

    At once: a mail of its own, after their quiet hours. In the digest: it waits for the next one.
    Whoever wants no mail, or has no address, finds it on Today like everybody else.
    """
    told = {one.pk: one for one in people if one.is_active}
    wishes = wishes_of(told, playbook)
    fresh = []
    for user in told.values():
        row, is_new = Notification.objects.get_or_create(
            user=user.pk,
            key=note.key,
            defaults={
                "subject": " ".join(note.subject.split())[:250],
                "text": note.text,
                "html": note.html,
                "about": note.about,
                "blocks": note.blocks,
                "at": at,
            },
        )
        if is_new:
            _tell(row, note.html, user, wishes[user.pk], by=by, at=at)
            fresh.append(row)
    return fresh


def _tell(
    row: Notification, html: str, user: User, wishes: Wishes, *, by: str, at: datetime
) -> None:
    channel = wishes.channel(blocks=row.blocks) if user.email else Channel.NONE
    if channel == Channel.DIGEST:
        row.waits = True
    elif channel == Channel.INSTANT:
        draft = Draft(
            key=f"told:{user.pk}:{row.key}"[:200],
            to=(user.email,),
            subject=row.subject,
            text=row.text.rstrip() + "\n" + FOOT.format(url=preferences_url()),
            about=row.about,
            html=html + FOOT_HTML.format(url=preferences_url()) if html else "",
            kind=MailKind.NOTIFICATION,
            user=user.pk,
        )
        row.message, _new = queue_message(draft, by=by, at=at, not_before=wishes.not_before(at))
    row.save(update_fields=["waits", "message"])


def tell_owner(owner: str, note: Note, *, playbook: Playbook, by: str, at: datetime) -> None:
    """Tell whoever owns a deal: as they chose, if they are a user; an address alone is written to."""
    if "@" not in owner:
        notify(User.objects.filter(username=owner), note, playbook=playbook, by=by, at=at)
        return
    key = f"told:{owner}:{note.key}"[:200]
    draft = Draft(key, (owner,), note.subject, note.text, note.about, note.html)
    queue_message(draft, by=by, at=at)


def preferences_url() -> str:
    """Return the page on which people choose how they are told."""
    return f"{settings.BASE_URL}/preferences/"


def send_digests(*, playbook: Playbook, by: str, at: datetime) -> int:
    """Send everybody the digest whose time has come since their oldest news; return how many."""
    waiting: dict[int, datetime] = {}
    for user, since in Notification.objects.filter(waits=True).values_list("user", "at"):
        waiting[user] = min(since, waiting.get(user, since))
    wishes = wishes_of(waiting, playbook)
    due = [user for user, since in waiting.items() if wishes[user].next_digest(since) <= at]
    return sum(_send_digest(user, playbook=playbook, by=by, at=at) for user in sorted(due))


@transaction.atomic
def _send_digest(user_id: int, *, playbook: Playbook, by: str, at: datetime) -> bool:
    """Send one person's digest; of two workers, the second finds nothing left to tell."""
    found = Notification.objects.select_for_update().filter(user=user_id, waits=True)
    notes = list(found.order_by("-blocks", "pk"))
    user = User.objects.filter(pk=user_id, is_active=True).exclude(email="").first()
    Notification.objects.filter(pk__in=[one.pk for one in notes]).update(waits=False)
    if not notes or user is None:
        return False
    template = playbook.mail("digest")
    facts = {
        "count": f"{len(notes)} thing{'s' if len(notes) > 1 else ''}",
        "lines": Lines("\n\n".join(_paragraph(one) for one in notes)),
        "preferences_url": preferences_url(),
        "organisation": playbook.organisation.name,
    }
    plain = draft_of(
        template, facts, key=f"digest:{user_id}:{notes[-1].pk}:{len(notes)}", to=(user.email,),
        about="digest",
    )  # fmt: skip
    draft = Draft(
        plain.key, plain.to, plain.subject, plain.text, plain.about,
        _html_of_digest(template, facts, notes),
        kind=MailKind.DIGEST, user=user_id,
    )  # fmt: skip
    message, _new = queue_message(draft, by=by, at=at)
    Notification.objects.filter(pk__in=[one.pk for one in notes]).update(message=message)
    record("mail.digest.queued", user, by=by, at=at, count=len(notes))
    return True


def _html_of_digest(
    template: MailTemplate, facts: Mapping[str, str], notes: Sequence[Notification]
) -> str:
    """Return the digest's page with what notes have of their own; "": it is made of the text."""
    own = template.filled_html({**facts, "lines": NOTES})
    if not own and not any(one.html for one in notes):
        return ""
    _subject, text = template.filled({**facts, "lines": NOTES})
    page = own or body_of(text, ours=settings.BASE_URL)
    inner = "\n".join(_html_paragraph(one) for one in notes)
    mark = f"<p>{NOTES}</p>" if f"<p>{NOTES}</p>" in page else NOTES
    return page.replace(mark, inner)


def _html_paragraph(note: Notification) -> str:
    if not note.html:
        return body_of(_paragraph(note), ours=settings.BASE_URL)
    return f"<p>{escape(_head(note))}</p>\n{note.html}"


def _head(note: Notification) -> str:
    return f"{'Waits for you: ' if note.blocks else ''}{note.subject}"


def _paragraph(note: Notification) -> str:
    return f"{_head(note)}\n{note.text.strip()}"
