"""The closed grammar of formulas: a text becomes a tree, or an error.

It knows no variable's values and runs no code: :mod:`algoprog.model.columns` evaluates the trees of
variants, :mod:`algoprog.records.derived` those of columns that a source derives. ::

    formula = product {"+" product} | "-" product
    product = factor {":" factor}
    factor  = "1" | NAME | FUNCTION "(" test ")" | "{" test "}" | "(" product {"+" product} ")"
    test    = sum [(">=" | "<=" | ">" | "<") sum]         1 where it holds, else 0
    sum     = ["-"] term {("+" | "-") term}               inside braces and functions: arithmetic
    term    = power {("*" | "/") power}
    power   = atom ["^" ["-"] power]
    atom    = NUMBER | NAME | FUNCTION "(" test ")" | "(" test ")"

Outside braces ":" multiplies columns and "+" lists them; a benchmark b stands there only, as its
dummies.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal, NoReturn

FUNCTIONS = ("log", "exp", "sqrt")
COMPARISONS: tuple[Literal[">=", "<=", ">", "<"], ...] = (">=", "<=", ">", "<")
LONGEST = 300  # characters
DEEPEST = 20  # brackets within brackets
MOST = 50  # columns listed
BENCHMARK = "b"

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_]\w*)|(?P<sign>\*\*|>=|<=|[-+*/^:(){}<>]))",
    re.ASCII,
)


class FormulaError(ValueError):
    """A text that is no formula: what is wrong with it, and what to write instead."""

    def __init__(self, wrong: str, fix: str) -> None:
        super().__init__(f"{wrong}; {fix}")
        self.wrong, self.fix = wrong, fix


@dataclass(frozen=True)
class Number:
    """A number."""

    value: float


@dataclass(frozen=True)
class Name:
    """A variable."""

    name: str


@dataclass(frozen=True)
class Negative:
    """Minus a tree."""

    of: Tree


@dataclass(frozen=True)
class Operation:
    """Two trees joined by an operator."""

    sign: Literal["+", "-", "*", "/", "^", ">=", "<=", ">", "<"]
    left: Tree
    right: Tree


@dataclass(frozen=True)
class Call:
    """A function of a tree."""

    function: str
    of: Tree


Tree = Number | Name | Negative | Operation | Call


@dataclass(frozen=True)
class Product:
    """Columns multiplied: the factors in their order, and whether benchmark dummies are among them.

    Without factors the product is the constant column.
    """

    factors: tuple[Tree, ...]
    by_benchmark: bool = False

    def times(self, other: Product) -> Product:
        """Return the product of both; dummies of one benchmark times another's are its dummies."""
        return Product(self.factors + other.factors, self.by_benchmark or other.by_benchmark)


@dataclass(frozen=True)
class Parsed:
    """A formula: its sign, and the products it lists, those of fewest factors first."""

    negative: bool
    products: tuple[Product, ...]

    @property
    def names(self) -> frozenset[str]:
        """Names of the variables in it."""
        found = {BENCHMARK} if any(product.by_benchmark for product in self.products) else set()
        for product in self.products:
            for factor in product.factors:
                found |= names_in(factor)
        return frozenset(found)


def names_in(tree: Tree) -> set[str]:
    """Return the names of the variables in a tree."""
    match tree:
        case Number():
            return set()
        case Name(name):
            return {name}
        case Negative(of) | Call(_, of):
            return names_in(of)
        case Operation(_, left, right):
            return names_in(left) | names_in(right)


def parse(text: str) -> Parsed:
    """Return the tree of a formula.

    Raises
    ------
    FormulaError
        for a text that the grammar above does not have.
    """
    reader = _Reader(text)
    negative = reader.take("-")
    products = reader.product() if negative else reader.listed()
    if reader.kind:
        reader.refuse_rest()
    if len(set(products)) < len(products):
        raise FormulaError("a column is listed twice", "list each once")
    return Parsed(negative, tuple(sorted(products, key=_size)))


def parse_arithmetic(text: str) -> Tree:
    """Return the tree of arithmetic alone, as it stands inside braces: ``C / (6 * N)``.

    Raises
    ------
    FormulaError
        for a text that is no ``test`` of the grammar above.
    """
    reader = _Reader(text)
    tree = reader.test()
    if reader.kind:
        raise FormulaError(f"{reader.token!r} after its end", "join parts by + - * / or ^")
    return tree


def _size(product: Product) -> int:
    return len(product.factors) + product.by_benchmark


