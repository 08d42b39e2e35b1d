import { expect, test } from "vitest";
import { complaint } from "./parser-output.ts";

test("a suggestion stands on the line of the complaint", () => {
  expect(complaint("error: unknown command 'wroker'\n(Did you mean worker?)\n")).toBe(
    "error: unknown command 'wroker'. Did you mean worker?\n",
  );
  expect(complaint("error: too many arguments.\n")).toBe("error: too many arguments.\n");
});
