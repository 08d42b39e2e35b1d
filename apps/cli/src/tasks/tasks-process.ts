// Reads modules in a process of its own: they may connect, print, or never let a process end.
import { once } from "node:events";
import { readTasks } from "./read-tasks.ts";

const [urls]: unknown[] = await once(process, "message");
const answer = await readTasks(Array.isArray(urls) ? urls.map(String) : []);
process.send?.(answer, () => process.exit());
