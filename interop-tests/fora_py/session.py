"""Connections, frames, Hello, credit and requests (sections 7 and 8)."""

import os
import socket
import struct
import time

from . import identity, noise, objects, pb, wire
from .errors import NAME, Refused
from .text import sign

PREAMBLE = b"FORA\x01"
CONTROL = {"hello", "error", "credit", "ping", "pong"}
REQUESTS = {"auth", "put", "fetch", "follow", "reconcile", "cancel", "follow_ack", "list_spaces",
            "list_threads", "get_thread", "get_principal", "list_flags", "get_delivery", "sign_up",
            "login", "compose", "vote", "report", "get_status", "subscribe", "unsubscribe",
            "create_space", "claim"}
FRAME_MAX = 1 << 20
SHORT_FINGERPRINTS = 1  # a bit of Hello.features


class Ended(Exception):
    """The session is over; `name` is the code of Error 0, or None at the end of the stream."""

    def __init__(self, name, text=""):
        super().__init__(f"{name}: {text}")
        self.name, self.text = name, text


class Failed(Exception):
    """A request was answered with Error."""

    def __init__(self, error):
        self.name = NAME.get(error.code, "REFUSED")
        self.text = error.text
        super().__init__(f"{self.name}: {error.text}")


def connect(address, timeout=60):
    host, port = address.rsplit(":", 1)
    s = socket.create_connection((host.strip("[]"), int(port)), timeout)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


