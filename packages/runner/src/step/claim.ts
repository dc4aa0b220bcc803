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

/** The whole shared claim, as steps without an agent mount it. All paths are real paths. */
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
 * Makes every directory that a pod mounts by `subPath`. Kubernetes would make missing ones as well,
 * but owned by root, so that no container could write to them.
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
 * Real path of a member's working directory, as its own process sees it. On the embedded engine,
 * mount points are links, and Claude Code records the resolved path.
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
