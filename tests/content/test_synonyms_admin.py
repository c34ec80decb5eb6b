"""The admin of words that are meant alike."""

import pytest

from content.models import SearchSynonyms

pytestmark = pytest.mark.django_db
ADD = "/admin/content/searchsynonyms/add/"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("tea", "A word alone"),
        ("tea, TEA", "A word alone"),
        ("cha, tee", "another row"),
    ],
)
def test_a_lone_word_and_one_of_another_row_are_refused(client, operator, words, said):
    SearchSynonyms.objects.create(words=["Tee", "chai"])
    client.force_login(operator)
    page = client.post(ADD, {"words": words})
    assert said in page.content.decode()
    assert SearchSynonyms.objects.count() == 1


def test_rows_are_found_by_a_word(client, operator):
    SearchSynonyms.objects.create(words=["Tee", "chai"])
    client.force_login(operator)
    list_of = "/admin/content/searchsynonyms/"
    assert "Tee, chai" in client.get(list_of, {"q": "chai"}).content.decode()
    assert "Tee, chai" not in client.get(list_of, {"q": "coffee"}).content.decode()
