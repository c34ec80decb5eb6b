"""Events and who comes: to be looked at; hosts and operators change them in the
studio, where people are told and money goes back."""

from django.contrib import admin

from community.lib.admin import InlineReadOnly, ReadOnlyAdmin
from content.admin.ratings import HidesRatings
from content.models import (
    AgendaEntry,
    CaseProposal,
    Event,
    EventOutcome,
    EventRating,
    EventReminder,
    EventSeries,
    Registration,
    SeriesGuest,
    Speaker,
)
from content.services import event_ratings


class SpeakerInline(InlineReadOnly):
    model = Speaker
    fields = ["member", "name", "about"]


class AgendaInline(InlineReadOnly):
    model = AgendaEntry
    fields = ["begins_after", "minutes", "title", "speaker"]


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["title", "kind", "host", "state", "starts_at", "taken", "seats"]
    list_filter = ["state", "kind", "access"]
    list_select_related = ["host"]
    search_fields = ["title", "host__username"]
    inlines = [SpeakerInline, AgendaInline]


@admin.register(Registration)
class RegistrationAdmin(ReadOnlyAdmin):
    list_display = [
        *("event", "member", "state", "registered_at", "confirm_by", "order"),
        *("paid_points", "settled_at"),
    ]
    list_filter = ["state"]
    list_select_related = ["event", "member", "order"]
    search_fields = ["event__title", "member__username", "order__number"]


class SeriesGuestInline(InlineReadOnly):
    model = SeriesGuest
    fields = ["member", "since"]


@admin.register(EventSeries)
class EventSeriesAdmin(ReadOnlyAdmin):
    list_display = [
        *("pk", "host", "frequency", "first_on", "begins_at", "time_zone"),
        *("until", "count"),
    ]
    list_filter = ["frequency"]
    list_select_related = ["host"]
    search_fields = ["events__title", "host__username"]
    inlines = [SeriesGuestInline]


@admin.register(EventReminder)
class EventReminderAdmin(ReadOnlyAdmin):
    list_display = ["registration", "kind", "starts_at", "told_at"]
    list_filter = ["kind"]
    search_fields = ["registration__event__title", "registration__member__username"]


@admin.register(EventOutcome)
class EventOutcomeAdmin(ReadOnlyAdmin):
    list_display = [
        *("event", "settled_at", "came", "missed", "rating_count", "rating_sum"),
        *("poor_since", "looked_at", "looked_by"),
    ]
    list_filter = [
        ("poor_since", admin.EmptyFieldListFilter),
        ("looked_at", admin.EmptyFieldListFilter),
    ]
    list_select_related = ["event", "looked_by"]
    search_fields = ["event__title"]


@admin.register(EventRating)
class EventRatingAdmin(HidesRatings):
    """What members say of events."""

    service, of = event_ratings, "event"
    list_display = ["event", "member", "stars", "words", "created_at", "hidden_at"]
    list_filter = ["stars", ("hidden_at", admin.EmptyFieldListFilter)]
    list_select_related = ["event", "member"]
    search_fields = ["event__title", "member__username", "words"]


@admin.register(CaseProposal)
class CaseProposalAdmin(ReadOnlyAdmin):
    list_display = ["title", "event", "member", "minutes", "state", "decided_by"]
    list_filter = ["state"]
    list_select_related = ["event", "member", "decided_by"]
    search_fields = ["title", "event__title", "member__username"]
