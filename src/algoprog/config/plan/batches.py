"""Names that one job takes together: batches by name, and each name in none by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence


def batched(names: Iterable[str], batches: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return names by the job that takes them, in their order.

    A job is called after its batch; a name in none is a job of its own. What a batch names besides
    is passed over. So a name that is added, wherever, moves no other to another job.
    """
    job_of = {name: batch for batch, members in batches.items() for name in members}
    jobs: dict[str, list[str]] = {}
    for name in names:
        jobs.setdefault(job_of.get(name, name), []).append(name)
    return jobs
