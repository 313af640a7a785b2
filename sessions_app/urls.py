from django.urls import path

from sessions_app.views import invitations, mine, registrations, sessions

app_name = "sessions"
urlpatterns = [
    path("bijeenkomsten/", sessions.session_list, name="list"),
    path("bijeenkomsten/maand/", sessions.this_month, name="this_month"),
    path("bijeenkomsten/maand/<str:month>/", sessions.month, name="month"),
    path("bijeenkomsten/<int:pk>/", sessions.detail, name="detail"),
    path("bijeenkomsten/<int:pk>/agenda.ics", sessions.calendar_download, name="calendar"),
    path("bijeenkomsten/<int:pk>/aanmelden/", registrations.register, name="register"),
    path("bijeenkomsten/<int:pk>/afmelden/", registrations.cancel, name="cancel"),
    path("bijeenkomsten/<int:pk>/deelnemers/", registrations.participants, name="participants"),
    path("uitnodiging/<str:token>/", invitations.invitation, name="invitation"),
    path("mijn-agenda/", mine.mine, name="mine"),
]
