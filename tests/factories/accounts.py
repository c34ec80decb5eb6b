from accounts.models import Space, User


def make_member(username="member", **fields) -> User:
    fields.setdefault("email", f"{username}@example.org")
    fields.setdefault("name", username.title())
    return User.objects.create_user(username=username, password="secret-pw-1", **fields)


def make_space(slug="circle", **fields) -> Space:
    fields.setdefault("name", slug.title())
    if fields.get("access") == Space.Access.LEVEL:
        fields.setdefault("min_level", 9)
    return Space.objects.create(slug=slug, **fields)
