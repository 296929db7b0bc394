"""The closed grammar of conditions: a text becomes a tree of SQL, or an error.

It knows no record and runs nothing; :mod:`algoprog.records.holding` says for which rows a tree
holds. A condition means what DuckDB means by it, in its order of operators::

    condition = both {"OR" both}
    both      = denied {"AND" denied}
    denied    = {"NOT"} test
    test      = compared ["IS" ["NOT"] ("TRUE" | "FALSE" | "NULL")]
    compared  = joined [("=" | "<>" | "!=" | "<" | "<=" | ">" | ">=") joined
              | ["NOT"] "BETWEEN" joined "AND" joined
              | ["NOT"] "IN" "(" condition {"," condition} ")"
              | ["NOT"] ("LIKE" | "ILIKE") TEXT]
    joined    = sum {"||" sum}
    sum       = term {("+" | "-") term}
    term      = power {("*" | "/" | "//" | "%") power}
    power     = signed {"^" signed}
    signed    = {"-" | "+"} cast
    cast      = atom {"::" TYPE}
    atom      = NUMBER | TEXT | "DATE" TEXT | "TRUE" | "FALSE" | "NULL" | COLUMN
              | FUNCTION "(" [condition {"," condition}] ")" | "(" condition ")"
              | ("CAST" | "TRY_CAST") "(" condition "AS" TYPE ")"
              | "EXTRACT" "(" PART "FROM" condition ")"
              | "CASE" [condition] {"WHEN" condition "THEN" condition} ["ELSE" condition] "END"
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from algoprog.records.tokens import COMPARED, ConditionError, Tokens

DEEPEST = 25  # brackets within brackets
MOST_SIGNS = 5  # NOT, - and + before one thing
# Wildcards in the pattern of LIKE: DuckDB's time for one grows with their power.
MOST_WILDCARDS = 3
# Functions by name, with the least and the most of their arguments. None reads a file, an address,
# a clock or a setting, and none makes a text longer than its arguments.
FUNCTIONS: dict[str, tuple[int, int]] = {
    **dict.fromkeys(("abs", "ceil", "ceiling", "floor", "sign", "trunc"), (1, 1)),
    **dict.fromkeys(("sqrt", "exp", "ln", "log2", "log10"), (1, 1)),
    **dict.fromkeys(("isnan", "isinf", "isfinite"), (1, 1)),
    **dict.fromkeys(("lower", "upper", "trim", "ltrim", "rtrim", "length"), (1, 1)),
    **dict.fromkeys(("year", "quarter", "month", "day"), (1, 1)),
    **dict.fromkeys(("power", "pow", "nullif", "ifnull", "left", "right"), (2, 2)),
    **dict.fromkeys(("starts_with", "ends_with", "contains", "strpos"), (2, 2)),
    **dict.fromkeys(("coalesce", "least", "greatest", "concat"), (1, 20)),
    "log": (1, 2),
    "round": (1, 2),
    "substr": (2, 3),
    "substring": (2, 3),
}
TYPES = (
    *("smallint", "integer", "int", "bigint", "float", "real", "double"),
    *("varchar", "text", "date", "boolean", "bool"),
)
Read = TypeVar("Read")
WORDS_OF_SQL = frozenset(
    (
        *("all", "and", "any", "as", "between", "by", "case", "cast", "collate", "distinct"),
        *("else", "end", "escape", "exists", "extract", "false", "from", "glob", "having"),
        *("ilike", "in", "is", "isnull", "lambda", "like", "not", "notnull", "null", "or"),
        *("order", "over", "select", "similar", "then", "true", "try_cast", "union", "unknown"),
        *("when", "where", "with"),
    )
)
PARTS = ("year", "quarter", "month", "week", "day", "doy", "dow")


@dataclass(frozen=True)
class Column:
    """A column by its name."""

    name: str


@dataclass(frozen=True)
class Form:
    """Words of SQL that the grammar has, and the trees between them."""

    pieces: tuple[str | Column | Form, ...]


Tree = str | Column | Form


def columns_of(tree: Tree) -> Iterator[str]:
    """Yield the names of the columns in a tree, in their order."""
    if isinstance(tree, Column):
        yield tree.name
    elif isinstance(tree, Form):
        for piece in tree.pieces:
            yield from columns_of(piece)


def sql(tree: Tree, names: Mapping[str, str]) -> str:
    """Return a tree as SQL in which every part stands in brackets.

    Parameters
    ----------
    names : what each column is called there, without quotes.
    """
    if isinstance(tree, str):
        return tree
    if isinstance(tree, Column):
        return f'"{names[tree.name]}"'
    return "".join(sql(piece, names) for piece in tree.pieces)


def parse(text: str) -> Tree:
    """Return the tree of a condition.

    Raises
    ------
    ConditionError
        for a text that the grammar above does not have.
    """
    reader = _Reader(text)
    tree = reader.condition()
    if reader.kind:
        reader.refuse("after its end")
    return tree


def _joined(first: Tree, rest: list[tuple[str, Tree]]) -> Tree:
    """Trees with operators between them, in brackets; a single one as it is."""
    if not rest:
        return first
    following = [piece for operator, tree in rest for piece in (f" {operator} ", tree)]
    return Form(("(", first, *following, ")"))


class _Reader(Tokens):
    """Reads a text token by token; one method for each line of the grammar."""

    def bracketed(self, read: Callable[[], Read]) -> Read:
        """Read what stands between brackets; the first is passed already."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise ConditionError(f"brackets {self.depth} deep", f"nest at most {DEEPEST}")
        found = read()
        self.expect(")")
        self.depth -= 1
        return found

    def listed(self) -> list[Tree]:
        """Read conditions with commas between them."""
        found = [self.condition()]
        while self.take(","):
            found.append(self.condition())
        return found

    def chain(self, part: Callable[[], Tree], *operators: str) -> Tree:
        """Read parts with operators between them, which apply from left to right."""
        first, rest = part(), []
        while operator := self.take(*operators):
            rest.append((operator, part()))
        return _joined(first, rest)

    def signs(self, *signs: str) -> list[str]:
        """Read signs that stand before something."""
        found = []
        while sign := self.take(*signs):
            found.append(sign)
            if len(found) > MOST_SIGNS:
                raise ConditionError(f"{sign} over {MOST_SIGNS} times", "write it once or not")
        return found

    def condition(self) -> Tree:
        return self.chain(self.both, "OR")

    def both(self) -> Tree:
        return self.chain(self.denied, "AND")

    def denied(self) -> Tree:
        signs = self.signs("NOT")
        tree = self.test()
        for _ in signs:
            tree = Form(("(NOT ", tree, ")"))
        return tree

    def test(self) -> Tree:
        tree = self.compared()
        if not self.take("IS"):
            return tree
        denied = " NOT" if self.take("NOT") else ""
        value = self.take("TRUE", "FALSE", "NULL") or self.refuse("after IS")
        if value == "NULL":
            return Form(("(", tree, f" IS{denied} NULL)"))
        # what is no truth value is made one, as DuckDB does
        return Form(("(CAST(", tree, f" AS BOOLEAN) IS{denied} {value})"))

    def compared(self) -> Tree:
        tree = self.joined()
        if operator := self.take(*COMPARED):
            tree = _joined(tree, [(operator, self.joined())])
            if self.token in COMPARED:
                self.refuse("after a comparison: put one of the two in brackets")
            return tree
        denied = "NOT " if self.take("NOT") else ""
        if self.take("BETWEEN"):
            low = self.joined()
            self.expect("AND")
            return Form(("(", tree, f" {denied}BETWEEN ", low, " AND ", self.joined(), ")"))
        if self.take("IN"):
            self.expect("(")
            items = _with_commas(self.bracketed(self.listed))
            return Form(("(", tree, f" {denied}IN (", *items, "))"))
        if operator := self.take("LIKE", "ILIKE"):
            return Form(("(", tree, f" {denied}{operator} {self.pattern()})"))
        if denied:
            self.refuse("after NOT")
        return tree

    def pattern(self) -> str:
        """Read the pattern of LIKE."""
        if self.kind != "text":
            self.refuse("where a pattern in single quotes belongs")
        if self.token.count("%") > MOST_WILDCARDS:
            raise ConditionError(f"over {MOST_WILDCARDS} % in a pattern", "join two by AND")
        if "\\" in self.token:
            raise ConditionError("a backslash in a pattern", "use contains(column, 'text')")
        return self.literal()

    def joined(self) -> Tree:
        return self.chain(self.sum, "||")

    def sum(self) -> Tree:
        return self.chain(self.term, "+", "-")

    def term(self) -> Tree:
        return self.chain(self.power, "*", "/", "//", "%")

    def power(self) -> Tree:
        return self.chain(self.signed, "^")

    def signed(self) -> Tree:
        signs = self.signs("-", "+")
        tree = self.cast()
        for sign in reversed(signs):
            tree = Form((f"({sign}", tree, ")"))
        return tree

    def cast(self) -> Tree:
        tree = self.atom()
        while self.take("::"):
            tree = Form(("CAST(", tree, f" AS {self.type()})"))
        return tree

    def type(self) -> str:
        name = self.word.lower()
        if name not in TYPES:
            self.refuse(f"where a type belongs ({', '.join(TYPES)})")
        self.advance()
        return name.upper()

    def literal(self) -> str:
        """Read a text."""
        text = f"'{self.token}'"
        self.advance()
        return text

    def atom(self) -> Tree:
        if self.kind == "number":
            number = self.token
            self.advance()
            return number
        if self.kind == "text":
            return self.literal()
        if self.take("("):
            return Form(("(", self.bracketed(self.condition), ")"))
        if value := self.take("TRUE", "FALSE", "NULL"):
            return value
        if self.kind == "quoted":
            name = self.token.replace('""', '"')
            self.advance()
            return Column(name)
        if self.kind != "word":
            self.refuse("where a column or a value belongs")
        return self.words()

    def words(self) -> Tree:
        """Read what begins with a word: a column, a function, a form of SQL."""
        if self.take("CASE"):
            return self.case()
        name = self.token
        if self.word not in ("CAST", "TRY_CAST", "EXTRACT") and name.lower() in WORDS_OF_SQL:
            self.refuse("where a column or a value belongs")
        self.advance()
        if name.upper() == "DATE" and self.kind == "text":
            return self.date()
        if not self.take("("):
            return Column(name)
        if name.upper() in ("CAST", "TRY_CAST"):
            return self.bracketed(lambda: self.converted(name.upper()))
        if name.upper() == "EXTRACT":
            return self.bracketed(self.extracted)
        return self.call(name.lower())

    def call(self, name: str) -> Tree:
        if name not in FUNCTIONS:
            raise ConditionError(f"the function {name}", f"use {', '.join(FUNCTIONS)}")
        least, most = FUNCTIONS[name]
        given = self.bracketed(self.listed)
        if not least <= len(given) <= most:
            many = f"{least}" if least == most else f"{least} to {most}"
            raise ConditionError(f"{len(given)} arguments of {name}", f"give {many}")
        return Form((f"{name}(", *_with_commas(given), ")"))

    def converted(self, word: str) -> Tree:
        tree = self.condition()
        self.expect("AS")
        return Form((f"{word}(", tree, f" AS {self.type()})"))

    def extracted(self) -> Tree:
        part = self.word.lower()
        if part not in PARTS:
            self.refuse(f"where a part of a date belongs ({', '.join(PARTS)})")
        self.advance()
        self.expect("FROM")
        return Form((f"EXTRACT({part} FROM ", self.condition(), ")"))

    def date(self) -> Tree:
        try:
            datetime.datetime.strptime(self.token, "%Y-%m-%d")
        except ValueError:
            fix = "a date is DATE '2015-01-31'"
            raise ConditionError(f"the date {self.token[:20]!r}", fix) from None
        return f"DATE {self.literal()}"

    def case(self) -> Tree:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ConditionError(f"CASE {self.depth} deep", f"nest at most {DEEPEST}")
        pieces: list[Tree] = ["(CASE"]
        if self.word != "WHEN":
            pieces += [" ", self.condition()]
        if self.word != "WHEN":
            self.refuse("where WHEN is missing")
        while self.take("WHEN"):
            pieces += [" WHEN ", self.condition()]
            self.expect("THEN")
            pieces += [" THEN ", self.condition()]
        if self.take("ELSE"):
            pieces += [" ELSE ", self.condition()]
        self.expect("END")
        self.depth -= 1
        return Form((*pieces, " END)"))


def _with_commas(trees: list[Tree]) -> tuple[Tree, ...]:
    return tuple(piece for i, tree in enumerate(trees) for piece in ([", "] if i else []) + [tree])
