import { expect, test } from "vitest";
import { readInfo, readReply } from "./server-answer.ts";

const INFO = 'INFO {"server_name":"one","version":"2.15.1","jetstream":true} \r\n';

test("a greeting is read once it is whole", () => {
  expect(readInfo(INFO.slice(0, 30))).toBeUndefined();
  expect(readInfo(INFO)).toEqual({ name: "one", version: "2.15.1", jetStream: true, guarded: false });
});

test("a server that wants credentials or TLS is guarded", () => {
  expect(readInfo('INFO {"auth_required":true}\r\n')?.guarded).toBe(true);
  expect(readInfo('INFO {"tls_required":true}\r\n')?.guarded).toBe(true);
});

test("a reply is read once it is whole", () => {
  const reply = 'MSG _INBOX.a 1 13\r\n{"streams":0}\r\n';
  expect(readReply(INFO + reply.slice(0, 25))).toBeUndefined();
  expect(readReply(INFO + reply)).toEqual({ kind: "ok" });
});

test("a reply's length counts bytes", () => {
  const body = Buffer.from('{"error":{"description":"chưa"}}');
  const reply = `MSG _INBOX.a 1 ${body.length}\r\n${body.toString("latin1")}\r\n`;
  expect(readReply(INFO + reply)).toEqual({ kind: "error", reason: "chưa" });
});

test("a refusal and a missing responder are errors", () => {
  expect(readReply(`${INFO}-ERR 'Authorization Violation'\r\n`)).toEqual({
    kind: "error",
    reason: "Authorization Violation",
  });
  expect(readReply(`${INFO}HMSG _INBOX.a 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n`)?.kind).toBe("error");
});
