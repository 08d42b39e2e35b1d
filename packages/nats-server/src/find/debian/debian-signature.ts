import { access } from "node:fs/promises";
import { isMissing, runCommand } from "../../run-command.ts";

/** A file, its detached signature and the keys that are trusted. */
export interface SignedFile {
  readonly path: string;
  readonly signaturePath: string;
  /** Where the keyring may be; the first that exists is used. */
  readonly keyrings: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Check a signature with the program that apt itself uses, `gpgv` or `sqv`.
 *
 * @throws an error when there is no good signature by a key of the keyring, or no means to tell.
 */
export async function requireSignature(file: SignedFile): Promise<void> {
  const keyring = await firstExisting(file.keyrings);
  if (keyring === undefined) throw new Error(`Debian's keys are not in ${file.keyrings.join(" or ")}`);
  for (const verify of [verifyByGpgv, verifyBySqv]) {
    const verdict = await verify(file, keyring);
    if (verdict === "good") return;
    if (verdict === "bad") throw new Error("its list of files has no good signature by Debian: not used");
  }
  throw new Error("there is neither gpgv nor sqv to check Debian's signature");
}

type Verdict = "good" | "bad" | "unknown";

// The exit code is of no use: it is a failure too when only one of several signers is unknown.
async function verifyByGpgv({ path, signaturePath, signal }: SignedFile, keyring: string): Promise<Verdict> {
  return unlessMissing(async () => {
    const args = ["--status-fd", "1", "--keyring", keyring, signaturePath, path];
    const { stdout } = await runCommand("gpgv", args, { signal });
    const isGood = /^\[GNUPG:\] GOODSIG /m.test(stdout) && !/^\[GNUPG:\] BADSIG /m.test(stdout);
    return isGood ? "good" : "bad";
  });
}

async function verifyBySqv({ path, signaturePath, signal }: SignedFile, keyring: string): Promise<Verdict> {
  return unlessMissing(async () => {
    const { code } = await runCommand("sqv", ["--keyring", keyring, signaturePath, path], { signal });
    return code === 0 ? "good" : "bad";
  });
}

async function unlessMissing(verify: () => Promise<Verdict>): Promise<Verdict> {
  try {
    return await verify();
  } catch (error) {
    if (isMissing(error)) return "unknown";
    throw error;
  }
}

async function firstExisting(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const exists = await access(path).then(
      () => true,
      () => false,
    );
    if (exists) return path;
  }
  return undefined;
}
