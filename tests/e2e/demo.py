#!/usr/bin/python3
"""The second half of tests/demo: delivers the messages of samples.py to a
private Dovecot and shows what an IMAP client sees.

usage: demo.py --root DESTDIR [--keep]
"""
import argparse
import os
import re
import shutil
import sys
import tempfile
import textwrap
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import sandbox  # noqa: E402
from dns_server import DnsServer  # noqa: E402
from dovecot import Dovecot, wait_for  # noqa: E402
from message import DATA  # noqa: E402
from samples import samples  # noqa: E402

USER, PASSWORD = "anna", "secret"
WIDTH = 78
TABLE_WIDTH = 130
# The line after which the launcher lets go of the terminal.
READY = "\f\n"


def start(directory):
    with open(os.path.join(DATA, "demo.zone"), encoding="utf-8") as f:
        dns = DnsServer(sandbox.temporary_directory("dns"), f.read())
    dovecot = Dovecot(directory, dns=dns, config="""
log_debug = category=authres
namespace inbox {
  mailbox Junk {
    special_use = \\Junk
    auto = subscribe
  }
}
""")
    return dns, dovecot, dovecot.user(USER, PASSWORD)


def find(user, message_id):
    """(mailbox, Mail) of the message, wherever it is."""
    for mailbox in ("INBOX", "Junk"):
        for mail in user.mails(mailbox):
            if message_id in mail.fields("Message-ID"):
                return mailbox, mail
    raise AssertionError("the message is in no mailbox")


def why(dovecot, mail_log):
    """The sentence of authres itself."""
    def sentence():
        for line in dovecot.log_lines("info")[mail_log:]:
            found = re.search(r"authres: why: (.*)", line)
            if found:
                return found.group(1)
        return None
    return wait_for(sentence, "the explanation in Dovecot's log")


def show(number, sample, mailbox, mail, reason):
    print(f"\n{number}. {sample.title}")

    def row(name, text):
        print(textwrap.fill(text, WIDTH, initial_indent=f"   {name:9}",
                            subsequent_indent=" " * 12,
                            break_long_words=False, break_on_hyphens=False))
    row("From", mail.fields("From")[0])
    row("Mailbox", mailbox)
    row("Keywords", " ".join(sorted(mail.keywords)) or "(none)")
    head = mail.data.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
    field = re.match(r"Authentication-Results:.*\r\n(?:[ \t].*\r\n)*", head)
    print("   Field")
    for line in field.group().splitlines() if field else ["(none)"]:
        print("      " + line.expandtabs(4))
    row("Why", reason)


def move_back(user, mail):
    """What a mail client does when a message is dragged out of Junk."""
    client = user.imap()
    client.select("Junk")
    answer = client.uid("MOVE", str(mail.uid), "INBOX")
    client.logout()
    assert answer[0] == "OK", answer


def ask(dovecot, *arguments):
    """What an administrator sees; what is too long for the screen is wrapped,
    in tables it is cut."""
    command = ["authres", *map(str, arguments)]
    print("\n$ doveadm " + " ".join(command))
    for line in dovecot.doveadm(*command, check=True).stdout.splitlines():
        if arguments[0] != "list":
            print(textwrap.fill(line, WIDTH, initial_indent="  ",
                                subsequent_indent="  "))
        elif len(line) > TABLE_WIDTH:
            print("  " + line[:TABLE_WIDTH - 3].rstrip() + "...")
        else:
            print("  " + line)


def run(keep):
    dns, dovecot, user = start(sandbox.temporary_directory("d"))
    print(f"A private Dovecot answers on 127.0.0.1: LMTP port "
          f"{dovecot.lmtp_port}, IMAP port {dovecot.imap_port};\n"
          f"a DNS server with tests/data/demo.zone on port {dns.port}.\n"
          f"The messages go to {user.address} over LMTP; mx.example is the "
          f"trusted border MTA\nwhose Received field tells the client's "
          f"address.")
    wrong, filed = 0, {}
    for number, sample in enumerate(samples(), 1):
        mark = dovecot.mark()
        reply = dovecot.deliver(sample.data, user, sample.mail_from)
        if reply.code != 250:
            print(f"\n{number}. {sample.title}\n   LMTP: {reply}")
            wrong += 1
            continue
        message_id = re.search(rb"Message-ID: (\S+)", sample.data).group(1)
        mailbox, mail = find(user, message_id.decode())
        show(number, sample, mailbox, mail, why(dovecot, mark))
        filed[mailbox] = filed.get(mailbox, 0) + 1
        if mailbox != sample.mailbox or \
                not mail.keywords >= set(sample.keywords) or \
                f"dmarc={sample.dmarc}" not in mail.authres:
            print(f"   WRONG: expected {sample.mailbox}, "
                  f"{' '.join(sample.keywords)}, dmarc={sample.dmarc}")
            wrong += 1
        elif sample.moved_back:
            move_back(user, mail)
            moved, mail = find(user, message_id.decode())
            print(f"   Then     moved: {moved}, "
                  f"{' '.join(sorted(mail.keywords))}")
            filed[mailbox] -= 1
            filed[moved] = filed.get(moved, 0) + 1
    ask(dovecot, "list", "-u", USER)
    junk = user.mails("Junk")
    if junk:
        ask(dovecot, "explain", "-u", USER, "Junk", junk[0].uid)
    print("\n" + ", ".join(f"{n} in {m}" for m, n in sorted(filed.items())) +
          (f"; {wrong} NOT AS EXPECTED" if wrong else "; all as expected"))
    if keep and not wrong:
        print(f"""
Left running. For a mail client on this machine:
   host      127.0.0.1
   port      {dovecot.imap_port} (IMAP, no encryption)
   user      {USER}
   password  {PASSWORD}
More mail: LMTP on port {dovecot.lmtp_port}, recipient {user.address}""")
    if keep and not wrong:
        sys.stdout.write(READY)
        sys.stdout.flush()
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        while True:
            time.sleep(3600)
    dovecot.close()
    dns.close()
    return 1 if wrong else 0


def keep_running(root, command):
    """Run the sandbox in a process of its own; return when the demo is shown
    and let it live on."""
    own = tempfile.mkdtemp(prefix="authres-keep-", dir="/tmp")
    shutil.copytree(os.path.dirname(os.path.dirname(
        os.path.abspath(__file__))), own + "/tests")
    command = [command[0], own + "/tests/e2e/demo.py"] + command[2:]
    shown, output = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.setsid()
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(output, 1)
            os.dup2(output, 2)
            code = sandbox.enter(command, root)
        except SystemExit:
            pass
        finally:
            shutil.rmtree(own, ignore_errors=True)
            os._exit(code)
    os.close(output)
    with os.fdopen(shown, "rb", 0) as lines:
        for line in lines:
            sys.stdout.write(line.decode("utf-8", "replace"))
            sys.stdout.flush()
            if line == READY.encode():
                print(f"To stop it:  kill {pid}")
                return 0
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) or 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root")
    parser.add_argument("--keep", action="store_true")
    args = parser.parse_args()
    if sandbox.inside():
        return run(args.keep)
    sandbox.require_root()
    command = [sys.executable, os.path.abspath(__file__)]
    if args.keep:
        return keep_running(args.root, command + ["--keep"])
    return sandbox.enter(command, args.root)


if __name__ == "__main__":
    sys.exit(main())
