# SPDX-License-Identifier: MIT
# mpi4py.futures' side of bench/mpi/run: empty tasks, at the same chunk sizes, one "name value" line each.
import time
from mpi4py.futures import MPICommExecutor
from mpi4py import MPI


def same(i):
    return i


with MPICommExecutor(MPI.COMM_WORLD, root=0) as pool:
    if pool is not None:
        list(pool.map(same, range(1000)))
        for chunk in (1, 100):
            began = time.perf_counter()
            done = sum(1 for _ in pool.map(same, range(10000), chunksize=chunk))
            print(f"empty_chunk_{chunk}_tasks_per_second {done / (time.perf_counter() - began):.0f}", flush=True)
