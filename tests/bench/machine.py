"""What the bench runs on: a network and programs of its own, with the Debian
packages that could be had."""
import ctypes
import os
import subprocess

import host
import sandbox

# by part of the bench
PACKAGES = {"libraries": ("libopendmarc-dev",),
            "milters": ("opendkim", "opendmarc"), "rspamd": ("rspamd",),
            "black_holes": ("postfix",)}
PLOTS = ("gnuplot-nox",)
# as setup.sh has it
UNPACKED = os.environ.get("AUTHRES_UNPACKED", "/var/cache/authres-tests")


class Machine(host.Host):
    """packages: those that are wanted; download: also from Debian; missing:
    {package: why not}. Name resolution of this machine's programs is on port 53
    of loopback."""

    def __init__(self, packages=(), download=True):
        ram_disk()
        self.directory = sandbox.temporary_directory("host")
        os.chmod(self.directory, 0o755)
        self.trees, self.missing = [], {}
        for package in packages:
            if not download and not os.path.exists(
                    os.path.join(UNPACKED, package, ".complete")):
                self.missing[package] = "not unpacked"
                continue
            try:
                self.trees.append(host.unpack(package))
            except host.NoPackage as e:
                self.missing[package] = str(e)
        self._add_programs()
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(host.CLONE_NEWNET) != 0:
            raise RuntimeError("network namespace: " +
                               os.strerror(ctypes.get_errno()))
        host.run("ip", "link", "set", "lo", "up")
        self.write("/etc/resolv.conf",
                   "nameserver 127.0.0.1\noptions attempts:1\n")
        self._ids = host.FIRST_ID


def ram_disk():
    """All that the bench writes is in memory."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs",
                    os.environ[sandbox.INSIDE]], check=True)


def describe():
    """The machine in a line."""
    with open("/proc/cpuinfo", encoding="ascii") as f:
        models = [line.partition(":")[2].strip() for line in f
                  if line.startswith("model name")]
    with open("/proc/meminfo", encoding="ascii") as f:
        memory = int(f.readline().split()[1]) / 1024 / 1024
    with open("/etc/os-release", encoding="utf-8") as f:
        system = next(line.partition("=")[2].strip().strip('"') for line in f
                      if line.startswith("PRETTY_NAME"))
    dovecot = subprocess.run(["dovecot", "--version"], capture_output=True,
                             text=True).stdout.split()[0]
    return (f"{len(models)} x {models[0] if models else '?'}, "
            f"{memory:.0f} GB, Linux {os.uname().release}, {system}, "
            f"Dovecot {dovecot}")
