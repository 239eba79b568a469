import pytest

from tests.mail.server import mail_server


@pytest.fixture
def server(settings):
    """A real mail server on this machine, that mail leaves through."""
    with mail_server() as (script, port):
        settings.EMAIL_BACKEND = "throughline.mail.smtp.WatchingBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.EMAIL_USE_TLS, settings.EMAIL_TIMEOUT = False, 10
        yield script
