"""What a test function gets as its argument, and what it may raise."""
import inspect
import os
import shutil

import sandbox
from dns_server import DnsServer
from dovecot import Dovecot, authres_installed
from host import Host, NoPackage

TIME_LIMIT_SECS = 60


class Skip(Exception):
    """The test cannot say anything here; the text says why."""


def time_limit(seconds):
    """Decorator: this test may take longer than TIME_LIMIT_SECS."""
    def mark(function):
        function.time_limit_secs = seconds
        return function
    return mark


def needs_authres(function):
    """Decorator: skip the test when no build was given (run --root, --build)."""
    function.needs_authres = True
    return function


def functions(module):
    """The test functions of a module in the order of the file."""
    found = [(name, f) for name, f in vars(module).items()
             if name.startswith("test_") and inspect.isfunction(f)]
    return sorted(found, key=lambda item: item[1].__code__.co_firstlineno)


class Case:
    """One test at a time. The DNS server and each different Dovecot are
    shared by the tests of a module, so a test takes users and domain names of
    its own and changes nothing others rely on."""

    def __init__(self):
        self._dns = None
        self._dovecots = {}
        self._shared = {}
        self._no_host = None
        self._of_test = []
        self._log_marks = {}
        self.label = ""
        self._names = 0

    def begin(self, label):
        self.label = label
        self._log_marks = {d: (d.mark("info"), d.mark("error"))
                           for d in self._dovecots.values()}

    def end(self):
        """The test is over: what it had for itself ends."""
        while self._of_test:
            self._of_test.pop().close()

    def own(self, thing):
        """Close thing when this test is over."""
        self._of_test.append(thing)

    def log_tail(self):
        """Dovecot's log since begin() and the end of an MTA's, for a
        report."""
        lines, mta = [], []
        for thing in self._shared.values():
            if hasattr(thing, "log_lines"):
                mta += thing.log_lines()[-20:]
        for d in list(self._dovecots.values()) + self._of_test:
            if isinstance(d, Dovecot):
                info, error = self._log_marks.get(d, (0, 0))
                lines += [line for line in d.log_lines("info")[info:]
                          if "Login: " not in line and "rip=" not in line]
                lines += d.log_lines("error")[error:]
        return sorted(lines)[-60:] + mta

    @property
    def dns(self):
        """The module's DNS server; add records with add_zone()."""
        if self._dns is None:
            self._dns = DnsServer(sandbox.temporary_directory("dns"))
        return self._dns

    def domain(self, parent="example.org"):
        """A domain no other test uses, so that no cache knows it."""
        self._names += 1
        name = self.label.replace("_", "-").replace(".", "-").lower()
        return f"{name[-40:].strip('-')}-{self._names}.{parent}"

    def dovecot(self, **options):
        """The module's Dovecot with these options (see Dovecot), which asks
        self.dns. Same options, same instance."""
        key = repr(sorted(options.items()))
        if key not in self._dovecots:
            self._dovecots[key] = self._start(options)
        return self._dovecots[key]

    def own_dovecot(self, **options):
        """One for this test alone, which may break it."""
        dovecot = self._start(options)
        self.own(dovecot)
        return dovecot

    def refused(self, **options):
        """What a Dovecot with these options says instead of starting."""
        try:
            self.own_dovecot(**options)
        except ChildProcessError as e:
            return str(e)
        raise AssertionError("Dovecot started")

    def _start(self, options):
        return Dovecot(sandbox.temporary_directory("d"),
                       **{"dns": self.dns, **options})

    def own_dns(self, zone="", port=0):
        dns = DnsServer(sandbox.temporary_directory("dns"), zone, port=port)
        self.own(dns)
        return dns

    def shared(self, key, create):
        """What create() returned when key was asked for first; it is closed
        with the module."""
        if key not in self._shared:
            self._shared[key] = create()
        return self._shared[key]

    def host(self, *packages):
        """The module's own machine (host.py), with these Debian packages. To
        be asked for before anything else is started."""
        def create():
            if self._dns is not None or self._dovecots:
                raise AssertionError("the host comes first")
            if self._no_host is not None:
                raise self._no_host
            try:
                host = Host(*packages)
            except NoPackage as e:
                self._no_host = Skip(str(e))
                raise self._no_host from e
            except Exception as e:
                # half of it may be there: no other test can try again
                self._no_host = e
                raise
            self._dns = host.dns
            return host
        return self.shared("host", create)

    def directory(self, name="t"):
        path = sandbox.temporary_directory(name)
        os.chmod(path, 0o755)
        self.own(_Directory(path))
        return path

    @property
    def authres(self):
        return authres_installed()

    def skip(self, reason):
        raise Skip(reason)

    def close(self):
        self.end()
        for dovecot in self._dovecots.values():
            dovecot.close()
        while self._shared:
            self._shared.popitem()[1].close()
        if self._dns is not None:
            self._dns.close()


class _Directory:
    def __init__(self, path):
        self.path = path

    def close(self):
        shutil.rmtree(self.path, ignore_errors=True)
