"""Static files under hashed names, compressed, where they have been collected; plain otherwise."""

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped library
    """Hashed and compressed names; a name without a hash is served as it is."""

    manifest_strict = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin without an address."""
        super().__init__(*args, **kwargs)
        self._addresses: dict[str, str] = {}

    def url(self, name: str, force: bool = False) -> str:  # noqa: FBT001, FBT002 -- Django's own
        """Return a file's address; found out once, for a page names dozens, most of them icons."""
        if force:
            address: str = super().url(name, force)
            return address
        if name not in self._addresses:
            self._addresses[name] = super().url(name)
        return self._addresses[name]

    def save_manifest(self) -> None:
        """Keep the names as they were collected now, and forget the addresses of before."""
        super().save_manifest()
        self._addresses.clear()
