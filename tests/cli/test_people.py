"""People, tokens and webhooks by command: the keys of the answers, and what they leave behind."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP

from throughline.handoff.models import Subscription
from throughline.people.models import ApiToken, User

pytestmark = pytest.mark.django_db


def test_person_is_invited_given_roles_and_let_go(ask):
    invited = ask("user", "invite", "ada", "ada@example.org", "--role", "BD")
    changed = ask("user", "roles", "ada", "--role", "lead")
    gone = ask("user", "leave", "ada", "--with-links")

    assert set(invited) == {
        "user", "full_name", "email", "roles", "is_active", "last_signed_in_at",
    }  # fmt: skip
    assert (changed["roles"], gone["is_active"]) == (["Lead"], False)
    assert set(gone["ended"]) == {"sessions", "tokens", "links"}
    assert User.objects.get(username="ada").is_active is False


def test_token_is_shown_once_listed_and_revoked(ask):
    ask("user", "add", "ada", "--role", "BD")

    made = ask("user", "token", "ada", "--for", "n8n", "--scope", "read", "--days", "9")
    listed = ask("user", "tokens")
    revoked = ask("user", "revoke-token", str(made["token"]))

    assert made["secret"].startswith("tl_")
    assert "secret" not in listed[0]
    assert (revoked["revoked_at"] is None, ApiToken.objects.count()) == (False, 1)


def test_webhook_is_made_tested_stopped_and_ended(ask):
    made = ask("webhook", "add", "n8n", "https://example.org/hook", "--act", "sales")
    told = ask("webhook", "test", str(made["webhook"]))
    number = str(made["webhook"])
    log = ask("webhook", "log", number)
    rotated = ask("webhook", "rotate", number)
    for step in ("stop", "go-on", "end"):
        ask("webhook", step, number)

    assert made["secret"].startswith("whsec_")
    assert rotated["secret"] != made["secret"]
    assert [one["id"] for one in log] == [told["id"]]
    assert Subscription.objects.get().ended_at is not None


def test_nobody_is_refused_with_what_to_do(ask):
    refused = ask("user", "leave", "nobody", code=1)

    assert refused == {
        "refused": "There is no user nobody.", "remedy": "See `throughline user list`.",
    }  # fmt: skip


def test_second_factor_is_reset_by_a_second_person_who_says_why(ask):
    ask("user", "add", "pia", "--role", "Admin", "--email", "pia@example.org")
    TOTP.activate(User.objects.get(username="pia"), "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")

    own = ask("user", "reset-factor", "pia", "--because", "Lost.", "--by", "pia", code=1)
    done = ask("user", "reset-factor", "pia", "--because", "She rang.", "--by", "adm")
    again = ask("user", "reset-factor", "pia", "--because", "She rang.", "--by", "adm", code=1)

    assert (
        own["refused"] == "Resetting a second factor needs two persons, and pia did the first part."
    )
    assert (done["user"], done["ended"]) == ("pia", {"sessions": 0})
    assert again["refused"] == "pia has no second factor."
