"""Django's page for a crash with DEBUG, without what people wrote and who they are."""

from collections.abc import ItemsView
from typing import Any

from django.db.models import Model
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from community.lib.logs import HIDDEN, SECRET_SETTING, redacted

PLAIN = (bool, int, float, type(None), type)


class ReportFilter(SafeExceptionReporterFilter):
    """Always at work: a page on one's own screen is soon a screenshot elsewhere."""

    cleansed_substitute = HIDDEN
    hidden_settings = SECRET_SETTING
    shown_meta = {
        *("REQUEST_METHOD", "PATH_INFO", "SERVER_NAME", "SERVER_PORT"),
        *("CONTENT_TYPE", "CONTENT_LENGTH", "HTTP_HOST", "HTTP_HX_REQUEST"),
    }

    def is_active(self, request: Any) -> bool:
        return True

    def cleanse_setting(self, key: Any, value: Any) -> Any:
        cleansed = super().cleanse_setting(key, value)
        return redacted(cleansed) if isinstance(cleansed, str) else cleansed

    def get_safe_request_meta(self, request: Any) -> dict[str, Any]:
        meta = getattr(request, "META", {})
        return {key: meta[key] for key in self.shown_meta & meta.keys()}

    def get_safe_cookies(self, request: Any) -> dict[str, str]:
        return dict.fromkeys(getattr(request, "COOKIES", {}), HIDDEN)

    def get_post_parameters(self, request: Any) -> dict[str, str]:
        return dict.fromkeys(getattr(request, "POST", {}), HIDDEN)

    def get_traceback_frame_variables(
        self, request: Any, tb_frame: Any
    ) -> ItemsView[str, Any]:
        shapes = {name: _shape(value) for name, value in tb_frame.f_locals.items()}
        return shapes.items()


class Report(ExceptionReporter):
    def get_traceback_data(self) -> dict[str, Any]:
        data = super().get_traceback_data()
        data["unicode_hint"] = ""
        for key in ("exception_value", "exception_notes"):
            data[key] = redacted(data.get(key, ""))
        for frame in data["frames"]:
            if cause := frame["exc_cause"]:
                frame["exc_cause"] = redacted(str(cause))
        if self.request is not None:
            data |= _request_without_values(self.request)
        return data


def _request_without_values(request: Any) -> dict[str, Any]:
    return {
        "user_str": _shape(getattr(request, "user", None)),
        "request_GET_items": dict.fromkeys(request.GET, HIDDEN).items(),
        "request_FILES_items": dict.fromkeys(request.FILES, HIDDEN).items(),
        "request_insecure_uri": request.path,
    }


def _shape(value: Any) -> str:
    """What kind of thing it is: enough to find the mistake, too little to tell on."""
    if isinstance(value, PLAIN):
        return repr(value)
    if isinstance(value, Model):
        return f"<{type(value).__name__} {value.pk}>"
    if isinstance(value, str | bytes | list | tuple | dict | set):
        return f"<{type(value).__name__} of {len(value)}>"
    return f"<{type(value).__name__}>"
