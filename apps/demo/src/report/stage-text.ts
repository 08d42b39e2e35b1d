import type { Stage } from "../stage.ts";

/** What runs, and where. */
export function stageLines(stage: Stage): readonly string[] {
  const { server, apiUrl, mails, sizes, workers, logDir } = stage;
  const [first, second] = sizes.threads;
  const threads = first === second ? `${first}` : `${first} and ${second}`;
  const pids = workers.all.map(({ pid }) => pid).join(" and ");
  return [
    row("nats-server", `${server.version}, ${server.url}`),
    row("SMTP server", mails.url),
    row("API", apiUrl),
    row("workers", `processes ${pids}, with ${threads} threads and ${sizes.slots} slots each`),
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

function row(label: string, text: string): string {
  return `  ${label.padEnd(14)}${text}`;
}
