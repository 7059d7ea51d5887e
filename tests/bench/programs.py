"""The C programs of the bench, built when it runs: the system's compiler and
libraries, nothing of authres."""
import os
import subprocess

import sandbox

HERE = os.path.dirname(os.path.abspath(__file__))
_built = {}


class NotInstalled(Exception):
    """What a row says instead of figures."""


def _flags(package):
    done = subprocess.run(["pkg-config", "--cflags", "--libs", package],
                          capture_output=True, text=True)
    return done.stdout.split()


def program(name, *flags, packages=()):
    """The path of NAME.c, compiled; NotInstalled if that is not possible."""
    if name not in _built:
        path = os.path.join(sandbox.temporary_directory("bin"), name)
        for package in packages:
            flags += tuple(_flags(package))
        done = subprocess.run(
            ["cc", "-O2", "-g", "-D_GNU_SOURCE", "-Wall", "-W",
             "-o", path, os.path.join(HERE, name + ".c"), *flags],
            capture_output=True, text=True)
        if done.returncode != 0:
            raise NotInstalled(next(
                (line for line in done.stderr.split("\n") if "error" in line),
                done.stderr[-300:]))
        _built[name] = path
    return _built[name]
