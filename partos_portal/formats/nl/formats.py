"""Dutch, with the point in times that the portal has."""

TIME_FORMAT = "H.i"
DATETIME_FORMAT = "j F Y, H.i"
SHORT_DATETIME_FORMAT = "j-n-Y H.i"
