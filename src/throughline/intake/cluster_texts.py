"""The text of cluster files, for patches: as it lies there, to the last character."""

from collections.abc import Sequence
from pathlib import Path

from throughline.intake.cluster_files import ClusterFile, read_folder


def texts_of(
    clusters: Sequence[ClusterFile], folders: Sequence[Path]
) -> dict[str, tuple[str, str]]:
    """Return path within its folder and text of each cluster's file, by cluster."""
    found = {}
    for one in clusters:
        for folder in folders:
            file = folder / one.file
            if one.name not in found and file.is_file():
                found[one.name] = (one.file, file.read_bytes().decode("utf-8-sig"))
    return found


def texts_in(folder: Path) -> dict[str, tuple[str, str]]:
    """Return path and text of the cluster files that lie in a folder.

    Raises:
        Refused: the folder cannot be read, or holds no cluster files.
    """
    return texts_of(read_folder([folder]).clusters, [folder])
