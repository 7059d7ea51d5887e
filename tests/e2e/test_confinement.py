"""Dovecot under less than root: started by an ordinary user, as container images
do; with what the systemd unit of the distribution takes away; and with more
taken away, as administrators do."""
import os
import re
import subprocess

import message
from case import needs_authres
from dovecot import MAIL_UID
from test_doveadm_config import report

UNITS = ("/usr/lib/systemd/system/dovecot.service",
         "/lib/systemd/system/dovecot.service")
# What chroot=login and the like would need root for; anvil, stats and
# imap-login are the ones that Dovecot confines itself.
NO_CHROOT = "".join("service %s {\n  chroot =\n}\n" % service for service in (
    "anvil", "stats", "imap-login", "imap-urlauth-login", "submission-login",
    "pop3-login", "managesieve-login"))
# What Dovecot itself needs: to start as root, to become its users, to bind
# ports below 1024, and to reach the files of all users.
CAPABILITIES = ("chown", "dac_override", "dac_read_search", "fowner", "kill",
                "net_bind_service", "setgid", "setuid", "sys_chroot",
                "sys_resource")
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")


def unit():
    """[(directive, value)] of the section Service of the installed unit."""
    path = next(p for p in UNITS if os.path.exists(p))
    with open(path, encoding="utf-8") as f:
        section = f.read().partition("[Service]")[2].partition("\n[")[0]
    return re.findall(r"(?m)^(\w+)=(.*)$", section)


class Confinement:
    """Words that start a program under what directives of systemd take away,
    with mounts and capabilities, since no systemd runs here. keep: a directory
    that stays what it is, and writable."""

    def __init__(self, keep):
        self.keep = keep
        self.commands = []
        self.setpriv = []
        self.bounding = None

    def read_only(self, *paths):
        for path in paths:
            if os.path.isdir(path):
                self.commands.append(
                    f"mount --rbind {path} {path}; "
                    f"for m in $(findmnt -Rrno TARGET {path}); do "
                    "mount -o remount,bind,ro $m; done")

    def private_tmp(self):
        self.commands.append(
            f"mount --bind {self.keep} /mnt; mount -t tmpfs tmpfs /tmp; "
            "mount -t tmpfs tmpfs /var/tmp; "
            f"mkdir -p {self.keep}; mount --move /mnt {self.keep}")

    def private_devices(self):
        self.commands.append(
            "d=$(mktemp -d); mount -t tmpfs -o mode=755 tmpfs $d; "
            f"for n in {' '.join(DEVICES)}; do "
            ": >$d/$n; mount --bind /dev/$n $d/$n; done; "
            "mkdir $d/shm; mount -t tmpfs -o mode=1777 tmpfs $d/shm; "
            "mount --move $d /dev")
        self.drop("mknod", "sys_rawio")

    def drop(self, *capabilities):
        self.setpriv += ["--bounding-set",
                         ",".join("-" + c for c in capabilities)]

    def only(self, *capabilities):
        self.setpriv = ["--bounding-set",
                        ",".join(["-all"] + ["+" + c for c in capabilities])]

    def apply(self, directive, value):
        """A directive of a unit; an assertion if it is not known here what it
        does to the service."""
        yes = value in ("true", "yes")
        if directive == "PrivateTmp" and yes:
            self.private_tmp()
        elif directive == "PrivateDevices" and yes:
            self.private_devices()
        elif directive == "ProtectSystem" and value == "full":
            self.read_only("/usr", "/boot", "/etc")
        elif directive == "NoNewPrivileges" and yes:
            self.setpriv += ["--no-new-privs"]
        elif directive == "LimitNOFILE":
            # as much of it as this machine allows
            self.commands.append(
                f"ulimit -n {value} 2>/dev/null || ulimit -n $(ulimit -Hn)")
        else:
            assert directive in ("Type", "ExecStart", "ExecReload", "ExecStop",
                                 "NonBlocking", "OOMPolicy") or \
                (directive, value) == ("ProtectHome", "no"), \
                f"what does {directive}={value} take away?"

    def words(self):
        script = "; ".join(["set -e", "mount --make-rprivate /",
                            *self.commands, 'exec "$@"'])
        return ["unshare", "--mount", "sh", "-c", script, "sh",
                "setpriv", *self.setpriv, "--"]


