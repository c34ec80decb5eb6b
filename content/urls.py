from django.urls import path

from content.views import library, spaces, studio, topics

app_name = "content"
urlpatterns = [
    path("library/", library.library, name="library"),
    path("library/<str:slug>/", library.item, name="item"),
    path("library/<str:slug>/read/", library.item_read, name="item_read"),
    path("courses/<str:slug>/", library.course, name="course"),
    path("courses/<str:slug>/enrol/", library.course_enrol, name="course_enrol"),
    path("lessons/<int:pk>/", library.lesson, name="lesson"),
    path("lessons/<int:pk>/done/", library.lesson_done, name="lesson_done"),
    path("lessons/<int:pk>/position/", library.lesson_position, name="lesson_position"),
    path("media/covers/<str:name>", library.cover, name="cover"),
    path("media/lessons/<str:token>/", library.lesson_media, name="lesson_media"),
    path("studio/", studio.studio, name="studio"),
    path("spaces/", spaces.spaces, name="spaces"),
    path("spaces/<slug:slug>/", spaces.space, name="space"),
    path("spaces/<slug:slug>/join/", spaces.space_join, name="space_join"),
    path("spaces/<slug:slug>/leave/", spaces.space_leave, name="space_leave"),
    path("spaces/<slug:slug>/new/", spaces.topic_new, name="topic_new"),
    path("courses/<str:slug>/discussion/", spaces.course_topics, name="course_topics"),
    path(
        "courses/<str:slug>/discussion/new/",
        spaces.course_topic_new,
        name="course_topic_new",
    ),
    path("topics/<int:pk>-<str:words>/", topics.topic, name="topic"),
    path("topics/<int:pk>/reply/", topics.topic_reply, name="topic_reply"),
    path("topics/<int:pk>/unread/", topics.topic_unread, name="topic_unread"),
    path("topics/<int:pk>/close/", topics.topic_close, name="topic_close"),
    path("posts/<int:pk>/edit/", topics.post_edit, name="post_edit"),
    path("posts/<int:pk>/like/", topics.post_like, name="post_like"),
    path("posts/<int:pk>/accept/", topics.answer_accept, name="answer_accept"),
]
