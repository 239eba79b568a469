"""SMTP through Django's backend, which notices when an answer was lost and who was refused."""

import re
import smtplib
from collections.abc import Sequence
from typing import Any, Final

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from throughline.mail.failures import AnswerLost

GO_ON: Final = 354
END: Final = b".\r\n"


class Watching(smtplib.SMTP):
    """Sends the end of a mail apart from the rest: what breaks after it has an unknown end."""

    def sendmail(
        self,
        from_addr: str,
        to_addrs: str | Sequence[str],
        msg: Any,
        mail_options: Sequence[str] = (),
        rcpt_options: Sequence[str] = (),
    ) -> dict[str, tuple[int, bytes]]:
        """Send, and keep who was refused while others were not: Django forgets them."""
        self.refused = super().sendmail(from_addr, to_addrs, msg, mail_options, rcpt_options)
        return self.refused

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Send a mail's content, as RFC 5321 §4.1.1.4 asks.

        Raises:
            SMTPDataError: the server wants none.
            AnswerLost: all of it was sent, and no answer came.
        """
        code, words = self.docmd("data")
        if code != GO_ON:
            raise smtplib.SMTPDataError(code, words)
        content = msg.encode("ascii") if isinstance(msg, str) else msg
        content = re.sub(rb"(?m)^\.", b"..", re.sub(rb"\r\n|\r|\n", b"\r\n", content))
        self.send(content if content.endswith(b"\r\n") else content + b"\r\n")
        try:
            self.send(END)
            return self.getreply()
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self.close()
            raise AnswerLost(f"the mail was sent whole, then: {error}") from error


class WatchingBackend(EmailBackend):
    """Django's backend over a connection that watches."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _WatchingTls if self.use_ssl else Watching

    def _send(self, email_message: EmailMessage) -> bool:
        sent = bool(super()._send(email_message))  # type: ignore[misc]  # the stubs lack it
        refused = getattr(self.connection, "refused", {})
        email_message.refused = {  # type: ignore[attr-defined]  # read by `leaving.hand_over`
            address: f"{code} {words.decode(errors='replace')}"
            for address, (code, words) in refused.items()
        }
        return sent


class _WatchingTls(Watching, smtplib.SMTP_SSL):
    """The same from the first byte on under TLS."""
