"""The files a configuration is read from: defaults of `config/`, `config.yaml`, files laid over it.

Mappings are merged and all else is replaced; null in place of a mapping takes it away. What comes
later counts, but keys stay in the order in which they were first written, for the order of
benchmarks, sources and systems means something. This module knows no section.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from algoprog.common.errors import InputError
from algoprog.common.rows import Plain
from algoprog.config.documents import read_document

FOLDER = "config"  # of the defaults, one file a topic
STUDIES = "studies"  # other benchmarks, one file each
FILE = "config.yaml"
RUNS = "runs"  # a person's own runs: runs/mine.yaml, and what it makes in the folder runs/mine


@dataclass(frozen=True)
class Layer:
    """One file's part of the configuration: its name, as errors give it, and what it says."""

    name: str
    content: Plain


def read_layer(path: Path, name: str | None = None) -> Layer:
    """Return what a file says, read with care (:mod:`algoprog.config.documents`)."""
    shown = name or str(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(shown, "", error.strerror, "give a file that can be read") from None
    return Layer(shown, read_document(content, shown))


def read_defaults(root: Path, shown: str = "") -> list[Layer]:
    """Return the defaults of `config/` and `studies/`, a layer for each file, in their order.

    Parameters
    ----------
    root : the project's folder.
    shown : what is put before `config/` where a file is named.
    """
    paths = [
        path for folder in (FOLDER, STUDIES) for path in sorted((root / folder).glob("*.yaml"))
    ]
    return [read_layer(path, f"{shown}{path.parent.name}/{path.name}") for path in paths]


def read_layers(root: Path, *overlays: Path) -> list[Layer]:
    """Return the layers of the project in a folder: its defaults, its `config.yaml`, overlays."""
    return [
        *read_defaults(root),
        read_layer(root / FILE, FILE),
        *(read_layer(path) for path in overlays),
    ]


def read_mapping(root: Path, *overlays: Path) -> dict[str, Any]:
    """Return the whole configuration of the project in a folder, as it is written."""
    return merged(*(layer.content for layer in read_layers(root, *overlays)))


def merged(*mappings: Plain) -> dict[str, Any]:
    """Return mappings merged at every depth, each laid over those before it."""
    result: dict[str, Any] = {}
    for mapping in mappings:
        for key, value in mapping.items():
            before = result.get(key)
            if isinstance(before, Mapping) and value is None:
                del result[key]
            elif isinstance(before, Mapping) and isinstance(value, Mapping):
                result[key] = merged(before, value)
            else:
                result[key] = copy.deepcopy(value)
    return result


def of_command_line(given: Plain) -> Layer:
    """Return what `--config` says; Snakemake leaves every value of a list or mapping a text."""
    return Layer("--config", {key: _typed(value, 0) for key, value in given.items()})


def _typed(value: Any, depth: int) -> Any:
    if isinstance(value, Mapping):
        return {key: _typed(one, depth + 1) for key, one in value.items()}
    if isinstance(value, list):
        return [_typed(one, depth + 1) for one in value]
    if depth and isinstance(value, str):
        with suppress(InputError):
            scalar = read_document(f"value: {value}".encode(), "--config")["value"]
            return value if isinstance(scalar, Mapping | list) else scalar
    return value


def origin(place: str, layers: Sequence[Layer], otherwise: str) -> str:
    """Return the name of the last layer that says what stands at ``place``.

    Where none says all of it, as of a key that is missing, the layer that says most of its path;
    ``otherwise`` where none says any.
    """
    best, name = 0, otherwise
    for layer in layers:
        depth, node = 0, layer.content
        for part in place.split("."):
            key = next((key for key in node if str(key) == part), None)
            if key is None:
                break
            depth += 1
            if not isinstance(node[key], Mapping):
                break
            node = node[key]
        if depth and depth >= best:
            best, name = depth, layer.name
    return name


def of_module(layers: Sequence[Layer], root: str, given: Plain) -> dict[str, Any]:
    """Return what another workflow says that uses this one as a module, with what follows from it.

    The paths of our files (of a source, a register, published numbers) that it does not set begin
    at our directory.

    Parameters
    ----------
    layers : our configuration (:func:`read_layers`).
    root : our directory as seen from the working directory.
    given : the module's `config`.
    """
    ours = merged(*(layer.content for layer in layers))
    own = _moved(ours, root)
    return merged(own, given)


def run_file(place: Path, root: Path) -> Path | None:
    """Return the file of the run whose folder ``place`` is, `runs/mine.yaml`; None elsewhere."""
    inside = place.resolve().parent == root.resolve() / RUNS
    return root / RUNS / f"{place.name}.yaml" if inside else None


def moved(layer: Layer, root: str) -> Layer:
    """Return a layer whose files of the project are named as seen from the working directory.

    Parameters
    ----------
    layer : a file's part of the configuration.
    root : the project's folder as seen from the working directory.
    """
    return Layer(layer.name, merged(layer.content, _moved(layer.content, root)))


def _moved(section: Plain, root: str) -> dict[str, Any]:
    """The files of ours that a section names at any depth, as seen from the working directory."""
    found: dict[str, Any] = {}
    for key, value in section.items():
        if isinstance(value, Mapping):
            inner = _moved(value, root)
            if inner:
                found[key] = inner
        elif isinstance(value, str) and "/" in value and Path(root, value).exists():
            found[key] = str(Path(root, value))
    return found
