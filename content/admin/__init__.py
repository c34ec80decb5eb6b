"""The editorial desk: the library, its courses, and the talk."""

from content.admin import courses, discussions, items  # noqa: F401 - each registers
