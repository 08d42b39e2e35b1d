// A process that finds a server by a given machine and cache, and says what it found.
import { findServerOn } from "../../src/find/find-server.ts";
import { testMachine } from "./test-machine.ts";

const [releasesUrl = "", cacheDir = ""] = process.argv.slice(2);
const machine = await testMachine({ platform: "linux", arch: "x64", releasesUrl });
const server = await findServerOn(machine, { cacheDir });
process.send?.(server);
