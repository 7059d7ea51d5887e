"""Whether the delivered mail says what it must."""
import re

METHODS = ("spf", "dkim", "arc", "dmarc")


def words(data):
    """{method: its words, sorted} of the field on top, which says nothing of
    ARC if there is none."""
    head = data.partition(b"\r\n\r\n")[0].decode("ascii", "replace")
    field = re.match(r"Authentication-Results:(.*(?:\n[ \t].*)*)", head)
    if field is None:
        return {}
    found = {method: [] for method in METHODS}
    for method, word in re.findall(r";\s*(spf|dkim|arc|dmarc)\s*=\s*(\w+)",
                                   field.group(1)):
        found[method].append(word)
    return {method: " ".join(sorted(found[method])) or "none"
            for method in METHODS}


def check(site, mails):
    """How many of mails have the expected results where the site delivered
    them, and what is wrong with the others."""
    expected = {re.search(rb"(?m)^Message-ID: (.*)\r", m.data).group(1): m
                for m in mails}
    right, wrong = 0, []
    for _, path in site.mails():
        with open(path, "rb") as f:
            data = f.read().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        mail = expected.pop(re.search(rb"(?m)^Message-ID: (.*)\r",
                                      data).group(1), None)
        if mail is None:
            continue
        found = words(data)
        if found == mail.expected:
            right += 1
        else:
            wrong.append((mail.kind, mail.expected, found))
    wrong += [(m.kind, m.expected, "not delivered", "")
              for m in expected.values()]
    return right, wrong
