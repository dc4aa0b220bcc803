import { mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { Scope } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { consolidate } from '../../src/git/merge/consolidate.ts';
import { inScope } from '../../src/git/scope/rules.ts';
import { makeCodingTeam, never } from '../support/team.ts';
import { handOverWork } from '../support/work.ts';

const DIRECTORIES = ['src/api', 'src/web', 'docs'];
const FILES = ['a', 'b', 'c'];
const BASE = Object.fromEntries(
  DIRECTORIES.flatMap((directory) =>
    FILES.map((file) => [`${directory}/${file}`, `base ${directory}/${file}\n`]),
  ),
);

const path = fc
  .tuple(fc.constantFrom(...DIRECTORIES), fc.constantFrom(...FILES, 'new', 'sub/new'))
  .map(([directory, file]) => `${directory}/${file}`);
/** A symbolic link, and whether it stays in the repository. */
const LINKS = { a: true, '../b': true, '../../../../etc/passwd': false, '/etc/passwd': false };

/** An agent's change to a path: new text, a link, or a deletion. */
const edit = fc.oneof(
  { weight: 6, arbitrary: fc.string({ maxLength: 20 }) },
  { weight: 3, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.record({ link: fc.constantFrom(...Object.keys(LINKS)) }) },
);
const edits = fc.dictionary(path, edit, { maxKeys: 5 });
const EVERYTHING = { includePaths: [], excludePaths: [] };
const scopes = fc.oneof(
  { weight: 2, arbitrary: fc.constant(EVERYTHING) },
  fc.record({
    includePaths: fc.subarray(DIRECTORIES.map((directory) => `${directory}/`)),
    excludePaths: fc.subarray(['src/api/a', 'docs/sub/']),
  }),
);

type Link = { readonly link: string };
type Edits = Readonly<Record<string, string | Link | null>>;

/** As {@link filesIn} shows it. */
function shown(change: string | Link | null): string | null {
  return typeof change === 'object' && change !== null ? `→ ${change.link}` : change;
}

async function apply(tree: string, changes: Edits): Promise<void> {
  for (const [file, text] of Object.entries(changes)) {
    const target = join(tree, file);
    await rm(target, { force: true });
    if (text === null) continue;
    await mkdir(dirname(target), { recursive: true });
    if (typeof text === 'string') await writeFile(target, text);
    else await symlink(text.link, target);
  }
}

/** The files of a worktree and their contents. */
async function filesIn(tree: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(tree, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.isDirectory() && entry.name !== '.git')
    .map((entry) => [join(entry.parentPath, entry.name), entry.isFile()] as const);
  const texts = await Promise.all(
    files.map(async ([file, isFile]) =>
      isFile ? readFile(file, 'utf8') : `→ ${await readlink(file)}`,
    ),
  );
  return Object.fromEntries(
    files.map(([file], index) => [relative(tree, file), texts[index] ?? '']),
  );
}

/** The changes that make a difference: deleting a missing file does not. */
function changedPaths(changes: Edits): readonly string[] {
  return Object.keys(changes).filter((file) => (changes[file] ?? undefined) !== BASE[file]);
}

function withEdits(files: Readonly<Record<string, string>>, changes: Edits) {
  const result = new Map(Object.entries(files));
  for (const file of changedPaths(changes)) {
    const text = shown(changes[file] ?? null);
    if (text === null) result.delete(file);
    else result.set(file, text);
  }
  return Object.fromEntries(result);
}

function leadsOut(change: string | Link | null | undefined): boolean {
  return typeof change === 'object' && change !== null && !LINKS[change.link as keyof typeof LINKS];
}

function without(files: Readonly<Record<string, string>>, left: readonly string[]) {
  return Object.fromEntries(Object.entries(files).filter(([file]) => !left.includes(file)));
}

test('the merge is exactly the union of the allowed changes', async () => {
  await fc.assert(
    fc.asyncProperty(edits, edits, scopes, scopes, async (first, second, scope, otherScope) => {
      const team = await makeCodingTeam(BASE, { one: { scope }, two: { scope: otherScope } });
      await apply(team.tree('one'), first);
      await apply(team.tree('two'), second);
      for (const name of ['one', 'two']) await handOverWork(team.repository, name);
      const outcome = await consolidate(team.repository, team.session, never);

      const strays = (changes: Edits, allowed: Scope) =>
        changedPaths(changes).filter((file) => !inScope(file, allowed) || leadsOut(changes[file]));
      if (outcome.status === 'violation') {
        const [changes, allowed] = outcome.agent === 'one' ? [first, scope] : [second, otherScope];
        expect(outcome.violations.map((violation) => violation.path).sort()).toEqual(
          strays(changes, allowed).sort(),
        );
      } else if (outcome.status === 'conflict') {
        const both = changedPaths(first).filter((file) => changedPaths(second).includes(file));
        // If one side has a link and the other a file, git stores one of them beside it, as `a~HEAD`.
        const paths = outcome.conflict.files.map((file) => file.path.replace(/~.*$/, ''));
        expect(both).toEqual(expect.arrayContaining(paths));
      } else {
        expect([...strays(first, scope), ...strays(second, otherScope)]).toEqual([]);
        // git decides on a file that both sides changed and that it could merge.
        const byBoth = changedPaths(first).filter((file) => changedPaths(second).includes(file));
        expect(without(await filesIn(team.tree('team-lead')), byBoth)).toEqual(
          without(withEdits(withEdits(BASE, first), second), byBoth),
        );
      }
      await rm(team.directory, { recursive: true });
    }),
    { numRuns: 30 },
  );
}, 600_000);
