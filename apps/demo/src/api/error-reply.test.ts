import { invalidArgument, UmbelError } from "@umbel/protocol";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { errorReply } from "./error-reply.ts";

describe("errorReply", () => {
  it("blames the caller for what the caller sent", () => {
    const refused = errorReply(invalidArgument({ field: "keys", received: "QQQ", expected: "an airport" }));
    expect(refused.status).toBe(400);
    expect(refused.body.error).toEqual({
      code: "invalid_argument",
      message: 'keys: expected an airport, received "QQQ".',
    });
  });

  it("names the field that a schema refuses", () => {
    const { error } = z.strictObject({ keys: z.array(z.string()) }).safeParse({ keys: "JFK" });
    const refused = errorReply(error);
    expect(refused.status).toBe(400);
    expect(refused.body.error.message).toContain("keys");
  });

  it("passes on what the web server refuses by itself", () => {
    const error = Object.assign(new Error("body is not valid JSON"), { statusCode: 415 });
    expect(errorReply(error)).toMatchObject({
      status: 415,
      body: { error: { message: "body is not valid JSON" } },
    });
  });

  it("says whether trying again may help", () => {
    expect(errorReply(new UmbelError("broker_unavailable", "no leader")).status).toBe(503);
    expect(errorReply(new UmbelError("run_unknown", "no run")).status).toBe(404);
    expect(errorReply(new TypeError("oops")).status).toBe(500);
  });
});
