"""The whole clock of the product: each entry says what beat starts, and when."""

from celery.schedules import crontab

SCHEDULE = {
    # A sign of life for /readyz; a missed one is worth nothing later.
    "the pulse": {
        "task": "community.tasks.pulse",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    # For the payments whose notice never came.
    "open payments": {
        "task": "accounts.tasks.ask_about_open_payments",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 240},
    },
    # For the refunds that a gateway did not take.
    "waiting refunds": {
        "task": "accounts.tasks.send_waiting_refunds",
        "schedule": crontab(minute=40),
        "options": {"expires": 3000},
    },
    # Charges, reminders, grace and ends of plans.
    "plans": {
        "task": "accounts.tasks.advance_subscriptions",
        "schedule": crontab(minute=20),
        "options": {"expires": 3000},
    },
    # Roles given for a time.
    "roles": {
        "task": "accounts.tasks.end_due_roles",
        "schedule": crontab(minute=5),
        "options": {"expires": 3000},
    },
    # Mutes and suspensions whose time is over.
    "sanctions": {
        "task": "accounts.tasks.end_due_sanctions",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 240},
    },
    # For the mails whose task was lost, or whose server was away.
    "waiting mails": {
        "task": "accounts.tasks.deliver_waiting_mails",
        "schedule": crontab(minute="*/10"),
        "options": {"expires": 540},
    },
    # Starts and ends of campaigns, and who has become one of those they are for.
    "campaigns": {
        "task": "incentives.tasks.run_campaigns",
        "schedule": crontab(minute=50),
        "options": {"expires": 3000},
    },
    # News that have waited their ten minutes, together.
    "news by mail": {
        "task": "accounts.tasks.mail_news",
        "schedule": crontab(minute="*/2"),
        "options": {"expires": 110},
    },
    # What robots tell in chat groups, as fast as the strictest service lets them.
    "robots": {
        "task": "accounts.tasks.send_robot_messages",
        "schedule": crontab(),
        "options": {"expires": 50},
    },
    # Each at the hour its member chose, in their zone.
    "digests": {
        "task": "accounts.tasks.send_digests",
        "schedule": crontab(minute="*/15"),
        "options": {"expires": 840},
    },
    # What follows when something goes out at its time; opening needs no job.
    "publications": {
        "task": "content.tasks.publish_due",
        "schedule": crontab(),
        "options": {"expires": 50},
    },
    # Quizzes whose time is over, and nobody came back.
    "quizzes out of time": {
        "task": "content.tasks.hand_in_overdue",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 240},
    },
    # Who voted hears that a poll has ended; its end itself needs no job.
    "polls": {
        "task": "content.tasks.close_due_polls",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 240},
    },
    # Who should answer hears of it before it is due; operators, when it is late.
    "questions to answer": {
        "task": "content.tasks.remind_of_questions",
        "schedule": crontab(minute="*/10"),
        "options": {"expires": 540},
    },
    # Paid questions: reminders, deadlines, and what is given back.
    "paid questions": {
        "task": "content.tasks.advance_paid_questions",
        "schedule": crontab(minute="*/10"),
        "options": {"expires": 540},
    },
    # Seats that nobody confirmed or paid go on; what has taken place is earned.
    "registrations": {
        "task": "content.tasks.advance_registrations",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 240},
    },
    # How long people were in live rooms.
    "presence": {
        "task": "content.tasks.book_presence",
        "schedule": crontab(),
        "options": {"expires": 50},
    },
    # Who has a seat hears a day and an hour before, and when it begins.
    "reminders of events": {
        "task": "content.tasks.remind_of_events",
        "schedule": crontab(),
        "options": {"expires": 50},
    },
    # Series of events are made some weeks ahead, with seats for who comes to all.
    "series of events": {
        "task": "content.tasks.make_occurrences",
        "schedule": crontab(minute=50),
        "options": {"expires": 3000},
    },
    # Today's task, at each member's hour; and who has finished.
    "challenges": {
        "task": "content.tasks.advance_challenges",
        "schedule": crontab(minute="*/10"),
        "options": {"expires": 540},
    },
    # Who came to what is over, and what remains of it.
    "attendance": {
        "task": "content.tasks.settle_attendance",
        "schedule": crontab(minute="2-59/5"),
        "options": {"expires": 240},
    },
    # Appointments: what nobody paid or confirmed, reminders, what is over and settled.
    "appointments": {
        "task": "content.tasks.advance_appointments",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 240},
    },
    # Authors hear in the morning what should be looked at again.
    "checks": {
        "task": "content.tasks.remind_of_checks",
        "schedule": crontab(hour=8, minute=15),
        "options": {"expires": 3 * 3600},
    },
    # Learners hear in the morning that their cohort begins.
    "cohorts": {
        "task": "content.tasks.tell_who_begins",
        "schedule": crontab(hour=7, minute=45),
        "options": {"expires": 3 * 3600},
    },
    # What is due today or tomorrow; again later for the hours in which nothing ran.
    "due dates": {
        "task": "content.tasks.remind_of_due_dates",
        "schedule": crontab(hour="8-20", minute=10),
        "options": {"expires": 3000},
    },
    # Learners hear that their cohort came to its end, and are asked how it was.
    "ends of cohorts": {
        "task": "content.tasks.close_cohorts",
        "schedule": crontab(hour="8-20", minute=35),
        "options": {"expires": 3000},
    },
    # Whose plan ended, or who got their money back, learns on nowhere.
    "spaces of cohorts": {
        "task": "content.tasks.let_out_who_may_not_learn",
        "schedule": crontab(hour=5, minute=10),
        "options": {"expires": 3 * 3600},
    },
    # What was written yesterday says nothing of a storm any more.
    "traces of texts": {
        "task": "content.tasks.forget_traces",
        "schedule": crontab(hour=4, minute=25),
        "options": {"expires": 3 * 3600},
    },
    # New posts that resemble refused ones, for the queue.
    "triage": {
        "task": "analytics.tasks.mark_new_posts",
        "schedule": crontab(minute="*/10"),
        "options": {"queue": "numerics", "expires": 540},
    },
    # Talk that grows heated, for those who can calm it.
    "heat": {
        "task": "content.tasks.measure_heat",
        "schedule": crontab(minute="*/10"),
        "options": {"expires": 540},
    },
    # Points that have waited long enough, and those that could be used until now.
    "points": {
        "task": "incentives.tasks.advance_points",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 240},
    },
    # What themed weeks ask; again later for the hours in which nothing ran.
    "prompts": {
        "task": "content.tasks.post_due_prompts",
        "schedule": crontab(hour="8-20", minute=0),
        "options": {"expires": 3000},
    },
    # At ten past three, when the day before is over everywhere that matters.
    "the night": {
        "task": "community.tasks.run_night",
        "schedule": crontab(hour=3, minute=10),
        "options": {"queue": "numerics"},
    },
}
