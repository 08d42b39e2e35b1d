import { freePort } from "@umbel/runtime";
import { type Machine, thisMachine } from "../../src/find/machine.ts";

/** This machine with no server on it and no way to get one, except for what is given. */
export async function testMachine(given: Partial<Machine>): Promise<Machine> {
  return {
    ...thisMachine(),
    env: {},
    releasesUrl: `http://127.0.0.1:${await freePort()}`,
    aptDir: "/nowhere",
    ...given,
  };
}
