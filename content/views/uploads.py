"""Files that come in pieces: what tus 1.0 calls core, creation and termination.

tus.io/protocols/resumable-upload says the words of the headers; what is refused says
why as {"error": …}, to be shown beside the field.
"""

import re
from base64 import b64decode

from django.http import Http404, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.decorators import active_member_required
from community.lib.uploads import NotAccepted
from content import access
from content.errors import NoRoom, TooMuch, UploadGone, WrongOffset
from content.forms.uploads import NOT_HERE, UploadForm
from content.services import uploads

PIECE = "application/offset+octet-stream"
NUMBER = re.compile(r"[0-9]{1,15}")


@active_member_required
@require_POST
def upload_begin(request, of, pk):
    """Announce a file for an item or a lesson; the answer says where to send it."""
    place = access.get_thing_to_write(request.user, of, pk)
    form = UploadForm(_announced(request.headers), place=place)
    if not form.is_valid():
        return _refused(next(iter(form.errors.values()))[0])
    try:
        upload = uploads.begin(member=request.user, place=place, **form.cleaned_data)
    except (NotAccepted, NoRoom) as error:
        return _refused(str(error))
    answer = _told(uploads.arrived(upload), status=201)
    answer["Location"] = reverse("content:upload", args=[upload.key])
    return answer


def _announced(headers):
    """Upload-Metadata is "name base64, name base64"; what is not is left out, and the
    form says what is missing."""
    told = {"size": headers.get("Upload-Length", "")}
    for pair in headers.get("Upload-Metadata", "").split(","):
        name, _space, value = pair.strip().partition(" ")
        try:
            told.setdefault(name, b64decode(value, validate=True).decode())
        except ValueError:
            continue
    return told


@active_member_required
@require_http_methods(["HEAD", "PATCH", "DELETE"])
def upload(request, key):
    """How much of it is here; its next piece; its end."""
    if request.method == "DELETE":
        uploads.end(upload=access.get_own_upload(request.user, key))
        return HttpResponse(status=204)
    upload = access.get_upload_to_send(request.user, key)
    if request.method == "PATCH":
        return _append(request, upload)
    answer = _told(uploads.arrived(upload), status=200)
    answer["Upload-Length"] = str(upload.size)
    return answer


def _append(request, upload):
    at = request.headers.get("Upload-Offset", "")
    length = request.headers.get("Content-Length", "")
    if request.content_type != PIECE:
        return _told(uploads.arrived(upload), status=415)
    if not (NUMBER.fullmatch(at) and NUMBER.fullmatch(length)):
        return _told(uploads.arrived(upload), status=400)
    if int(length) > uploads.MOST_OF_A_PIECE:
        return _told(uploads.arrived(upload), status=413)
    with uploads.receive(request) as piece:
        return _appended(upload, int(at), piece)


def _appended(upload, at, piece):
    try:
        return _told(uploads.append(upload=upload, at=at, piece=piece).arrived)
    except WrongOffset as error:
        return _told(error.arrived, status=409)
    except TooMuch:
        return _refused(_("More has come than was announced. Choose the file again."))
    except NotAccepted as error:
        return _refused(str(error))
    except UploadGone:
        raise Http404 from None


def _told(arrived, status=204):
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": str(arrived),
        "Cache-Control": "no-store",
    }
    return HttpResponse(status=status, headers=headers)


def _refused(error):
    return JsonResponse({"error": error}, status=422)


def took_file(form, field, save):
    """Whether a service took what the form holds; if not, said beside its file."""
    try:
        save(**form.cleaned_data)
    except NoRoom as error:
        form.add_error(field, str(error))
    except UploadGone:
        form.add_error(field, NOT_HERE)
    return form.is_valid()
