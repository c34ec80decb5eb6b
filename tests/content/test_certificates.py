"""Certificates: for who finished, once, true until revoked, and in the books sealed."""

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from accounts.models import AuditRecord
from accounts.privacy import export_all
from accounts.services import keys, personal
from content.errors import CertificateRevoked, NotFinished
from content.models import Certificate, LearningPath, Lesson
from content.services import certificates, courses
from tests.factories.accounts import make_member
from tests.factories.courses import make_course

pytestmark = pytest.mark.django_db


def finished(member, slug="course", **fields):
    course = make_course(slug, lessons=1, **{"gives_certificate": True, **fields})
    for lesson in Lesson.objects.filter(section__item=course):
        courses.mark_done(member=member, lesson=lesson)
    return course


def test_who_finished_has_one_and_asking_again_gives_the_same(member):
    course = finished(member)

    first = certificates.issue(member=member, course=course, name="Li Na")
    again = certificates.issue(member=member, course=course, name="Somebody Else")

    assert first == again
    assert again.name == "Li Na"


def test_there_is_none_before_the_end_or_where_none_is_given(member, other_member):
    with pytest.raises(NotFinished):
        certificates.issue(member=other_member, course=finished(member), name="X")
    without = finished(member, "without", gives_certificate=False)
    with pytest.raises(NotFinished):
        certificates.issue(member=member, course=without, name="X")


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_make_one():
    member = make_member("twice")
    course = finished(member)

    def ask(name):
        try:
            return certificates.issue(member=member, course=course, name=name).code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as tabs:
        codes = set(tabs.map(ask, ["One", "Two"]))

    assert len(codes) == 1
    assert Certificate.objects.count() == 1


def test_it_keeps_the_title_of_the_day(member):
    course = finished(member)
    given = certificates.issue(member=member, course=course, name="Li Na")
    course.title = "Another title"
    course.save()

    given.refresh_from_db()
    assert given.title == "Course"


def test_the_name_is_sealed_and_a_new_key_seals_it_anew(member, settings):
    given = certificates.issue(member=member, course=finished(member), name="Li Na")
    assert b"Li Na" not in bytes(given.sealed_name)

    settings.FIELD_KEYS = ["a newer key", *settings.FIELD_KEYS]
    assert keys.rotate() == 1

    given.refresh_from_db()
    assert given.name == "Li Na"


def test_the_real_name_is_proposed(client, member):
    personal.save(member=member, values={"real_name": "Li Na"})
    finished(member)
    client.force_login(member)

    page = client.get("/courses/course/certificate/").content.decode()
    assert 'value="Li Na"' in page


def test_from_the_last_lesson_to_the_pdf(client, member):
    finished(member)
    client.force_login(member)
    course_page = client.get("/courses/course/").content.decode()
    assert "/courses/course/certificate/" in course_page

    shown = client.post("/courses/course/certificate/", {"name": "李娜"}, follow=True)
    assert "李娜" in shown.content.decode()

    given = Certificate.objects.get()
    pdf = client.get(f"{given.get_absolute_url()}certificate.pdf")
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-")
    assert given.code in client.get("/learning/").content.decode()


def test_a_name_is_asked_for(client, member):
    finished(member)
    client.force_login(member)

    assert client.post("/courses/course/certificate/", {"name": " "}).status_code == 422


def test_anybody_with_the_code_sees_whether_it_is_true(client, member):
    given = certificates.issue(member=member, course=finished(member), name="Li Na")

    typed = given.code.replace("-", "").lower()
    for address in (given.get_absolute_url(), f"/certificates/{typed}/"):
        page = client.get(address).content.decode()
        assert "Li Na" in page
        assert "genuine" in page


def test_a_revoked_one_says_so_and_is_not_printed(client, member, operator):
    given = certificates.issue(member=member, course=finished(member), name="Li Na")
    certificates.revoke(certificate=given, by=operator, reason="Somebody else did it")
    certificates.revoke(certificate=given, by=operator, reason="Again")
    client.force_login(member)

    page = client.get(given.get_absolute_url()).content.decode()
    assert "revoked" in page
    assert "Li Na" not in page
    pdf = client.get(f"{given.get_absolute_url()}certificate.pdf")
    assert pdf.status_code == 403
    assert AuditRecord.objects.filter(act="revoked a certificate").count() == 1


def test_the_export_holds_it(member):
    given = certificates.issue(member=member, course=finished(member), name="Li Na")

    held = export_all(member)["content"]["certificates"]
    assert held == [{"name": "Li Na", "course": "Course", "code": given.code}]


def test_the_list_of_courses_asks_no_more_for_more(
    client, member, django_assert_max_num_queries
):
    client.force_login(member)
    for number in range(6):
        finished(member, f"c{number}")
    client.get("/learning/")

    with django_assert_max_num_queries(8):
        page = client.get("/learning/").content.decode()
    assert page.count('class="progress"') == 6


