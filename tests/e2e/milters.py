"""Filters in front of Dovecot: real milters of a Postfix (postfix.py) on a Host
(host.py)."""
import os
import shutil
import socket
import subprocess

import sandbox
from dovecot import wait_for


class Milter:
    """A running filter on a port of loopback. address: for smtpd_milters."""

    def __init__(self, command, port):
        self.directory = sandbox.temporary_directory("milter")
        self.port = port
        self.address = f"inet:127.0.0.1:{port}"
        self.log_path = os.path.join(self.directory, "log")
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, cwd="/")
        wait_for(self._answers, " ".join(command), 120)

    def _answers(self):
        if self.process.poll() is not None:
            raise AssertionError("a filter ended: " + self.log())
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1):
                return True
        except OSError:
            return False

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


def opendkim(host, configuration, port, name="opendkim.conf"):
    """configuration: the text of its file, which says the port as well. DNS is
    that of the host."""
    host.write("/etc/" + name, configuration + "Nameservers 127.0.0.1\n")
    return Milter(["/usr/sbin/opendkim", "-f", "-x", "/etc/" + name], port)


def opendmarc(host, configuration, port, name="opendmarc.conf"):
    host.write("/etc/" + name, configuration)
    return Milter(["/usr/sbin/opendmarc", "-f", "-c", "/etc/" + name], port)


# What the package's configuration does beyond what is tested here.
RSPAMD = {
    "worker-normal.inc": "enabled = false;\n",
    "worker-controller.inc": "enabled = false;\n",
    "logging.inc": 'type = "console";\n',
    # the whole list takes rspamd twenty seconds
    "suffixes": "com\norg\nnet\nexample\n",
    "options.inc": 'url_tld = "/etc/rspamd/local.d/suffixes";\n'
                   'filters = "dkim,spf";\ndns {\n  timeout = 1s;\n'
                   '  nameserver = ["127.0.0.1"];\n  retransmits = 1;\n}\n',
    "actions.conf": "reject = null;\ngreylist = null;\nadd_header = null;\n"
}
RSPAMD_OFF = ["rbl", "fuzzy_check", "neural", "phishing", "bayes_expiry",
               "asn", "hfilter", "mx_check", "ratelimit", "replies",
               "antivirus", "greylisting", "elastic", "maillist", "url_redirector"]


def rspamd(host, configuration, port):
    """configuration: {file of /etc/rspamd/local.d: its text}. The proxy of the
    package's configuration is the milter."""
    for name, text in {**RSPAMD, **configuration}.items():
        host.write("/etc/rspamd/local.d/" + name, text)
    for module in RSPAMD_OFF:
        host.write(f"/etc/rspamd/override.d/{module}.conf",
                   "enabled = false;\n")
    directory = sandbox.temporary_directory("rspamd")
    return Milter(["/usr/bin/rspamd", "-f", "-i", "-c",
                   "/etc/rspamd/rspamd.conf", "--var=DBDIR=" + directory,
                   "--var=RUNDIR=" + directory, "--var=LOGDIR=" + directory],
                  port)
