import { lstat, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readUntrusted } from '@agentteam/volume';

/** Describes a directory with a `.git` inside a worktree; `undefined` when it has none. */
export async function describeNested(directory: string): Promise<string | undefined> {
  const pointer = join(directory, '.git');
  const found = await lstat(pointer).catch(() => undefined);
  if (found === undefined) return undefined;
  if (found.isFile()) {
    const [, place] = /^gitdir: (.+)$/m.exec((await readUntrusted(pointer)) ?? '') ?? [];
    const head = place && (await readUntrusted(join(resolve(directory, place), 'HEAD')));
    const [, branch] = /^ref: refs\/heads\/(.+)$/m.exec(head ?? '') ?? [];
    if (branch !== undefined) return `a git worktree on branch ${branch}`;
  }
  return 'a git repository of its own';
}

/** First bytes of a `CACHEDIR.TAG`, which marks its directory as a cache (https://bford.info/cachedir/). */
const CACHE_SIGNATURE = 'Signature: 8a477f597d28d172789f06886806bc55';

export async function isCacheTag(file: string): Promise<boolean> {
  const text = await readFile(file, 'latin1').catch(() => '');
  return text.startsWith(CACHE_SIGNATURE);
}
