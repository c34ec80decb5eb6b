from content.services import attendance, sharing
from tests.access.rows import (
    BAD,
    GO,
    MISSING,
    NO,
    OK,
    SIGN_IN,
    Row,
    everybody,
    signed_in,
    writing,
)

GUIDES = ("mentor", "operator")
KEEPERS = ("mentor", "volunteer", "reviewer", "operator")  # of order
WELCOMERS = (*GUIDES, "volunteer")


def url(name):
    return lambda world: getattr(world, name).get_absolute_url()


def lesson(name, tail=""):
    def path(world):
        return world.lesson_of(getattr(world, name)).get_absolute_url() + tail

    return path


AUTHOR = {"mentor": OK}  # of what is written in the studio
SURE = {"sure": "1"}  # asked and answered
VOTE = {"version": "1", "choice": "2"}
DESK = dict.fromkeys(("reviewer", "planner", "operator"), OK)


def studio(tail=""):
    return lambda world: f"/studio/items/{world.written.pk}/{tail}"


def _theirs(path, outcome, **options):
    """What its author and the operators do; the desk sees it, others do not."""
    but = {"mentor": outcome, "operator": outcome, "reviewer": NO, "planner": NO}
    return writing(path, MISSING, **but, **options)


def written(tail, outcome=OK, **options):
    return _theirs(studio(tail=tail), outcome, **options)


def section(outcome, tail="", **options):
    def path(world):
        return f"/studio/sections/{world.written.sections.first().pk}/{tail}"

    return _theirs(path, outcome, **options)


def own_lesson(tail, outcome=OK, **options):
    def path(world):
        return f"/studio/lessons/{world.lesson_of(world.written).pk}/{tail}"

    return _theirs(path, outcome, **options)


def heated(act):
    keepers = dict.fromkeys(KEEPERS, GO)
    return writing(
        lambda w: f"/studio/queue/heat/{w.topic.pk}/{act}/", MISSING, **keepers
    )


def heated_inside(act):
    """In a space that none of them has joined."""
    return writing(
        lambda w: f"/studio/queue/heat/{w.private_topic.pk}/{act}/",
        MISSING,
        operator=GO,
    )


def guided(tail, outcome, **options):
    """Of a topic, for those who keep order where it stands."""
    return [
        writing(
            lambda w: f"/topics/{w.topic.pk}/{tail}",
            NO,
            **dict.fromkeys(GUIDES, outcome),
            **options,
        ),
        writing(
            lambda w: f"/topics/{w.private_topic.pk}/{tail}",
            MISSING,
            operator=outcome,
            **options,
        ),
    ]


def own_upload(method, outcome):
    def path(world):
        return f"/studio/uploads/{world.upload.key}/"

    return writing(path, MISSING, method=method, mentor=outcome)


def own_file(tail, outcome=OK, **options):
    return _theirs(
        lambda w: f"/studio/files/{w.own_film.pk}/{tail}", outcome, **options
    )


def post(tail):
    return lambda w: f"/posts/{w.answer.pk}/{tail}"


def private_post(tail):
    return signed_in(
        lambda w: f"/posts/{w.private_topic.posts.get().pk}/{tail}",
        MISSING,
        operator=OK,
    )


def film(tail):
    return lambda w: f"/files/{w.film.pk}/{tail}"


def cohort(tail):
    return lambda w: f"/studio/cohorts/{w.written_cohort.pk}/{tail}"


def room(name, tail=""):
    return lambda w: f"{getattr(w, name).room_url}{tail}"


def quiz(tail, outcome, **options):
    return _theirs(
        lambda w: f"/studio/quizzes/{w.written_quiz.pk}/{tail}", outcome, **options
    )


SHARED = {
    "item": lambda w: w.closed,
    "lesson": lambda w: w.lesson_of(w.free),
    "topic": lambda w: w.topic,
}
# Who may know of it does not pass it on from here either.
NOT_SHARED = {
    "item": lambda w: w.draft,
    "lesson": lambda w: w.lesson_of(w.sold),
    "topic": lambda w: w.inside_topic,
    "quiz": lambda w: w.quiz,
}


def shared(tail):
    return [everybody(_share(kind, thing, tail)) for kind, thing in SHARED.items()]


def not_shared(tail):
    return [
        everybody(_share(kind, thing, tail), MISSING)
        for kind, thing in NOT_SHARED.items()
    ]


def _share(kind, thing, tail):
    return lambda world: f"/share/{kind}/{thing(world).pk}/{tail}"


def _picture(world):
    seen = sharing.shown(world.essay)
    return seen and seen.picture_path


PAYS = {"visitor": NO, "member": NO, "lapsed": NO, "mentor": NO, "volunteer": NO}
PAYS |= {"reviewer": NO, "planner": NO, "suspended": NO}
CLOSED = dict.fromkeys(("member", "lapsed", *DESK, "mentor", "volunteer"), NO)
CLOSED |= {"operator": GO}


def question(name, tail=""):
    return lambda world: f"/paid-questions/{getattr(world, name).pk}/{tail}"


def asked(tail):
    """What only its asker or its expert does; operators see it."""
    path = question("private_question", tail)
    return [writing(path, MISSING, operator=NO)]


def met(tail, **options):
    """What only the two of an appointment do; operators see it."""
    return [
        writing(
            lambda w: f"/appointments/{w.unpaid_hour.pk}/{tail}", MISSING, **options
        ),
        writing(
            lambda w: f"/appointments/{w.appointment.pk}/{tail}",
            MISSING,
            operator=NO,
            **options,
        ),
    ]


HOST = {"mentor": OK, "operator": OK}
ON = {"on": "1"}


def event(name, tail=""):
    return lambda world: f"/events/{getattr(world, name).pk}/{tail}"


def hosted(tail, outcome=OK, **options):
    """What its host and the operators do; others see it, or not even that."""
    theirs = {"mentor": outcome, "operator": outcome}

    def path(name):
        return lambda world: f"/studio/events/{getattr(world, name).pk}/{tail}"

    return [
        writing(path("event"), NO, **theirs, **options),
        writing(path("private_event"), MISSING, **theirs, **options),
    ]


def series(name, tail=""):
    return lambda world: f"/events/series/{getattr(world, name).pk}/{tail}"


def series_led(tail, outcome=OK, **options):
    """What the host of a series and the operators do."""
    theirs = {"mentor": outcome, "operator": outcome}

    def path(name):
        return lambda world: f"/studio/events/series/{getattr(world, name).pk}/{tail}"

    options = {"method": "get"} | options
    return [
        writing(path("series"), NO, **theirs, **options),
        writing(path("private_series"), MISSING, **theirs, **options),
    ]


def event_file(name):
    return lambda world: f"/events/materials/{getattr(world, name).pk}/"


