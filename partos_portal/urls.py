from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path, register_converter

from core import views as core_views
from core.keys import RowKeyConverter, YearConverter
from members.views import mail_stop, sign_in
from partos_portal import mail_previews, views
from partos_portal.watch import views as watch
from sessions_app.views import programme

register_converter(RowKeyConverter, "key")
register_converter(YearConverter, "year")


urlpatterns = [
    path("healthz", watch.healthz, name="healthz"),
    path("metrics", watch.numbers, name="metrics"),
]

urlpatterns += i18n_patterns(
    path("", programme.home, name="home"),
    path("admin/login/", sign_in.admin_login),
    path("admin/mails/", include(mail_previews)),
    path("admin/", admin.site.urls),
    path("account/", include("members.account_urls")),
    path("profiel/gegevens/", views.my_data, name="my-data"),
    path("profiel/sluiten/", views.close_account, name="close-account"),
    path("mail/stoppen/<str:token>/", mail_stop.mail_stop, name="mail-stop"),
    path("niet-verzonden/<str:name>/", core_views.kept, name="kept-typing"),
    path("privacy/", views.privacy, name="privacy"),
    path("toegankelijkheid/", views.accessibility, name="accessibility"),
    path("", include("members.urls")),
    path("", include("leerlijnen.urls")),
    path("", include("sessions_app.urls")),
    path("integriteit/", include("integrity.urls")),
    path("kwaliteit/", include("quality.urls")),
    prefix_default_language=False,
)
