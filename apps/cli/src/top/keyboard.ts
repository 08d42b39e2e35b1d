import { emitKeypressEvents } from "node:readline";
import { ReadStream } from "node:tty";
import type { Key } from "./controls.ts";

/** Whether single keys can be read from `input`. */
export function isKeyboard(input: NodeJS.ReadableStream): input is ReadStream {
  return input instanceof ReadStream && input.isTTY;
}

/** Tell `onKey` of every key, until the result is called. */
export function listenToKeys(input: ReadStream, onKey: (key: Key) => void): () => void {
  const listener = (text: string | undefined, { name, ctrl }: Key): void => onKey({ text, name, ctrl });
  emitKeypressEvents(input);
  input.setRawMode(true);
  input.on("keypress", listener);
  input.resume();
  return () => {
    input.removeListener("keypress", listener);
    input.setRawMode(false);
    input.pause();
  };
}