def in_room(tail, number="", outcome=GO, **options):
    """What a seat or leading is needed for; nobody here has a seat. `number` names
    what of the room is meant."""

    def path(name):
        def address(world):
            numbers = world.live_rooms[name]
            return f"/events/{numbers['event']}/live/{tail}".format(numbers.get(number))

        return address

    theirs = {"mentor": outcome, "operator": outcome}
    return [
        writing(path("event"), NO, **theirs, **options),
        writing(path("private_event"), MISSING, **theirs, **options),
    ]


def watched(tail):
    return [
        signed_in(event("event", f"live/{tail}"), NO, **HOST),
        signed_in(event("private_event", f"live/{tail}"), MISSING, **HOST),
    ]


def challenge(name, tail=""):
    return lambda world: f"/challenges/{getattr(world, name).pk}/{tail}"


def check_in(name, tail=""):
    return lambda world: f"/check-ins/{getattr(world, name).pk}/{tail}"


def led(tail, outcome=OK, **options):
    theirs = {"mentor": outcome, "operator": outcome}

    def path(name):
        return lambda world: f"/studio/challenges/{getattr(world, name).pk}/{tail}"

    return [
        writing(path("challenge"), NO, **theirs, **options),
        writing(path("private_challenge"), MISSING, **theirs, **options),
    ]


def at_door(tail):
    """Of somebody's registration, for who leads the event: others learn nothing."""

    def path(world):
        return f"/studio/registrations/{world.registration.pk}/{tail}/"

    return [writing(path, MISSING, mentor=GO, operator=GO)]


def ticket_of_somebody(world):
    return f"/tickets/{attendance.code_of(world.registration)}/"


def looked(name, outcome, **but):
    path = "/studio/events/%s/looked/"
    return writing(
        lambda world: path % getattr(world, name).pk,
        outcome,
        data={"words": "Rain"},
        **but,
    )


