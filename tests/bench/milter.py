"""The MTA's side of the milter protocol, version 6, as Postfix speaks it: a
connection for each message."""
import socket
import struct

NO_CONNECT, NO_HELO, NO_MAIL, NO_RCPT, NO_BODY, NO_HEADERS, NO_EOH = (
    1 << n for n in range(7))
NO_DATA = 1 << 9
# no reply is sent to these
SILENT = {"L": 1 << 7, "C": 1 << 12, "H": 1 << 13, "M": 1 << 14, "R": 1 << 15,
          "T": 1 << 16, "N": 1 << 18, "B": 1 << 19}
SKIPPED = {"L": NO_HEADERS, "C": NO_CONNECT, "H": NO_HELO, "M": NO_MAIL,
           "R": NO_RCPT, "T": NO_DATA, "N": NO_EOH, "B": NO_BODY}
CHUNK = 65535


class Milter:
    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port), 60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")
        self._flags = 0
        self._send("O", struct.pack(">III", 6, 0x1ff, 0x1fffff))
        _, data = self._reply()
        self._flags = struct.unpack(">III", data[:12])[2]

    def _send(self, command, data=b""):
        self._socket.sendall(struct.pack(">Ic", len(data) + 1,
                                         command.encode()) + data)

    def _reply(self):
        size, = struct.unpack(">I", self._file.read(4))
        data = self._file.read(size)
        return data[:1].decode(), data[1:]

    def step(self, command, data=b""):
        if self._flags & SKIPPED[command]:
            return
        self._send(command, data)
        if not self._flags & SILENT[command]:
            reply, text = self._reply()
            if reply not in "cas":
                raise AssertionError(f"milter: {command}: {reply} {text}")

    def message(self, mail, fields, body):
        """fields: [(name, value)]. Returns [(name, value)] of the fields that
        the milter adds on top."""
        self._send("D", b"Cj\0mx.example\0")
        self.step("C", mail.helo.encode() + b"\0004" + struct.pack(">H", 25) +
                  mail.client_ip.encode() + b"\0")
        self.step("H", mail.helo.encode() + b"\0")
        self._send("D", b"Mi\0004XyZ1t0Qz6z9sT\0")
        self.step("M", b"<%s>\0" % mail.mail_from.encode())
        self.step("R", b"<user1@mx.example>\0")
        self.step("T")
        for name, value in fields:
            self.step("L", name + b"\0" + value + b"\0")
        self.step("N")
        for i in range(0, len(body), CHUNK):
            self.step("B", body[i:i + CHUNK])
        self._send("E")
        added = []
        while True:
            reply, data = self._reply()
            if reply == "i":
                name, value, _ = data[4:].split(b"\0")
                added.append((name, value))
            elif reply == "h":
                name, value, _ = data.split(b"\0")
                added.append((name, value))
            elif reply in "ac":
                return added
            elif reply not in "pm":
                raise AssertionError(f"milter: at the end: {reply} {data}")

    def close(self):
        self._send("Q")
        self._file.close()
        self._socket.close()


def check(ports, mail, fields, body):
    """The message through the milters, one after the other. Returns the fields
    they added."""
    added = []
    for port in ports:
        milter = Milter(port)
        try:
            added = milter.message(mail, added + fields, body) + added
        finally:
            milter.close()
    return added
