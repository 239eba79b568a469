from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "throughline.intake"