ROWS = {
    "content:live": watched(""),
    "content:live_news": watched("news/"),
    "content:live_earlier": watched("earlier/"),
    "content:live_say": in_room("say/", outcome=BAD),
    "content:live_ask": in_room("ask/", outcome=BAD),
    "content:live_question_vote": in_room("questions/{}/vote/", "question", data=ON),
    "content:live_poll_vote": in_room("polls/{}/vote/", "poll", data={"choice": "1"}),
    "content:live_slow": in_room("slow/", data={"seconds": "5"}),
    "content:live_message_hide": in_room("messages/{}/hide/", "message", data=ON),
    "content:live_message_report": [
        *in_room("messages/{}/report/", "message", outcome=OK, method="get"),
        *in_room("messages/{}/report/", "message", data={"reason": "spam"}),
    ],
    "content:live_question_report": [
        *in_room("questions/{}/report/", "question", outcome=OK, method="get"),
        *in_room("questions/{}/report/", "question", data={"reason": "spam"}),
    ],
    "content:live_message_pin": in_room("messages/{}/pin/", "message", data=ON),
    "content:live_mute": in_room("members/{}/mute/", "member", data=ON),
    "content:live_question_hide": in_room("questions/{}/hide/", "question", data=ON),
    "content:live_question_answered": in_room(
        "questions/{}/answered/", "question", data=ON
    ),
    "content:live_poll_begin": in_room("polls/", outcome=BAD),
    "content:live_poll_end": in_room("polls/{}/end/", "poll"),
    "content:live_carry": in_room("carry/", outcome=BAD),
    "content:challenges": [
        everybody("/challenges/"),
        everybody("/challenges/?show=mine"),
        everybody("/challenges/?show=past"),
    ],
    "content:challenge": [
        everybody(challenge("challenge")),
        everybody(challenge("private_challenge"), MISSING, **HOST),
        everybody(challenge("challenge_draft"), MISSING, **HOST),
    ],
    "content:challenge_join": [
        writing(challenge("challenge", "join/"), OK, method="get"),
        writing(challenge("challenge", "join/"), data={"remind_hour": "19"}),
        writing(
            challenge("private_challenge", "join/"), MISSING, mentor=OK, operator=OK
        ),
        writing(challenge("challenge_draft", "join/"), MISSING),
    ],
    # It costs nothing, and nobody has paid.
    "content:challenge_pay": [
        writing(challenge("challenge", "pay/")),
        writing(
            challenge("private_challenge", "pay/"), MISSING, mentor=GO, operator=GO
        ),
        writing(challenge("challenge_draft", "pay/"), MISSING),
    ],
    "content:challenge_give_up": [writing(challenge("challenge", "give-up/"), MISSING)],
    # Nobody of them takes part, and another's part is not theirs.
    "content:challenge_leave": [writing(challenge("challenge", "leave/"), MISSING)],
    "content:challenge_choose": [writing(challenge("challenge", "choose/"), MISSING)],
    "content:challenge_zone": [writing(challenge("challenge", "zone/"), MISSING)],
    "content:challenge_check_in": [
        writing(challenge("challenge", "check-in/"), MISSING)
    ],
    "content:check_in": [
        everybody(check_in("check_in")),
        everybody(check_in("private_check_in"), MISSING, operator=OK),
    ],
    "content:check_in_answer": [
        writing(check_in("check_in", "answer/"), BAD),
        writing(check_in("private_check_in", "answer/"), MISSING, operator=BAD),
    ],
    "content:check_in_praise": [
        writing(check_in("check_in", "praise/"), NO, mentor=GO, operator=GO),
        writing(check_in("private_check_in", "praise/"), MISSING, operator=GO),
    ],
    "content:challenge_studio": [
        writing("/studio/challenges/", NO, method="get", **HOST)
    ],
    "content:challenge_new": [
        writing("/studio/challenges/new/", NO, method="get", **HOST),
        writing(
            "/studio/challenges/new/", NO, data={"title": ""}, mentor=BAD, operator=BAD
        ),
    ],
    "content:challenge_manage": led("", method="get"),
    "content:challenge_change": led("change/", method="get"),
    "content:challenge_tasks": led("tasks/", method="get"),
    "content:challenge_people_csv": led("people.csv", method="get"),
    "content:challenge_publish": led("publish/", GO),
    "content:challenge_cancel": [*led("cancel/"), *led("cancel/", GO, data=SURE)],
    "content:challenge_remove": [*led("remove/"), *led("remove/", GO, data=SURE)],
    "content:event_door": [
        *hosted("door/", method="get"),
        *hosted("door/", BAD, data={"code": ""}),
    ],
    # The form came empty, and nobody of the people helps there.
    "content:event_walk_in": hosted("door/walk-in/", BAD),
    "content:event_helper_add": hosted("door/helpers/", BAD),
    "content:event_helper_remove": [
        writing(
            lambda world: f"/studio/events/helpers/{world.door_helper.pk}/remove/",
            NO,
            mentor=GO,
            operator=GO,
        )
    ],
    "content:let_in": at_door("in"),
    "content:let_in_undo": at_door("undo"),
    "content:event_ticket": [
        writing(event("event", "ticket/"), MISSING, method="get"),
    ],
    "content:ticket": [
        writing(ticket_of_somebody, MISSING, method="get", **HOST),
        writing(ticket_of_somebody, MISSING, mentor=GO, operator=GO),
        writing("/tickets/made-up/", MISSING, method="get"),
    ],
    # It has not begun, and the form came empty.
    "content:event_after": [
        *hosted("after/", method="get"),
        *hosted("after/", BAD, data={"notes": "Early"}),
    ],
    "content:event_recording": hosted("recording/", GO),
    "content:event_discussion": [
        *hosted("discussion/", method="get"),
        *hosted("discussion/", BAD, data={"title": ""}),
    ],
    "content:event_looked": [
        looked("event", NO, operator=GO),
        looked("private_event", MISSING, mentor=NO, operator=GO),
    ],
    "content:event_rate": [
        writing(event("event", "rate/"), OK, method="get"),
        writing(event("event", "rate/"), BAD, data={"stars": "5"}),
        writing(event("private_event", "rate/"), MISSING, method="get", **HOST),
        writing(event("event_draft", "rate/"), MISSING, method="get"),
    ],
    "content:case_propose": [
        writing(event("call", "cases/"), OK, method="get"),
        writing(event("call", "cases/"), BAD, data={"title": ""}),
        writing(event("event", "cases/"), MISSING, method="get"),
        writing(event("private_event", "cases/"), MISSING, method="get"),
    ],
    "content:case_withdraw": [
        writing(lambda w: f"/events/cases/{w.proposal.pk}/withdraw/", MISSING),
    ],
    "content:event_cases": hosted("cases/", method="get"),
    "content:case_decide": [
        writing(
            lambda w: f"/studio/events/cases/{w.proposal.pk}/",
            MISSING,
            mentor=BAD,
            operator=BAD,
        ),
    ],
    "content:events": [everybody("/events/"), everybody("/events/?show=mine")],
    "content:event_past": [everybody("/events/past/")],
    "content:event": [
        everybody(event("event")),
        everybody(event("private_event"), MISSING, **HOST),
        everybody(event("event_draft"), MISSING, **HOST),
    ],
    "content:event_file": [
        everybody(event("event", "event.ics")),
        everybody(event("private_event", "event.ics"), MISSING, **HOST),
    ],
    "content:event_register": [
        writing(event("event", "register/"), OK, method="get"),
        writing(event("event", "register/")),
        writing(event("private_event", "register/"), MISSING, mentor=GO, operator=GO),
        writing(event("event_draft", "register/"), MISSING),
    ],
    # Nobody is registered, and another's registration is not theirs.
    "content:event_confirm": [writing(event("event", "confirm/"), MISSING)],
    "content:event_leave": [writing(event("event", "leave/"), MISSING)],
    "content:event_material": [
        everybody(event_file("event_file"), NO, **HOST),
        everybody(event_file("private_event_file"), MISSING, **HOST),
    ],
    "content:calendar_address": [writing("/events/calendar/", OK, method="get")],
    "content:calendar_address_remove": [writing("/events/calendar/end/")],
    "content:calendar_feed": [
        everybody(lambda w: f"/ics/{w.calendar}/"),
        everybody("/ics/made-up/", MISSING),
    ],
    "content:series": [
        everybody(series("series")),
        everybody(series("private_series"), MISSING, **HOST),
    ],
    "content:series_file": [
        everybody(series("series", "series.ics")),
        everybody(series("private_series", "series.ics"), MISSING, **HOST),
    ],
    "content:series_come": [
        writing(series("series", "come/"), OK, method="get"),
        writing(series("series", "come/")),
        writing(series("private_series", "come/"), MISSING, mentor=GO, operator=GO),
    ],
    # Nobody comes to all of it.
    "content:series_leave": [writing(series("series", "leave/"), MISSING)],
    "content:series_begin": [
        *hosted("repeat/", method="get"),
        *hosted("repeat/", BAD, data={"frequency": "daily"}),
    ],
    "content:series_change": [
        writing(
            lambda w: f"/studio/events/{w.occurrence.pk}/occurrence/",
            NO,
            method="get",
            **HOST,
        ),
        *hosted("occurrence/", MISSING, method="get"),
    ],
    "content:series_programme": [
        writing(
            lambda w: f"/studio/events/{w.occurrence.pk}/programme/all/", NO, **HOST
        ),
        *hosted("programme/all/", MISSING),
    ],
    "content:series_manage": series_led(""),
    "content:series_end": [
        *series_led("end/", method="post"),
        *series_led("end/", GO, method="post", data=SURE),
    ],
    "content:event_studio": [writing("/studio/events/", NO, method="get", **HOST)],
    "content:event_new": [
        writing("/studio/events/new/", NO, method="get", **HOST),
        writing(
            "/studio/events/new/", NO, data={"title": ""}, mentor=BAD, operator=BAD
        ),
    ],
    "content:event_manage": hosted("", method="get"),
    "content:event_change": hosted("change/", method="get"),
    "content:event_programme": hosted("programme/", method="get"),
    "content:event_people_csv": hosted("people.csv", method="get"),
    "content:event_publish": hosted("publish/", GO),
    "content:event_staff_time": hosted("staff-time/", GO),
    "content:event_cancel": [*hosted("cancel/"), *hosted("cancel/", GO, data=SURE)],
    "content:event_remove": [*hosted("remove/"), *hosted("remove/", GO, data=SURE)],
    "content:event_material_add": hosted("materials/", BAD),
    "content:event_material_remove": [
        writing(
            lambda w: f"/studio/events/materials/{w.event_file.pk}/remove/", NO, **HOST
        ),
        writing(
            lambda w: f"/studio/events/materials/{w.private_event_file.pk}/remove/",
            MISSING,
            **HOST,
        ),
    ],
    "content:experts": [signed_in("/experts/")],
    "content:asking_terms": [writing("/experts/terms/", NO, method="get")],
    "content:paid_question_ask": [
        writing("/experts/asked/ask/", OK, method="get"),
        writing("/experts/asked/ask/", BAD, data={"title": ""}),
        writing("/experts/nobody/ask/", MISSING, method="get"),
    ],
    "content:paid_questions_mine": [signed_in("/paid-questions/")],
    "content:paid_answers": [signed_in("/paid-questions/answers/")],
    "content:paid_question": [
        signed_in(question("unasked"), MISSING),
        signed_in(question("private_question"), MISSING, operator=OK),
        signed_in(question("open_question")),
    ],
    "content:paid_question_change": asked("change/"),
    "content:paid_question_pay": asked("pay/"),
    "content:paid_question_withdraw": asked("withdraw/"),
    "content:paid_question_answer": asked("answer/"),
    "content:paid_question_decline": asked("decline/"),
    "content:paid_question_more": asked("more/"),
    "content:paid_question_rate": asked("rate/"),
    "content:paid_question_read": [
        writing(question("private_question", "read/"), MISSING),
        writing(question("open_question", "read/"), BAD, operator=BAD),
    ],
    "content:consultations": [signed_in("/consultations/")],
    "content:expert_consultations": [
        signed_in("/experts/asked/"),
        signed_in("/experts/author/", MISSING),
    ],
    "content:consultation": [
        signed_in(lambda w: f"/consultations/{w.consultation.pk}/"),
        signed_in(lambda w: f"/consultations/{w.closed_consultation.pk}/", MISSING),
    ],
    "content:consultation_book": [
        writing(
            lambda w: f"/consultations/{w.consultation.pk}/book/?at=2030-01-01T10:00Z",
            OK,
            method="get",
        ),
        writing(
            lambda w: f"/consultations/{w.closed_consultation.pk}/book/",
            MISSING,
            method="get",
        ),
    ],
    "content:appointments": [signed_in("/appointments/")],
    "content:appointment": [
        signed_in(lambda w: f"/appointments/{w.unpaid_hour.pk}/", MISSING),
        signed_in(lambda w: f"/appointments/{w.appointment.pk}/", MISSING, operator=OK),
    ],
    "content:appointment_file": [
        signed_in(
            lambda w: f"/appointments/{w.appointment.pk}/appointment.ics",
            MISSING,
            operator=NO,
        )
    ],
    "content:appointment_pay": met("pay/"),
    "content:appointment_withdraw": met("withdraw/"),
    "content:appointment_confirm": met("confirm/"),
    "content:appointment_link": met("link/"),
    "content:appointment_reject": met("reject/"),
    "content:appointment_cancel": met("cancel/"),
    "content:appointment_move": met("move/", method="get"),
    "content:appointment_agree": met("agree/"),
    "content:appointment_disagree": met("disagree/"),
    "content:appointment_join": met("join/"),
    "content:appointment_say": met("say/"),
    "content:appointment_rate": met("rate/"),
    "content:consultation_studio": [
        writing("/studio/consultations/", NO, method="get")
    ],
    "content:consultation_new": [
        writing("/studio/consultations/new/", NO, method="get")
    ],
    "content:consultation_change": [
        writing(lambda w: f"/studio/consultations/{w.consultation.pk}/", NO),
        writing(
            lambda w: f"/studio/consultations/{w.closed_consultation.pk}/", MISSING
        ),
    ],
    "content:expert_calendar": [writing("/studio/consultations/calendar/", NO)],
    "content:hours_add": [writing("/studio/consultations/hours/", NO)],
    "content:hours_remove": [
        writing(lambda w: f"/studio/consultations/hours/{w.hours.pk}/remove/", MISSING)
    ],
    "content:exception_add": [writing("/studio/consultations/days/", NO)],
    "content:exception_remove": [
        writing(
            lambda w: f"/studio/consultations/days/{w.exception.pk}/remove/", MISSING
        )
    ],
    "content:feedback": [
        everybody("/feedback/"),
        Row(lambda _: "/feedback/", BAD, method="post"),
    ],
    "content:my_feedback": [signed_in("/feedback/mine/")],
    "content:feedback_state": [
        everybody(lambda w: w.nameless.get_absolute_url()),
        everybody(lambda w: w.said.get_absolute_url(), MISSING, member=OK),
    ],
    "content:suggestions": [signed_in("/suggestions/")],
    "content:suggestion_new": [
        writing("/suggestions/new/", OK, method="get"),
        writing("/suggestions/new/", data={"title": "More", "text": "Much."}),
    ],
    "content:changes": [signed_in("/suggestions/done/")],
    "content:suggestion": [
        signed_in(lambda w: w.suggestion.get_absolute_url()),
        signed_in(lambda w: w.held.get_absolute_url(), MISSING, member=OK, operator=OK),
    ],
    "content:suggestion_vote": [
        writing(lambda w: f"/suggestions/{w.suggestion.pk}/vote/"),
        writing(
            lambda w: f"/suggestions/{w.held.pk}/vote/", MISSING, member=GO, operator=GO
        ),
    ],
    "content:surveys": [signed_in("/surveys/")],
    "content:survey": [
        signed_in(lambda w: w.asked.get_absolute_url(), MISSING, member=OK),
    ],
    "content:survey_refuse": [writing("/surveys/refuse/")],
    "content:search": [everybody("/search/"), everybody("/search/?q=essay")],
    "content:search_forget": [writing("/search/forget/", suspended=GO)],
    "content:share": [*shared(""), *not_shared("")],
    "content:poster": [*shared("poster.png"), *not_shared("poster.png")],
    "content:shown_picture": [
        everybody(_picture),
        everybody(lambda w: f"/media/shown/item/{w.essay.pk}-0.png", GO),
        everybody(lambda w: f"/media/shown/item/{w.draft.pk}-0.png", MISSING),
    ],
    "content:library": [everybody("/library/")],
    "content:library_feed": [everybody("/library/feed.xml")],
    "content:item": [
        everybody("/library/quiz/"),
        everybody("/library/free/", GO),
        everybody("/library/essay/"),
        everybody("/library/closed/"),
        everybody("/library/nothing/", MISSING),
    ],
    "content:item_read": [
        writing("/library/essay/read/"),
        writing("/library/closed/read/", NO, paying=GO, operator=GO),
        writing("/library/nothing/read/", MISSING),
    ],
    "content:ratings": [
        everybody("/library/essay/ratings/"),
        everybody("/library/draft/ratings/", MISSING, **DESK),
    ],
    "content:rate": [
        writing("/library/essay/rate/", data={"stars": "5"}),
        writing("/library/essay/rate/", BAD, data={"stars": "6"}),
        writing("/library/nothing/rate/", MISSING, data={"stars": "5"}),
    ],
    "content:rating_helpful": [
        writing(lambda world: f"/ratings/{world.rating.pk}/helpful/"),
        writing("/ratings/999999/helpful/", MISSING),
    ],
    "content:rating_reply": [
        writing(lambda world: f"/ratings/{world.rating.pk}/reply/", NO),
    ],
    "content:cover": [everybody("/media/covers/none.webp", MISSING)],
    "content:course": [
        everybody(url("free")),
        everybody(url("sold")),
        everybody(url("draft"), MISSING, **DESK),
    ],
    "content:course_enrol": [
        writing("/courses/free/enrol/"),
        writing("/courses/sold/enrol/", NO, paying=GO, operator=GO),
        writing("/courses/draft/enrol/", MISSING, operator=GO),
    ],
    "content:lesson": [
        everybody(lesson("free")),
        everybody(lesson("sold"), OK, **PAYS),
        everybody(lesson("draft"), MISSING, **DESK),
    ],
    "content:lesson_done": [
        writing(lesson("free", "done/")),
        writing(lesson("sold", "done/"), NO, paying=GO, operator=GO),
        writing(lesson("draft", "done/"), MISSING, operator=GO),
    ],
    "content:paths": [everybody("/paths/")],
    "content:path": [
        everybody(url("path")),
        everybody(url("hidden_path"), MISSING, operator=OK),
    ],
    "content:quiz": [
        writing(url("quiz"), OK, method="get"),
        writing(url("paid_quiz"), NO, method="get", paying=OK, operator=OK),
    ],
    "content:quiz_start": [
        writing(lambda w: f"{w.quiz.get_absolute_url()}start/"),
        writing(
            lambda w: f"{w.paid_quiz.get_absolute_url()}start/",
            *(NO,),
            paying=GO,
            operator=GO,
        ),
    ],
    "content:attempts_ask": [
        writing(lambda w: f"{w.quiz.get_absolute_url()}ask/"),
        writing(
            lambda w: f"{w.paid_quiz.get_absolute_url()}ask/",
            *(NO,),
            paying=GO,
            operator=GO,
        ),
    ],
    "content:attempts_give": [
        writing(
            lambda w: f"/studio/quizzes/{w.quiz.pk}/attempts/{w.author.pk}/",
            *(MISSING,),
            operator=GO,
        )
    ],
    "content:attempt": [writing(url("attempt"), MISSING, method="get")],
    "content:course_quizzes": [written("quizzes/", method="get")],
    "content:course_test_add": [written("tests/before/", GO)],
    "content:lesson_quiz_add": [own_lesson("quiz/", GO)],
    "content:quiz_manage": [quiz("", OK, method="get")],
    "content:question_add": [quiz("questions/", OK, method="get")],
    "content:quiz_remove": [quiz("remove/", GO, data=SURE)],
    "content:question_change": [
        _theirs(lambda w: f"/studio/questions/{w.question.pk}/", OK, method="get")
    ],
    "content:item_tags": [written("tags/", method="get")],
    "content:tag_follow": [
        writing("/tags/known/follow/"),
        writing("/tags/unheard-of/follow/", MISSING),
    ],
    "content:assignment": [
        writing(url("assignment"), OK, method="get"),
        writing(url("paid_assignment"), NO, method="get", paying=OK, operator=OK),
    ],
    "content:cohort_join": [
        writing(lambda w: f"/cohorts/{w.cohort.pk}/join/"),
        writing(lambda w: f"/cohorts/{w.sold_cohort.pk}/join/", **CLOSED),
    ],
    "content:cohort_leave": [
        writing(lambda w: f"/cohorts/{w.cohort.pk}/leave/", MISSING),
    ],
    "content:cohort_room": [
        signed_in(room("joined_cohort"), MISSING, member=OK, mentor=OK, operator=OK),
        signed_in(room("written_cohort"), MISSING, mentor=OK, operator=OK),
    ],
    "content:cohort_file": [
        signed_in(
            room("joined_cohort", "cohort.ics"),
            *(MISSING,),
            **dict.fromkeys(("member", "mentor", "operator"), OK),
        ),
    ],
    "content:cohort_introduce": [
        writing(
            room("joined_cohort", "introduction/"),
            *(MISSING,),
            data={"text": "Hello."},
            member=GO,
        ),
    ],
    "content:learner_ask": [
        writing(
            lambda w: (
                f"/studio/cohorts/{w.joined_cohort.pk}/ask/{w.people['member'].pk}/"
            ),
            *(MISSING,),
            **dict.fromkeys(GUIDES, GO),
        ),
        writing(
            lambda w: f"/studio/cohorts/{w.joined_cohort.pk}/ask/{w.author.pk}/",
            MISSING,
        ),
    ],
    "content:culture": [everybody("/culture/")],
    "content:themes": [signed_in("/themes/")],
    "content:theme_propose": [
        writing("/themes/propose/", data={"title": "Sleep"}),
        writing("/themes/propose/", BAD),
    ],
    "content:theme_vote": [
        writing(lambda w: f"/themes/{w.theme.pk}/vote/"),
        writing("/themes/999999/vote/", MISSING),
    ],
    "content:theme_week": [
        signed_in(lambda w: f"/themes/weeks/{w.week.pk}/"),
        signed_in(
            lambda w: f"/themes/weeks/{w.private_week.pk}/", MISSING, operator=OK
        ),
    ],
    "content:week_summary": [
        writing(
            lambda w: f"/themes/weeks/{w.week.pk}/summary/",
            NO,
            method="get",
            mentor=OK,
            operator=OK,
        ),
    ],
    "content:newcomers": [
        writing("/newcomers/", NO, method="get", **dict.fromkeys(WELCOMERS, OK)),
    ],
    "content:newcomer_greet": [
        writing("/newcomers/author/", NO, **dict.fromkeys(WELCOMERS, GO)),
    ],
    "content:person_growth": [signed_in("/people/author/growth/")],
    "content:course_cohorts": [written("cohorts/", method="get")],
    "content:cohort": [
        writing(cohort(""), MISSING, method="get", mentor=OK, operator=OK)
    ],
    "content:cohort_change": [_theirs(cohort("change/"), OK, method="get")],
    "content:cohort_space": [_theirs(cohort("space/"), GO)],
    "content:course_due": [written("due/", method="get")],
    "content:cohort_remove": [_theirs(cohort("remove/"), GO, data=SURE)],
    "content:lessons_take": [section(OK, "take/", method="get")],
    "content:podcast_address": [writing("/learning/podcast/", OK, method="get")],
    "content:podcast_address_remove": [writing("/learning/podcast/end/")],
    "content:podcast": [
        everybody(lambda w: f"/podcast/{w.podcast}/"),
        everybody("/podcast/made-up/", MISSING),
    ],
    "content:podcast_file": [
        everybody(lambda w: f"/podcast/{w.podcast}/lessons/1/", MISSING),
        everybody("/podcast/made-up/lessons/1/", MISSING),
    ],
    "content:work_waiting": [
        writing("/studio/work/", NO, method="get", **dict.fromkeys(GUIDES, OK))
    ],
    "content:work_review": [
        writing(
            lambda w: f"/studio/work/{w.work.pk}/",
            *(MISSING,),
            method="get",
            **dict.fromkeys(GUIDES, OK),
        )
    ],
    "content:lesson_assignment": [own_lesson("assignment/", OK, method="get")],
    "content:assignment_remove": [own_lesson("assignment/remove/", GO, data=SURE)],
    "content:captions": [
        everybody(lambda w: f"/captions/{w.captions.pk}.vtt"),
        everybody(lambda w: f"/captions/{w.paid_captions.pk}.vtt", OK, **PAYS),
        everybody(lambda w: f"/captions/{w.film_captions.pk}.vtt", OK, **PAYS),
    ],
    "content:captions_of": [
        own_lesson("captions/", OK, method="get"),
        own_file("captions/", OK, method="get"),
        own_lesson("captions/", BAD, data={"language": "en"}),
        writing("/studio/items/1/captions/", MISSING, method="get"),
    ],
    "content:chapters_of": [
        own_lesson("chapters/", OK, method="get"),
        own_file("chapters/", GO),
    ],
    "content:captions_remove": [
        _theirs(
            lambda w: f"/studio/captions/{w.own_captions.pk}/remove/", GO, data=SURE
        )
    ],
    "content:my_learning": [writing("/learning/", OK, method="get")],
    "content:course_certificate": [
        writing("/courses/free/certificate/", MISSING, method="get"),
        writing("/courses/sold/certificate/", MISSING, method="get", member=OK),
    ],
    "content:certificate_find": [
        everybody("/certificates/"),
        everybody("/certificates/?number=2222", BAD),
    ],
    "content:certificate": [
        everybody(url("certificate")),
        everybody("/certificates/2222-2222-2222/", MISSING),
    ],
    "content:certificate_pdf": [
        writing(
            lambda w: f"{w.certificate.get_absolute_url()}certificate.pdf",
            *(NO,),
            method="get",
            operator=OK,
        ),
    ],
    "content:lesson_note": [
        writing(lesson("free", "note/"), data={"text": "Mine."}),
        writing(
            *(lesson("sold", "note/"), NO),
            paying=GO,
            operator=GO,
            data={"text": "Mine."},
        ),
    ],
    "content:course_notes": [
        writing("/courses/free/notes/", OK, method="get"),
        writing("/courses/draft/notes/", MISSING, method="get", **DESK),
    ],
    "content:lesson_position": [
        writing(lesson("free", "position/"), OK, data={"position": "3"}),
        writing(
            lesson("sold", "position/"),
            NO,
            paying=OK,
            operator=OK,
            data={"position": "3"},
        ),
    ],
    "content:file_position": [
        writing(film("position/"), NO, paying=OK, operator=OK, data={"position": "3"}),
    ],
    "content:lesson_media": [everybody("/media/lessons/forged/", NO)],
    "content:picture": [
        everybody(lambda w: w.picture_of(w.essay)),
        everybody(
            lambda w: w.picture_of(w.closed), NO, visitor=SIGN_IN, **DESK, paying=OK
        ),
        everybody(lambda w: w.picture_of(w.written), MISSING, **AUTHOR, **DESK),
    ],
    "content:outdated": [
        writing(lambda w: f"/items/{w.essay.pk}/outdated/", OK, method="get"),
        writing(
            lambda w: f"/items/{w.closed.pk}/outdated/",
            NO,
            method="get",
            paying=OK,
            operator=OK,
        ),
        writing(lambda w: f"/items/{w.written.pk}/outdated/", MISSING, method="get"),
    ],
    "content:studio": [signed_in("/studio/")],
    "content:item_new": [writing("/studio/new/", OK, method="get")],
    "content:desk": [signed_in("/studio/desk/", NO, **DESK)],
    "content:desk_take": [
        writing("/studio/desk/take/", NO, reviewer=GO, operator=GO),
    ],
    "content:item_day": [
        writing(
            lambda w: f"/studio/desk/calendar/{w.written.pk}/",
            MISSING,
            mentor=NO,
            **dict.fromkeys(("reviewer", "planner", "operator"), GO),
        ),
    ],
    "content:calendar": [signed_in("/studio/desk/calendar/", NO, **DESK)],
    "content:ageing": [signed_in("/studio/desk/ageing/", NO, **DESK)],
    "content:item_manage": [signed_in(studio(), MISSING, **AUTHOR, **DESK)],
    "content:item_settings": [written("settings/", method="get")],
    "content:item_discard": [written("discard/", GO, data=SURE)],
    "content:item_step": [
        writing(
            studio(tail="step/"),
            MISSING,
            data={"act": "submitted"},
            mentor=BAD,
            operator=BAD,
            reviewer=NO,
            planner=NO,
        ),
        writing(
            studio(tail="step/"),
            MISSING,
            data={"act": "taken"},
            mentor=NO,
            operator=GO,
            reviewer=GO,
            planner=NO,
        ),
        writing(  # the reviewer has not taken it
            studio(tail="step/"),
            MISSING,
            data={"act": "put_back"},
            mentor=NO,
            operator=GO,
            reviewer=NO,
            planner=NO,
        ),
    ],
    "content:item_tick": [
        writing(
            studio(tail="tick/"), MISSING, mentor=NO, planner=NO, data={"point": "1"}
        )
    ],
    "content:co_author_add": [
        writing(
            studio(tail="authors/"),
            MISSING,
            data={"name": "author"},
            mentor=GO,
            operator=GO,
            reviewer=NO,
            planner=NO,
        )
    ],
    "content:co_author_change": [
        writing(
            lambda w: f"/studio/authors/{w.co_author.pk}/",
            MISSING,
            data={"do": "remove"} | SURE,
            mentor=GO,
            operator=GO,
            reviewer=NO,
            planner=NO,
        )
    ],
    "content:invitation_answer": [
        writing(
            lambda w: f"/studio/invitations/{w.invitation.pk}/answer/",
            MISSING,
            data={"answer": "accept"},
            volunteer=GO,
        )
    ],
    "content:invitation_take_back": [
        writing(
            lambda w: f"/studio/invitations/{w.invitation.pk}/take-back/",
            MISSING,
            mentor=GO,
            operator=GO,
            reviewer=NO,
            planner=NO,
        )
    ],
    "content:file_add": [written("files/", BAD)],
    "content:file_change": [
        _theirs(lambda w: f"/studio/files/{w.file.pk}/", GO, data={"do": "up"})
    ],
    "content:section_add": [written("sections/", GO, data={"title": "New"})],
    "content:section_change": [section(GO, data={"do": "up"})],
    "content:section_pace": [section(OK, "pace/", method="get")],
    "content:lesson_add": [section(GO, "lessons/", data={"title": "New"})],
    "content:lesson_change": [own_lesson("", GO, data={"do": "down"})],
    "content:lesson_settings": [own_lesson("settings/", method="get")],
    "content:compose": [
        written("write/", method="get"),
        own_lesson("write/", method="get"),
    ],
    "content:autosave": [written("autosave/"), own_lesson("autosave/")],
    "content:compose_preview": [written("preview/"), own_lesson("preview/")],
    "content:picture_add": [written("picture/", BAD)],
    "content:upload_begin": [written("uploads/", BAD), own_lesson("uploads/", BAD)],
    "content:upload": [own_upload("head", OK), own_upload("delete", OK)],
    "content:history": [signed_in(studio(tail="history/"), MISSING, **AUTHOR, **DESK)],
    "content:revision": [
        signed_in(studio(tail="history/1/"), MISSING, **AUTHOR, **DESK)
    ],
    "content:revision_restore": [written("history/1/restore/", GO)],
    "content:spaces": [everybody("/spaces/")],
    "content:space": [
        everybody("/spaces/open/"),
        signed_in("/spaces/inside/"),
        everybody("/spaces/private/", MISSING, operator=OK),
    ],
    "content:space_charter": [
        everybody("/spaces/open/charter/"),
        signed_in("/spaces/inside/charter/"),
        everybody("/spaces/private/charter/", MISSING, operator=OK),
    ],
    "content:space_people": [
        writing("/spaces/open/people/", NO, method="get", **dict.fromkeys(GUIDES, OK)),
        writing(
            "/spaces/open/people/",
            NO,
            data={"act": "role", "member": "author", "role": "mentor"},
            **dict.fromkeys(GUIDES, GO),
        ),
        writing("/spaces/private/people/", MISSING, method="get", operator=OK),
    ],
    "content:space_invitation_end": [
        writing(
            lambda w: f"/space-invitations/{w.space_invitation.pk}/end/",
            NO,
            **dict.fromkeys(GUIDES, GO),
        ),
        writing(
            lambda w: f"/space-invitations/{w.private_invitation.pk}/end/",
            MISSING,
            operator=GO,
        ),
    ],
    "content:space_follow": [
        writing("/spaces/open/follow/", data={"stance": "following"}),
        writing("/spaces/private/follow/", MISSING, operator=GO),
    ],
    "content:space_caught_up": [
        writing("/spaces/open/caught-up/"),
        writing("/spaces/private/caught-up/", MISSING, operator=GO),
    ],
    "content:whats_new": [writing("/whats-new/", OK, method="get")],
    "content:space_join": [
        writing("/spaces/open/join/"),
        writing("/spaces/private/join/", MISSING, operator=GO),
    ],
    "content:space_leave": [writing("/spaces/open/leave/")],
    "content:topic_new": [
        writing("/spaces/open/new/", OK, method="get"),
        writing("/spaces/private/new/", MISSING, method="get", operator=OK),
    ],
    "content:course_topics": [everybody("/courses/free/discussion/")],
    "content:course_topic_new": [
        writing("/courses/free/discussion/new/", OK, method="get")
    ],
    "content:lesson_topics": [
        everybody(lesson("free", "discussion/")),
        everybody(lesson("draft", "discussion/"), MISSING),
    ],
    "content:lesson_topic_new": [
        writing(lesson("free", "discussion/new/"), OK, method="get")
    ],
    "content:topic": [
        everybody(url("topic")),
        signed_in(url("inside_topic")),
        everybody(url("private_topic"), MISSING, operator=OK),
    ],
    "content:topic_reply": [
        writing(
            lambda w: f"/topics/{w.topic.pk}/reply/",
            data={"body": "Because."},
        ),
        writing(
            lambda w: f"/topics/{w.private_topic.pk}/reply/",
            MISSING,
            operator=GO,
            data={"body": "Because."},
        ),
    ],
    "content:topic_unread": [
        everybody(lambda w: f"/topics/{w.topic.pk}/unread/", GO),
        everybody(
            lambda w: f"/topics/{w.inside_topic.pk}/unread/", GO, visitor=SIGN_IN
        ),
    ],
    "content:topic_close": [
        writing(
            lambda w: f"/topics/{w.topic.pk}/close/", NO, **dict.fromkeys(GUIDES, GO)
        )
    ],
    "content:topic_follow": [
        writing(lambda w: f"/topics/{w.topic.pk}/follow/", data={"stance": "muted"}),
        writing(
            lambda w: f"/topics/{w.private_topic.pk}/follow/", MISSING, operator=GO
        ),
    ],
    "content:topic_order": guided("order/", OK, method="get"),
    "content:topic_mark": guided("mark/", GO, data={"act": "pin"}),
    "content:topic_slow": guided("slow/", GO, data={"seconds": "60"}),
    "content:topic_kind": guided("kind/", GO, data={"kind": "discussion"}),
    "content:topic_split": guided("split/", OK, method="get"),
    "content:topic_move": [
        *guided("move/", BAD),
        writing(
            lambda w: f"/topics/{w.topic.pk}/move/",
            NO,
            data=lambda w: {"space": w.members_space.pk},
            **dict.fromkeys(GUIDES, GO),
        ),
        # Nobody moves a talk where they may not read it themselves.
        writing(
            lambda w: f"/topics/{w.topic.pk}/move/",
            NO,
            data=lambda w: {"space": w.private_space.pk},
            **{**dict.fromkeys(GUIDES, BAD), "operator": GO},
        ),
    ],
    "content:topic_merge": [
        *guided("merge/", BAD),
        writing(
            lambda w: f"/topics/{w.topic.pk}/merge/",
            NO,
            data=lambda w: {"into": w.private_topic.pk, "sure": "1"},
            **{**dict.fromkeys(GUIDES, MISSING), "operator": GO},
        ),
    ],
    # Another guide's.
    "content:rearrangement_undo": [
        writing(
            lambda w: f"/rearrangements/{w.rearranged.pk}/undo/",
            NO,
            data=SURE,
            operator=GO,
        ),
        writing(
            lambda w: f"/rearrangements/{w.private_rearranged.pk}/undo/",
            MISSING,
            data=SURE,
            operator=GO,
        ),
    ],
    "content:topic_promote": [
        *guided("promote/", OK, method="get"),
        writing(
            lambda w: f"/topics/{w.topic.pk}/promote/",
            NO,
            **dict.fromkeys(GUIDES, GO),
        ),
        writing(
            lambda w: f"/topics/{w.private_topic.pk}/promote/", MISSING, operator=GO
        ),
    ],
    "content:post_edit": [
        writing(lambda w: f"/posts/{w.answer.pk}/edit/", NO, method="get")
    ],
    "content:poll": [
        everybody(lambda w: f"/polls/{w.poll.pk}/"),
        everybody(lambda w: f"/polls/{w.hidden_poll.pk}/", MISSING, operator=OK),
        signed_in(lambda w: f"/polls/{w.paid_poll.pk}/", NO, paying=OK, operator=OK),
    ],
    "content:poll_vote": [
        writing(lambda w: f"/polls/{w.poll.pk}/vote/", BAD),
        writing(lambda w: f"/polls/{w.poll.pk}/vote/", data=VOTE),
        writing(lambda w: f"/polls/{w.hidden_poll.pk}/vote/", MISSING, operator=BAD),
        writing(
            lambda w: f"/polls/{w.paid_poll.pk}/vote/", NO, paying=BAD, operator=BAD
        ),
    ],
    "content:poll_votes": [
        everybody(lambda w: f"/polls/{w.poll.pk}/votes/"),
        signed_in(lambda w: f"/polls/{w.paid_poll.pk}/votes/", NO),
        everybody(lambda w: f"/polls/{w.hidden_poll.pk}/votes/", MISSING, operator=NO),
    ],
    "content:poll_change": [
        writing(lambda w: f"/polls/{w.poll.pk}/change/", NO, method="get"),
        writing(lambda w: f"/polls/{w.hidden_poll.pk}/change/", MISSING, operator=NO),
    ],
    "content:poll_close": [
        writing(
            lambda w: f"/polls/{w.poll.pk}/close/",
            NO,
            data=SURE,
            **dict.fromkeys(GUIDES, GO),
        ),
    ],
    "content:lesson_poll": [own_lesson("poll/", OK, method="get")],
    "content:lesson_poll_remove": [own_lesson("poll/remove/", GO, data=SURE)],
    "content:post_more": [
        signed_in(lambda w: f"/posts/{w.answer.pk}/more/"),
        signed_in(
            lambda w: f"/posts/{w.private_topic.posts.get().pk}/more/",
            MISSING,
            operator=OK,
        ),
    ],
    "content:post_report": [
        writing(lambda w: f"/posts/{w.answer.pk}/report/", OK, method="get"),
        writing(lambda w: f"/posts/{w.answer.pk}/report/", data={"reason": "spam"}),
        writing(
            lambda w: f"/posts/{w.private_topic.posts.get().pk}/report/",
            MISSING,
            method="get",
            operator=OK,
        ),
    ],
    "content:rating_report": [
        writing(lambda w: f"/ratings/{w.rating.pk}/report/", OK, method="get"),
        writing(lambda w: f"/ratings/{w.rating.pk}/report/", data={"reason": "spam"}),
        writing("/ratings/999999/report/", MISSING, method="get"),
    ],
    "content:person_report": [
        writing("/people/author/report/", OK, method="get"),
        writing("/people/author/report/", data={"reason": "abuse"}),
        writing("/people/nobody/report/", MISSING, method="get"),
    ],
    "content:my_reports": [signed_in("/reports/")],
    "content:held_list": [signed_in("/held/")],
    "content:held": [
        signed_in(lambda w: f"/held/{w.case.pk}/", MISSING, member=OK),
        writing(
            lambda w: f"/held/{w.case.pk}/",
            MISSING,
            member=GO,
            suspended=MISSING,
            data={"body": "Otherwise."},
        ),
    ],
    "content:held_withdraw": [
        writing(lambda w: f"/held/{w.case.pk}/withdraw/", MISSING, member=GO, data=SURE)
    ],
    "content:queue": [signed_in("/studio/queue/", NO, **dict.fromkeys(KEEPERS, OK))],
    "content:queue_history": [
        signed_in("/studio/queue/history/", NO, **dict.fromkeys(KEEPERS, OK))
    ],
    "content:queue_decide": [
        writing(
            "/studio/queue/decide/",
            NO,
            data={"act": "accept"},
            **dict.fromkeys(KEEPERS, GO),
        )
    ],
    "content:queue_undo": [
        writing(
            "/studio/queue/undo/",
            NO,
            data={"undo": "12345678-1234-5678-1234-567812345678"},
            **dict.fromkeys(KEEPERS, GO),
        )
    ],
    "content:case": [
        signed_in(
            lambda w: f"/studio/queue/{w.case.pk}/",
            MISSING,
            **dict.fromkeys(KEEPERS, OK),
        ),
        signed_in(
            lambda w: f"/studio/queue/{w.private_case.pk}/", MISSING, operator=OK
        ),
        writing(
            lambda w: f"/studio/queue/{w.case.pk}/",
            MISSING,
            data={"act": "reject", "reason": "No."},
            suspended=MISSING,
            **dict.fromkeys(KEEPERS, GO),
        ),
    ],
    "content:case_claim": [
        writing(
            lambda w: f"/studio/queue/{w.case.pk}/claim/",
            MISSING,
            **dict.fromkeys(KEEPERS, GO),
        )
    ],
    "content:heat": [
        signed_in("/studio/queue/heat/", NO, **dict.fromkeys(KEEPERS, OK))
    ],
    "content:heat_take": [heated("take"), heated_inside("take")],
    "content:heat_leave": [heated("leave"), heated_inside("leave")],
    "content:post_like": [writing(lambda w: f"/posts/{w.answer.pk}/like/")],
    "content:topic_news": [
        everybody(lambda w: f"/topics/{w.topic.pk}/news/?after=2", OK, visitor=NO),
        everybody(
            lambda w: f"/topics/{w.private_topic.pk}/news/?after=1",
            MISSING,
            visitor=NO,
            operator=OK,
        ),
    ],
    "content:topic_people": [
        writing(lambda w: f"/topics/{w.topic.pk}/people/?q=a", OK, method="get"),
        writing(
            lambda w: f"/topics/{w.private_topic.pk}/people/?q=a",
            *(MISSING,),
            method="get",
            operator=OK,
        ),
    ],
    "content:post_react": [
        writing(post("react/"), data={"kind": "agree"}),
        writing(post("react/"), MISSING, data={"kind": "hate"}),
    ],
    "content:post_reactions": [signed_in(post("reactions/"))],
    "content:post_bookmark": [
        writing(post("bookmark/")),
        writing(
            lambda w: f"/posts/{w.private_topic.posts.get().pk}/bookmark/",
            *(MISSING,),
            operator=GO,
        ),
    ],
    "content:post_history": [
        everybody(post("history/")),
        everybody(
            lambda w: f"/posts/{w.private_topic.posts.get().pk}/history/",
            MISSING,
            operator=OK,
        ),
    ],
    "content:version_hide": [
        writing(
            lambda w: f"/posts/versions/{w.version.pk}/hide/",
            NO,
            data=SURE,
            operator=GO,
        )
    ],
    "content:post_quote": [writing(post("quote/"), OK, method="get")],
    "content:post_file_add": [writing("/posts/files/", BAD)],
    "content:post_file": [
        everybody(url("post_file")),
        everybody(url("inside_file"), OK, visitor=SIGN_IN),
        everybody(url("file_not_posted"), MISSING),
    ],
    "content:bookmarks": [signed_in("/bookmarks/")],
    "content:bookmark_drop": [
        writing(lambda w: f"/bookmarks/{w.bookmark.pk}/remove/", MISSING)
    ],
    "content:item_bookmark": [
        writing(lambda w: f"/items/{w.essay.pk}/bookmark/"),
        writing(lambda w: f"/items/{w.draft.pk}/bookmark/", MISSING),
    ],
    "content:answer_accept": [
        writing(
            lambda w: f"/posts/{w.answer.pk}/accept/", NO, **dict.fromkeys(GUIDES, GO)
        )
    ],
    "content:answer_vote": [
        writing(lambda w: f"/posts/{w.answer.pk}/vote/", data={"vote": "helpful"})
    ],
    "content:questions_waiting": [
        writing("/studio/questions/", NO, method="get", **dict.fromkeys(GUIDES, OK))
    ],
    "content:question_care": [
        writing(
            lambda w: f"/studio/questions/{w.duty.pk}/care/",
            NO,
            **dict.fromkeys(GUIDES, GO),
        )
    ],
    "content:topics_similar": [writing("/topics/similar/?title=why", OK, method="get")],
    "content:topic_best": [
        everybody(lambda w: f"/topics/{w.topic.pk}/best/"),
        everybody(lambda w: f"/topics/{w.private_topic.pk}/best/", MISSING),
    ],
}
