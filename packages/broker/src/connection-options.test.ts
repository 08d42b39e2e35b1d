import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CONNECTION_FIELDS, resolveConnectionOptions, type ConnectionOptions } from "./connection-options.ts";

/** Any file that can be read. */
const THIS_FILE = import.meta.filename;

test("every option has a default, and outages never end a connection", async () => {
  const resolved = await resolveConnectionOptions({});
  expect(resolved).toMatchObject({
    mesh: "umbel",
    servers: ["nats://127.0.0.1:4222"],
    inboxPrefix: "_INBOX",
    nats: { name: "umbel", timeout: 5_000, maxReconnectAttempts: -1, noAsyncTraces: true },
  });
  for (const secret of ["user", "pass", "token", "tls", "authenticator"])
    expect(resolved.nats).not.toHaveProperty(secret);
});

test.each<[ConnectionOptions["servers"], string[]]>([
  ["nats://a:4222, b:4223", ["nats://a:4222", "b:4223"]],
  [
    ["tls://nats.example.org", "nats://user:secret@10.0.0.1:4222/"],
    ["tls://nats.example.org", "nats://user:secret@10.0.0.1:4222/"],
  ],
  ["nats://[::1]:4222", ["nats://[::1]:4222"]],
  ["localhost", ["localhost"]],
])("%o are servers", async (servers, list) => {
  const resolved = await resolveConnectionOptions(servers === undefined ? {} : { servers });
  expect(resolved.servers).toEqual(list);
  expect(resolved.nats.servers).toEqual(list);
});

test.each(["", "http://a", "nats://", "a b", "nats://a:port", "nats://a,,b", "nats://a:4222/path"])(
  "%j are none",
  async (servers) => {
    await expect(resolveConnectionOptions({ servers })).rejects.toMatchObject({
      code: "invalid_argument",
      details: { field: "servers" },
    });
  },
);

test("no server at all is refused", async () => {
  await expect(resolveConnectionOptions({ servers: [] })).rejects.toMatchObject({
    details: { field: "servers", expected: "at least one server URL" },
  });
});

test.each<[ConnectionOptions, object]>([
  [
    { user: "u", password: "p" },
    { user: "u", pass: "p" },
  ],
  [{ token: "t" }, { token: "t" }],
  [{ tls: true }, { tls: {} }],
  [
    { tls: { ca: THIS_FILE, cert: THIS_FILE, key: THIS_FILE } },
    { tls: { caFile: THIS_FILE, certFile: THIS_FILE, keyFile: THIS_FILE } },
  ],
  [
    { name: "mine", connectTimeout: "250ms", inboxPrefix: "_IN" },
    { name: "mine", timeout: 250, inboxPrefix: "_IN" },
  ],
])("%o become the library's", async (options, nats) => {
  await expect(resolveConnectionOptions(options)).resolves.toMatchObject({ nats });
});

test("a credentials file is read", async () => {
  const folder = await mkdtemp(join(tmpdir(), "umbel-creds-"));
  const creds = join(folder, "user.creds");
  await writeFile(creds, "-----BEGIN NATS USER JWT-----\n");
  const { nats } = await resolveConnectionOptions({ creds });
  expect(nats.authenticator).toBeTypeOf("function");
  await rm(folder, { recursive: true });
  await expect(resolveConnectionOptions({ creds })).rejects.toMatchObject({
    code: "invalid_argument",
    details: { field: "creds", received: JSON.stringify(creds) },
  });
});

test.each<[object, string]>([
  [{ mesh: "Not A Mesh" }, "mesh"],
  [{ connectTimeout: "0s" }, "connectTimeout"],
  [{ server: "nats://a" }, "server"],
])("%o is refused, naming the option", async (options, field) => {
  await expect(resolveConnectionOptions(options)).rejects.toMatchObject({ code: "invalid_argument" });
  await expect(resolveConnectionOptions(options)).rejects.toThrow(field);
});

test("the list of options is whole: each is accepted, and no other", () => {
  expect(new Set(CONNECTION_FIELDS).size).toBe(CONNECTION_FIELDS.length);
  expect(CONNECTION_FIELDS).toContain("servers");
});

test.each<[object, string]>([
  [{ ca: "/no/such.pem" }, "tls.ca: expected a readable PEM file"],
  [{ cert: THIS_FILE }, "tls.key: expected a file: certificate and key go together"],
  [{ key: THIS_FILE }, "tls.cert: expected a file: certificate and key go together"],
  [Object.assign<{ ca?: string }, object>({}, { caa: THIS_FILE }), 'Did you mean "ca"?'],
])("TLS files %j are refused", async (tls, message) => {
  await expect(resolveConnectionOptions({ tls })).rejects.toThrow(message);
});
