"""How functions of the inner loops are compiled: the same results everywhere, and no counting.

numba counts the references to each array that a function is given or takes a part of. Counting is
atomic, and with a dozen arrays in a law and its work space it took two fifths of a descent. Whoever
calls a function of ours holds its arrays until it returns, so nothing need be counted there.
"""

from __future__ import annotations

from numba import njit

_SAME = {"cache": True, "error_model": "numpy"}

# Compiles a function that makes arrays or returns them: their references are counted.
allocating = njit(**_SAME)
# The same where several threads may run it at once.
threaded = njit(**_SAME, nogil=True)
# Compiles one that works in the arrays it is given. It must make none, which nobody
# would free: the test of processors looks for that in what is compiled.
kernel = njit(**_SAME, _nrt=False)
