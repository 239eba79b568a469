"""AWS's budgets in small, and the door through which a linked account is entered."""

from throughline.simulators.aws_budgets.server import AwsBudgetsSimulator

__all__ = ["AwsBudgetsSimulator"]
