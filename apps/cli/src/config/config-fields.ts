import { isAbsolute, resolve } from "node:path";
import {
  checkFields,
  checkMeshName,
  checkQueueName,
  checkWholeNumber,
  invalidArgument,
  nearestName,
  parsePositiveDuration,
} from "@umbel/protocol";
import { LOG_LEVELS } from "../input/flag-values.ts";

/** Where a value of the configuration stands. */
export interface FieldPlace {
  /** Its name, with that of the file: `umbel.config.ts: concurrency`. */
  readonly field: string;
  /** The folder of the file. */
  readonly folder: string;
}

/** What a value means for flags: their names as the commands know them, and their values. */
export type FlagValues = Readonly<Record<string, unknown>>;

type Field = (value: unknown, place: FieldPlace) => FlagValues;

/** Every field of the configuration: checks its value, and says which flags it stands for. */
export const CONFIG_FIELDS: Readonly<Record<string, Field>> = {
  servers: (value, { field }) => ({ server: servers(value, field) }),
  mesh: (value, { field }) => ({ mesh: checkMeshName(value, field) }),
  creds: (value, place) => ({ creds: path(value, place) }),
  user: (value, { field }) => ({ user: text(value, field) }),
  password: (value, { field }) => ({ password: secret(value, field) }),
  token: (value, { field }) => ({ token: secret(value, field) }),
  tls: tlsFiles,
  inboxPrefix: (value, { field }) => ({ inboxPrefix: text(value, field) }),
  monitorUrl: (value, { field }) => ({ monitor: text(value, field) }),
  modules: (value, place) => ({ modules: list(value, place.field).map((each) => path(each, place)) }),
  queues: (value, { field }) => ({
    queues: list(value, field).map((each, index) => checkQueueName(each, `${field}[${index}]`)),
  }),
  concurrency: whole("concurrency", 1, 10_000),
  threads: whole("threads", 1, 1_024),
  maxRunsPerThread: whole("maxRunsPerThread", 1, 1_000_000_000),
  threadMemory: whole("threadMemory", 16, 65_536),
  ackWait: duration("ackWait"),
  drainTimeout: duration("drainTimeout"),
  health: healthPlace,
  replicas: (value, { field }) => ({ replicas: oneOf([1, 3, 5], value, field) }),
  logLevel: (value, { field }) => ({ logLevel: oneOf(LOG_LEVELS, value, field) }),
};

function whole(flag: string, least: number, most: number): Field {
  return (value, { field }) => ({ [flag]: checkWholeNumber(value, field, { least, most }) });
}

function duration(flag: string): Field {
  return (value, { field }) => ({ [flag]: parsePositiveDuration(value, field) });
}

function servers(value: unknown, field: string): string {
  return (typeof value === "string" ? [value] : list(value, field)).join(",");
}

function tlsFiles(value: unknown, place: FieldPlace): FlagValues {
  checkFields(value, place.field, ["ca", "cert", "key"]);
  const { ca, cert, key }: Partial<Record<string, unknown>> = { ...Object(value) };
  const file = (name: string, given: unknown): string | undefined =>
    given === undefined ? undefined : path(given, { ...place, field: `${place.field}.${name}` });
  return { tlsCa: file("ca", ca), tlsCert: file("cert", cert), tlsKey: file("key", key) };
}

function healthPlace(value: unknown, { field }: FieldPlace): FlagValues {
  checkFields(value, field, ["port", "host"]);
  const { port, host }: Partial<Record<string, unknown>> = { ...Object(value) };
  return {
    healthPort: checkWholeNumber(port, `${field}.port`, { least: 0, most: 65_535 }),
    healthHost: host === undefined ? undefined : text(host, `${field}.host`),
  };
}

function path(value: unknown, { field, folder }: FieldPlace): string {
  const given = text(value, field);
  return isAbsolute(given) || given.startsWith("file:") ? given : resolve(folder, given);
}

function text(value: unknown, field: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw invalidArgument({ field, received: value, expected: "text that is not empty" });
}

// What was received is not repeated: errors end up in logs.
function secret(value: unknown, field: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw invalidArgument({ field, received: typeof value, expected: "text that is not empty" });
}

function list(value: unknown, field: string): readonly string[] {
  const isTexts = Array.isArray(value) && value.length > 0;
  if (isTexts && value.every((each) => typeof each === "string")) return value;
  throw invalidArgument({ field, received: value, expected: "a list of texts" });
}

function oneOf<T>(known: readonly T[], value: unknown, field: string): T {
  const found = known.find((each) => each === value);
  if (found !== undefined) return found;
  const nearest = nearestName(String(value), known.map(String));
  throw invalidArgument({
    field,
    received: value,
    expected: `one of ${known.join(", ")}`,
    ...(nearest === undefined ? {} : { fix: `Did you mean "${nearest}"?` }),
  });
}
