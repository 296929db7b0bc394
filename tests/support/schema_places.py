"""Places of the configuration's schema that hold text, and configurations with a text there."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

KEY, ENTRY, ITEM = "<key>", "<entry>", "<item>"
UNIONS = ("anyOf", "oneOf", "allOf")
Step = str | tuple[str, int]  # a key, KEY, ENTRY, ITEM, or a member of a union


@dataclass(frozen=True)
class Schema:
    """A JSON schema: what may stand where."""

    whole: Mapping[str, Any]

    def at(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """The node that a reference names, or the node itself."""
        while "$ref" in node:
            node = self.whole["$defs"][node["$ref"].rsplit("/", 1)[1]]
        return node

    def places(self) -> Iterator[tuple[Step, ...]]:
        """Every place of a text that is not one of a list, and every name of an entry."""
        yield from self._places(self.whole, (), ())

    def _places(
        self, node: Mapping[str, Any], path: tuple[Step, ...], within: tuple[str, ...]
    ) -> Iterator[tuple[Step, ...]]:
        if "$ref" in node:
            name = node["$ref"].rsplit("/", 1)[1]
            if name in within:
                return
            within = (*within, name)
        node = self.at(node)
        if node.get("type") == "string" and not {"enum", "const"} & node.keys():
            yield path
        for union in UNIONS:
            for position, member in enumerate(node.get(union, ())):
                yield from self._places(member, (*path, (union, position)), within)
        for key, member in node.get("properties", {}).items():
            yield from self._places(member, (*path, key), within)
        entries = node.get("additionalProperties")
        if isinstance(entries, dict):
            yield (*path, KEY)
            yield from self._places(entries, (*path, ENTRY), within)
        if "items" in node:
            yield from self._places(node["items"], (*path, ITEM), within)

    def least(self, node: Mapping[str, Any]) -> Any:
        """Return the least that stands there: what must be given, and no more."""
        node = self.at(node)
        for union in UNIONS:
            if node.get(union):
                return self.least(node[union][0])
        if "const" in node or "enum" in node:
            return node.get("const", node.get("enum", [None])[0])
        kind = node.get("type")
        if kind == "object":
            made = {key: self.least(node["properties"][key]) for key in node.get("required", ())}
            entries = node.get("additionalProperties")
            if isinstance(entries, dict) and node.get("minProperties"):
                made["mine"] = self.least(entries)
            return made
        if kind == "array":
            return [self.least(node.get("items", {})) for _ in range(node.get("minItems", 0))]
        plain = {"string": "x", "boolean": True, "null": None}
        return plain[kind] if kind in plain else max(node.get("minimum", 1), 1)

    def given(self, path: tuple[Step, ...], text: str, node: Mapping[str, Any], found: Any) -> Any:
        """What stands at a node with a text at a place below it, and else what was found there."""
        if not path:
            return text
        node, step, rest = self.at(node), path[0], path[1:]
        if isinstance(step, tuple):
            return self.given(rest, text, node[step[0]][step[1]], found)
        if step == ITEM:
            first = found[0] if isinstance(found, list) and found else None
            return [self.given(rest, text, node["items"], first)]
        made = copy.deepcopy(found) if isinstance(found, dict) else self.least(node)
        fixed = {
            key: one["const"] for key, one in node.get("properties", {}).items() if "const" in one
        }
        if any(
            made.get(key) != value for key, value in fixed.items() if key in made or key == "kind"
        ):
            made = self.least(node)
        entries = node.get("additionalProperties")
        if step == KEY:
            return {**made, text: next(iter(made.values()), self.least(entries))}
        if step == ENTRY:
            name = next(iter(made), "mine")
            return {**made, name: self.given(rest, text, entries, made.get(name))}
        return {**made, step: self.given(rest, text, node["properties"][step], made.get(step))}

    def one_entry(self, path: tuple[Step, ...], found: Any) -> Any:
        """A section with one entry of its own, where the place lies in an entry of it."""
        if path[1:2] == (ENTRY,) and isinstance(found, dict):
            return dict(list(found.items())[:1])
        return found
