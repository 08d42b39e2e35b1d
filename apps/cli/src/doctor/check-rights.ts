import type { Right } from "@umbel/broker";
import { checker, type Check } from "./check.ts";

const ROLES = { client: "client rights", worker: "worker rights" } as const;

/**
 * What this user may do as a client, and as a worker. Never a failure: nobody says what the user is for. Pure.
 */
export function checkRights(rights: readonly Right[], role: Right["role"]): Check {
  const { ok, warn, skip } = checker(ROLES[role]);
  const own = rights.filter((right) => right.role === role);
  const denied = own.filter(({ allowed }) => !allowed);
  if (denied.length === 0) return ok(`this user may ${listed(own)}`);
  const missing = denied.map(({ operation, subject }) => `${operation} "${subject}"`);
  const advice = `To be one of a ${role}, it needs: ${[...new Set(missing)].join(", ")}.`;
  if (denied.length === own.length)
    return skip(`this user is not a ${role}'s: it may none of ${listed(own)}`, advice);
  return warn(`this user may not ${listed(denied)}`, advice);
}

function listed(rights: readonly Right[]): string {
  return [...new Set(rights.map(({ purpose }) => purpose))].join(", ");
}
