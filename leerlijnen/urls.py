from django.urls import path

from leerlijnen.views import colours, groups

app_name = "leerlijnen"
urlpatterns = [
    path("leerlijnen/kleuren.css", colours.stylesheet, name="colours"),
    path("werkgroepen/", groups.group_list, name="groups"),
    path("werkgroepen/<slug:slug>/", groups.group, name="group"),
    path("werkgroepen/<slug:slug>/aanvragen/", groups.request_to_join, name="group_request"),
    path("werkgroepen/<slug:slug>/verlaten/", groups.leave, name="group_leave"),
    path("werkgroepen/<slug:slug>/toelaten/<key:pk>/", groups.admit, name="group_admit"),
    path("werkgroepen/<slug:slug>/weigeren/<key:pk>/", groups.refuse, name="group_refuse"),
]
