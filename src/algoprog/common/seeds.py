"""Seeds of random numbers, derived from names and nothing else."""

from __future__ import annotations

import hashlib
from typing import Any


def seed_of(*names: Any) -> int:
    """A 128-bit seed that depends on the names given and on nothing else."""
    text = "\x1f".join(str(name) for name in names)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")
