"""No memory error and no leak in dovecot-lda and lmtp with the plugin."""
import os
import shutil
import socket
import subprocess
import threading

import fake_verifier
import message
import patience
from case import needs_authres, time_limit
from lmtp import Lmtp

# Dovecot reads its configuration by executing doveconf, which executes it again.
VALGRIND = ["valgrind", "-q", "--vgdb=no", "--trace-children=yes",
            "--error-exitcode=99", "--leak-check=full",
            "--errors-for-leak-kinds=definite",
            "--show-leak-kinds=definite"]
FAIL = "X-Verdict: dmarc=fail policy=reject mail_from_spf_pass=yes"
FORGED = "Authentication-Results: mx.example; dmarc=pass"


class Inetd:
    """One connection to command, whose standard input and output it is."""

    def __init__(self, path, command):
        self.path = path
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(path)
        self._listener.listen(1)
        self.done = None
        self._thread = threading.Thread(target=self._serve, args=(command,))
        self._thread.start()

    def _serve(self, command):
        connection, _ = self._listener.accept()
        with connection:
            self.done = subprocess.run(command, stdin=connection,
                                       stdout=connection,
                                       stderr=subprocess.PIPE, timeout=patience.secs(100))

    def wait(self):
        self._thread.join()
        return self.done


def needs_valgrind(t):
    if shutil.which("valgrind") is None:
        t.skip("no valgrind")


def users_of_all_kinds(dovecot):
    users = [dovecot.user(), dovecot.user(authres_mode="tag"),
             dovecot.user(authres_reject_action="reject"),
             dovecot.user(authres_mode="off"),
             dovecot.user(authres_junk_mailbox="Bad/Mail"),
             dovecot.user(authres_temperror_action="tempfail")]
    scripted = dovecot.user(authres_junk_sieve="run")
    scripted.sieve('require ["fileinto", "mailbox", "copy", "imap4flags"]; '
                   'addflag "own"; fileinto :create :copy "A"; keep;\n')
    return users + [scripted]


@needs_authres
@time_limit(300)
def test_lda(t):
    needs_valgrind(t)
    dovecot = fake_verifier.dovecot(t, sieve=True)
    for user, extra in zip(
            users_of_all_kinds(dovecot),
            ([FAIL, FORGED], [FAIL], [FAIL], [FORGED], [FAIL, FORGED],
             ["X-Verdict: dmarc=temperror"], [FAIL, FORGED])):
        done = subprocess.run(
            VALGRIND + ["/usr/lib/dovecot/dovecot-lda", "-c",
                        dovecot.config_path, "-d", user.name, "-f",
                        "alice@example.org"],
            input=message.message(extra=extra), capture_output=True,
            timeout=patience.secs(100), env=dict(os.environ, HOME=user.home))
        expected = 75 if "temperror" in extra[0] else 0
        assert done.returncode == expected, done
        assert b"==" not in done.stderr, done.stderr.decode()


@needs_authres
@time_limit(300)
def test_lmtp(t):
    needs_valgrind(t)
    dovecot = fake_verifier.dovecot(t, sieve=True)
    inetd = Inetd(os.path.join(dovecot.directory, "inetd"),
                  VALGRIND + ["/usr/lib/dovecot/lmtp", "-c",
                              dovecot.config_path])
    users = users_of_all_kinds(dovecot)
    with Lmtp(inetd.path, timeout=patience.secs(100)) as session:
        for chosen, extra, codes in (
                (users, [FAIL, FORGED], [250, 250, 550] + [250] * 4),
                (users[::-1], [FAIL], [250] * 4 + [550, 250, 250]),
                (users[5:], ["X-Verdict: dmarc=temperror"], [451, 250]),
                (users[:1], [FORGED], [250]),
                (users[3:4] + users[:1], [FAIL, FORGED], [250, 250])):
            replies = session.deliver("alice@example.org",
                                      [u.address for u in chosen],
                                      message.message(extra=extra))
            assert [r.code for r in replies] == codes, replies
        dovecot.verifier.answer = lambda request: b"garbage\n"
        replies = session.deliver("", users[0].address, message.message())
        assert replies[0].code == 451
        session.quit()
    done = inetd.wait()
    assert b"==" not in done.stderr, done.stderr.decode()
    assert done.returncode == 0, done
