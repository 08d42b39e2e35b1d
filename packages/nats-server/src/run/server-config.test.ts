import { expect, test } from "vitest";
import { quote, renderConfig } from "./server-config.ts";

const config = {
  name: "one",
  port: 4222,
  monitorPort: undefined,
  storeDir: "/data/my store",
  pidFile: "/data/my store/pid",
  syncInterval: "1s",
  cluster: undefined,
  extra: "",
};

test("a single server listens on the loopback address and keeps its data where it is told", () => {
  expect(renderConfig(config)).toBe(
    [
      'server_name: "one"',
      'listen: "127.0.0.1:4222"',
      'pid_file: "/data/my store/pid"',
      "max_payload: 8MB",
      "max_pending: 256MB",
      "jetstream {",
      '  store_dir: "/data/my store"',
      '  sync_interval: "1s"',
      "}",
      "",
    ].join("\n"),
  );
});

test("monitoring, the cluster and extra lines come after, the extra ones last", () => {
  const text = renderConfig({
    ...config,
    monitorPort: 8222,
    cluster: { name: "three", port: 6222, otherPorts: [6223, 6224] },
    extra: "debug: true\n",
  });
  expect(text).toContain('http: "127.0.0.1:8222"\n');
  expect(text).toContain('  listen: "127.0.0.1:6222"\n');
  expect(text).toContain('  routes: ["nats://127.0.0.1:6223", "nats://127.0.0.1:6224"]\n');
  expect(text.endsWith("}\ndebug: true\n")).toBe(true);
});

test("quotes, backslashes and control characters cannot end a string", () => {
  expect(quote('a "b" \\ c')).toBe('"a \\"b\\" \\\\ c"');
  expect(quote("a\nb\u0001")).toBe('"a\\x0ab\\x01"');
  expect(quote("dữ liệu 📦")).toBe('"dữ liệu 📦"');
});
