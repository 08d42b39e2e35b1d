import { UmbelError } from "@umbel/protocol";

/** The {@link UmbelError} that `work` rejects with. @throws when it does not reject, or with something else */
export async function rejection(work: Promise<unknown>): Promise<UmbelError> {
  try {
    await work;
  } catch (error) {
    if (UmbelError.is(error)) return error;
    throw error;
  }
  throw new Error("it was expected to reject, and did not");
}