def expect_judged(t, dovecot):
    """A signed message and a forged one."""
    domain = t.domain()
    t.dns.add_zone(message.RSA.record("s1", domain) +
                   f'{domain}. TXT "v=spf1 -all"\n'
                   f'_dmarc.{domain}. TXT "v=DMARC1; p=reject"\n')
    user = dovecot.user()
    data = message.message(f"a@{domain}", extra=[
        message.received("203.0.113.7", "host.example.net")])
    signed = message.dkim_sign(data, domain)
    assert dovecot.deliver(signed, user, f"a@{domain}").code == 250
    assert dovecot.deliver(data, user, f"a@{domain}").code == 250
    assert "dmarc=pass" in user.only_mail().authres
    assert "dmarc=fail" in user.only_mail("Junk").authres


def status(pid, key):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return re.search(rf"(?m)^{key}:\s*(.*)$", f.read()).group(1).split()


def confinement_row(dovecot):
    rows, _ = report(dovecot)
    return rows["verifier confinement"][0]


def user_named(t, name, uid):
    """In this file's mount namespace there is such a user."""
    for path, line in (("/etc/passwd", f"{name}:x:{uid}:{uid}::/nonexistent:"
                        "/usr/sbin/nologin\n"), ("/etc/group",
                                                 f"{name}:x:{uid}:\n")):
        with open(path, encoding="utf-8") as f:
            text = f.read()
        copy = os.path.join(t.directory("users"), os.path.basename(path))
        with open(copy, "w", encoding="utf-8") as f:
            f.write(text + line)
        subprocess.run(["mount", "--bind", copy, path], check=True)


@needs_authres
def test_dovecot_started_by_an_ordinary_user(t):
    user_named(t, "vmail", MAIL_UID)
    dovecot = t.own_dovecot(
        as_mail_user=True, config="default_internal_user = vmail\n"
        "default_internal_group = vmail\ndefault_login_user = vmail\n" +
        NO_CHROOT)
    expect_judged(t, dovecot)
    verifiers = dovecot.processes("authres")
    assert len(verifiers) >= 2
    for pid in verifiers:
        assert status(pid, "Uid") == [str(MAIL_UID)] * 4
        assert status(pid, "NoNewPrivs") == ["1"]
    dovecot.wait_log("the verifier works without chroot", "error")
    state, value, text = confinement_row(dovecot)
    assert state == "info", (state, value)
    assert value.startswith(f"uid {MAIL_UID}, chroot no, sandbox yes, "
                            "seccomp yes, "), value
    assert "not started by root" in text, text


@needs_authres
def test_under_the_systemd_unit_of_the_distribution(t):
    directory = t.directory("unit")
    confinement = Confinement(os.path.dirname(directory))
    directives = unit()
    assert ("ProtectSystem", "full") in directives, directives
    for directive, value in directives:
        confinement.apply(directive, value)
    dovecot = t.own_dovecot(master=confinement.words())
    expect_judged(t, dovecot)
    assert confinement_row(dovecot)[0] == "ok", confinement_row(dovecot)


@needs_authres
def test_under_a_harder_unit(t):
    """Every file system but Dovecot's own read-only, no new privileges, and
    only the capabilities that Dovecot itself needs."""
    directory = t.directory("unit")
    confinement = Confinement(os.path.dirname(directory))
    confinement.private_tmp()
    confinement.private_devices()
    confinement.read_only("/usr", "/etc", "/boot", "/home", "/opt", "/srv",
                          "/var", "/root")
    confinement.only(*CAPABILITIES)
    confinement.apply("NoNewPrivileges", "yes")
    dovecot = t.own_dovecot(master=confinement.words())
    expect_judged(t, dovecot)
    row = confinement_row(dovecot)
    assert row[0] == "ok" and "chroot yes, sandbox yes" in row[1], row


@needs_authres
def test_where_chroot_is_not_permitted(t):
    """As root without that capability."""
    confinement = Confinement(os.path.dirname(t.directory("unit")))
    confinement.drop("sys_chroot")
    dovecot = t.own_dovecot(master=confinement.words(), config=NO_CHROOT)
    expect_judged(t, dovecot)
    for pid in dovecot.processes("authres"):
        assert "0" not in status(pid, "Uid")
        assert int(status(pid, "CapEff")[0], 16) == 0
    dovecot.wait_log("the verifier works without chroot", "error")
    state, value, _ = confinement_row(dovecot)
    assert state == "info" and "chroot no, sandbox yes" in value, value
