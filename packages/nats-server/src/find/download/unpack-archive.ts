import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isMissing, requireCommand, runCommand } from "../../run-command.ts";

/** What is taken out of which archive. */
export interface ArchiveMember {
  readonly archive: string;
  /** The member's path as the archive spells it. */
  readonly member: string;
  /** An existing folder that receives it. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
}

/** Take one file out of a `.tar.*`; resolves to its path. */
export async function unpackTar({ archive, member, folder, signal }: ArchiveMember): Promise<string> {
  await requireCommand("tar", ["-xf", archive, "-C", folder, member], { signal });
  return join(folder, member);
}

/**
 * Take one file out of a `.deb`; resolves to its path. By `dpkg-deb`, which needs nothing else, or where
 * that is missing by `ar` and `tar`.
 */
export async function unpackDeb(source: ArchiveMember): Promise<string> {
  const { archive, member, folder, signal } = source;
  try {
    const { code } = await runCommand("dpkg-deb", ["-x", archive, folder], { signal });
    if (code === 0) return join(folder, member);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return unpackDebByAr(source);
}

/** {@link unpackDeb} without `dpkg-deb`. */
export async function unpackDebByAr({ archive, member, folder, signal }: ArchiveMember): Promise<string> {
  await requireCommand("ar", ["x", archive], { cwd: folder, signal });
  const data = (await readdir(folder)).find((name) => name.startsWith("data.tar"));
  if (data === undefined) throw new Error(`${archive} holds no data.tar: it is not a Debian package`);
  return unpackTar({ archive: join(folder, data), member, folder, signal });
}
