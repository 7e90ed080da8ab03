"""Runs the SQL scripts beside it in DuckDB, in memory, and prints times and totals as JSON.

    duckdb.py prepare FOLDER RECORDS      lines to Parquet
    duckdb.py run     FOLDER RECORDS OUT  the relational part of a night
"""

import json
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# This file has the name of what it imports; its folder must not be searched for it.
sys.path = [folder for folder in sys.path if os.path.abspath(folder or ".") != HERE]

import duckdb  # noqa: E402


def stages(name, names):
    """The script's stages in order: each a name and its statements."""
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        text = file.read()
    for key, value in names.items():
        text = text.replace("$" + key, value)
    parts = text.split("-- stage: ")
    if len(parts) == 1:
        return [("all", text)]
    return [tuple(part.split("\n", 1)) for part in parts[1:]]


def main():
    what, folder, records, *rest = sys.argv[1:]
    names = {"LINES": folder + "/lines", "TABLES": folder + "/tables", "RECORDS": records}
    if rest:
        names["OUT"] = rest[0]
    started = time.monotonic()
    connection = duckdb.connect(config={"threads": 2})
    times = []
    for name, statements in stages("duckdb_prepare.sql" if what == "prepare" else "duckdb.sql", names):
        before = time.monotonic()
        connection.execute(statements)
        times.append([name, time.monotonic() - before])
    seconds = time.monotonic() - started
    result = {"version": duckdb.__version__, "seconds": seconds, "stages": times}
    if what == "run":
        # What follows is not timed.
        result["totals"] = connection.execute("from totals order by all").fetchall()
        result["gaps"] = connection.execute("select count(*) from gaps").fetchone()[0]
        # Over the order that is there, so that it takes no memory that would count as the night's.
        starts = """select count(*) filter (new_card), count(*) from (
            select card is distinct from lag(card) over () as new_card,
                   new_card or chain is distinct from lag(chain) over () as new_chain
            from detail where disposition = 0) where new_chain"""
        result["cards"], result["chains"] = connection.execute(starts).fetchone()
    print(json.dumps(result))


main()
