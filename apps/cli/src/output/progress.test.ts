import { describe, expect, test } from "vitest";
import { createProgress, progressText } from "./progress.ts";
import { createTerminal } from "./terminal.ts";

describe("progress", () => {
  test("is a bar where the total is known", () => {
    expect(progressText({ what: "cancelled", total: 200, done: 50, elapsedMs: 2_000 })).toBe(
      "[######------------------] 25 %  50 of 200 cancelled, 25/s, 6 s left",
    );
    expect(progressText({ what: "cancelled", total: 2, done: 0, elapsedMs: 0 })).toContain(
      "] 0 %  0 of 2 cancelled",
    );
    expect(progressText({ what: "cancelled", total: 2, done: 3, elapsedMs: 9 })).toContain("] 100 %  3 of 2");
  });

  test("is a count and a rate where it is not", () => {
    expect(progressText({ what: "discarded", done: 30, elapsedMs: 1_500 })).toBe("30 discarded, 20/s …");
  });

  test.each([true, false])("on a terminal only, and it leaves nothing there (%j)", (isTTY) => {
    let written = "";
    const stream = { isTTY, columns: 20, write: (text: string): void => void (written += text) };
    const { err } = createTerminal({ out: stream, err: stream }, { NO_COLOR: "1" });
    const progress = createProgress(err, { what: "cancelled", total: 4 });
    progress.tell(1);
    progress.tell(2);
    progress.end();
    expect(written).toBe(isTTY ? "\r\u001B[K[######------------\r\u001B[K" : "");
  });
});