class _Reader:
    """Reads a text token by token; one method for each line of the grammar."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise FormulaError(f"{len(text)} characters", f"write at most {LONGEST}")
        self.text, self.end, self.depth = text, 0, 0
        self.kind: str | None = None
        self.token = ""
        self.advance()

    def advance(self) -> None:
        """Go on to the next token; ``kind`` is None at the end."""
        if not self.text[self.end :].strip():
            self.kind, self.token = None, ""
            return
        found = _TOKEN.match(self.text, self.end)
        if not found:
            rest = self.text[self.end :].strip()
            raise FormulaError(
                f"{rest[0]!r} in it", "use variables, numbers, + - * / : ^ < >, brackets and braces"
            )
        self.end, self.kind = found.end(), found.lastgroup
        self.token = found[self.kind or 0].replace("**", "^")

    def take(self, sign: str) -> bool:
        """Return whether the token is a sign, and pass it then."""
        if self.kind == "sign" and self.token == sign:
            self.advance()
            return True
        return False

    def expect(self, sign: str) -> None:
        if not self.take(sign):
            found = repr(self.token) if self.kind else "the end"
            raise FormulaError(f"{found} where {sign!r} is missing", f"write {sign!r} there")

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise FormulaError(f"brackets {self.depth} deep", f"nest at most {DEEPEST}")

    def refuse_rest(self) -> NoReturn:
        """Refuse what stands after a whole product outside braces."""
        if self.token in ("+", "-", "*", "/", "^"):
            raise FormulaError(
                f"{self.token!r} outside braces",
                "put arithmetic in braces, such as -{n - t} or {n^2}; "
                "to list columns put brackets around them, such as t:(1+b)",
            )
        raise FormulaError(f"{self.token!r} after its end", "join factors by ':', such as -t:(1+b)")

    def listed(self) -> list[Product]:
        """Read products joined by '+'."""
        found = self.product()
        while self.take("+"):
            found += self.product()
        return found

    def product(self) -> list[Product]:
        """Read factors joined by ':', each a list of products."""
        found = self.factor()
        while self.take(":"):
            right = self.factor()
            if len(found) * len(right) > MOST:
                raise FormulaError(f"over {MOST} columns", "list fewer")
            found = [one.times(other) for one in found for other in right]
        return found

    def factor(self) -> list[Product]:
        if self.take("("):
            self.deeper()
            found = self.listed()
            if self.token in ("-", "*", "/", "^"):
                self.refuse_rest()
            self.expect(")")
            self.depth -= 1
            return found
        if self.take("{"):
            self.deeper()
            tree = self.test()
            self.expect("}")
            self.depth -= 1
            return [Product((tree,))]
        if self.kind == "number":
            if self.token != "1":
                raise FormulaError(
                    f"the number {self.token} outside braces", f"write 1, or {{{self.token}}}"
                )
            self.advance()
            return [Product(())]
        if self.kind == "name" and self.token == BENCHMARK:
            self.advance()
            return [Product((), by_benchmark=True)]
        return [Product((self.name(),))]

    def test(self) -> Tree:
        """Read a sum, or a comparison of two."""
        tree = self.sum()
        for sign in COMPARISONS:
            if self.take(sign):
                return Operation(sign, tree, self.sum())
        return tree

    def sum(self) -> Tree:
        tree: Tree = Negative(self.term()) if self.take("-") else self.term()
        while self.token in ("+", "-"):
            sign: Literal["+", "-"] = "+" if self.token == "+" else "-"
            self.advance()
            tree = Operation(sign, tree, self.term())
        return tree

    def term(self) -> Tree:
        tree = self.power()
        while self.token in ("*", "/"):
            sign: Literal["*", "/"] = "*" if self.token == "*" else "/"
            self.advance()
            tree = Operation(sign, tree, self.power())
        return tree

    def power(self) -> Tree:
        base = self.atom()
        if not self.take("^"):
            return base
        self.deeper()
        exponent: Tree = Negative(self.power()) if self.take("-") else self.power()
        self.depth -= 1
        return Operation("^", base, exponent)

    def atom(self) -> Tree:
        if self.kind == "number":
            value = float(self.token)
            if math.isinf(value):
                raise FormulaError(f"the number {self.token}", "write one below 1.8e308")
            self.advance()
            return Number(value)
        if self.take("("):
            self.deeper()
            tree = self.test()
            self.expect(")")
            self.depth -= 1
            return tree
        return self.name()

    def name(self) -> Tree:
        """Read a variable, or a function of a sum."""
        name = self.token
        if self.kind != "name":
            found = repr(self.token) if self.kind else "the end"
            raise FormulaError(
                f"{found} where a variable or a number belongs", "write one, such as -t:(1+b)"
            )
        self.advance()
        if not self.take("("):
            if name == BENCHMARK:
                raise FormulaError(
                    "the benchmark b in arithmetic", "multiply by it outside braces, such as t:b"
                )
            return Name(name)
        if name not in FUNCTIONS:
            raise FormulaError(f"the function {name}", f"use {', '.join(FUNCTIONS)}")
        self.deeper()
        tree = self.test()
        self.expect(")")
        self.depth -= 1
        return Call(name, tree)
