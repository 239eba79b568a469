from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "throughline.intake"

    def ready(self) -> None:
        from throughline.intake.hubspot import stages  # noqa: F401, PLC0415 -- registers, with models
