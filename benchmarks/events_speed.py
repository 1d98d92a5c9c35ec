"""420,000 rows of GED, read, stored and placed: seconds and memory. Needs PROVRISK_GED.

    python benchmarks/events_speed.py

The rows are those of the real file, repeated with new identifiers. The file is made before the clock
starts and by another process, so that its memory does not count.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROWS = 420_000
SECONDS, MIB = 60, 1024
MAKE = """
import sys, pandas as pd
raw = pd.read_csv(sys.argv[1], dtype=str, keep_default_na=False)
raw = raw[~raw.country.str.startswith("#")]
times = -(-int(sys.argv[3]) // len(raw))
for n in range(times):
    part = raw.assign(id=[f"{n}{one}" for one in raw.id])
    part = part.head(int(sys.argv[3]) - n * len(raw))
    part.to_csv(sys.argv[2], mode="a" if n else "w", header=n == 0, index=False)
"""


def main() -> None:
    import pandas as pd

    from provrisk.events.figures import from_releases
    from provrisk.events.raw import open_file
    from provrisk.events.releases import Store
    from provrisk.study import find_project

    source = os.environ.get("PROVRISK_GED") or sys.exit("Name the GED file in PROVRISK_GED.")
    study = find_project().study()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "ged191.csv")
        subprocess.run([sys.executable, "-c", MAKE, source, str(path), str(ROWS)], check=True)
        size = path.stat().st_size >> 20
        start = time.perf_counter()
        store = Store(Path(folder, "releases"))
        release, _ = store.add(open_file(path), pd.Timestamp(2019, 6, 15), "benchmark")
        stored = time.perf_counter()
        figures = from_releases(study, store, [release])
        done = time.perf_counter()
        kept = sum(one.stat().st_size for one in store.folder.iterdir()) >> 20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    events = int(figures.counts.attacks.sum())
    print(f"{release.rows:,} rows ({size} MB of CSV, {kept} MB stored), {events:,} events counted")
    print(f"read and stored {stored - start:.1f} s; read back, placed and counted {done - stored:.1f} s")
    print(f"in all {done - start:.1f} s (target {SECONDS}), peak memory {peak:,} MiB (target {MIB:,})")
    sys.exit(0 if done - start < SECONDS and peak < MIB else 1)


if __name__ == "__main__":
    main()
