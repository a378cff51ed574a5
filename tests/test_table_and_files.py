"""Tables of names, and files that are whole or not there."""

import pytest

from unknot.errors import UnknotError, UsageError
from unknot.files import whole_file
from unknot.table import Table


def colours():
    table = Table("colour")
    for name in ("red", "green"):

        def function():
            return None

        function.__name__ = name
        table.add(function)
    return table


def test_table_keeps_order_and_finds_by_name():
    table = colours()
    assert list(table) == ["red", "green"]
    assert len(table) == 2
    assert "red" in table
    assert table["green"].__name__ == "green"


def test_unknown_name_is_answered_with_the_nearest_and_the_list():
    with pytest.raises(UsageError) as caught:
        colours()["gren"]
    assert str(caught.value) == (
        "Unknown colour 'gren'. Did you mean 'green'?\nAllowed: red, green."
    )


def test_file_appears_whole_in_a_new_folder(tmp_path):
    path = tmp_path / "new" / "deep" / "a.txt"
    with whole_file(path) as temporary:
        assert temporary.suffix == ".txt"
        assert temporary.parent == path.parent
        temporary.write_text("done")
        assert not path.exists()
    assert path.read_text() == "done"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, MemoryError])
def test_what_stood_there_before_survives_a_failure(tmp_path, error):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def write_half_and_fail():
        with whole_file(path) as temporary:
            temporary.write_text("half")
            raise error

    with pytest.raises(error):
        write_half_and_fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_folder_that_is_a_file(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(UnknotError) as caught, whole_file(tmp_path / "a" / "b.txt"):
        pass
    assert str(caught.value) == (
        f"Cannot write {tmp_path / 'a' / 'b.txt'}: Not a directory.\n"
        "Choose a folder that exists or can be made, that you may write to and that has room."
    ) or "File exists" in str(caught.value)


def test_path_that_is_a_folder(tmp_path):
    with pytest.raises(UnknotError) as caught, whole_file(tmp_path):
        pass
    assert str(caught.value) == (
        f"Cannot write {tmp_path}: it is a folder.\nName a file in it instead."
    )


def test_a_file_has_the_usual_permissions(tmp_path):
    """Also when its writer made it private."""
    plain = tmp_path / "plain"
    plain.touch()
    with whole_file(tmp_path / "a.txt") as temporary:
        temporary.touch(mode=0o600)
    assert (tmp_path / "a.txt").stat().st_mode == plain.stat().st_mode
