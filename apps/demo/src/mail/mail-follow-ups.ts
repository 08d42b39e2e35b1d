import type { Mesh } from "@umbel/client";
import { z } from "zod";
import type { FollowUps } from "../run-ledger.ts";

const withMail = z.object({ mailRunId: z.string() });

/** The mail that the handler of an airport's analysis has enqueued: its result says which run that is. */
export function mailFollowUps(mesh: Mesh): FollowUps {
  return ({ kind, key, result }) => {
    const parsed = withMail.safeParse(result);
    if (kind !== "airport" || !parsed.success) return [];
    return [{ kind: "mail", key, handle: mesh.run(parsed.data.mailRunId) }];
  };
}
