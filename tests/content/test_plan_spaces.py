import pytest

from accounts.models import Bundle, Space
from tests.factories.accounts import make_member, make_space
from tests.factories.billing import buy, make_offer, make_plan
from tests.factories.discussions import make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def gold(db):
    """A tier, its plan, its space, and a member of it."""
    space = make_space("vault", access=Space.Access.PLAN, goal="Only gold")
    Bundle.objects.create(
        key="tier:gold", title="Gold", opens=["membership", space.key]
    )
    plan = make_plan("gold", what="tier:gold", title="Gold")
    member = make_member("golden")
    buy(member, plan)
    return space, plan, member


def test_the_door_says_what_is_behind_it_and_which_plan_opens_it(client, gold, member):
    space, plan, _ = gold
    topic = make_topic(member, space=space, title="A secret")

    for someone in (None, member):
        if someone:
            client.force_login(someone)
        page = client.get("/spaces/vault/")
        assert page.status_code == 403
        assert "Only gold" in page.content.decode()
        assert plan.get_absolute_url() in page.content.decode()
        assert "A secret" not in page.content.decode()
        assert client.get(topic.get_absolute_url()).status_code in (403, 302)
        assert "vault" in client.get("/spaces/").content.decode()


def test_the_plan_opens_it_and_a_lower_one_does_not(client, gold):
    space, _, golden = gold
    make_topic(golden, space=space, title="A secret")
    client.force_login(golden)
    assert "A secret" in client.get("/spaces/vault/").content.decode()

    silver = make_member("silver")
    buy(silver, make_offer())
    client.force_login(silver)
    assert client.get("/spaces/vault/").status_code == 403
    assert "A secret" not in client.get("/").content.decode()
