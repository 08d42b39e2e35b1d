import { requireCommand } from "../../run-command.ts";

/** The HTTP proxy that apt is configured to use; `undefined` when there is none or no apt. */
export async function aptProxy(signal?: AbortSignal): Promise<string | undefined> {
  const dump = await requireCommand("apt-config", ["dump", "Acquire::http::Proxy"], { signal }).catch(
    () => "",
  );
  return parseAptProxy(dump);
}

/** The proxy in the output of `apt-config dump`. */
export function parseAptProxy(dump: string): string | undefined {
  const value = /^Acquire::http::Proxy "([^"]*)";/im.exec(dump)?.[1];
  return value === undefined || value === "" || value === "DIRECT" ? undefined : value;
}
