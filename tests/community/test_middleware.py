def test_only_the_desk_may_evaluate_scripts(client, operator):
    client.force_login(operator)

    desk = client.get("/admin/")["Content-Security-Policy"]
    page = client.get("/")["Content-Security-Policy"]

    assert "script-src 'self' 'unsafe-eval'" in desk
    assert "style-src 'self' 'unsafe-inline'" in desk
    assert "unsafe" not in page
