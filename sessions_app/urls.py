from django.urls import path

from sessions_app.views import invitations, mine, participants, places, programme, proposals, registrations, sessions

app_name = "sessions"
urlpatterns = [
    path("programma/", programme.current, name="programme_current"),
    path("programma/<int:year>/", programme.programme, name="programme"),
    path("leerlijnen/<slug:slug>/", programme.line, name="line"),
    path("activiteiten/<slug:slug>/", programme.activity, name="activity"),
    path("bijeenkomsten/", sessions.session_list, name="list"),
    path("bijeenkomsten/maand/", sessions.this_month, name="this_month"),
    path("bijeenkomsten/maand/<str:month>/", sessions.month, name="month"),
    path("bijeenkomsten/<int:pk>/", sessions.detail, name="detail"),
    path("bijeenkomsten/<int:pk>/agenda.ics", sessions.calendar_download, name="calendar"),
    path("bijeenkomsten/<int:pk>/aanmelden/", registrations.register, name="register"),
    path("bijeenkomsten/<int:pk>/afmelden/", registrations.cancel, name="cancel"),
    path("bijeenkomsten/<int:pk>/plaats/", places.my_place, name="my_place"),
    path("bijeenkomsten/<int:pk>/deelnemers/", participants.participants, name="participants"),
    path("bijeenkomsten/<int:pk>/deelnemers/bestand/", participants.participants_file, name="participants_file"),
    path("bijeenkomsten/<int:pk>/aanwezig/", participants.attendance, name="attendance"),
    path("bijeenkomsten/<int:pk>/aanwezig/overigen/", participants.attendance_rest, name="attendance_rest"),
    path("bijeenkomsten/<int:pk>/collega/", registrations.register_colleague, name="register_colleague"),
    path("bijeenkomsten/<int:pk>/toegang-en-eten/", registrations.needs, name="needs"),
    path("agenderen/", proposals.propose, name="propose"),
    path("agenderen/nieuw/", proposals.start, name="proposal_start"),
    path("agenderen/<int:pk>/", proposals.proposal, name="proposal"),
    path("agenderen/<int:pk>/versturen/", proposals.submit, name="proposal_submit"),
    path("agenderen/<int:pk>/verstuurd/", proposals.sent, name="proposal_sent"),
    path("agenderen/<int:pk>/antwoord/", proposals.answer, name="proposal_answer"),
    path("agenderen/<int:pk>/intrekken/", proposals.withdraw, name="proposal_withdraw"),
    path("agenderen/<int:pk>/<slug:step>/", proposals.step, name="proposal_step"),
    path("plaats/<str:token>/", places.place, name="place"),
    path("uitnodiging/<str:token>/", invitations.invitation, name="invitation"),
    path("mijn-agenda/", mine.mine, name="mine"),
]
