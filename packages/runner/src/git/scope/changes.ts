import { type GitOptions, gitFields } from '../run.ts';

/** A path that differs between two trees. A rename counts as two: a deletion and an addition. */
export interface Change {
  readonly path: string;
  /** git's file modes; `000000` when the path does not exist on that side. */
  readonly oldMode: string;
  readonly newMode: string;
  readonly newId: string;
}

export const MODES = { none: '000000', symlink: '120000', submodule: '160000' } as const;

const RAW = /^:([0-7]{6}) ([0-7]{6}) [0-9a-f]+ ([0-9a-f]+) [A-Z]$/;

export async function changesBetween(
  before: string,
  after: string,
  options: GitOptions,
): Promise<readonly Change[]> {
  const flags = ['--raw', '-r', '-z', '--no-renames', '--no-abbrev', '--ignore-submodules=none'];
  const fields = await gitFields(['diff-tree', ...flags, before, after], options);
  const changes: Change[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const match = RAW.exec(fields[index] ?? '');
    const path = fields[index + 1];
    if (match === null || path === undefined) {
      throw new Error(`unexpected output of git diff-tree: ${fields[index]}`);
    }
    const [, oldMode = '', newMode = '', newId = ''] = match;
    changes.push({ path, oldMode, newMode, newId });
  }
  return changes;
}
