import { checkKey } from "./lanes.ts";
import type { AnyTask } from "./task.ts";

type KeyedTask = Pick<AnyTask, "name" | "key">;

/**
 * `options` with the key that `task` makes of `input`, unless they have one.
 *
 * @throws UmbelError `invalid_argument` when the task's function gives no key; what the function throws.
 */
export function withKey<Options extends { readonly key?: string }>(
  task: KeyedTask,
  input: unknown,
  options: Options | undefined,
): Options | { readonly key: string } | undefined {
  if (task.key === undefined || options?.key !== undefined) return options;
  return { ...options, key: keyOfInput(task, input) };
}

/** The key that `task` makes of `input`. @throws as {@link withKey} does */
export function keyOfInput(task: KeyedTask, input: unknown): string {
  return checkKey(task.key?.(input), `task ${task.name}: key(input)`);
}
