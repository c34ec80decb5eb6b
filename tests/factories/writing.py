from accounts.models import Role
from accounts.services.roles import grant_role
from content.models import ChecklistPoint, EditorialStep, Item
from content.services import co_authors, editorial, revisions, writing
from content.services.texts import fingerprint, texts_of
from tests.factories.accounts import make_member

Act = EditorialStep.Act


def make_staff(name, role):
    person = make_member(name)
    grant_role(member=person, role=role)
    person.refresh_from_db()
    return person


def make_mentor(name="mentor"):
    return make_staff(name, Role.MENTOR)


def make_reviewer(name="reviewer"):
    return make_staff(name, Role.REVIEWER)


def make_planner(name="planner"):
    return make_staff(name, Role.PLANNER)


def make_draft(author, kind=Item.Kind.ARTICLE, title="On soil", **texts) -> Item:
    item = writing.begin(kind=kind, title=title, author=author)
    save(item, author, **texts)
    item.refresh_from_db()
    return item


def make_co_author(item, member):
    """Asked by its author, and willing."""
    co_authors.ask(item=item, member=member, by=item.author)
    co_authors.accept(invitation=item.invitations.get(member=member))
    return item.co_authors.get(member=member)


def make_ready(author, **texts) -> Item:
    """A draft that can be handed in."""
    return make_draft(author, summary="What it is about.", body="A text.", **texts)


def save(thing, by, base=None, **texts):
    now = texts_of(thing)
    base = base or fingerprint(now)
    return revisions.save_texts(thing=thing, texts={**now, **texts}, base=base, by=by)


def bring_to(item, state, reviewer) -> Item:
    """Along its way up to `state`."""
    author = item.author
    if state == Item.State.DRAFT:
        return item
    item = editorial.submit(item=item, by=author)
    if state == Item.State.SUBMITTED:
        return item
    item = editorial.take(item=item, by=reviewer)
    if state == Item.State.IN_REVIEW:
        return item
    tick_all(item, reviewer)
    item = editorial.accept(item=item, by=reviewer)
    if state == Item.State.ARCHIVED:
        item = editorial.archive(item=item, by=reviewer, text="Out of date.")
    return item


def tick_all(item, by):
    for point in ChecklistPoint.objects.filter(kind__in=["", item.kind]):
        editorial.tick(item=item, point=point, by=by, is_true=True)
