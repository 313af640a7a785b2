"""Following learning lines and workstreams: what is new there comes by mail, to who chose that."""

from collections.abc import Collection

from django.db import transaction

from leerlijnen.models import Following, LearningLine, Workstream
from members.models import User


@transaction.atomic
def follow(*, person: User, lines: Collection[LearningLine], workstreams: Collection[Workstream]) -> None:
    """Follow these, and nothing else any more. Following the same again changes nothing."""
    User.objects.select_for_update().get(pk=person.pk)
    wanted = {(line.pk, None) for line in lines} | {(None, workstream.pk) for workstream in workstreams}
    rows = {(row.learning_line_id, row.workstream_id): row.pk for row in Following.objects.of_person(person)}
    if wanted == set(rows):
        return
    Following.objects.filter(pk__in=[pk for key, pk in rows.items() if key not in wanted]).delete()
    Following.objects.bulk_create(
        Following(person=person, learning_line_id=line, workstream_id=workstream)
        for line, workstream in wanted - set(rows)
    )


def forget(*, person: User) -> None:
    """Follow nothing any more: for an account that closes."""
    Following.objects.of_person(person).delete()
