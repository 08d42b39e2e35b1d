import { JetStreamApiError } from "@nats-io/jetstream";
import {
  AuthorizationError,
  ClosedConnectionError,
  ConnectionError,
  DrainingConnectionError,
  NoRespondersError,
  PermissionViolationError,
  RequestError,
  TimeoutError,
} from "@nats-io/nats-core/internal";
import { UmbelError, type ErrorCode } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { apiError, isUnheard, translateError } from "./translate-error.ts";

describe("an error number of the server", () => {
  test.each<[number, ErrorCode]>([
    [10002, "storage_full"],
    [10005, "broker_unavailable"],
    [10006, "broker_unavailable"],
    [10008, "broker_unavailable"],
    [10009, "broker_unavailable"],
    [10014, "not_provisioned"],
    [10023, "storage_full"],
    [10028, "storage_full"],
    [10039, "jetstream_disabled"],
    [10047, "storage_full"],
    [10054, "payload_too_large"],
    [10058, "config_conflict"],
    [10059, "not_provisioned"],
    [10065, "config_conflict"],
    [10071, "conflict"],
    [10076, "jetstream_disabled"],
    [10077, "storage_full"],
    [10164, "broker_unavailable"],
    [10025, "broker_error"],
    [0, "broker_error"],
  ])("%i is %s, with the server's own words", (apiCode, code) => {
    const error = apiError(apiCode, "in its words", { doing: "publishing" });
    expect(error).toMatchObject({
      code,
      details: { apiCode, description: "in its words", doing: "publishing" },
    });
    expect(error.message).toContain(`publishing: the server answered "in its words" (${apiCode}).`);
  });

  test("counts, whatever the words: the same words with another number are another error", () => {
    const description = "wrong last sequence: 7";
    const withCode = (code: number) =>
      translateError(new JetStreamApiError({ code: 400, err_code: code, description }), "publishing").code;
    expect([withCode(10071), withCode(10003)]).toEqual(["conflict", "broker_error"]);
  });
});

describe("an error of the library", () => {
  test.each<[Error, ErrorCode]>([
    [new AuthorizationError("Authorization Violation"), "permission_denied"],
    [new PermissionViolationError("denied", "publish", "a.b"), "permission_denied"],
    [new ClosedConnectionError(), "connection_closed"],
    [new DrainingConnectionError(), "connection_closed"],
    [new NoRespondersError("a.b"), "broker_unavailable"],
    [new TimeoutError(), "broker_unavailable"],
    [new ConnectionError("connection refused"), "cannot_connect"],
    [new RequestError("connection disconnected"), "broker_unavailable"],
    [new Error("anything else"), "broker_error"],
  ])("%o is %s by its class, also where it was wrapped", (error, code) => {
    for (const thrown of [
      error,
      new RequestError("wrapped", { cause: error }),
      new Error("twice", { cause: new RequestError("wrapped", { cause: error }) }),
    ]) {
      const translated = translateError(thrown, "looking");
      expect(translated.code).toBe(thrown === error ? code : wrapped(code));
      expect(translated.cause).toBe(thrown);
      expect(translated.message.startsWith("looking: ")).toBe(true);
    }
  });

  test("that wraps an answer of the server is that answer", () => {
    const answer = new JetStreamApiError({ code: 503, err_code: 10039, description: "not for this account" });
    expect(translateError(new Error("jetstream is not enabled", { cause: answer }), "looking")).toMatchObject(
      {
        code: "jetstream_disabled",
        details: { apiCode: 10039 },
      },
    );
  });

  test("about a permission names operation and subject", () => {
    const publish = translateError(new PermissionViolationError("denied", "publish", "a.b"), "publishing");
    expect(publish.details).toMatchObject({ operation: "publish", subject: "a.b" });
    expect(publish.message).toContain('may not publish to "a.b"');
    const listen = translateError(new PermissionViolationError("denied", "subscription", "a.*"), "listening");
    expect(listen.message).toContain('may not subscribe to "a.*"');
  });

  test("that is an UmbelError already stays what it is", () => {
    const error = new UmbelError("conflict", "lost");
    expect(translateError(error, "writing")).toBe(error);
  });

  test("or anything else that was thrown is text", () => {
    expect(translateError("thrown text", "looking").message).toBe("looking: thrown text");
  });
});

test("nobody listens, is told from nobody answers", () => {
  expect(isUnheard(new RequestError("no responders", { cause: new NoRespondersError("a.b") }))).toBe(true);
  expect(isUnheard(new TimeoutError())).toBe(false);
  expect(isUnheard(undefined)).toBe(false);
});

// What is not known by itself was cut off with its request.
function wrapped(code: ErrorCode): ErrorCode {
  return code === "broker_error" ? "broker_unavailable" : code;
}
