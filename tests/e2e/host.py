"""A machine for a module's tests, on which a real MTA can be the mail server:
network, users, names and programs of its own.

Made of namespaces: the module's process gets a network namespace in which every
address the tests need is a local one, and in its mount namespace (run) /usr,
/etc and /var/lib also hold packages that are not installed, and may be written to.
All processes the module starts later share it. The system sees none of it.
"""
import ctypes
import datetime
import os
import re
import smtplib
import ssl
import subprocess

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import sandbox
from dns_server import DnsServer

SETUP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..",
                     "setup.sh")
CLONE_NEWNET = 0x40000000
FIRST_ID = 6001
_CHANGED = ("usr", "etc", "var/lib", "var/spool")

# Dovecot's socket where it is by default, for configurations that name it
LMTP_SOCKET = """
service lmtp {
  unix_listener /run/dovecot/lmtp {
    mode = 0666
  }
}
"""
# RFC 5737, RFC 3849
OURS = ("198.51.100.25", "2001:db8:25::25")
CLIENT, CLIENT6 = "192.0.2.31", "2001:db8:31::31"
OTHER, OTHER6 = "203.0.113.66", "2001:db8:66::66"


class NoPackage(Exception):
    """A package cannot be had; the text says why."""


def run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(" ".join(command[:4]) + ": " +
                           (done.stderr or done.stdout)[-500:].strip())
    return done.stdout


def unpack(package):
    """Where setup.sh unpacked it. Needs the network of the system."""
    script = '. "$1" && unpack_package "$2" >&2 && printf "%s" "$unpacked"'
    try:
        where = run("sh", "-c", script, "sh", SETUP, package)
    except RuntimeError as e:
        raise NoPackage(f"no package {package}: {e}") from e
    return os.path.join(where, package)


