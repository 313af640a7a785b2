from django.urls import path

from integrity import views

app_name = "integrity"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("agenda/", views.agenda, name="agenda"),
]
