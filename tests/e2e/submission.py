"""A submission server that accepts, refuses or fails, and can end its client
at any step of a session."""
import os
import signal
import socket
import threading


class Submission:
    """answers: {recipient: reply to RCPT}, such as "550 5.1.1 Nobody"; others
    are accepted. body_reply: the reply to a message. kill: (step, n, pid of):
    at the nth time of this step the client process is killed. The steps are
    those of STEPS, in their order; "accepted" is after the reply to the
    message was written, while the client was stopped."""

    STEPS = ("connect", "mail", "rcpt", "data", "body", "accepted", "quit")

    def __init__(self):
        self.mails = []                 # (mail_from, recipient, bytes)
        self.answers = {}
        self.mail_reply = "250 ok"
        self.body_reply = "250 taken"
        self.kill = None
        self._seen = {}
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def reset(self):
        self.mails, self.answers, self.kill = [], {}, None
        self.mail_reply, self.body_reply = "250 ok", "250 taken"
        self._seen = {}

    def mails_to(self, recipient):
        return [m for m in self.mails if m[1] == recipient]

    def _serve(self):
        while True:
            try:
                client = self._socket.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._session, args=(client,),
                             daemon=True).start()

    def _killed(self, step):
        if self.kill is None or self.kill[0] != step:
            return False
        self._seen[step] = self._seen.get(step, 0) + 1
        if self._seen[step] != self.kill[1]:
            return False
        pid = self.kill[2]()
        self.kill = None
        os.kill(pid, signal.SIGKILL)
        return True

    def _accept(self, send, mail):
        """The message is ours before the client knows."""
        if self.kill is not None and self.kill[0] == "accepted" and \
                self._seen.get("accepted", 0) + 1 == self.kill[1]:
            os.kill(self.kill[2](), signal.SIGSTOP)
        if self.body_reply.startswith("2"):
            self.mails.append(mail)
        send(self.body_reply)
        return not self._killed("accepted")

    def _session(self, client):
        with client, client.makefile("rwb") as stream:
            try:
                self._talk(stream)
            except (OSError, ValueError):
                pass

    def _talk(self, stream):
        def send(line):
            stream.write(line.encode() + b"\r\n")
            stream.flush()

        if self._killed("connect"):
            return
        send("220 mta.example ESMTP")
        mail_from = rcpt = None
        while line := stream.readline():
            word = line.split()[0].upper() if line.split() else b""
            if word == b"EHLO":
                send("250 mta.example")
            elif word == b"MAIL":
                if self._killed("mail"):
                    return
                mail_from = line[line.index(b"<") + 1:
                                 line.rindex(b">")].decode()
                send(self.mail_reply)
            elif word == b"RCPT":
                if self._killed("rcpt"):
                    return
                rcpt = line[line.index(b"<") + 1:line.rindex(b">")].decode()
                send(self.answers.get(rcpt, "250 ok"))
            elif word == b"DATA":
                if self._killed("data"):
                    return
                send("354 go on")
                body = b""
                while (text := stream.readline()) != b".\r\n":
                    if not text:
                        return
                    body += text[1:] if text.startswith(b".") else text
                if self._killed("body") or \
                        not self._accept(send, (mail_from, rcpt, body)):
                    return
            elif word == b"QUIT":
                if not self._killed("quit"):
                    send("221 bye")
                return
            else:
                send("250 ok")

    def close(self):
        # or its thread would take connections of the next one, whose socket
        # may have the same number
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
