"""What must hold of the figures that budgets are made with."""

from throughline.playbook.source import Source
from throughline.playbook.written import Written

MOST_MONTHS, MOST_STEPS = 12, 10  # what AWS takes


def check_budgets(written: Written, source: Source) -> None:
    """Refuse figures that no budget can be made with.

    Raises:
        PlaybookError: the first such figure.
    """
    rule = written.budgets
    if not 1 <= rule.history_months <= MOST_MONTHS:
        source.refuse(
            ("budgets", "history_months"),
            f"no budget looks back {rule.history_months} months.",
            remedy=f"Write 1 to {MOST_MONTHS}.",
        )
    if rule.forecast_above_pct < 1:
        source.refuse(
            ("budgets", "forecast_above_pct"),
            "every month would be told of.",
            remedy="Write more than 0, such as 120.",
        )
    steps = rule.ceiling_steps_pct
    if not steps or len(steps) > MOST_STEPS or list(steps) != sorted(set(steps)) or steps[0] < 1:
        source.refuse(
            ("budgets", "ceiling_steps_pct"),
            "the steps of a ceiling must rise, and be one to ten.",
            remedy="Write, say, [50, 80, 100].",
        )