def test_a_revoked_one_stays_revoked_until_an_operator_allows_another(
    client, member, operator
):
    course = finished(member)
    given = certificates.issue(member=member, course=course, name="Li Na")
    certificates.revoke(certificate=given, by=operator, reason="Copied work")
    with pytest.raises(CertificateRevoked):
        certificates.issue(member=member, course=course, name="Li Na")
    client.force_login(member)
    for send in (client.get, client.post):
        answer = send("/courses/course/certificate/", {"name": "Li Na"})
        assert answer["Location"] == given.get_absolute_url()

    certificates.allow_another(certificate=given, by=operator, reason="Settled")
    assert not certificates.allow_another(certificate=given, by=operator, reason="x")
    again = certificates.issue(member=member, course=course, name="Li Na")

    assert again != given
    given.refresh_from_db()
    assert given.revoked_at
    assert again.code in client.get("/learning/").content.decode()
    assert given.code not in client.get("/learning/").content.decode()


def test_the_database_keeps_a_revoked_one_the_only_one(member, operator):
    given = certificates.issue(member=member, course=finished(member), name="Li Na")
    certificates.revoke(certificate=given, by=operator, reason="Copied work")
    with pytest.raises(IntegrityError), transaction.atomic():
        another(given)

    certificates.allow_another(certificate=given, by=operator, reason="Settled")
    assert another(given).renewable_at is None


def another(given):
    about = {"title": "T", "minutes": 1, "sealed_name": b"", "code": "ANOTHER"}
    day = given.finished_on
    return Certificate.objects.create(
        item=given.item, member=given.member, finished_on=day, **about
    )


def test_of_several_of_before_the_true_one_counts(member, operator):
    given = certificates.issue(member=member, course=finished(member), name="Li Na")
    names = import_module("content.migrations.0034_names")
    with connection.schema_editor() as editor:
        once = Certificate._meta.constraints[0]
        editor.remove_constraint(Certificate, once)
        certificates.revoke(certificate=given, by=operator, reason="Copied work")
        true = another(given)

        names.renew_what_was_renewed(apps, None)
        editor.add_constraint(Certificate, once)

    given.refresh_from_db()
    assert given.renewable_at == given.revoked_at
    assert certificates.certificate_of(member, given.item) == true


def test_its_member_alone_reads_why_it_was_revoked(
    client, member, other_member, operator
):
    given = certificates.issue(member=member, course=finished(member), name="Li Na")
    certificates.revoke(certificate=given, by=operator, reason="Copied work")
    client.force_login(other_member)
    assert "Copied work" not in client.get(given.get_absolute_url()).content.decode()

    client.force_login(member)
    assert "Copied work" in client.get(given.get_absolute_url()).content.decode()
    assert "Revoked" in client.get("/learning/").content.decode()


def test_an_operator_allows_another_in_the_admin(client, member, operator):
    given = certificates.issue(member=member, course=finished(member), name="Li Na")
    client.force_login(operator)
    sent = {"action": "allow_another", "_selected_action": given.pk, "asked": "1"}

    client.post("/admin/content/certificate/", {**sent, "reason": "Settled"})
    given.refresh_from_db()
    assert given.renewable_at is None

    certificates.revoke(certificate=given, by=operator, reason="Copied work")
    client.post("/admin/content/certificate/", {**sent, "reason": "Settled"})
    given.refresh_from_db()
    assert given.renewable_at


def test_a_number_leads_to_its_certificate_however_it_is_typed(client, member):
    given = certificates.issue(member=member, course=finished(member), name="Li Na")
    typed = given.code.lower().replace("-", " ")

    assert (
        client.get("/certificates/", {"number": typed}).url
        == f"/certificates/{given.code}/"
    )
    answer = client.get("/certificates/", {"number": "2222-2222-2222"})
    assert answer.status_code == 422
    assert "There is no certificate with this number." in answer.text


def test_the_last_lesson_says_that_the_course_is_finished_and_what_is_next(
    client, member
):
    course = make_course("course", lessons=1, gives_certificate=True)
    after = make_course("after", title="Then this", lessons=1)
    path = LearningPath.objects.create(title="Way", slug="way", is_shown=True)
    for position, item in enumerate([course, after]):
        path.steps.create(item=item, position=position)
    lesson = Lesson.objects.get(section__item=course)
    client.force_login(member)

    page = client.post(f"{lesson.get_absolute_url()}done/", follow=True).text

    assert "You have finished this course." in page
    top = page.partition('class="only-narrow"')[2].partition("</p>")[0]
    assert "Your certificate" in top
    assert "Next on the path: Then this" in page
    assert "/library/course/ratings/" in page
    assert "To the course" in client.get(lesson.get_absolute_url()).text
    again = client.post(f"{lesson.get_absolute_url()}done/", follow=True).text
    assert "You have finished this course." not in again
