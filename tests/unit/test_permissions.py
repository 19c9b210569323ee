import json

from dstui.permissions import LAYER_RECORDS, Permissions


def test_a_permission_is_for_one_engine_and_stays(tmp_path):
    path = tmp_path / "state" / "permissions.json"
    assert not Permissions(path).given(LAYER_RECORDS, "A")
    assert Permissions(path).give(LAYER_RECORDS, "A") == ""
    assert Permissions(path).give(LAYER_RECORDS, "B") == ""
    known = Permissions(path)
    assert known.given(LAYER_RECORDS, "A") and known.given(LAYER_RECORDS, "B")
    assert not known.given(LAYER_RECORDS, "C")
    assert not known.given("something-else", "A")
    assert not known.given(LAYER_RECORDS, "")


def test_a_file_that_makes_no_sense_permits_nothing(tmp_path):
    path = tmp_path / "permissions.json"
    for content in ("", "{", "[]", '{"layer-records": "A"}', '{"layer-records": [1]}'):
        path.write_text(content)
        assert not Permissions(path).given(LAYER_RECORDS, "A")
    assert Permissions(path).give(LAYER_RECORDS, "A") == ""
    assert json.loads(path.read_text()) == {LAYER_RECORDS: ["A"]}


def test_what_cannot_be_remembered_is_told(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert str(blocked) in Permissions(blocked / "permissions.json").give(LAYER_RECORDS, "A")
