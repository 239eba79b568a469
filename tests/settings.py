"""The settings with what a test must not touch put elsewhere: a home of its own, quick passwords."""

import os
import tempfile

os.environ["THROUGHLINE_HOME"] = tempfile.mkdtemp(prefix="throughline-tests-")
os.environ.setdefault("THROUGHLINE_SECRET_KEY", "only-for-tests")

from throughline.config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {  # noqa: F405
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":  # noqa: F405
    # What a test commits need not outlive the machine.
    DATABASES["default"]["OPTIONS"] = {"options": "-c synchronous_commit=off"}  # noqa: F405
# The threads of a test end with it, and its database is dropped after them: none keeps a connection.
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405
