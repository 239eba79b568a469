"""GitHub in small: one organisation's repositories, issues, labels, boards and Apps."""

from throughline.simulators.github.server import GitHubSimulator
from throughline.simulators.github.world import Board, Issue, Repository

__all__ = ["Board", "GitHubSimulator", "Issue", "Repository"]
