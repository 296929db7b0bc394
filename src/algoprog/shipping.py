"""Results that come with the project: they are packed, and stamped anew once they are verified.

``python -m algoprog.shipping pack TARGET ...`` packs the tables of targets that were just made
(`make ship`), ``proofs`` prints the files that are computed again before stamps are renewed, and
``restamp`` compares these with what was packed and renews the stamps (`make restamp`). Stan draws
other numbers on another type of processor: ``restamp --before FOLDER`` compares with those of a
checkout with the stamped code, made on the same machine (`make restamp BEFORE=FOLDER`).
:mod:`algoprog.config.plan.shipped` says when they are used.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from algoprog import __version__
from algoprog.catalogue import TABLES, tables_of
from algoprog.common.errors import InputError
from algoprog.common.rows import Plain
from algoprog.config.document import parse_config
from algoprog.config.loading import read_mapping
from algoprog.config.plan.plan import Plan
from algoprog.config.plan.results import TARGETS
from algoprog.config.plan.shipped import FOLDER, STAMP, ShippedPlan, changed, packed, stamps
from algoprog.tables import csv

# Numbers that differ by less, relative to their size, are the same: libraries round differently.
RELATIVE = 1e-6
ABSOLUTE = 1e-9
LARGEST = 1_500_000  # bytes of a packed table
SIGNIFICANT = 6  # digits that are packed of a number
EFFORT = ("n_starts", "n_at_best")  # of a search: how it was found, not what was found


def pack(plan: ShippedPlan, target: str, root: Path, day: date) -> None:
    """Pack a target's tables, the files that prove them, and their stamp.

    Raises
    ------
    InputError
        where the tables are not there or not of the present records and settings.
    """
    finished = plan.results.finished()
    tables = {name: root / f"results/tables/{name}.csv" for name in tables_of(target)}
    missing = [name for name in tables if name not in finished]
    if missing:
        fix = f"make the target `{target}` first"
        raise InputError("results", missing[0], "not of the present records and settings", fix)
    folder = root / FOLDER / target
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    sums = {}
    for name, path in tables.items():
        content = compact(csv.read_table(path, TABLES[name]))
        sums[name] = hashlib.sha256(content).hexdigest()
        packed(root, target, name).write_bytes(csv.packed(content))
    proofs = {}
    for number, proof in enumerate(plan.proofs(target), 1):
        kept = folder / f"proof{number}{Path(proof).suffix}"
        shutil.copyfile(root / proof, kept)
        proofs[kept.name] = proof
    for path in folder.iterdir():
        if path.stat().st_size > LARGEST:
            size = f"{path.stat().st_size} bytes, above {LARGEST}"
            shutil.rmtree(folder)
            raise InputError(FOLDER, f"{target}, {path.name}", size, "ship the target no more")
    stamp = {
        "computed": day.isoformat(),
        "verified": day.isoformat(),
        "version": __version__,
        "versions": {"python": platform.python_version(), "polars": pl.__version__},
        "tables": sums,
        "proofs": proofs,
        **plan.stamp(target, root),
    }
    _write(folder / STAMP, stamp)


def compact(table: pl.DataFrame) -> bytes:
    """Return a table as CSV whose numbers have six significant digits."""
    numbers = pl.col(pl.Float64)
    return csv.csv_bytes(table.with_columns(numbers.round_sig_figs(SIGNIFICANT)))


def restamp(
    plan: ShippedPlan, target: str, root: Path, day: date, before: Path | None = None
) -> None:
    """Renew the stamp of a target whose proofs, computed again, are as they were packed.

    ``before``: as they are in another project, which has the code of the stamp.

    Raises
    ------
    InputError
        where settings, records or the other project's code are others, or a number differs.
    """
    stamp = stamps(root)[target]
    now = plan.stamp(target, root)
    for name, words in (("settings", "the configuration"), ("files", "the records' files")):
        if stamp[name] != now[name]:
            fix = f"make the target `{target}` and pack it: its numbers are of other inputs"
            raise InputError(FOLDER, target, f"{words} have changed", fix)
    if before is not None:
        _refuse_other_code(stamp["code"], before)
    for kept, made in stamp["proofs"].items():
        was = root / FOLDER / target / kept if before is None else before / made
        found = unlike(_read(was), _read(root / made))
        if found:
            fix = f"make the target `{target}` and pack it: its numbers have moved"
            raise InputError(made, found, f"not as in {was}", fix)
    _write(root / FOLDER / target / STAMP, stamp | now | {"verified": day.isoformat()})


def _refuse_other_code(stamped: dict[str, Any], project: Path) -> None:
    """Refuse a project whose code is not that of a stamp."""
    folders = {name: "" if name.startswith("scripts/") else "src/algoprog" for name in stamped}
    paths = {name: project / folder / name for name, folder in folders.items()}
    missing = [name for name, path in paths.items() if not path.exists()]
    for name in missing or changed(stamped, paths):
        fix = "check out the revision that the target was packed or last verified at"
        raise InputError(str(project), name, "not the code of the stamp", fix)


def unlike(packed: pl.DataFrame, now: pl.DataFrame) -> str:
    """Return where two frames differ by more than rounding; blank where they do not.

    Another search that ends at the same minima from fewer starts has found the same.
    """
    if packed.schema != now.schema:
        return "columns"
    if packed.height != now.height:
        return f"{now.height} rows instead of {packed.height}"
    for name, kind in packed.drop(EFFORT, strict=False).schema.items():
        was, found = packed[name], now[name]
        if kind.is_float():
            close = was.is_finite() & ((was - found).abs() <= RELATIVE * was.abs() + ABSOLUTE)
            both = (was.is_null() & found.is_null()) | (was.is_nan() & found.is_nan())
            same = (close | both | (was == found)).fill_null(False)
        else:
            same = was.eq_missing(found)
        if not same.all():
            row = int((~same).arg_max() or 0)
            return f"row {row + 1}, column {name}"
    return ""


def _read(path: Path) -> pl.DataFrame:
    try:
        return pl.read_csv(path) if path.suffix == ".csv" else pl.read_parquet(path)
    except OSError as error:
        raise InputError(str(path), "", error.strerror, "compute it first") from None


def _write(path: Path, stamp: Plain) -> None:
    path.write_text(json.dumps(stamp, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def main(arguments: Sequence[str], root: Path = Path()) -> int:
    """Run a command; return 1 and say why where it is refused."""
    command, *targets = arguments
    before = None
    if command == "restamp" and targets[:1] == ["--before"] and len(targets) > 1:
        before, targets = Path(targets[1]), targets[2:]
    unknown = sorted(set(targets) - set(TARGETS))
    if unknown or command not in ("pack", "proofs", "restamp"):
        print(f"{' '.join(unknown) or command}: name one of {', '.join(TARGETS)}", file=sys.stderr)
        return 1
    plan = Plan(parse_config(read_mapping(root))).shipped
    refused = 0
    for target in targets or list(stamps(root)):
        try:
            if command == "proofs":
                print(*plan.proofs(target), sep="\n")
            elif command == "pack":
                pack(plan, target, root, date.today())
            elif plan.differs(target, stamps(root)[target], root):
                restamp(plan, target, root, date.today(), before)
        except InputError as error:
            print(f"InputError: {error}", file=sys.stderr)
            refused = 1
    return refused


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
