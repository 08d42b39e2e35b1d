import { expect, test } from "vitest";
import { decodeAuditRecord, encodeAuditRecord, type AuditRecord } from "./audit-record.ts";

const RECORD: AuditRecord = {
  id: "1",
  phase: "done",
  action: "queue.pause",
  at: 5,
  who: { by: "ada", actor: "ada@laptop", user: "operator", connection: "umbel-cli" },
  target: { queue: "media" },
  result: { version: 2 },
};

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

test("a record is read as it was written", () => {
  expect(decodeAuditRecord(encodeAuditRecord(RECORD))).toStrictEqual(RECORD);
  const { result: _, ...rest } = RECORD;
  const begun: AuditRecord = { ...rest, phase: "begun", who: { connection: "" } };
  expect(decodeAuditRecord(encodeAuditRecord(begun))).toStrictEqual(begun);
});

test("a target that is too long is replaced by its length", () => {
  const target = { runIds: Array.from({ length: 2_000 }, (_, index) => `run-${index}`) };
  const encoded = encodeAuditRecord({ ...RECORD, target });
  expect(encoded.byteLength).toBeLessThan(1_000);
  expect(decodeAuditRecord(encoded).target).toEqual({ omittedCharacters: JSON.stringify(target).length });
});

test.each([
  ["no JSON", new TextEncoder().encode("x")],
  ["another version", bytes({ ...RECORD, v: 9 })],
  ["no phase", bytes({ ...RECORD, v: 1, phase: "maybe" })],
  ["no target", bytes({ ...RECORD, v: 1, target: [] })],
  ["nobody", bytes({ ...RECORD, v: 1, who: "ada" })],
])("with %s it is refused", (_, body) => {
  expect(() => decodeAuditRecord(body)).toThrow(expect.objectContaining({ code: "undecodable" }));
});
