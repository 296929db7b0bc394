"""A register's form: header, equal lines, closed quotes; each fault with its line."""

import pytest

from algoprog.common.errors import InputError
from algoprog.common.register import read_register


def test_lines_keep_their_number_in_the_file():
    content = b'a,b\n1, two \n\n"x\ny",3\n'
    register = read_register(content, "mine.csv")
    assert register.header == ("a", "b")
    assert [line.number for line in register.lines] == [2, 5]
    assert register.lines[0].text("b") == "two"
    assert register.lines[1].text("a") == "x\ny"
    assert register.lines[1].text("absent") == ""


@pytest.mark.parametrize(
    ("content", "place", "found"),
    [
        (b"a,b\n1,2\n1,2,3\n", "line 3", "3 cells"),
        (b"a,b\n1\n", "line 2", "1 cells"),
        (b'a,b\n1,"2\n', "line 2", "unexpected end of data"),
        (b'a,b\n1,"2"x\n', "line 2", "expected after"),
        (b"a,a\n1,2\n", "line 1", "a"),
        (b"a,b\n1,\xff\n", "line 2", "0xff"),
        (b"<html><body>", "", "page"),
    ],
)
def test_another_form_is_refused_at_its_line(content, place, found):
    with pytest.raises(InputError) as caught:
        read_register(content, "mine.csv")
    error = caught.value
    assert error.where == "mine.csv"
    assert error.place == place
    assert found in str(error.value)
    assert error.fix


def test_a_header_is_checked_whole_or_by_column():
    register = read_register(b"a,b\n", "mine.csv")
    register.check_header(("a", "b"))
    register.check_columns(["b"])
    with pytest.raises(InputError, match=r"line 1.*a,b.*the header is b,a"):
        register.check_header(("b", "a"))
    with pytest.raises(InputError, match=r"no column 'c'.*call it c"):
        register.check_columns(["a", "c"], "call it c")