class Session:
    """One connection. `node` is a Principal when this side is a node."""

    def __init__(self, sock, initiator=True, static=None, remote=None, node=None, hello=None):
        self.sock, self.initiator, self.node = sock, initiator, node
        self.static, self.remote = static or os.urandom(32), remote
        self.raw, self.plain = b"", b""
        self.left = self.granted = self.unacked = 0
        self.next_request = 1 if initiator else 2
        self.open, self.on_request, self.peer = {}, None, None
        self.my_hello = dict(version=1, agent="fora-py/1", frame_max=FRAME_MAX, requests_max=64,
                             credit=4 << 20, now=int(time.time() * 1000))
        self.my_hello.update(hello or {})
        sock.settimeout(60)

    # Transport

    def _exactly(self, n):
        while len(self.raw) < n:
            data = self.sock.recv(65536)
            if not data:
                raise Ended(None, "end of the stream")
            self.raw += data
        out, self.raw = self.raw[:n], self.raw[n:]
        return out

    def handshake(self, preamble=None):
        if self.initiator:
            pattern = "IK" if self.remote else "XX"
            prologue = preamble or PREAMBLE + bytes([pattern == "IK", 0, 0])
        else:
            prologue = self._exactly(8)
            if prologue[:4] != b"FORA" or prologue[5] > 1 or prologue[6:] != b"\0\0":
                raise Refused("HANDSHAKE")
            if prologue[4] != 1:
                raise Refused("VERSION")
            pattern = "IK" if prologue[5] else "XX"
        n = self.noise = noise.Handshake(pattern, self.initiator, self.static, prologue,
                                         self.remote)
        out = prologue if self.initiator else b""
        mine = self.initiator
        while not n.done:
            if mine:
                self.sock.sendall(out + n.write())
                out = b""
            else:
                size, = struct.unpack(">H", self._exactly(2))
                if size != n.expects:
                    raise Refused("HANDSHAKE", "length")
                n.read(self._exactly(size))
            mine = not mine

    def send_plain(self, data):
        out = b""
        for at in range(0, len(data), 65519):
            sealed = self.noise.send.encrypt(b"", data[at:at + 65519])
            out += struct.pack(">H", len(sealed)) + sealed
        self.sock.sendall(out)

    def _read_plain(self, n):
        while len(self.plain) < n:
            size, = struct.unpack(">H", self._exactly(2))
            if size <= 16:
                raise Refused("MALFORMED", "TRN-13")
            self.plain += self.noise.receive.decrypt(b"", self._exactly(size))
        out, self.plain = self.plain[:n], self.plain[n:]
        return out

    # Frames

    def send(self, request=0, **body):
        name = next(iter(body))
        data = pb.Frame(request=request, **body).SerializeToString()
        if name not in CONTROL:
            while self.left < len(data) + 4:
                self.step()
            self.left -= len(data) + 4
        self.send_plain(struct.pack(">I", len(data)) + data)

    def read(self):
        """The next frame and the name of its body (None when it is not known)."""
        size, = struct.unpack(">I", self._read_plain(4))
        if not 0 < size <= FRAME_MAX:
            raise Refused("TOO_LARGE" if size else "MALFORMED", "frame")
        data = self._read_plain(size)
        frame = wire.decode("Frame", data)
        name = frame.WhichOneof("body")
        if name not in CONTROL:
            self.unacked += size + 4
            if self.unacked > 256 << 10:
                grant, self.unacked = self.unacked, 0
                self.send(credit=pb.Credit(bytes=grant))
        return frame, name

    # Hello

    def hello(self):
        mine = pb.Hello(**self.my_hello)
        if self.node:
            mine.node = self.node.id
            mine.identity.extend(self.node.log)
        self.send(hello=mine)
        frame, name = self.read()
        if name == "error":
            raise Ended(NAME.get(frame.error.code), frame.error.text)
        if name != "hello":
            raise Refused("STATE")
        h = self.peer = frame.hello
        if h.version != 1:
            raise Refused("VERSION")
        if h.frame_max < 65536 or h.credit >= 1 << 62:
            raise Refused("MALFORMED", "SES-12")
        if self.initiator and not h.node:
            raise Refused("STATE", "SES-14")
        self.left = h.credit
        if h.node:
            self.check_node(h)

    def check_node(self, h):
        """SES-13."""
        log = self.peer_log = identity.Log()
        try:
            for raw in h.identity:
                log.add(objects.open_(raw))
            state = log.state()
        except (Refused, AttributeError, KeyError) as e:
            raise Refused("IDENTITY", str(e)) from e
        if log.principal != h.node or state.type != 2 or state.node.noise_key != self.noise.rs:
            raise Refused("IDENTITY", "another key than the connection's")

    def start(self):
        self.handshake()
        self.hello()
        return self

    # Requests

    def step(self):
        """Reads one frame and deals with it."""
        frame, name = self.read()
        n = frame.request
        if name == "error" and n == 0:
            raise Ended(NAME.get(frame.error.code, "OK"), frame.error.text)
        if name == "credit":
            self.left += frame.credit.bytes
        elif name == "ping":
            self.send(pong=pb.Pong(token=frame.ping.token))
        elif name == "pong":
            self.pong = frame.pong.token
        elif n in self.open:
            self.open[n](frame, name)
        elif name in REQUESTS and self.on_request:
            self.on_request(self, frame, name)
        elif name in REQUESTS:
            self.send(n, error=pb.Error(code=86))

    def ask(self, on_answer, **body):
        n = self.next_request
        self.next_request += 2
        self.open[n] = on_answer
        self.send(n, **body)
        return n

    def call_many(self, last, **body):
        """All answers until last(answer)."""
        got, done = [], []

        def on_answer(frame, name):
            if name == "error":
                done.append(Failed(frame.error))
                return
            got.append(getattr(frame, name))
            if last(got[-1]):
                done.append(None)
        n = self.ask(on_answer, **body)
        while not done:
            self.step()
        del self.open[n]
        if done[0]:
            raise done[0]
        return got

    def call(self, **body):
        return self.call_many(lambda a: True, **body)[0]

    def ready(self, timeout):
        """Whether something can be read within the time."""
        if self.plain or self.raw:
            return True
        import select
        return bool(select.select([self.sock], [], [], timeout)[0])

    def auth(self, member, with_log=False):
        signature = sign(member.device[1], "fora.v1.sign.auth", self.noise.h)
        return self.call(auth=pb.Auth(principal=member.id, key=member.device[0],
                                      signature=signature,
                                      identity=member.log if with_log else []))

    def refuse(self, name):
        from .errors import CODE
        try:
            self.send(error=pb.Error(code=CODE[name]))
        except OSError:
            pass
        self.close()

    def close(self):
        self.sock.close()
