import { NoteInbox, type Note } from "./note.ts";
import { readSettings, type Settings } from "./settings.ts";

/** The process that has started this one. */
export interface Parent {
  readonly settings: Settings;
  tell(type: string, values?: Readonly<Record<string, number>>, text?: string): void;
  /** The parent's next note, of this type. */
  next(type: string): Promise<Note>;
  /** Nothing more to say. The process ends by itself, unless something keeps it alive. */
  leave(): void;
}

/** The parent of this process. Without it, this process has no reason to live. */
export function joinParent(): Parent {
  const inbox = new NoteInbox("the parent");
  const onOrphaned = (): never => process.exit(1);
  process.on("message", (message) => inbox.put(message));
  process.on("disconnect", onOrphaned);
  return {
    settings: readSettings(),
    tell: (type, values = {}, text) => {
      process.send?.({ type, values, ...(text === undefined ? {} : { text }) });
    },
    next: (type) => inbox.next(type),
    leave: () => {
      process.off("disconnect", onOrphaned);
      process.disconnect();
    },
  };
}
