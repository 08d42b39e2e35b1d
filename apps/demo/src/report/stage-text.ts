import { counted } from "./units.ts";
import type { Stage } from "../stage.ts";

/** What runs, and where. */
export function stageLines(stage: Stage): readonly string[] {
  const { data, server, apiUrl, mails, sizes, workers, logDir } = stage;
  const [first, second] = sizes.threads;
  const threads = first === second ? counted(first, "thread") : `${first} or ${second} threads`;
  const names = workers.all.map(({ name, pid }) => `${name} (process ${pid})`).join(", ");
  return [
    row(
      "data",
      `${flightsIn(data.departures)} by time, ${flightsIn(data.days)} by airport and day; from npm: vega-datasets`,
    ),
    row("nats-server", `${server.version}, ${server.url}`),
    row("SMTP server", mails.url),
    row("API", apiUrl),
    row("workers", `${names}, each with ${threads} and ${sizes.slots} slots`),
    row("", `ack-wait ${sizes.ackWaitMs / 1_000} s; logs in ${logDir}`),
  ];
}

/** How to go on by hand. */
export function keepLines({ apiUrl, server }: Stage): readonly string[] {
  return [
    "",
    `Still running: the API at ${apiUrl}, the mesh at ${server.url}. Try:`,
    "",
    `  curl -X POST ${apiUrl}/runs/airport -H 'content-type: application/json' -d '{"keys":["JFK"]}'`,
    `  curl ${apiUrl}/runs/<id>`,
    `  curl ${apiUrl}/summary`,
    "",
    "Ctrl-C ends it.",
  ];
}

function flightsIn(chunks: Stage["data"]["departures"]): string {
  return counted(
    chunks.reduce((sum, { delays }) => sum + delays.length, 0),
    "flight",
  );
}

function row(label: string, text: string): string {
  return `  ${label.padEnd(14)}${text}`;
}
