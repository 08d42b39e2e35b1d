import {
  DiscardPolicy,
  PersistMode,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from "@nats-io/jetstream";
import { streamSpecs, type StreamSpec } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { compareStream, streamConfig } from "./stream-config.ts";

const [tasks, results, deadLetters] = streamSpecs("umbel");

describe("the configuration of a stream", () => {
  test("says all that the specification says, in the server's units", () => {
    expect(streamConfig(spec(results))).toMatchObject({
      name: "KV_umbel_results",
      subjects: ["$KV.umbel_results.>"],
      retention: "limits",
      storage: "file",
      discard: "old",
      max_msgs_per_subject: 1,
      duplicate_window: 10_000_000_000,
      allow_direct: true,
      allow_msg_ttl: true,
      subject_delete_marker_ttl: 3_600_000_000_000,
      republish: { src: "$KV.umbel_results.>", dest: "umbel.N.>" },
    });
    expect(streamConfig(spec(tasks))).toMatchObject({
      retention: "workqueue",
      max_age: 0,
      allow_msg_schedules: true,
      allow_atomic: true,
    });
  });

  test("leaves out what the specification leaves to the server", () => {
    expect(streamConfig(spec(deadLetters))).not.toHaveProperty("republish");
    expect(streamConfig(spec(deadLetters))).not.toHaveProperty("subject_delete_marker_ttl");
  });
});

describe("a comparison", () => {
  test("finds nothing in what was made by the specification", () => {
    for (const each of [tasks, results, deadLetters]) expect(differences(each, {})).toEqual([]);
  });

  test("does not mind the order of subjects", () => {
    const subjects = [...spec(tasks).subjects].toReversed();
    expect(differences(tasks, { subjects })).toEqual([]);
  });

  test("leaves the operator's settings alone", () => {
    const theirs = { num_replicas: 5, max_bytes: 7, max_age: 7, max_msgs: 7, description: "mine" };
    expect(differences(deadLetters, theirs)).toEqual([]);
    expect(differences(results, { num_replicas: 5, description: "mine", max_age: 7 })).toEqual([]);
    expect(differences(tasks, { num_replicas: 5, description: "mine", max_msg_size: 7 })).toEqual([]);
  });

  test.each(["max_msgs", "max_bytes", "max_age"] as const)(
    "does not leave %s of the queue alone",
    (setting) => {
      expect(differences(tasks, { [setting]: 1_000 })).toEqual([
        { setting, found: 1_000, needed: setting === "max_age" ? 0 : -1, mutable: true },
      ]);
    },
  );

  test("does not leave limits of what promises rest on: the oldest outcomes would go", () => {
    for (const setting of ["max_msgs", "max_bytes"])
      expect(differences(results, { [setting]: 7 })).toEqual([
        { setting, found: 7, needed: -1, mutable: true },
      ]);
  });

  test("knows that a feature can be turned on, and not off", () => {
    expect(differences(tasks, { allow_msg_schedules: false })).toMatchObject([{ mutable: true }]);
    expect(differences(deadLetters, { allow_msg_schedules: true })).toMatchObject([{ mutable: false }]);
    expect(differences(deadLetters, { allow_direct: false })).toMatchObject([{ mutable: true }]);
  });

  test("knows what can never be changed", () => {
    expect(differences(tasks, { retention: RetentionPolicy.Limits })).toEqual([
      { setting: "retention", found: "limits", needed: "workqueue", mutable: false },
    ]);
  });
});

function spec(found: StreamSpec | undefined): StreamSpec {
  if (found === undefined) throw new Error("a mesh has three streams");
  return found;
}

function differences(found: StreamSpec | undefined, change: Partial<StreamConfig>): readonly object[] {
  return compareStream({ ...STORED, ...streamConfig(spec(found)), ...change }, spec(found));
}

/** What a server fills in by itself. */
const STORED: StreamConfig = {
  name: "",
  subjects: [],
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  discard: DiscardPolicy.Old,
  discard_new_per_subject: false,
  sealed: false,
  max_consumers: -1,
  max_msgs: -1,
  max_bytes: -1,
  max_age: 0,
  max_msgs_per_subject: -1,
  max_msg_size: -1,
  num_replicas: 1,
  duplicate_window: 0,
  no_ack: false,
  allow_rollup_hdrs: false,
  allow_direct: false,
  mirror_direct: false,
  deny_delete: false,
  deny_purge: false,
  first_seq: 0,
  allow_msg_counter: false,
  persist_mode: PersistMode.Default,
};
