import { textFor } from '@agentteam/text';
import { readUntrusted } from '@agentteam/volume';
import { type GitOptions, gitFields } from '../run.ts';

const MARKER = /^(<{7}|>{7}|\|{7})( |$)/m;

/** Whether a file has conflict markers. @param file absolute path. */
export async function hasConflictMarkers(file: string): Promise<boolean> {
  return MARKER.test((await readUntrusted(file)) ?? '');
}

/** The files of a commit with conflict markers in lines that another commit does not have. */
export async function markedFiles(
  start: string,
  commit: string,
  options: GitOptions,
): Promise<readonly string[]> {
  // A search could otherwise run programs that the agent has set as converters.
  const flags = ['-r', '-z', '--name-only', '--no-renames', '--no-textconv', '--no-ext-diff'];
  const search = ['--diff-filter=AM', '-G^<{7} '];
  const changed = await gitFields(['diff-tree', ...flags, ...search, start, commit], options);
  if (changed.length === 0) return [];
  const grep = ['grep', '--no-textconv', '-l', '-z', '-I', '-E', '^<{7} ', commit];
  const marked = new Set(await gitFields(grep, { ...options, accept: [0, 1] }));
  return changed.filter((path) => marked.has(`${commit}:${path}`));
}

/** The rest is only counted. */
const MAX_SHOWN = 10;

/** For people, as the end of a sentence about the agent that has left them. */
export function describeMarked(files: readonly string[]): string {
  const shown = files
    .slice(0, MAX_SHOWN)
    .map((path) => textFor('log', JSON.stringify(path)).slice(1, -1));
  const more = files.length - shown.length;
  return `left conflict markers in ${shown.join(', ')}${more > 0 ? ` and ${more} more files` : ''}`;
}
