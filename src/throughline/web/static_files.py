"""Static files under hashed names, compressed, where they have been collected; plain otherwise."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped library
    """Hashed and compressed names; a name without a hash is served as it is."""

    manifest_strict = False
