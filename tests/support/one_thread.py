"""Keeps BLAS to one thread in each process of the tests; to be imported before NumPy.

The tests fill the cores with processes. A second thread of OpenBLAS has nothing to do in matrices
of their size, and waits for it in a loop: tests of linear algebra took up to 15 times as much CPU.
Jobs of Snakemake have the threads of their rules, whatever is set here.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
