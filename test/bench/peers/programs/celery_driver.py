"""What driver.ts and modes.ts are for the others: Celery's client, and what it is measured at."""

import os
import time
from datetime import datetime, timezone

from parent_channel import Parent

parent = Parent()
os.environ["BENCH_REDIS"] = parent.settings["url"]

from celery import group  # noqa: E402
from celery_app import noop  # noqa: E402

QUEUE = parent.settings.get("queue", "bench")
REST = {"kind": "email.send", "to": "someone@example.com", "pad": "x" * 120}
SAMPLE = {
    f"00000000-0000-4000-8000-{place * 10:012d}": None for place in range(10)
}
GROUP = 1000
SPREAD_MS = 10_000


def chain(place, depth):
    return {} if depth == 10 else {f"00000000-0000-4000-8000-{place * 10 + depth:012d}": chain(place, depth + 1)}


SAMPLE = {name: chain(place, 1) for place, name in enumerate(SAMPLE)}


def input_of(plan, index):
    data = {"index": plan["from"] + index, **REST}
    if plan.get("sample") == 1:
        data["sample"] = SAMPLE
    return data


def add(data, **options):
    return noop.apply_async((data,), queue=QUEUE, **options)


def check(index, result):
    if result != index:
        raise RuntimeError(f"run {index} came back as {result}")


def percentile(values, percent):
    ordered = sorted(values)
    return ordered[min(len(ordered), max(1, -(-len(ordered) * percent // 100))) - 1]


def each(plan, work):
    latencies = []
    began = time.perf_counter()
    for index in range(plan["count"]):
        at = time.perf_counter()
        work(input_of(plan, index))
        latencies.append((time.perf_counter() - at) * 1000)
    seconds = time.perf_counter() - began
    return {"rate": plan["count"] / seconds, "p50Ms": percentile(latencies, 50), "p99Ms": percentile(latencies, 99)}


def call(data):
    check(data["index"], add(data).get(timeout=60))


def bulk(plan):
    size = plan.get("chunk", GROUP)
    began = time.perf_counter()
    for first in range(0, plan["count"], size):
        last = min(plan["count"], first + size)
        group(noop.s(input_of(plan, index)).set(queue=QUEUE) for index in range(first, last)).apply_async()
    return {"rate": plan["count"] / (time.perf_counter() - began)}


def saturated(plan):
    began = time.perf_counter()
    waiting = []
    for index in range(plan["count"]):
        waiting.append((plan["from"] + index, add(input_of(plan, index))))
        if len(waiting) >= plan["width"]:
            first, result = waiting.pop(0)
            check(first, result.get(timeout=60))
    for index, result in waiting:
        check(index, result.get(timeout=60))
    return {"rate": plan["count"] / (time.perf_counter() - began)}


def fan_out(plan):
    began = time.perf_counter()
    results = [(plan["from"] + index, add(input_of(plan, index))) for index in range(plan["count"])]
    for index, result in results:
        check(index, result.get(timeout=60))
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "rate": plan["count"] / seconds}


def paced(plan):
    began = time.monotonic() * 1000
    for index in range(plan["count"]):
        due = began + index / plan["rate"] * 1000
        time.sleep(max(0, due / 1000 - time.monotonic()))
        add({**input_of(plan, index), "sentAt": due})
    return {}


def delayed(plan):
    for index in range(plan["count"]):
        due = plan["firstDueAt"] + round(index / plan["count"] * SPREAD_MS)
        add({**input_of(plan, index), "dueAt": due}, eta=datetime.fromtimestamp(due / 1000, timezone.utc))
    return {"aheadMs": plan["firstDueAt"] - time.time() * 1000}


MODES = {
    # It has no calls in flight: the next begins when the one before has been sent.
    "flight": lambda plan: each(plan, add),
    "awaited": lambda plan: each(plan, add),
    "bulk": bulk,
    "call": lambda plan: each(plan, call),
    "saturated": saturated,
    "fanOut": fan_out,
    "paced": paced,
    "delayed": delayed,
}

parent.tell("ready")
while True:
    message = parent.next("measure")
    if "text" not in message:
        break
    parent.tell("measured", MODES[message["text"]](message["values"]))
os._exit(0)
