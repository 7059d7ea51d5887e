"""The sample messages of tests/demo, and what must become of each. The DNS
they need is tests/data/demo.zone."""
import collections

import message

# mailbox and dmarc: what is expected. keywords: some that must be there.
# moved_back: then Anna moves it from Junk to INBOX.
Sample = collections.namedtuple(
    "Sample", "title mail_from data mailbox dmarc keywords moved_back",
    defaults=[False])

STRANGER = "203.0.113.66"
ANNA = "anna@mx.example"


def _mail(author, subject, body, client_ip, helo, extra=(), sign=(),
          change=None):
    """A message as the border MTA hands it over. sign: arguments of dkim_sign
    for each signature; change: (old, new) bytes, after signing."""
    data = message.message(
        author, body.replace("\n", "\r\n"), to=f"Anna <{ANNA}>",
        subject=subject, extra=extra,
        message_id="<%s@%s>" % (subject.lower().replace(" ", "."), helo))
    for domain, selector, key in sign:
        data = message.dkim_sign(data, domain, selector, key)
    if change:
        assert change[0] in data
        data = data.replace(*change)
    received = message.received(client_ip, helo, rcpt=ANNA)
    return received.encode() + b"\r\n" + data


def samples():
    bank = "Bank <service@bank.example>"
    statement = "Your statement for November is ready.\n"
    lure = "Your account is locked. Open http://203.0.113.66/ now.\n"
    rsa = [("bank.example", "may", message.RSA)]
    club = [("club.example", "ed", message.ED25519)]
    chess = ["List-Id: Chess friends <friends.chess.example>"]
    both = [("bank.example", "ed", message.ED25519)] + rsa
    return [Sample(*s) for s in (
        ("Signed by its author's domain (aligned DKIM pass), "
         "sent through a newsletter service",
         "bounces@mailer.example",
         _mail(bank, "Statement", statement, "192.0.2.80",
               "out.mailer.example", sign=both),
         "INBOX", "pass", ["$AuthPass"]),
        ("Unsigned, from its author's own server (aligned SPF pass)",
         "board@club.example",
         _mail("Club <board@club.example>", "Meeting", "Friday, 20:00.\n",
               "192.0.2.20", "mail.club.example"),
         "INBOX", "pass", ["$AuthPass"]),
        ("Spoof of a domain with p=quarantine",
         "board@club.example",
         _mail("Club <board@club.example>", "New bank account",
               "Please pay the fee to our new account.\n",
               STRANGER, "pc.stranger.example"),
         "Junk", "fail", ["$AuthFail", "$Junk", "Junk"]),
        ("Spoof of a domain with p=reject",
         "service@bank.example",
         _mail(bank, "Account locked", lure, STRANGER, "pc.stranger.example"),
         "Junk", "fail", ["$AuthFail", "$Junk", "Junk"]),
        ("Spoof of a domain with p=none (it only watches)",
         "office@school.example",
         _mail("School <office@school.example>", "Holidays",
               "School is closed on Monday.\n", STRANGER,
               "pc.stranger.example"),
         "INBOX", "fail", ["$AuthFail"]),
        ("Forwarded by another server: SPF fails, DKIM is intact",
         "service@bank.example",
         _mail(bank, "Statement forwarded", statement, "192.0.2.60",
               "mail.alumni.example", sign=rsa,
               extra=[message.received(
                   "192.0.2.10", "mail.bank.example", "mail.bank.example",
                   by="mail.alumni.example", rcpt="anna@alumni.example")]),
         "INBOX", "pass", ["$AuthPass"]),
        ("Spoof of a subdomain: p=none but sp=quarantine",
         "offers@news.shop.example",
         _mail("Shop <offers@news.shop.example>", "Offers", "50 % off.\n",
               STRANGER, "pc.stranger.example"),
         "Junk", "fail", ["$AuthFail", "$Junk", "Junk"]),
        ("Spoof of a subdomain that does not exist: p=none but np=reject",
         "tax@payments.city.example",
         _mail("City <tax@payments.city.example>", "Fine", "Pay your fine.\n",
               STRANGER, "pc.stranger.example"),
         "Junk", "fail", ["$AuthFail", "$Junk", "Junk"]),
        ("DNS of the author's domain fails",
         "info@broken.example",
         _mail("Firm <info@broken.example>", "Invoice", "See you.\n",
               "192.0.2.90", "mail.broken.example"),
         "INBOX", "temperror", ["$AuthTempError"]),
        ("Spoof with a forged Authentication-Results field of ours",
         "service@bank.example",
         _mail(bank, "Verified message", lure, STRANGER,
               "pc.stranger.example", extra=[
                   "Authentication-Results: mx.example; dmarc=pass "
                   "header.from=bank.example;\r\n\tdkim=pass "
                   "header.d=bank.example",
                   "authentication-results: (trust me)\r\n\tMX.example ; "
                   "spf=pass smtp.mailfrom=bank.example"]),
         "Junk", "fail", ["$AuthFail", "$Junk", "Junk"]),
        ("Signed, but changed on the way: the signature is broken",
         "bounces@mailer.example",
         _mail(bank, "Statement changed", statement, "192.0.2.80",
               "out.mailer.example", sign=rsa,
               change=(b"is ready", b"is at http://203.0.113.66/")),
         "Junk", "fail", ["$AuthFail", "$Junk", "Junk"]),
        ("No DMARC record: nothing to enforce",
         "otto@home.example",
         _mail("Otto <otto@home.example>", "Hello", "Long time no see.\n",
               "192.0.2.70", "mail.home.example"),
         "INBOX", "none", []),
        ("Two authors, one of them a spoofed bank",
         "x@home.example",
         _mail("otto@home.example, service@bank.example", "Two authors", lure,
               STRANGER, "pc.stranger.example"),
         "Junk", "fail", ["$AuthFail", "$Junk", "Junk"]),
        ("A member's mail through a mailing list; then Anna moves it back",
         "bounces@chess.example",
         _mail("Club <board@club.example>", "Tournament", "On Sunday.\n",
               "192.0.2.85", "lists.chess.example", extra=chess, sign=club,
               change=(b"Sunday.", b"Sunday.\r\n-- \r\nChess friends")),
         "Junk", "fail", ["$AuthFail", "$Junk", "Junk"], True),
        ("The same member through the same list: Anna's move is remembered",
         "bounces@chess.example",
         _mail("Club <board@club.example>", "Results", "We won.\n",
               "192.0.2.85", "lists.chess.example", extra=chess, sign=club,
               change=(b"We won.", b"We won.\r\n-- \r\nChess friends")),
         "INBOX", "fail", ["$AuthOverride"]),
        ("A stranger who copies all that can be seen of it",
         "bounces@chess.example",
         _mail("Club <board@club.example>", "Fees", "Pay here.\n-- \n"
               "Chess friends\n", STRANGER, "lists.chess.example",
               extra=chess),
         "Junk", "fail", ["$AuthFail", "$Junk", "Junk"]),
    )]
