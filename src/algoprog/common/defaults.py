"""The defaults of the configuration, as files: where they are, and what one topic says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

_PACKAGE = Path(__file__).resolve().parents[1]


def defaults_folder() -> Path:
    """Return the folder of the defaults, one YAML file a topic.

    It is `config/` of the project; an installed package has a copy of it.
    """
    installed = _PACKAGE / "defaults"
    return installed if installed.is_dir() else _PACKAGE.parents[1] / "config"


def read_topic(name: str) -> dict[str, Any]:
    """Return what `config/<name>.yaml` says, such as ``variants``, as it is written."""
    text = (defaults_folder() / f"{name}.yaml").read_text(encoding="utf-8")
    topic: dict[str, Any] = yaml.safe_load(text)
    return topic
