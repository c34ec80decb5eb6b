"""Time zones are named as people name them."""

from django.utils import translation

from community.lib.zones import zone_name, zones


def test_a_zone_is_named_in_the_readers_language():
    with translation.override("zh-hans"):
        assert zone_name("Asia/Shanghai") == "中国（上海）时间"
    with translation.override("en"):
        assert zone_name("Asia/Shanghai") == "China (Shanghai) Time"
        assert zone_name("UTC") == "UTC"


def test_a_zone_is_offered_once_however_many_names_it_had():
    names = dict(zones())
    assert "Asia/Shanghai" in names
    assert "PRC" not in names
    assert "Asia/Chongqing" not in names