class Host:
    """packages: names of Debian packages whose /usr shall be there. DNS is on
    port 53, for the MTA as well; add_name() gives an address a name."""

    def __init__(self, *packages):
        self.directory = sandbox.temporary_directory("host")
        os.chmod(self.directory, 0o755)
        self.trees = [unpack(package) for package in packages]
        self._add_programs()
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(CLONE_NEWNET) != 0:
            raise RuntimeError("network namespace: " +
                               os.strerror(ctypes.get_errno()))
        run("ip", "link", "set", "lo", "up")
        for address in OURS + (CLIENT, CLIENT6, OTHER, OTHER6):
            self.add_address(address)
        self.write("/etc/resolv.conf",
                   "nameserver 127.0.0.1\noptions attempts:1\n")
        self.write("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n")
        with open("/etc/nsswitch.conf", encoding="utf-8") as f:
            self.write("/etc/nsswitch.conf", re.sub(
                r"(?m)^hosts:.*", "hosts: files dns", f.read()))
        self.dns = DnsServer(sandbox.temporary_directory("dns"), port=53)
        self._ids = FIRST_ID

    def _add_programs(self):
        """Lay the trees over /usr, /etc and parts of /var, where everything
        may be changed from now on; directories mounted below them stay. /run
        is empty."""
        layers = os.path.join(self.directory, "layers")
        os.mkdir(layers)
        run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", layers)
        kept = []
        for number, point in enumerate(_mounted_directories()):
            place = os.path.join(layers, f"kept{number}")
            os.mkdir(place)
            run("mount", "--bind", point, place)
            kept.append((place, point))
        for top in _CHANGED:
            upper, work = (os.path.join(layers, top.replace("/", "-") + kind)
                           for kind in ("-upper", "-work"))
            os.mkdir(upper)
            os.mkdir(work)
            below = [os.path.join(tree, top) for tree in self.trees]
            lower = ":".join([d for d in below if os.path.isdir(d)] +
                             ["/" + top])
            run("mount", "-t", "overlay", "-o", f"lowerdir={lower},"
                f"upperdir={upper},workdir={work}", "overlay", "/" + top)
        for place, point in kept:
            run("mount", "--bind", place, point)
        run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
        os.mkdir("/run/dovecot", 0o755)

    def write(self, path, text, mode=0o644):
        """A file below /usr, /etc, /var or /run."""
        if os.path.lexists(path):
            os.remove(path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, mode)

    def add_address(self, address):
        family, bits = ("-6", "128") if ":" in address else ("-4", "32")
        options = ["nodad"] if ":" in address else []
        run("ip", family, "addr", "add", f"{address}/{bits}", "dev", "lo",
            *options)

    def add_name(self, address, name):
        """The name in both directions, as MTAs look it up."""
        if ":" in address:
            nibbles = _expanded(address)[::-1]
            reverse = ".".join(nibbles) + ".ip6.arpa"
            kind = "AAAA"
        else:
            reverse = ".".join(address.split(".")[::-1]) + ".in-addr.arpa"
            kind = "A"
        self.dns.add_zone(f"{reverse}. PTR {name}.\n"
                          f"{name}. {kind} {address}\n")

    def add_group(self, name, gid=None):
        self._ids += 1
        gid = gid or self._ids
        with open("/etc/group", "a", encoding="utf-8") as f:
            f.write(f"{name}:x:{gid}:\n")
        return gid

    def add_user(self, name, uid=None, home="/nonexistent"):
        """A UNIX user and its group of the same number, which is returned."""
        uid = self.add_group(name, uid)
        with open("/etc/passwd", "a", encoding="utf-8") as f:
            f.write(f"{name}:x:{uid}:{uid}::{home}:/bin/sh\n")
        return uid

    def certificate(self):
        """(certificate, key) of mx.example, self-signed: paths of PEM
        files."""
        paths = ("/etc/mx/certificate.pem", "/etc/mx/key.pem")
        if not os.path.exists(paths[0]):
            certificate, key = _self_signed("mx.example")
            self.write(paths[0], certificate)
            self.write(paths[1], key, 0o600)
        return paths

    def send(self, message, rcpts, mail_from, client=CLIENT, helo=None,
             to=None, port=25, login=None, tls=False):
        """An SMTP session from the address client to the address to, by
        default one of OURS. helo: for EHLO, by default out.DOMAIN of
        mail_from. login: (user, password). Raises smtplib's exceptions."""
        if to is None:
            to = OURS[1 if ":" in client else 0]
        if helo is None:
            helo = "out." + (mail_from.rpartition("@")[2] or "example.org")
        with smtplib.SMTP(to, port, helo, 30,
                          source_address=(client, 0)) as smtp:
            if tls:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
                smtp.starttls(context=context)
            if login:
                smtp.login(*login)
            smtp.sendmail(mail_from, rcpts, message)

    def close(self):
        self.dns.close()


def _self_signed(name):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.utcnow()
    certificate = x509.CertificateBuilder().subject_name(subject).issuer_name(
        subject).public_key(key.public_key()).serial_number(1).not_valid_before(
        now - datetime.timedelta(days=1)).not_valid_after(
        now + datetime.timedelta(days=30)).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    return (certificate.public_bytes(pem).decode(), key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption()).decode())


def _mounted_directories():
    found = {}
    tops = tuple(f"/{top}/" for top in _CHANGED)
    with open("/proc/self/mountinfo", encoding="ascii") as f:
        for line in f:
            point = line.split()[4]
            if point.startswith(tops) and "\\" not in point and \
                    os.path.isdir(point):
                found[point] = True
    return list(found)


def _expanded(address):
    """All nibbles of an IPv6 address."""
    head, _, tail = address.partition("::")
    groups = [g for g in head.split(":") if g]
    after = [g for g in tail.split(":") if g]
    groups += ["0"] * (8 - len(groups) - len(after)) + after
    return "".join(g.rjust(4, "0") for g in groups)
