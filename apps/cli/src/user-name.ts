import { userInfo } from "node:os";

/** Who asks, unless a flag says another. Some containers have users without names. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "umbel";
  }
}
