"""A copy of everything held about a member, as files that people and programs read."""

import datetime as dt
import io
import json
import secrets
import zipfile
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from accounts import privacy
from accounts.models import DataExport, User
from accounts.services import mails
from community.lib.spreadsheets import csv_lines

KEPT_FOR = dt.timedelta(days=7)


def latest(member: User) -> DataExport | None:
    """The copy that is being made, or that can be fetched."""
    for export in member.data_exports.all()[:1]:
        is_gone = export.expires_at and export.expires_at <= timezone.now()
        return None if is_gone else export
    return None


def ask(*, member: User) -> DataExport:
    """Have a copy made; asking again while one is made changes nothing."""
    from accounts import tasks

    try:
        with transaction.atomic():
            export = DataExport.objects.create(member=member)
            tasks.make_export.delay_on_commit(export.pk)
            return export
    except IntegrityError:
        return member.data_exports.get(ready_at=None)


@transaction.atomic
def make(export_id: int) -> None:
    """Write the file and tell the member. Made once, however often it is asked for; of
    several copies only the newest stays."""
    waiting = DataExport.objects.select_for_update(of=("self",)).filter(ready_at=None)
    export = waiting.select_related("member").filter(pk=export_id).first()
    if export is None:
        return
    now = timezone.now()
    content = ContentFile(_zipped(export.member))
    export.file.save(f"{secrets.token_urlsafe(16)}.zip", content, save=False)
    export.ready_at, export.expires_at = now, now + KEPT_FOR
    export.save()
    earlier = export.member.data_exports.exclude(pk=export.pk).exclude(file="")
    if earlier.update(expires_at=now):
        transaction.on_commit(delete_expired)
    mails.send(
        key=f"export:{export.pk}",
        member=export.member,
        template="export_ready",
        days=KEPT_FOR.days,
    )


def _zipped(member: User) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        data = privacy.export_all(member)
        archive.writestr("everything.json", _as_json(data))
        for app, tables in data.items():
            for name, found in tables.items():
                if isinstance(found, list) and found:
                    archive.writestr(f"{app}/{slugify(name)}.csv", _as_csv(found))
        for name in privacy.files_of(member):
            if default_storage.exists(name):
                archive.writestr(f"files/{name}", default_storage.open(name).read())
    return file.getvalue()


def _as_json(data: Any) -> str:
    return json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)


def _as_csv(rows: list[dict[str, Any]]) -> str:
    return "".join(csv_lines(list(rows[0]), (row.values() for row in rows)))


def make_waiting() -> int:
    """Make what a lost task left waiting; how many."""
    old = timezone.now() - dt.timedelta(minutes=10)
    waiting = DataExport.objects.filter(ready_at=None, asked_at__lt=old)
    ids = list(waiting.values_list("pk", flat=True))
    for pk in ids:
        make(pk)
    return len(ids)


def delete_expired() -> int:
    """Delete the files that are no longer to be fetched."""
    expired = DataExport.objects.filter(expires_at__lte=timezone.now()).exclude(file="")
    count = 0
    for export in expired:
        export.file.delete()
        count += 1
    return count
