"""A private Dovecot: own directory, sockets, ports, users, logs.

It runs the installed Dovecot's programs. authres itself comes from the
sandbox (sandbox.py): a build tree's "make install" seen at Dovecot's own paths.
"""
import imaplib
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import time

import config_24
import patience
from lmtp import Lmtp

MODULE_DIR = "/usr/lib/dovecot/modules"
VERSION = tuple(int(n) for n in re.match(
    r"(\d+)\.(\d+)", subprocess.run(["dovecot", "--version"], check=True,
                                    capture_output=True, text=True).stdout
).groups())
IS_24 = VERSION >= (2, 4)
CONF_NAME = "90-authres.conf" if IS_24 else "90-authres-2.3.conf"
AUTHRES_CONF = "/etc/dovecot/conf.d/" + CONF_NAME
MAIL_UID = 5001
PASSWORD = "secret"
# 2.3 has a script of the user's without being told.
MORE_24 = """
sieve_script personal {
  driver = file
  path = ~/.dovecot.sieve
}
"""


def cpu_secs(pid):
    """Of a process so far, all its threads, to the microsecond: the clock that
    clock_getcpuclockid(3) names."""
    return time.clock_gettime(~pid << 3 | 2)


def authres_installed():
    return os.path.exists(os.path.join(MODULE_DIR,
                                       "lib95_authres_plugin.so")) and \
        os.path.exists(AUTHRES_CONF)


def wait_for(condition, what, timeout=20):
    """Returns the first true value of condition()."""
    limit = patience.Limit(timeout)
    while True:
        value = condition()
        if value:
            return value
        if limit.left_secs() < 0:
            raise AssertionError(
                f"{what}: not in {limit.elapsed_secs():.0f} seconds")
        time.sleep(0.02)


_given_ports = set()


def free_port():
    """Below the range the kernel gives to clients, so that none takes it
    between this and the bind of the server, and above what servers have by
    themselves (rspamd 11332). None is given twice."""
    while True:
        port = random.randrange(12000, 32000)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in _given_ports:
            _given_ports.add(port)
            return port


class Mail:
    """A message as IMAP shows it. flags: set of flags and keywords."""

    def __init__(self, uid, flags, data):
        self.uid, self.flags, self.data = uid, flags, data

    @property
    def keywords(self):
        return {f for f in self.flags if not f.startswith("\\")}

    def fields(self, name):
        """Values of all fields of that name, unfolded, top first."""
        head = self.data.partition(b"\r\n\r\n")[0] + b"\r\n"
        found = re.findall(rb"(?im)^" + re.escape(name.encode()) +
                           rb"[ \t]*:((?:.*\r\n)(?:[ \t].*\r\n)*)", head)
        return [re.sub(rb"\r\n[ \t]+", b" ", v).decode(
            "utf-8", "surrogateescape").strip() for v in found]

    @property
    def authres(self):
        """The one field of ours; an assertion if it is not the top one."""
        if not self.data.lower().startswith(b"authentication-results:"):
            raise AssertionError("no Authentication-Results on top: %r" %
                                 self.data[:300])
        return self.fields("Authentication-Results")[0]


class User:
    def __init__(self, dovecot, name, home):
        self.dovecot, self.name, self.home = dovecot, name, home
        self.address = f"{name}@mx.example"

    def write(self, path, text):
        """A file below the home directory."""
        path = os.path.join(self.home, path)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chown(path, MAIL_UID, MAIL_UID)

    def sieve(self, script):
        self.write(".dovecot.sieve", script)

    def imap(self):
        client = imaplib.IMAP4("127.0.0.1", self.dovecot.imap_port, 30)
        client.login(self.name, PASSWORD)
        return client

    def mailboxes(self, subscribed=False):
        """{name: set of attributes}"""
        client = self.imap()
        lines = (client.lsub if subscribed else client.list)()[1]
        client.logout()
        found = {}
        for line in lines:
            if line:
                attributes, name = re.match(
                    rb'\((.*?)\) \S+ "?(.*?)"?$', line).groups()
                found[name.decode()] = set(attributes.decode().split())
        return found

    def mails(self, mailbox="INBOX"):
        """The messages of a mailbox; [] when it does not exist."""
        client = self.imap()
        try:
            if client.select(f'"{mailbox}"', readonly=True)[0] != "OK":
                return []
            found = []
            for part in client.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[])")[1]:
                if isinstance(part, tuple):
                    head = part[0].decode()
                    flags = re.search(r"FLAGS \((.*?)\)", head).group(1)
                    found.append(Mail(
                        int(re.search(r"UID (\d+)", head).group(1)),
                        set(flags.split()) - {"\\Recent"}, part[1]))
            return found
        finally:
            client.logout()

    def only_mail(self, mailbox="INBOX"):
        """The one message of the mailbox."""
        mails = self.mails(mailbox)
        if len(mails) != 1:
            where = {m: len(self.mails(m)) for m in self.mailboxes()}
            raise AssertionError(f"{len(mails)} messages in {mailbox} of "
                                 f"{self.name}, not 1; mailboxes: {where}")
        return mails[0]

    def wait_mail(self, timeout=20):
        """(the one message, name of its mailbox), once an MTA delivered it."""
        wait_for(self.files, f"a message for {self.name}", timeout)
        for mailbox in self.mailboxes():
            if self.mails(mailbox):
                return self.only_mail(mailbox), mailbox
        raise AssertionError(f"no mailbox of {self.name} has a message")

    def files(self):
        """Maildir: paths of all mail files."""
        return sorted(
            os.path.join(root, name)
            for root, _, names in os.walk(os.path.join(self.home, "Maildir"))
            if os.path.basename(root) in ("cur", "new") for name in names)


