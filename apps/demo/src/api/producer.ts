import { UmbelError } from "@umbel/protocol";
import { z } from "zod";

const reply = z.object({ runs: z.array(z.object({ id: z.string(), key: z.string() })) });

/** Enqueues over HTTP, as any user of the API does. */
export class Producer {
  readonly #apiUrl: string;

  constructor(apiUrl: string) {
    this.#apiUrl = apiUrl;
  }

  /** Enqueue one run for each of `keys`; resolves to their ids once all are acknowledged. @throws UmbelError */
  async enqueue(kind: string, keys: Iterable<string>): Promise<readonly string[]> {
    const response = await fetch(`${this.#apiUrl}/runs/${kind}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ keys: [...keys] }),
    });
    if (!response.ok) {
      throw new UmbelError("internal", `POST /runs/${kind}: ${response.status} ${await response.text()}`);
    }
    return reply.parse(await response.json()).runs.map(({ id }) => id);
  }
}
