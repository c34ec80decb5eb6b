from content.services import sharing
from tests.access.rows import (
    BAD,
    GO,
    MISSING,
    NO,
    OK,
    SIGN_IN,
    everybody,
    signed_in,
    writing,
)

GUIDES = ("mentor", "operator")
WELCOMERS = (*GUIDES, "volunteer")


def url(name):
    return lambda world: getattr(world, name).get_absolute_url()


def lesson(name, tail=""):
    def path(world):
        return world.lesson_of(getattr(world, name)).get_absolute_url() + tail

    return path


AUTHOR = {"mentor": OK}  # of what is written in the studio
SURE = {"sure": "1"}  # asked and answered
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


def own_upload(method, outcome):
    def path(world):
        return f"/studio/uploads/{world.upload.key}/"

    return writing(path, MISSING, method=method, mentor=outcome)


def own_file(tail, outcome=OK, **options):
    return _theirs(
        lambda w: f"/studio/files/{w.own_film.pk}/{tail}", outcome, **options
    )


def film(tail):
    return lambda w: f"/files/{w.film.pk}/{tail}"


def cohort(tail):
    return lambda w: f"/studio/cohorts/{w.written_cohort.pk}/{tail}"


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
ROWS = {
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
    "content:topic_promote": [
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
    "content:post_like": [writing(lambda w: f"/posts/{w.answer.pk}/like/")],
    "content:answer_accept": [
        writing(
            lambda w: f"/posts/{w.answer.pk}/accept/", NO, **dict.fromkeys(GUIDES, GO)
        )
    ],
}
