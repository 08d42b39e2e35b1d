import { readFileSync } from "node:fs";
import { EVENT_FIELDS, EVENT_TYPES } from "@umbel/protocol";
import { expect, test } from "vitest";

const LINE = ["parentRunId", "rootRunId", "traceId"];

test("the table of events in the documentation is the one that travels", () => {
  const page = readFileSync(new URL("../../docs/events.md", import.meta.url), "utf8");
  const rows = page.split("\n").filter((line) => /^\| `(?:run|worker|events)\./.test(line));
  const documented = rows.map((row) => [...row.matchAll(/`([\w.]+\??)`/g)].map(([, name]) => name));
  const defined = EVENT_TYPES.map((type) => {
    const names = EVENT_FIELDS[type].filter(({ name }) => !LINE.includes(name));
    return { type, fields: names.map(({ name, optional }) => (optional ? `${name}?` : name)) };
  });
  expect(documented.map(([type]) => type)).toEqual(defined.map(({ type }) => type));
  for (const [index, { fields }] of defined.entries())
    expect(documented[index]).toEqual(expect.arrayContaining(fields));
});
