import { encodeToken } from "../names.ts";

/** The name of the key-value bucket that holds what the workers of `mesh` tell of themselves. */
export function workersBucket(mesh: string): string {
  return `${mesh}_workers`;
}

/** The subject that the entry of a worker is stored on: a key of the workers bucket. */
export function workerSubject(mesh: string, workerId: string): string {
  return `$KV.${workersBucket(mesh)}.${encodeToken(workerId)}`;
}

/** The subject on which one worker hears what it is asked (`inspect`) or told (`control`). Not stored. */
export function workerRequestSubject(mesh: string, workerId: string, kind: "inspect" | "control"): string {
  return `${mesh}.ctl.worker.${encodeToken(workerId)}.${kind}`;
}

/** The subject that the records of one kind of action are stored on. */
export function auditSubject(mesh: string, action: string): string {
  return `${mesh}.A.${encodeToken(action)}`;
}

/** The subjects of all audit records of `mesh`. */
export function auditSubjects(mesh: string): string {
  return `${mesh}.A.*`;
}

/** What the workers of `mesh` are called as a NATS service. */
export function workerServiceName(mesh: string): string {
  return `${mesh}-worker`;
}
