"""What Postfix, Exim, OpenSMTPD and Sendmail have in common for a test: a
program that listens on port 25 of a Host, and is told anew when a test wants
another configuration."""
import os
import pwd
import signal
import smtplib
import subprocess

from dovecot import wait_for

HOSTNAME = "mx.example"


class Mta:
    """A subclass has configure(), which writes the configuration and returns
    the command that runs in the foreground, and log_path."""

    sendmail_command = ("/usr/sbin/sendmail",)

    def __init__(self, host):
        self.host = host
        self._child = None
        self._configuration = None

    def use(self, *configuration, **more):
        """Run with this configuration, whatever ran before."""
        if self._child is not None and \
                self._configuration == (configuration, more):
            return
        self.close()
        command = self.configure(*configuration, **more)
        self._child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True)
        self._configuration = configuration, more
        wait_for(self._answers, "the MTA's start")

    def _answers(self):
        if self._child.poll() is not None:
            raise AssertionError("the MTA ended: " + self._child.stdout.read()
                                 + "".join(self.log_lines()))
        try:
            with smtplib.SMTP("127.0.0.1", 25, "localhost", 5):
                return True
        except OSError:
            return False

    def send(self, *arguments, **options):
        """See Host.send()."""
        self.host.send(*arguments, **options)

    def sendmail(self, message, rcpt, mail_from=None, user="nobody"):
        """sendmail(1) as a local user."""
        command = [*self.sendmail_command, "-i"]
        if mail_from is not None:
            command += ["-f", mail_from]
        entry = pwd.getpwnam(user)
        done = subprocess.run(
            command + [rcpt], input=message.replace(b"\r\n", b"\n"),
            capture_output=True, user=entry.pw_uid, group=entry.pw_gid,
            extra_groups=[], cwd="/")
        if done.returncode != 0:
            raise AssertionError(f"sendmail: {done.returncode}: {done.stderr}")

    def log_lines(self):
        try:
            with open(self.log_path, encoding="utf-8",
                      errors="surrogateescape") as f:
                return f.readlines()
        except FileNotFoundError:
            return []

    def close(self):
        if self._child is not None:
            # all of them: some wait seconds for children that are idle
            try:
                os.killpg(self._child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self._child.wait()
            self._child.stdout.close()
            self._child = None
