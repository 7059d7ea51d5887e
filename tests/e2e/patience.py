"""How patient a test must be: what takes a second on a machine that has nothing
else to do takes longer where others want its cores, too. A limit that a test
sets is meant for the former and is multiplied by factor()."""
import os
import time

# Then it is not the machine that is slow.
MAX_FACTOR = 20


def factor():
    """How many processes share a core: 1 on a quiet machine, at most
    MAX_FACTOR."""
    with open("/proc/loadavg", encoding="ascii") as f:
        average, _, _, now = f.read().split()[:4]
    wanting = max(float(average), int(now.split("/")[0]) - 1)
    return min(MAX_FACTOR, max(1.0, wanting / os.cpu_count()))


def secs(limit):
    """limit as it is on this machine now."""
    return limit * factor()


class Limit:
    """A time from now on, for as patient as the machine was slow since."""

    def __init__(self, limit_secs):
        self.limit_secs = limit_secs
        self._since = time.monotonic()
        self._worst = 1.0

    def elapsed_secs(self):
        return time.monotonic() - self._since

    def left_secs(self):
        """Negative when it is over."""
        self._worst = max(self._worst, factor())
        return self.limit_secs * self._worst - self.elapsed_secs()
