import type { Right } from "@umbel/broker";
import { checker, type Check } from "./check.ts";

const ROLES = ["client", "worker", "operator"] as const satisfies readonly Right["role"][];

/**
 * What this user may do in each role. Never a failure: only whoever made the user knows what it is for. Pure.
 */
export function checkRights(rights: readonly Right[]): readonly Check[] {
  return ROLES.map((role) =>
    judge(
      role,
      rights.filter((right) => right.role === role),
    ),
  );
}

function judge(role: Right["role"], rights: readonly Right[]): Check {
  const { ok, warn, skip } = checker(`${role} rights`);
  const denied = rights.filter(({ allowed }) => !allowed);
  if (denied.length === 0) return ok(`this user may ${listed(rights)}`);
  if (role === "operator" || denied.length === rights.length) {
    const allowed = rights.filter((right) => right.allowed);
    return skip(allowed.length === 0 ? "this user has none" : `this user may only ${listed(allowed)}`);
  }
  const missing = denied.map(({ operation, subject }) => `${operation} "${subject}"`);
  return warn(
    `this user may not ${listed(denied)}`,
    `If it is a ${role}'s, allow it to ${missing.join(", ")}.`,
  );
}

function listed(rights: readonly Right[]): string {
  return [...new Set(rights.map(({ purpose }) => purpose))].join(", ");
}
