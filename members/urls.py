from django.urls import path

from members.views import organisation, profile

app_name = "members"
urlpatterns = [
    path("profiel/", profile.profile, name="profile"),
    path("profiel/organisatie/", profile.request_affiliation, name="affiliation-request"),
    path("profiel/organisatie/<key:pk>/beeindigen/", profile.leave, name="affiliation-leave"),
    path("mijn-organisatie/", organisation.mine, name="organisation"),
    path("mijn-organisatie/<key:pk>/", organisation.people, name="people"),
    path("mijn-organisatie/<key:pk>/gegevens/", organisation.data, name="organisation-data"),
    path("mijn-organisatie/collega/<key:pk>/", organisation.colleague, name="colleague"),
    path("mijn-organisatie/collega/<key:pk>/bevestigen/", organisation.confirm, name="affiliation-confirm"),
    path("mijn-organisatie/collega/<key:pk>/beeindigen/", organisation.end, name="affiliation-end"),
    path("mijn-organisatie/collega/<key:pk>/rol/", organisation.hand_out_role, name="role-hand-out"),
    path("mijn-organisatie/collega/<key:pk>/rol-terugnemen/", organisation.take_back_role, name="role-take-back"),
    path("mijn-organisatie/collega/<key:pk>/track/", organisation.set_track_profile, name="track-profile"),
]
