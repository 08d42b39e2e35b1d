import { encodeDeadLetter, type AttemptError, type DeadLetter } from "@umbel/protocol";

/**
 * `letter` encoded within `limitBytes`: with all that it holds if that fits, else with less and less of its
 * error history, which the run's record has too. The body goes last: without it a run cannot be redriven, and
 * only a stranger's message can be so large. Pure.
 */
export function fitLetter(letter: DeadLetter, limitBytes: number): Uint8Array {
  for (const smaller of reductions(letter)) {
    const bytes = encodeDeadLetter(smaller);
    if (bytes.byteLength <= limitBytes) return bytes;
  }
  return encodeDeadLetter({ ...letter, errors: [], headers: {}, body: new Uint8Array() });
}

function* reductions(letter: DeadLetter): Generator<DeadLetter> {
  yield letter;
  yield { ...letter, errors: letter.errors.map(withoutStack) };
  yield { ...letter, errors: letter.errors.slice(-1).map(withoutStack) };
  yield { ...letter, errors: [] };
  yield { ...letter, errors: letter.errors.slice(-1).map(withoutStack), body: new Uint8Array() };
}

/** `error` with nothing but what it is and says. */
export function withoutStack({ attempt, at, error }: AttemptError): AttemptError {
  const { name, message, code } = error;
  return { attempt, at, error: { name, message, ...(code === undefined ? {} : { code }) } };
}
