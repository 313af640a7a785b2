from django.db import models


class BareRegistration(models.Model):
    """The floor's registrations: no more than who, where, and whether there was room."""

    session_id = models.BigIntegerField(db_index=True)
    person_id = models.BigIntegerField()
    waits = models.BooleanField()

    class Meta:
        app_label = "bench"
        managed = False
        db_table = "bench_bareregistration"

    def __str__(self):
        return f"{self.person_id} at {self.session_id}"