class Dovecot:
    """settings: goes into plugin { }; authres_dns_servers is set when dns is
    given. config: lines at the end of the configuration. sieve: mail_plugins
    of lmtp and lda name sieve, as Debian's administrators do in 20-lmtp.conf.
    authres: include conf.d/90-authres*.conf. mail: mail_location of users
    without their own. login_trusted: networks whose XCLIENT is accepted. stock: directory
    of a whole configuration, whose dovecot.conf is read first, instead of
    conf.d/90-authres*.conf alone. All configuration is written as for 2.3;
    config_24.py translates it where Dovecot is 2.4 (is_24). one_file: all users in one file, which
    doveadm -A needs; create them before anybody is looked up. as_mail_user: the
    master itself is no root. master: words before the master's command
    line."""

    is_24 = IS_24

    def __init__(self, directory, *, dns=None, settings=None, config="",
                 sieve=False, authres=True, mail="maildir:~/Maildir",
                 plugins="", login_trusted="127.0.0.0/8", stock=None,
                 one_file=False, as_mail_user=False, master=()):
        self.directory = directory
        self.base_dir = os.path.join(directory, "run")
        self.config_path = os.path.join(directory, "dovecot.conf")
        self.lmtp_path = os.path.join(self.base_dir, "lmtp")
        # A file per user: Dovecot looks for changes of a file once a second
        # only, a test wants its user at once.
        self.passwd_dir = os.path.join(directory, "passwd")
        self._passwd_file = "users" if one_file else None
        self.error_log = os.path.join(directory, "error.log")
        self.info_log = os.path.join(directory, "info.log")
        self.sent_dir = os.path.join(directory, "sent")
        self.authres = authres and authres_installed()
        self._options = dict(dns=dns, settings=settings or {}, config=config,
                             sieve=sieve, mail=mail, plugins=plugins,
                             login_trusted=login_trusted, stock=stock)
        self._users = 0
        self._master = None
        self._before_master = list(master)
        os.chmod(directory, 0o755)
        if as_mail_user:
            os.chown(directory, MAIL_UID, MAIL_UID)
            self._before_master += [
                "setpriv", "--reuid", str(MAIL_UID), "--regid", str(MAIL_UID),
                "--clear-groups", "--"]
        os.mkdir(os.path.join(directory, "home"))
        os.mkdir(self.passwd_dir)
        if one_file:
            open(os.path.join(self.passwd_dir, "users"), "w").close()
        for path in (self.error_log, self.info_log):
            open(path, "w").close()
            os.chmod(path, 0o666)
        os.mkdir(self.sent_dir)
        os.chmod(self.sent_dir, 0o1777)
        self._write_sendmail()
        self.start()

    def _write_sendmail(self):
        path = os.path.join(self.directory, "sendmail")
        with open(path, "w") as f:
            f.write("#!/bin/sh\nt=$(mktemp " + self.sent_dir +
                    "/.XXXXXX) && { echo \"$@\"; cat; } >$t &&\n"
                    "chmod 644 $t && mv $t " + self.sent_dir +
                    "/mail.$$.$(date +%s%N)\n")
        os.chmod(path, 0o755)

    def set_setting(self, name, value):
        """Of plugin { }; from the next start() on."""
        self._options["settings"][name] = value

    def config_for(self, **options):
        """Path of a configuration with these other options of Dovecot's, which
        is not run: for doveadm(config=...)."""
        path = os.path.join(self.directory, "other.conf")
        with open(path, "w", encoding="utf-8") as f:
            f.write(self._config_text(dict(self._options, **options)))
        return path

    def _config_text(self, o):
        settings = dict(o["settings"])
        if o["dns"] is not None:
            settings.setdefault("authres_dns_servers", o["dns"].where)
        plugin = "".join(f"  {k} = {v}\n" for k, v in settings.items())
        # before the blocks that add to it
        protocols = f'mail_plugins = {o["plugins"]}\n' + "".join(
            "protocol %s {\n  mail_plugins = $mail_plugins%s\n}\n" %
            (protocol, " sieve" if o["sieve"] else "")
            for protocol in ("lmtp", "lda"))
        include = ""
        if o["stock"]:
            protocols = f'!include {o["stock"]}/dovecot.conf'
            if IS_24:
                # Debian's inbox is no Maildir.
                protocols += "\nmail_inbox_path ="
        elif self.authres:
            include = "!include " + AUTHRES_CONF
        text = f"""
{protocols}
base_dir = {self.base_dir}
state_dir = {self.base_dir}
log_path = {self.error_log}
info_log_path = {self.info_log}
log_timestamp = "%Y-%m-%d %H:%M:%S "
protocols = imap lmtp
listen = 127.0.0.1
hostname = mx.example
postmaster_address = postmaster@mx.example
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
auth_username_format = %Ln
first_valid_uid = 100
mail_location = {o["mail"]}
mail_fsync = never
login_trusted_networks = {o["login_trusted"]}
sendmail_path = {self.directory}/sendmail
recipient_delimiter = +
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {self.passwd_dir}/{self._passwd_file or "%n"}
}}
userdb {{
  driver = passwd-file
  args = {self.passwd_dir}/{self._passwd_file or "%n"}
}}
namespace inbox {{
  inbox = yes
}}
service auth {{
  unix_listener auth-userdb {{
    mode = 0666
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
service lmtp {{
  unix_listener lmtp {{
    mode = 0666
  }}
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {self.lmtp_port}
  }}
}}
service imap-login {{
  inet_listener imap {{
    address = 127.0.0.1
    port = {self.imap_port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
{include}
plugin {{
{plugin}}}
{o["config"]}
"""
        return config_24.translate(text + MORE_24) if IS_24 else text

    def start(self):
        for attempt in range(5):
            self.lmtp_port, self.imap_port = free_port(), free_port()
            with open(self.config_path, "w", encoding="utf-8") as f:
                f.write(self._config_text(self._options))
            self._master = subprocess.Popen(
                self._before_master + ["dovecot", "-F", "-c",
                                       self.config_path],
                stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            try:
                wait_for(self._answers, "Dovecot's start")
                return
            except ChildProcessError as e:
                if "in use" not in str(e) or attempt == 4:
                    raise

    def _answers(self):
        if self._master.poll() is not None:
            raise ChildProcessError(
                "dovecot ended: " + self._master.stderr.read() +
                "".join(self.log_lines("error")))
        try:
            for where in ((socket.AF_UNIX, self.lmtp_path),
                          (socket.AF_INET, ("127.0.0.1", self.lmtp_port)),
                          (socket.AF_INET, ("127.0.0.1", self.imap_port))):
                with socket.socket(where[0]) as s:
                    s.settimeout(5)
                    s.connect(where[1])
                    s.recv(1)
            return True
        except OSError:
            return False

    def stop(self):
        if self._master is not None:
            self._master.terminate()
            try:
                self._master.wait(10)
            except subprocess.TimeoutExpired:
                self._master.kill()
                self._master.wait()
            self._master.stderr.close()
            self._master = None

    def reload(self):
        """Returns when no process of before takes mail: doveadm returns
        earlier, and what such a process took is deferred."""
        before, mark = set(self.processes("lmtp")), self.mark("error")
        self.doveadm("reload", check=True)
        self.wait_log("SIGHUP received", "error", mark)
        wait_for(lambda: not before & set(self.processes("lmtp")) and
                 self._answers(), "the end of the reload")

    def close(self):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def user(self, name=None, password=PASSWORD, **userdb):
        """A user nobody else has. userdb: fields such as
        mail="sdbox:~/sdbox", authres_mode="tag", mail_plugins="authres";
        a value has no blanks (the file's format), use commas."""
        self._users += 1
        name = name or f"user{self._users}"
        home = os.path.join(self.directory, "home", name)
        os.mkdir(home)
        os.chown(home, MAIL_UID, MAIL_UID)
        if IS_24:
            userdb = config_24.userdb_fields(userdb)
        extra = " ".join(f"userdb_{k}={v}" for k, v in userdb.items())
        line = f"{name}:{password}:{MAIL_UID}:{MAIL_UID}::{home}::{extra}\n"
        path = os.path.join(self.passwd_dir, self._passwd_file or name)
        if self._passwd_file and os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                line = f.read() + line
        with open(path + ".new", "w", encoding="utf-8") as f:
            f.write(line)
        os.rename(path + ".new", path)
        return User(self, name, home)

    def lmtp(self, tcp=False, **options):
        """An LMTP session, over the UNIX socket or TCP (needed by XCLIENT)."""
        where = ("127.0.0.1", self.lmtp_port) if tcp else self.lmtp_path
        return Lmtp(where, **options)

    def deliver(self, message, users, mail_from="alice@example.org",
                bdat=None, xclient=None):
        """One message over LMTP to users (one or a list; User or address).
        Returns the reply, or a list of replies."""
        several = isinstance(users, (list, tuple))
        rcpts = [u if isinstance(u, str) else u.address
                 for u in (users if several else [users])]
        with self.lmtp(tcp=xclient is not None) as session:
            if xclient is not None:
                reply = session.xclient(**xclient)
                if reply.code != 220:
                    raise AssertionError(f"XCLIENT: {reply}")
            replies = session.deliver(mail_from, rcpts, message, bdat)
        return replies if several else replies[0]

    def lda(self, message, user, mail_from="alice@example.org", options=(),
            as_user=False, settings=(), environment=None):
        """dovecot-lda as root or as the mail user. settings: for -o.
        environment: more of it. Returns subprocess.CompletedProcess."""
        command = ["/usr/lib/dovecot/dovecot-lda", "-c", self.config_path,
                   "-d", user.name]
        if mail_from is not None:
            command += ["-f", mail_from]
        for setting in settings:
            command += ["-o", config_24.option(setting) if IS_24 else setting]
        who = dict(user=MAIL_UID, group=MAIL_UID,
                   extra_groups=[]) if as_user else {}
        return subprocess.run(
            command + list(options), input=message, capture_output=True,
            timeout=patience.secs(50), cwd="/",
            env=dict(os.environ, HOME=user.home, **(environment or {})), **who)

    def doveadm(self, *arguments, stdin=None, check=False, config=None):
        """config: path of another than that which runs. Returns subprocess.CompletedProcess, text."""
        done = subprocess.run(
            ["doveadm", "-c", config or self.config_path, *map(str, arguments)],
            input=stdin if stdin is not None else b"", capture_output=True,
            timeout=patience.secs(50))
        done.stdout = done.stdout.decode("utf-8", "surrogateescape")
        done.stderr = done.stderr.decode("utf-8", "surrogateescape")
        if check and done.returncode != 0:
            raise AssertionError(f"doveadm {arguments}: {done.returncode}: "
                                 + done.stderr)
        return done

    def doveconf(self, *arguments):
        return subprocess.run(
            ["doveconf", "-c", self.config_path, *arguments],
            capture_output=True, text=True, timeout=patience.secs(50))

    def log_lines(self, which="info"):
        """All lines so far; which: info or error."""
        path = self.info_log if which == "info" else self.error_log
        with open(path, encoding="utf-8", errors="surrogateescape") as f:
            return f.readlines()

    def mark(self, which="info"):
        """A position for wait_log()."""
        return len(self.log_lines(which))

    def wait_log(self, pattern, which="info", since=0, timeout=20):
        """The first line that matches; Dovecot's log process writes later
        than the reply is seen."""
        def find():
            for line in self.log_lines(which)[since:]:
                if re.search(pattern, line):
                    return line
            return None
        return wait_for(find, f"log line /{pattern}/ in {which} log", timeout)

    def sent_mails(self):
        """What was handed to sendmail (vacation, redirect, bounces): bytes,
        the first line has the arguments."""
        found = []
        for name in sorted(os.listdir(self.sent_dir)):
            if name.startswith("mail."):
                with open(os.path.join(self.sent_dir, name), "rb") as f:
                    found.append(f.read())
        return found

    @property
    def master_pid(self):
        return self._master.pid

    def processes(self, program):
        """Process ids of the instance's processes named program, such as
        "authres", "lmtp" or "imap"."""
        found = []
        for pid in os.listdir("/proc"):
            if pid.isdigit():
                try:
                    with open(f"/proc/{pid}/stat") as f:
                        name, rest = re.match(
                            r"\d+ \((.*)\) (.*)", f.read()).groups()
                except OSError:
                    continue
                state, parent = rest.split()[:2]
                if name == program and state != "Z" and \
                        int(parent) == self._master.pid:
                    found.append(int(pid))
        return sorted(found)

    def signal(self, program, number=signal.SIGKILL):
        """Send a signal to all of them; returns how many."""
        pids = self.processes(program)
        for pid in pids:
            os.kill(pid, number)
        return len(pids)
