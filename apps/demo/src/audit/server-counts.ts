import { streamNames } from "@umbel/protocol";
import { z } from "zod";

/** What a server itself says that it holds. */
export interface ServerCounts {
  /** Messages of runs that wait or run. */
  readonly waiting: number;
  readonly deadLetters: number;
}

const report = z.object({
  account_details: z.array(
    z.object({
      stream_detail: z.array(z.object({ name: z.string(), state: z.object({ messages: z.number() }) })),
    }),
  ),
});

/** Ask a server's monitoring what the streams of `mesh` hold. @throws when it does not answer */
export async function readServerCounts(monitorUrl: string, mesh: string): Promise<ServerCounts> {
  const response = await fetch(`${monitorUrl}/jsz?streams=true`);
  const { account_details: accounts } = report.parse(await response.json());
  const streams = accounts.flatMap(({ stream_detail: details }) => details);
  const messages = (stream: string): number =>
    streams.find(({ name }) => name === stream)?.state.messages ?? Number.NaN;
  const { tasks, deadLetters } = streamNames(mesh);
  return { waiting: messages(tasks), deadLetters: messages(deadLetters) };
}
