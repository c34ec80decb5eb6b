from tests.access.rows import (
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


def url(name):
    return lambda world: getattr(world, name).get_absolute_url()


def lesson(name, tail=""):
    def path(world):
        return world.lesson_of(getattr(world, name)).get_absolute_url() + tail

    return path


PAYS = {"visitor": NO, "member": NO, "lapsed": NO, "mentor": NO, "volunteer": NO}
PAYS |= {"reviewer": NO, "planner": NO, "suspended": NO}
DRAFT = {"operator": OK}

ROWS = {
    "content:library": [everybody("/library/")],
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
    "content:cover": [everybody("/media/covers/none.webp", MISSING)],
    "content:course": [
        everybody(url("free")),
        everybody(url("sold")),
        everybody(url("draft"), MISSING, **DRAFT),
    ],
    "content:course_enrol": [
        writing("/courses/free/enrol/"),
        writing("/courses/sold/enrol/", NO, paying=GO, operator=GO),
        writing("/courses/draft/enrol/", MISSING, operator=GO),
    ],
    "content:lesson": [
        everybody(lesson("free")),
        everybody(lesson("sold"), OK, **PAYS),
        everybody(lesson("draft"), MISSING, **DRAFT),
    ],
    "content:lesson_done": [
        writing(lesson("free", "done/")),
        writing(lesson("sold", "done/"), NO, paying=GO, operator=GO),
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
    "content:lesson_media": [everybody("/media/lessons/forged/", NO)],
    "content:studio": [signed_in("/studio/", NO, **dict.fromkeys(GUIDES, OK))],
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
