from django.apps import AppConfig


class OfflineConfig(AppConfig):
    name = "studio.offline"
    label = "offline"
    verbose_name = "Offline provider"
