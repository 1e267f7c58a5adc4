"""Mounted under /offline/ where the HTTP face is on."""

from django.urls import path

from studio.offline import views

app_name = "offline"
urlpatterns = [path("<path:path>", views.answer, name="answer")]
