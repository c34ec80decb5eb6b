from content.models import Lesson, Question, Quiz
from content.services import questions


def make_quiz(course, **rules) -> Quiz:
    """The quiz of the course's first lesson, without questions."""
    lesson = Lesson.objects.filter(section__item=course).first()
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
