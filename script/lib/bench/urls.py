from django.urls import path

from partos_portal.urls import urlpatterns as of_the_portal
from script.lib.bench import floors

urlpatterns = [
    path("bench/sql/<str:name>/", floors.same_sql),
    path("bench/open-sql/<str:name>/", floors.open_sql),
    path("bench/bytes/<str:name>/", floors.same_bytes),
    path("bench/registration/<int:pk>/", floors.bare_registration),
    path("bench/cancellation/<int:pk>/", floors.bare_cancellation),
    *of_the_portal,
]
