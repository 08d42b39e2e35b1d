"""The tasks, in the processes of a Celery worker and of whoever calls them."""

import os
import struct
import time

from celery import Celery

URL = os.environ["BENCH_REDIS"]
# Where executions are written down: the index, how late it was in ms (or NaN), and the clock that processes share.
MARKS = os.environ.get("BENCH_MARKS")
MARK = struct.Struct("<Idd")

app = Celery("celery_app", broker=URL + "/0", backend=URL + "/0")
app.conf.update(
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    result_expires=3600,
    worker_send_task_events=False,
    enable_utc=True,
    worker_hijack_root_logger=False,
)

_marks = None


def mark(data):
    global _marks
    if _marks is None:
        # Appended by several processes: one write each.
        _marks = os.open(MARKS, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    due, sent = data.get("dueAt"), data.get("sentAt")
    late = float("nan")
    if due is not None:
        late = time.time() * 1000 - due
    if sent is not None:
        late = time.monotonic() * 1000 - sent
    os.write(_marks, MARK.pack(data["index"], late, time.monotonic() * 1000))


@app.task(name="bench.noop")
def noop(data):
    mark(data)
    return data["index"]
