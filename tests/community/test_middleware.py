import pytest


def test_only_the_desk_may_evaluate_scripts(client, operator):
    client.force_login(operator)

    desk = client.get("/admin/")["Content-Security-Policy"]
    page = client.get("/")["Content-Security-Policy"]

    assert "script-src 'self' 'unsafe-eval'" in desk
    assert "style-src 'self' 'unsafe-inline'" in desk
    assert "unsafe" not in page


@pytest.mark.parametrize(
    "path", ["/library/?q=%00", "/people/?field=a%00", "/people/%00/"]
)
def test_a_null_character_in_an_address_is_told_as_wrong(client, member, path):
    client.force_login(member)

    assert client.get(path).status_code == 400
