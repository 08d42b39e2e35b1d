import { watch, type FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";
import { after } from "@umbel/runtime";

/** Tells of changes of some files, those of one save together. */
export class FileWatch implements Disposable {
  readonly #folders = new Map<string, { readonly names: Set<string>; readonly watcher: FSWatcher }>();
  readonly #onChange: (files: readonly string[]) => void;
  readonly #settleMs: number;
  readonly #changed = new Set<string>();
  #cancel: (() => void) | undefined;

  /** `onChange` hears of changes once none has followed for `settleMs`. */
  constructor(onChange: (files: readonly string[]) => void, settleMs: number) {
    this.#onChange = onChange;
    this.#settleMs = settleMs;
  }

  /** Watch `file`, which may not be there yet. Its folder is: editors replace files instead of writing them. */
  add(file: string): void {
    const folder = dirname(file);
    const known = this.#folders.get(folder);
    if (known !== undefined) return void known.names.add(basename(file));
    const names = new Set([basename(file)]);
    const watcher = this.#watch(folder, names);
    if (watcher !== undefined) this.#folders.set(folder, { names, watcher });
  }

  [Symbol.dispose](): void {
    this.#cancel?.();
    for (const { watcher } of this.#folders.values()) watcher.close();
  }

  #watch(folder: string, names: ReadonlySet<string>): FSWatcher | undefined {
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        if (name !== null && names.has(name)) this.#hear(`${folder}/${name}`);
      });
      // A folder that is removed: its files are gone, and whoever imports them will say so.
      watcher.on("error", () => this.#folders.delete(folder));
      return watcher;
    } catch {
      return undefined;
    }
  }

  #hear(file: string): void {
    this.#changed.add(file);
    this.#cancel?.();
    this.#cancel = after(this.#settleMs, () => {
      const files = [...this.#changed];
      this.#changed.clear();
      this.#onChange(files);
    });
  }
}
