import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { eventually } from "@umbel/runtime";

const run = promisify(execFile);

/** How a program is started on a screen. */
export interface ScreenOptions {
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly columns?: number;
  readonly rows?: number;
}

/** A program in a real terminal, of tmux. Disposing it ends both. */
export class Screen implements AsyncDisposable {
  readonly #socket = `umbel-${randomBytes(6).toString("hex")}`;

  static async start({ command, cwd, env = {}, columns = 100, rows = 30 }: ScreenOptions): Promise<Screen> {
    const screen = new Screen();
    const variables = Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
    const size = ["-x", String(columns), "-y", String(rows)];
    // The pane stays when its program has ended: how it has left the terminal matters too.
    await screen.#tmux(
      "-f",
      "/dev/null",
      "start-server",
      ";",
      "set",
      "-g",
      "remain-on-exit",
      "on",
      ";",
      "new-session",
      "-d",
      ...size,
      "-c",
      cwd,
      ...variables,
      command.map(quoted).join(" "),
    );
    return screen;
  }

  /** Press keys, as tmux names them: `Tab`, `C-c`, `q`. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux("send-keys", ...keys);
  }

  /** Type text as it is. */
  async type(text: string): Promise<void> {
    await this.#tmux("send-keys", "-l", text);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux("resize-window", "-x", String(columns), "-y", String(rows));
  }

  /** What the terminal shows. */
  async text(): Promise<string> {
    return (await run("tmux", ["-L", this.#socket, "capture-pane", "-p"])).stdout;
  }

  /** What tmux knows of the pane: `#{cursor_flag}`, `#{alternate_on}`, … */
  async know(format: string): Promise<string> {
    return (await run("tmux", ["-L", this.#socket, "display-message", "-p", format])).stdout.trim();
  }

  /** Wait until the terminal shows `wanted`; resolves to all that it shows then. */
  async shows(wanted: string | RegExp): Promise<string> {
    let text = "";
    const isThere = async (): Promise<boolean> => {
      text = await this.text();
      return typeof wanted === "string" ? text.includes(wanted) : wanted.test(text);
    };
    await eventually(`the terminal shows ${String(wanted)}`, isThere, { timeoutMs: 20_000 }).catch(() => {
      throw new Error(`the terminal does not show ${String(wanted)}, but:\n${text}`);
    });
    return text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux("kill-server").catch(() => undefined);
  }

  async #tmux(...args: readonly string[]): Promise<void> {
    await run("tmux", ["-L", this.#socket, ...args]);
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
