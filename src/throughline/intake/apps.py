from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "throughline.intake"

    def ready(self) -> None:
        from throughline.intake.hubspot import stages  # noqa: F401, PLC0415 -- registers, with models
        from throughline.intake.hubspot.actions import (  # noqa: PLC0415 -- registers, with models
            written,  # noqa: F401 -- registers
        )
