from operator import attrgetter

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContentConfig(AppConfig):
    name = "content"
    verbose_name = _("Content")

    def ready(self):
        from django.db.models.signals import post_migrate

        from accounts import rewardable, sellable
        from accounts.privacy import register
        from accounts.services import digests, interests, keys, mails, news
        from content import privacy, receivers  # noqa: F401 - they connect themselves
        from content.models import (
            Appointment,
            Asked,
            Case,
            Certificate,
            Challenge,
            Change,
            CheckIn,
            Cohort,
            DueDate,
            Event,
            EventSeries,
            Feedback,
            Item,
            PaidQuestion,
            Poll,
            Post,
            PostReport,
            Suggestion,
            Theme,
            Topic,
        )
        from content.services import (
            appointments,
            challenge_tickets,
            challenges,
            check_ins,
            checklists,
            classmates,
            discussions,
            due_dates,
            events,
            feedback,
            held,
            library,
            paid_questions,
            polls,
            read_along,
            registrations,
            reminders,
            reports,
            rewards,
            search_changes,
            series,
            suggestions,
            surveys,
            themes,
        )

        register(privacy.HANDLER)
        sellable.register(sellable.Kind("item", _("Library"), Item.objects.listed))
        nothing = PaidQuestion.objects.none  # each is sold on a page of its own
        sellable.register(
            sellable.Kind(
                "question",
                _("Paid questions"),
                nothing,
                is_held=True,
                is_wanted=paid_questions.is_wanted,
                paid=paid_questions.paid,
                closed=paid_questions.closed,
            )
        )
        sellable.register(
            sellable.Kind(
                "reading", _("Answers"), nothing, is_wanted=read_along.is_wanted
            )
        )
        sellable.register(
            sellable.Kind(
                "event",
                _("Events"),
                nothing,
                is_held=True,
                is_wanted=registrations.is_wanted,
                paid=registrations.paid,
                closed=registrations.closed,
            )
        )
        sellable.register(
            sellable.Kind(
                "appointment",
                _("Appointments"),
                nothing,
                is_held=True,
                is_wanted=appointments.is_wanted,
                paid=appointments.paid,
                closed=appointments.closed,
            )
        )
        sellable.register(
            sellable.Kind(
                "challenge",
                _("Challenges"),
                nothing,
                is_held=True,
                is_wanted=challenge_tickets.is_wanted,
                paid=challenge_tickets.paid,
                closed=challenge_tickets.closed,
            )
        )
        rewardable.register(rewards.asked)
        keys.SEALED.append((Certificate, "sealed_name", attrgetter("place")))
        news.register_target(Topic.activity_kind, discussions.topics_shown_to)
        news.register_target(Post.activity_kind, discussions.posts_shown_to)
        news.register_target(Item.activity_kind, library.items_shown_to)
        news.register_target(Poll.activity_kind, polls.shown_to)
        news.register_target(Case.activity_kind, held.shown_to)
        news.register_target(PaidQuestion.activity_kind, paid_questions.shown_to)
        news.register_target(Appointment.activity_kind, appointments.shown_to)
        news.register_target(Feedback.activity_kind, feedback.shown_to)
        news.register_target(Suggestion.activity_kind, suggestions.shown_to)
        news.register_target(Change.activity_kind, suggestions.changes_shown_to)
        news.register_target(Theme.activity_kind, themes.shown_to)
        news.register_target(Event.activity_kind, events.shown_to)
        news.register_target(events.When.activity_kind, events.times_shown_to)
        news.register_target(EventSeries.activity_kind, series.shown_to)
        mails.register(reminders.TEMPLATE, reminders.words_of)
        news.register_target(Challenge.activity_kind, challenges.shown_to)
        news.register_target(CheckIn.activity_kind, check_ins.shown_to)
        news.register_target(Cohort.activity_kind, classmates.shown_to)
        news.register_target(DueDate.activity_kind, due_dates.shown_to)
        news.register_target(Asked.activity_kind, surveys.shown_to)
        news.register_target(PostReport.activity_kind, reports.shown_to)
        digests.register(library.followed_news)
        search_changes.connect()
        interests.register(library.most_used_tags)
        post_migrate.connect(checklists.make_defaults, sender=self)
        post_migrate.connect(checklists.make_default_reasons, sender=self)
        post_migrate.connect(feedback.make_defaults, sender=self)
        post_migrate.connect(surveys.make_defaults, sender=self)
