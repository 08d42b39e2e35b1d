import type { Channel } from "./terminal.ts";

const EVERY_MS = 100;

/** Tells people, on one line that is written again and again, how far something is. Programs are told nothing. */
export function createProgress(channel: Channel): { tell(text: string): void; end(): void } {
  let toldAt = 0;
  let open = false;
  return {
    tell: (text) => {
      const now = performance.now();
      if (!channel.interactive || now - toldAt < EVERY_MS) return;
      toldAt = now;
      open = true;
      channel.write(`\r\u001B[K${channel.paint("quiet", text)}`);
    },
    end: () => {
      if (open) channel.write("\r\u001B[K");
      open = false;
    },
  };
}
