"""How members are known again."""

from functools import cache

from allauth.account.auth_backends import AuthenticationBackend
from django.db import connection

from accounts.models import User
from accounts.services.news import BELL_COUNTS_TO
from community.lib.statements import Statement


class MemberBackend(AuthenticationBackend):
    """Sign-in by e-mail, and on every page the member of the session.

    Always from the row, never from a cache: who is suspended or has lost a role
    must not write one page more. By hand, because the same by the ORM costs more
    than everything else that is done before a view (see `make bench-pages`).
    """

    def get_user(self, user_id: int) -> User | None:
        names, statement = _row_of_a_member()
        row = statement.row(member=user_id)
        if row is None:
            return None
        member = User.from_db(connection.alias, names, row[:-1])
        member.unread_news = row[-1]
        return member if self.user_can_authenticate(member) else None


@cache
def _row_of_a_member() -> tuple[list[str], Statement]:
    fields = User._meta.concrete_fields
    columns = ", ".join(f'"{field.column}"' for field in fields)
    # The bell counts no further than it shows.
    return [field.attname for field in fields], Statement(
        f"""
        SELECT {columns},
               (SELECT count(*)
                  FROM (SELECT 1 FROM accounts_notification
                         WHERE member_id = %(member)s AND read_at IS NULL
                         LIMIT {BELL_COUNTS_TO}) AS unread)
          FROM accounts_user
         WHERE id = %(member)s
        """  # noqa: S608 - names of our own
    )
