import { expect, test } from "vitest";
import { NoteInbox } from "./note.ts";

test("notes come in their order, whether or not they are awaited already", async () => {
  const inbox = new NoteInbox("the worker");
  inbox.put({ type: "ready", values: {} });
  const second = inbox.next("ready").then(() => inbox.next("measured"));
  await Promise.resolve();
  inbox.put({ type: "measured", values: { rate: 5 } });
  expect((await second).values).toEqual({ rate: 5 });
});

test("a note of another type is an error, not something to skip", async () => {
  const inbox = new NoteInbox("the worker");
  inbox.put({ type: "closed", values: {} });
  await expect(inbox.next("measured")).rejects.toThrow('the worker said "closed" instead of "measured"');
});

test("whoever waits for a process that has failed learns why, now and later", async () => {
  const inbox = new NoteInbox("the worker");
  const waiting = inbox.next("ready");
  inbox.fail(new Error("ended with 1"));
  await expect(waiting).rejects.toThrow("ended with 1");
  await expect(inbox.next("ready")).rejects.toThrow("ended with 1");
});

test("what is not a note is refused", () => {
  expect(() => new NoteInbox("the worker").put("ready")).toThrow("expected object");
});
