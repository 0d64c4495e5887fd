#!/usr/bin/python3
"""peer_scipy.py dense|sparse INSTANCE: scipy on the same file, a column for each place; its matrix is built before the clock starts."""
import resource
import struct
import sys
import time

import numpy as np


def read(path):
    data = open(path, "rb").read()
    assert data[:4] == b"MIN1"
    mentees, mentors, pairs = struct.unpack("=iiq", data[4:20])
    arrays, at = [], 20
    for kind, n in ((np.int32, mentors), (np.int64, mentees + 1), (np.int32, pairs), (np.int16, pairs)):
        arrays.append(np.frombuffer(data, kind, n, at))
        at += arrays[-1].nbytes
    return mentees, mentors, *arrays


def dense(mentees, mentors, capacity, row, column, score):
    from scipy.optimize import linear_sum_assignment

    table = np.zeros((mentees, mentors))
    table[np.repeat(np.arange(mentees), np.diff(row)), column] = score
    table = table[:, np.repeat(np.arange(mentors), capacity)]
    start = time.time()
    rows, places = linear_sum_assignment(table, maximize=True)
    took = time.time() - start
    chosen = table[rows, places]
    return took, int(chosen.sum()), int((chosen > 0).sum())


def sparse(mentees, mentors, capacity, row, column, score):
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    worst = 1001  # costs must not be 0, so staying out costs this and a pair less
    first = np.concatenate([[0], np.cumsum(capacity)])
    places = int(first[-1])
    times = capacity[column].astype(np.int64)
    of = np.repeat(np.repeat(np.arange(mentees), np.diff(row)), times)
    place = np.repeat(first[column], times) + np.arange(len(of)) - np.repeat(np.cumsum(times) - times, times)
    cost = np.concatenate([np.repeat(worst - score.astype(np.int64), times), np.full(mentees, worst)]).astype(float)
    table = csr_matrix((cost, (np.concatenate([of, np.arange(mentees)]),
                               np.concatenate([place, places + np.arange(mentees)]))), shape=(mentees, places + mentees))
    start = time.time()
    rows, chosen = min_weight_full_bipartite_matching(table)
    took = time.time() - start
    return took, int(round((worst - np.asarray(table[rows, chosen]).ravel()).sum())), int((chosen < places).sum())


def main():
    took, total, matched = {"dense": dense, "sparse": sparse}[sys.argv[1]](*read(sys.argv[2]))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"solve={took:.6f} obj={total} matched={matched} rss={memory}", flush=True)


main()
