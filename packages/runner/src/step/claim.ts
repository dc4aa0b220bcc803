import { mkdir, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  cacheOf,
  type MemberSpec,
  PATHS,
  type TeamRef,
  under,
  type VOLUME,
} from '@agentteam/contract';
import { type NativeTeam, volumeDirectories } from '@agentteam/volume';

/** The whole shared claim, as the trusted steps mount it. All paths are real. */
export interface Claim {
  readonly directories: Readonly<Record<keyof typeof VOLUME, string>>;
  readonly native: NativeTeam;
}

/** @param root value of `AGENTTEAM_ROOT`. */
export async function openClaim(root: string, { team }: TeamRef): Promise<Claim> {
  const directories = volumeDirectories(await realpath(under(root, PATHS.volume)));
  return { directories, native: { team, teams: directories.teams, tasks: directories.tasks } };
}

/**
 * Makes every directory that a pod mounts by `subPath`. Kubernetes would make missing ones too, but
 * as root's, and then nobody else could write to them.
 */
export async function createClaimDirectories(
  { directories }: Claim,
  members: readonly MemberSpec[],
): Promise<void> {
  const own = members.flatMap(({ name, cwd }) => [
    join(directories.sessions, name, 'projects'),
    join(directories.state, name),
    join(directories.work, name),
    ...(cwd === PATHS.work ? [] : [join(directories.cache, basename(cacheOf(cwd)))]),
  ]);
  for (const directory of [...Object.values(directories), ...own]) {
    await mkdir(directory, { recursive: true });
  }
}

/**
 * The working directory of a member as its own process sees it, symbolic links resolved: on the
 * embedded engine mount points are links, and Claude Code writes down where it really is.
 */
export async function memberDirectory(
  root: string,
  { directories }: Claim,
  { name, cwd }: MemberSpec,
): Promise<string> {
  if (root === '') return cwd;
  if (cwd === PATHS.work) return join(directories.work, name);
  return realpath(under(root, cwd));
}
