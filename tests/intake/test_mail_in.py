"""A mail that came in: alerts go to the alerts, once; all else to the mail that it answers."""

import pytest

from tests.factories import NOON, make_engagement
from tests.handoff.world import fresh, with_cluster
from tests.intake.alerts.texts import MAIL
from throughline.budgets.models import Alert, Received
from throughline.intake.alerts.doors import take_file
from throughline.intake.alerts.reading import read_alerts
from throughline.intake.mail_in import take_mail
from throughline.mail.models import Echo
from throughline.playbook.loader import shipped

pytestmark = pytest.mark.django_db
NAMED = f"X-Envelope-From: <a@example.org>\nMessage-ID: <one@aws>\n{MAIL}"
HUMAN = """\
From: Rae <rae@example.org>
To: {to}
Message-ID: <two@example.org>
Subject: {subject}
{more}
Could you look at our bill?
"""


def take(text):
    return take_mail(text.encode(), name="in.eml", playbook=shipped(), by="ada", at=NOON)


def human(to="support+earthscope@2i2c.org", subject="Our costs", more=""):
    return HUMAN.format(to=to, subject=subject, more=more)


def test_alert_of_aws_becomes_a_ticket_of_its_engagement_and_no_reply():
    engagement = make_engagement(name="EarthScope 2026")
    with_cluster(engagement)

    taken = take(NAMED)
    read_alerts(playbook=shipped(), at=NOON)

    assert (taken.echo, taken.is_new, Echo.objects.count()) == (None, True, 0)
    assert Alert.objects.get().engagement == fresh(engagement)


def test_same_mail_is_kept_once_however_it_came_and_in_whichever_head():
    take(NAMED)
    again = take(f"Received: from elsewhere\n{NAMED}")
    by_file = take_file(NAMED.encode(), by="ada", at=NOON)

    assert (again.is_new, by_file[1], Received.objects.count()) == (False, False, 1)
    assert Received.objects.get().times == 3


@pytest.mark.parametrize(
    "text",
    [
        human(),
        human("Team <Support+EarthScope@2i2c.org>, x@example.org"),
        human("support@2i2c.org", subject="Fwd: AWS Budgets: test has exceeded your threshold"),
        MAIL.replace("support+earthscope", "partnerships")
        .replace("Subject: AWS Budgets", "Subject: Budgets")
        .replace("Subject:", "Message-ID: <a@b>\nAuto-Submitted: auto-generated\nSubject:"),
    ],
)
def test_what_aws_wrote_or_came_to_a_communitys_address_is_an_alert(text):
    taken = take(text)

    assert (taken.echo, Received.objects.get()) == (None, taken.alert)


@pytest.mark.parametrize(
    "text",
    [
        human("support@2i2c.org"),
        human("support+@2i2c.org"),
        human("support+earthscope@example.org"),
        human(more="In-Reply-To: <ours@2i2c.org>\n"),
        human(more="Auto-Submitted: auto-replied\n"),
        human("support@2i2c.org", subject="Re: AWS Budgets: test has exceeded your threshold"),
    ],
)
def test_answer_and_what_went_elsewhere_stay_replies(text):
    taken = take(text)

    assert (taken.alert, Received.objects.count()) == (None, 0)
    assert Echo.objects.get() == taken.echo


def test_alert_that_nobody_can_read_waits_for_a_person_and_no_ticket_is_made():
    take(human())

    read = read_alerts(playbook=shipped(), at=NOON)

    assert (len(read.unreadable), Alert.objects.count()) == (1, 0)
