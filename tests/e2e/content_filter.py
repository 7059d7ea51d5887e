"""An after-queue content filter, as amavis is one: takes mail by SMTP, adds a
Received field in amavis' form and hands it back by SMTP.

As a program: content_filter.py LISTEN-PORT NEXT-PORT
"""
import smtplib
import socketserver
import subprocess
import sys
import os

from dovecot import wait_for


class Session(socketserver.StreamRequestHandler):
    def reply(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        helo, mail_from, rcpts = "", "", []
        self.reply("220 localhost ESMTP amavisd-new service ready")
        for line in self.rfile:
            line = line.decode("utf-8", "surrogateescape").strip()
            verb = line[:4].upper()
            if verb in ("HELO", "EHLO"):
                helo = line[5:]
                self.reply("250 localhost")
            elif verb == "MAIL":
                mail_from, rcpts = _path(line), []
                self.reply("250 2.1.0 ok")
            elif verb == "RCPT":
                rcpts.append(_path(line))
                self.reply("250 2.1.5 ok")
            elif verb == "DATA":
                self.reply("354 go on")
                self.forward(helo, mail_from, rcpts, self.read_data())
                self.reply("250 2.0.0 from MTA: ok")
            elif verb == "QUIT":
                self.reply("221 2.0.0 bye")
                return
            else:
                self.reply("250 2.0.0 ok")

    def read_data(self):
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)

    def forward(self, helo, mail_from, rcpts, message):
        received = (f"Received: from {helo} ([{self.client_address[0]}])\r\n"
                    f"\tby localhost ({helo} [127.0.0.1]) (amavisd-new, port "
                    f"{self.server.server_address[1]})\r\n"
                    f"\twith ESMTP id aBcDeFgHiJkL for <{rcpts[0]}>;\r\n"
                    "\tSun, 22 Nov 2026 12:00:00 +0000 (UTC)\r\n")
        with smtplib.SMTP("127.0.0.1", self.server.next_port,
                          "localhost") as smtp:
            smtp.sendmail(mail_from, rcpts, received.encode() + message)


def _path(line):
    return line.partition("<")[2].partition(">")[0]


class ContentFilter:
    def __init__(self, port, next_port):
        self._child = subprocess.Popen(
            [sys.executable, os.path.abspath(__file__), str(port),
             str(next_port)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, text=True)
        wait_for(self._child.stdout.readline, "the content filter's start")

    def close(self):
        self._child.kill()
        self._child.wait()
        self._child.stdout.close()


def main():
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    server = socketserver.ThreadingTCPServer(
        ("127.0.0.1", int(sys.argv[1])), Session)
    server.next_port = int(sys.argv[2])
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
