import { randomUUID } from "node:crypto";
import { encodeHeaders, type BrokerConnection, type Publisher } from "@umbel/broker";
import {
  auditSubject,
  encodeAuditRecord,
  UmbelError,
  type AuditAction,
  type AuditActor,
  type AuditRecord,
} from "@umbel/protocol";

/** What an {@link AuditLog} needs. */
export interface AuditLogDeps {
  readonly connection: BrokerConnection;
  readonly publisher: Publisher;
  /** For whom the connection was made. */
  readonly actor: string | undefined;
  readonly now: () => number;
}

/** What somebody is about to do. */
export interface AuditedAction {
  readonly action: AuditAction;
  readonly target: Readonly<Record<string, unknown>>;
  /** Who asks, as the call says. */
  readonly by?: string | undefined;
}

/** What came of it, for its record. */
export interface AuditedResult<Value> {
  readonly value: Value;
  readonly result: Readonly<Record<string, unknown>>;
  /** Why it counts as failed, although nothing was thrown. */
  readonly failed?: string | undefined;
}

/** Records what operators do: that it begins, or it does not begin; and what came of it. */
export class AuditLog {
  readonly #deps: AuditLogDeps;

  constructor(deps: AuditLogDeps) {
    this.#deps = deps;
  }

  /**
   * Do `work`, on the record.
   *
   * @throws why it cannot be recorded, and then it is not done; what `work` throws; `unconfirmed` when it was done and
   * what came of it may not be on the record.
   */
  async record<Value>(what: AuditedAction, work: () => Promise<AuditedResult<Value>>): Promise<Value> {
    const id = randomUUID();
    const base = { id, action: what.action, who: this.#who(what.by), target: what.target };
    await this.#write({ ...base, phase: "begun", at: this.#deps.now() });
    let done: AuditedResult<Value>;
    try {
      done = await work();
    } catch (error) {
      const { message } = UmbelError.from(error);
      await this.#write({ ...base, phase: "failed", at: this.#deps.now(), error: message }).catch(ignore);
      throw error;
    }
    const { result, failed, value } = done;
    const at = this.#deps.now();
    if (failed === undefined) await this.#write({ ...base, phase: "done", at, result });
    else await this.#write({ ...base, phase: "failed", at, result, error: failed });
    return value;
  }

  #who(by: string | undefined): AuditActor {
    const { actor, connection } = this.#deps;
    const { user, name } = connection;
    return {
      ...(by === undefined ? {} : { by }),
      ...(actor === undefined ? {} : { actor }),
      ...(user === undefined ? {} : { user }),
      connection: name,
    };
  }

  async #write(record: AuditRecord): Promise<void> {
    const { connection, publisher } = this.#deps;
    await publisher.publish({
      subject: auditSubject(connection.mesh, record.action),
      body: encodeAuditRecord(record),
      headers: encodeHeaders([]),
    });
  }
}

// The error of the work says more than that it could not be recorded.
const ignore = (): void => undefined;
