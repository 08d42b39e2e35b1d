import { hostname, userInfo } from "node:os";

/** The user of this machine. */
export function userName(): string {
  // Some containers have users without names.
  try {
    return userInfo().username;
  } catch {
    return "umbel";
  }
}

/** Who gives this command, for the record: `ada@laptop`. */
export function userAtHost(): string {
  return `${userName()}@${hostname()}`.slice(0, 200);
}
