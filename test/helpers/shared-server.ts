import { startServer, type LocalServer } from "@umbel/nats-server";
import { afterAll, beforeAll } from "vitest";

/** Run one server for all tests of the surrounding block: each test makes a mesh of its own on it. */
export function shareServer(options: { readonly extraConfig?: string } = {}): { readonly url: string } {
  let server: LocalServer | undefined;
  beforeAll(async () => {
    server = await startServer(options);
  });
  afterAll(() => server?.stop());
  return {
    get url() {
      if (server === undefined) throw new Error("the server runs only while tests run");
      return server.url;
    },
  };
}
