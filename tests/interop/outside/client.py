"""python3-socketio against the test server: python3 client.py URL. Prints "ok TRANSPORT CHECK" or
"FAIL TRANSPORT CHECK why", and "cut" and "mend" for its connection."""
import queue
import sys
import threading

import socketio

WAYS = {"polling": ["polling"], "websocket": ["websocket"], "upgrade": ["polling", "websocket"]}
LIMIT_S = 20


class Client:
    """A client with a memory of what came."""

    def __init__(self, url, transports):
        self.url = url
        self.transports = transports
        self.connects = 0
        self.disconnects = 0
        self.got = {}
        self.changed = threading.Condition()
        self.socket = socketio.Client(reconnection_delay=0.05, reconnection_delay_max=0.2)
        self.socket.on("connect", self.on_connect)
        self.socket.on("disconnect", self.on_disconnect)
        self.socket.on("question", lambda *args: ("the answer", args[1]))
        for event in ("echo", "answered"):
            self.socket.on(event, lambda *args, event=event: self.keep(event, args))

    def on_connect(self):
        with self.changed:
            self.connects += 1
            self.changed.notify_all()

    def on_disconnect(self):
        with self.changed:
            self.disconnects += 1
            self.changed.notify_all()

    def keep(self, event, args):
        with self.changed:
            self.got[event] = list(args)
            self.changed.notify_all()

    def until(self, condition, what):
        with self.changed:
            if not self.changed.wait_for(condition, LIMIT_S):
                raise AssertionError(f"waited for {what}; got {self.got}")

    def hears(self, event, args):
        self.until(lambda: self.got.get(event) == args, f"{event} {args}")


def connects(client):
    client.socket.connect(client.url, transports=client.transports, wait_timeout=LIMIT_S)
    client.until(lambda: client.connects == 1, "the connect")
    if client.transports[-1] == "websocket":
        assert client.socket.transport() == "websocket", client.socket.transport()


def text(client):
    client.socket.emit("echo", ("ü漢😀", {"a": [1, None]}))
    client.hears("echo", ["ü漢😀", {"a": [1, None]}])


def binary(client):
    client.socket.emit("echo", (bytes([0, 1, 255]), {"deep": bytes(range(256))}))
    client.hears("echo", [bytes([0, 1, 255]), {"deep": bytes(range(256))}])


def acknowledged(client):
    assert client.socket.call("echo", ("a", 2), timeout=LIMIT_S) == ("a", 2)
    assert client.socket.call("echo", bytes([7]), timeout=LIMIT_S) == bytes([7])


def asked(client):
    client.socket.emit("ask", (5000, "x"))
    client.hears("answered", ["the answer", "x"])


def refused(client):
    other = socketio.Client(reconnection=False)
    answers = queue.Queue()
    other.on("connect_error", answers.put, namespace="/nowhere")
    other.connect(client.url, namespaces=["/nowhere"], transports=client.transports, wait=False)
    answer = answers.get(timeout=LIMIT_S)
    other.disconnect()
    assert answer == {"message": "Invalid namespace"}, answer


def comes_back(client):
    print("cut", flush=True)
    client.until(lambda: client.disconnects == 1, "the disconnect")
    print("mend", flush=True)
    client.until(lambda: client.connects == 2, "the second connect")
    text(client)


CHECKS = {
    "connects": connects,
    "text": text,
    "binary": binary,
    "is acknowledged": acknowledged,
    "is asked": asked,
    "is refused": refused,
    "comes back": comes_back,
}


def run(url, way):
    client = Client(url, WAYS[way])
    for name, check in CHECKS.items():
        try:
            check(client)
            print("ok", way, name, flush=True)
        except Exception as error:  # the reason is the test's to print
            print("FAIL", way, name, repr(error), flush=True)
    client.socket.disconnect()


for each in WAYS:
    run(sys.argv[1], each)
