import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/** The file of a process of its own beside the module at `url`: a source while sources run, else what was built. */
export function siblingEntry(url: string, name: string): string {
  return fileURLToPath(new URL(`./${name}${extname(url)}`, url));
}
