import type { StandardSchemaV1 } from "@standard-schema/spec";
import { describe, UmbelError } from "./umbel-error.ts";

/**
 * What `schema` makes of `value`. Returns a promise only when the schema is asynchronous.
 *
 * @param what how the error calls the value: `"input of media.thumbnail"`.
 * @throws UmbelError `schema_violation` that lists every issue with its path.
 */
export function validate<Out>(
  schema: StandardSchemaV1<unknown, Out>,
  value: unknown,
  what: string,
): Out | Promise<Out> {
  const result = schema["~standard"].validate(value);
  if (result instanceof Promise) return result.then((settled) => accept(settled, value, what));
  return accept(result, value, what);
}

function accept<Out>(result: StandardSchemaV1.Result<Out>, value: unknown, what: string): Out {
  if (result.issues === undefined) return result.value;
  const issues = result.issues.map((issue) => ({ path: pathOf(issue), message: issue.message }));
  const list = issues.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; ");
  throw new UmbelError(
    "schema_violation",
    `${what} does not fit its schema: ${list}. Received ${describe(value)}.`,
    {
      details: { field: what, issues, received: describe(value) },
    },
  );
}

function pathOf(issue: StandardSchemaV1.Issue): string {
  return (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part)).join(".");
}
