from content.models import Lesson, Question, Quiz
from content.services import questions


def make_quiz(course, *, lesson=None, **rules) -> Quiz:
    """The quiz of a lesson, the course's first without more; without questions."""
    lesson = lesson or Lesson.objects.filter(section__item=course).first()
    quiz = questions.add_quiz(course=course, kind=Quiz.Kind.LESSON, lesson=lesson)
    if rules:
        questions.save_quiz(quiz=quiz, **rules)
    return quiz


def ask(quiz, kind=Question.Kind.SINGLE, **says) -> Question:
    """A question in the quiz; without more, its first choice is right."""
    if kind != Question.Kind.NUMERIC:
        says.setdefault("answers", "* right\nwrong")
    says.setdefault("text", "Which one?")
    return questions.add_question(quiz=quiz, kind=kind, **says)
