"""What serve-worker is for the others: a Celery worker with a process for each slot, up to the number of cores."""

import ctypes
import math
import os
import signal
import subprocess
import sys
import tempfile
import time

from parent_channel import Parent

parent = Parent()
FOLDER = os.path.dirname(os.path.abspath(__file__))
LOOK_EVERY = 0.005
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG

marks_file = tempfile.NamedTemporaryFile(prefix="umbel-bench-celery-")
os.environ["BENCH_REDIS"] = parent.settings["url"]
os.environ["BENCH_MARKS"] = marks_file.name
# It is told by the report who runs it and how.
os.environ["PYTHONWARNINGS"] = "ignore"
sys.path.insert(0, FOLDER)

from celery_app import MARK, app  # noqa: E402

worker = None


def die_with_parent():
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)


def start(queue):
    slots = min(parent.settings["width"], len(os.sched_getaffinity(0)))
    command = [sys.executable, "-m", "celery", "-A", "celery_app", "worker", "-Q", queue, "-c", str(slots)]
    quiet = ["-P", "prefork", "--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "ERROR"]
    return subprocess.Popen(
        command + quiet, cwd=FOLDER, stdout=subprocess.DEVNULL, start_new_session=True, preexec_fn=die_with_parent
    )


def stop():
    """Every result is stored by now: what is left to do is to go."""
    if worker is not None:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


def work(queue):
    """A worker takes a second or two to start: the first one goes on with every queue."""
    if worker is None:
        return start(queue)
    app.control.add_consumer(queue, reply=True)
    return worker


def read_marks(skip=0):
    with open(marks_file.name, "rb") as file:
        file.seek(skip * MARK.size)
        return list(MARK.iter_unpack(file.read()))


def until_handled(count, before):
    while os.path.getsize(marks_file.name) < (before + count) * MARK.size:
        if worker.poll() is not None:
            raise RuntimeError("the worker has ended")
        time.sleep(LOOK_EVERY)
    at = [mark[2] for mark in read_marks(before)]
    return {"firstAtMs": min(at), "lastAtMs": max(at)}


def percentile(values, percent):
    ordered = sorted(values)
    return ordered[min(len(ordered), max(1, -(-len(ordered) * percent // 100))) - 1]


def lateness(marks):
    late = [mark[1] for mark in marks if not math.isnan(mark[1])]
    if not late:
        return {}
    return {
        "p50Ms": percentile(late, 50),
        "p99Ms": percentile(late, 99),
        "maxMs": max(late),
        "early": sum(1 for ms in late if ms < 0),
    }


def until_ready():
    # It takes a second or two to start.
    while not app.control.ping(timeout=0.2):
        if worker.poll() is not None:
            raise RuntimeError("the worker could not be started")


while True:
    message = parent.next("work")
    if "text" not in message:
        break
    before = len(read_marks())
    worker = work(message["text"])
    count = int(message["values"].get("count", 0))
    if count == 0:
        until_ready()
    parent.tell("working")
    if count > 0:
        parent.tell("handled", until_handled(count, before))

stop()
marks = read_marks()
totals = {"total": len(marks), "distinct": len({mark[0] for mark in marks})}
parent.tell("closed", {**totals, **lateness(marks)})
