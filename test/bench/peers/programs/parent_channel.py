"""The channel to the Node process that has started this one: a line of JSON for each message."""

import json
import os
import socket
import sys


class Parent:
    def __init__(self):
        self._socket = socket.socket(fileno=int(os.environ.pop("NODE_CHANNEL_FD")))
        # Neither our children nor theirs shall hold it open.
        self._socket.set_inheritable(False)
        self._lines = self._socket.makefile("r", encoding="utf-8")
        self.settings = json.loads(sys.argv[1])

    def tell(self, kind, values=None, text=None):
        message = {"type": kind, "values": values or {}}
        if text is not None:
            message["text"] = text
        self._socket.sendall((json.dumps(message) + "\n").encode())

    def next(self, kind):
        """The next message. Without a parent there is no reason to live."""
        line = self._lines.readline()
        if line == "":
            raise SystemExit(1)
        message = json.loads(line)
        if message["type"] != kind:
            raise RuntimeError(f"the parent said {message['type']} instead of {kind}")
        return message
