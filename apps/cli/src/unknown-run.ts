import { UmbelError } from "@umbel/protocol";

/** The error for an id that the mesh does not know. */
export function unknownRun(runId: string): UmbelError {
  return new UmbelError(
    "run_unknown",
    `run ${runId} is not known: it was never enqueued in this mesh, or its outcome has expired.`,
    { details: { runId } },
  );
}
