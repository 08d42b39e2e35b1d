import { registerHooks } from "node:module";
import { sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Tell `report` of every file that is imported or required from now on, and of those that are looked for in vain. */
export function reportImports(report: (file: string) => void): void {
  const seen = new Set<string>();
  const tell = (url: unknown): void => {
    const file = ownFile(url);
    if (file === undefined || seen.has(file)) return;
    seen.add(file);
    report(file);
  };
  registerHooks({
    resolve: (specifier, context, next) => {
      try {
        return next(specifier, context);
      } catch (error) {
        // Once it is there, the next try succeeds.
        tell(Reflect.get(Object(error), "url"));
        throw error;
      }
    },
    load: (url, context, next) => {
      tell(url);
      return next(url, context);
    },
  });
}

// Packages do not change under one's hands, and there are thousands of their files.
function ownFile(url: unknown): string | undefined {
  if (typeof url !== "string" || !url.startsWith("file:")) return undefined;
  const file = fileURLToPath(url);
  return file.includes(`${sep}node_modules${sep}`) ? undefined : file;
}
