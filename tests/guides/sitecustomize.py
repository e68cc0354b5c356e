"""Loaded before a guide's program: what goes to localhost:3000 arrives at the server under test."""
import os
import socket

_connect = socket.socket.connect


def connect(self, address):
    if isinstance(address, tuple) and address[1] == 3000:
        if self.family == socket.AF_INET6:
            raise ConnectionRefusedError("the server under test listens on IPv4")
        address = ("127.0.0.1", int(os.environ["GUIDE_PORT"]))
    return _connect(self, address)


socket.socket.connect = connect
