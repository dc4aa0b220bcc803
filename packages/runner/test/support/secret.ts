import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PATHS } from '@agentteam/contract';
import type { Place } from './team.ts';

/** Writes a Secret to its mount path in a pod. */
export async function mountSecret(
  { root }: Place,
  name: string,
  entries: Readonly<Record<string, string>>,
): Promise<void> {
  const directory = `${root}${PATHS.credentials}/${name}`;
  await mkdir(directory, { recursive: true });
  for (const [key, value] of Object.entries(entries)) {
    await writeFile(join(directory, key), value, { mode: 0o644 });
  }
}
