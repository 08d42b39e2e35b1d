import { describe, expect, it } from "vitest";
import { runIdOf } from "./mail-server.ts";

describe("runIdOf", () => {
  it("reads the run's id from the Message-ID", () => {
    expect(runIdOf("From: a@b\r\nMessage-ID: <0abc@umbel.invalid>\r\n\r\ntext")).toBe("0abc");
  });

  it("is empty for a mail that names no run", () => {
    expect(runIdOf("From: a@b\r\n\r\ntext")).toBe("");
  });
});
