"""Where end-to-end tests and the demo run: a mount and process namespace in
which Dovecot's directories also hold a build of authres.

The system's own Dovecot is not touched: its directories are copied, the copy
is bound over them, and that ends with the last process of the namespace, which
the kernel kills with the first.
"""
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile

INSIDE = "AUTHRES_SANDBOX"
BUILD = "AUTHRES_SANDBOX_BUILD"
LIB = "/usr/lib/dovecot"
ETC = "/etc/dovecot"
STOCK_ETC = "/usr/share/dovecot"

SERVICE_USER = "authres:x:5900:65534::/nonexistent:/usr/sbin/nologin\n"

_ENTER = """
set -e
mount --make-rprivate /
mount --bind "$1/lib" /usr/lib/dovecot
mkdir -p /etc/dovecot
mount --bind "$1/etc" /etc/dovecot
mount --bind "$1/passwd" /etc/passwd
shift
exec "$@"
"""


def inside():
    return INSIDE in os.environ


def has_build():
    """TRUE if authres is to be there: then a missing part is an error."""
    return os.environ[BUILD] != ""


def stage(directory, root):
    """Fill directory with what Dovecot shall see. root: a DESTDIR of make
    install, or None."""
    lib, etc = (os.path.join(directory, d) for d in ("lib", "etc"))
    subprocess.run(["cp", "-a", LIB, lib], check=True)
    os.mkdir(etc)
    # Debian's files as they are in the package, whatever /etc holds now.
    for name in os.listdir(STOCK_ETC):
        if name == "conf.d" or name.endswith((".conf", ".conf.ext")):
            subprocess.run(["cp", "-a", os.path.join(STOCK_ETC, name), etc],
                           check=True)
    # The verifier's user, whether or not the package is installed here.
    with open("/etc/passwd", encoding="utf-8") as f:
        passwd = f.read()
    if "\nauthres:" not in passwd:
        passwd += SERVICE_USER
    with open(os.path.join(directory, "passwd"), "w", encoding="utf-8") as f:
        f.write(passwd)
    if root is not None:
        for installed, target in ((LIB, lib), (ETC, etc)):
            path = root + installed
            if os.path.isdir(path):
                subprocess.run(["cp", "-a", path + "/.", target], check=True)


def _die_with_parent():
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def enter(arguments, root=None):
    """Run arguments inside; returns the exit code."""
    directory = tempfile.mkdtemp(prefix="authres-", dir="/tmp")
    os.chmod(directory, 0o755)
    command = ["unshare", "--mount", "--pid", "--mount-proc", "--fork",
               "--kill-child", "/bin/sh", "-c", _ENTER, "sh", directory]
    child = None
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(143))
    try:
        stage(directory, root)
        temporary = os.path.join(directory, "tmp")
        os.mkdir(temporary)
        os.chmod(temporary, 0o755)
        child = subprocess.Popen(
            command + arguments, preexec_fn=_die_with_parent,
            env=dict(os.environ, **{INSIDE: temporary,
                                    BUILD: "yes" if root else ""}))
        return child.wait()
    finally:
        if child is not None and child.poll() is None:
            child.kill()
            child.wait()
        shutil.rmtree(directory, ignore_errors=True)


def temporary_directory(name):
    """A new directory that is gone with the sandbox. Short: the path of a UNIX
    socket has 108 bytes."""
    return tempfile.mkdtemp(prefix=name + "-", dir=os.environ[INSIDE])


def require_root():
    if os.geteuid() != 0:
        sys.exit("This needs root: a private Dovecot has several users.")
