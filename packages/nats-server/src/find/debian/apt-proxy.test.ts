import { expect, test } from "vitest";
import { parseAptProxy } from "./apt-proxy.ts";

test("apt's proxy is read from its configuration", () => {
  expect(parseAptProxy('Acquire::http::Proxy "http://proxy.test:3142";\n')).toBe("http://proxy.test:3142");
  expect(parseAptProxy('Acquire::http::Proxy "";\nAcquire::http::Proxy::a.test "DIRECT";\n')).toBeUndefined();
  expect(parseAptProxy('Acquire::http::Proxy "DIRECT";\n')).toBeUndefined();
  expect(parseAptProxy("")).toBeUndefined();
});
