import type { Paint } from "./colour.ts";
import { fields, indented } from "./table.ts";

/** What is told about a running server. */
export interface ServerDescription {
  readonly url: string;
  readonly version: string;
  readonly port: number;
  readonly monitorUrl: string | undefined;
  /** The folder of its data, as short as it can be said. */
  readonly shownStore: string;
  readonly sync: string;
}

const DEFAULT_PORT = 4222;

/** A running server for people: where it is, what it keeps, how to use it. */
export function serverText(server: ServerDescription, paint: Paint): string {
  const { url, version, monitorUrl, shownStore } = server;
  const facts = fields(
    [
      ["address", paint("code", url)],
      ["data", `${shownStore}, kept when the server stops`],
      ["synced", syncedText(server.sync)],
      ["monitoring", monitorUrl ?? "off; --monitor 8222 turns it on"],
    ],
    (label) => paint("quiet", label),
  );
  const flag = server.port === DEFAULT_PORT ? "" : ` --server ${url}`;
  const usage = [`umbel worker ./handlers.ts${flag}`, `umbel call <task> --input '{}' --wait${flag}`];
  return [
    `${paint("good", "nats-server is ready")} (${version})`,
    "",
    indented(facts, "  "),
    "",
    "In other terminals:",
    "",
    indented(usage.map((line) => paint("strong", line)).join("\n"), "  "),
    "",
    paint("quiet", "Ctrl-C stops it."),
  ].join("\n");
}

function syncedText(sync: string): string {
  return sync === "always"
    ? "before each acknowledgement: nothing acknowledged is lost in a power cut"
    : `every ${sync}: a power cut may lose what was acknowledged since; --sync always loses nothing`;
}
