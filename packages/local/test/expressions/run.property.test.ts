import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createRun, execute } from '../../src/index.ts';
import { shellOptions } from '../support/shell-options.ts';
import { script, task, workflow } from '../workflows.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentteam dags '));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

type Outcome = 'Succeeded' | 'Failed';
type Ends = 'Succeeded' | 'Failed' | 'Omitted' | 'Skipped';

/** A task and its condition over earlier tasks, as an OR of ANDs. Without terms it depends on nothing. */
interface Node {
  readonly outcome: Outcome;
  readonly when: boolean | null;
  readonly waits: readonly (readonly (readonly [before: number, end: Ends, not: boolean])[])[];
}

const wait = fc.tuple(
  fc.nat({ max: 5 }),
  fc.constantFrom<Ends>('Succeeded', 'Failed', 'Omitted', 'Skipped'),
  fc.boolean(),
);
const dags = fc.array(
  fc.record<Node>({
    outcome: fc.constantFrom<Outcome>('Succeeded', 'Succeeded', 'Failed'),
    when: fc.option(fc.boolean(), { freq: 4 }),
    waits: fc.array(fc.array(wait, { minLength: 1, maxLength: 2 }), { maxLength: 2 }),
  }),
  { minLength: 1, maxLength: 6 },
);

function dependsOf({ waits }: Node, index: number): string | undefined {
  if (index === 0 || waits.length === 0) return undefined;
  return waits
    .map((all) => all.map(([n, end, not]) => `${not ? '!' : ''}t${n % index}.${end}`).join(' && '))
    .map((all) => `(${all})`)
    .join(' || ');
}

/** The expected phase of each task and of the DAG, computed from the first task to the last. */
function expected(nodes: readonly Node[]): readonly string[] {
  const ends: string[] = [];
  for (const [index, { outcome, when, waits }] of nodes.entries()) {
    const held =
      index === 0 ||
      waits.length === 0 ||
      waits.some((all) => all.every(([n, end, not]) => (ends[n % index] === end) !== not));
    ends.push(!held ? 'Omitted' : when === false ? 'Skipped' : outcome);
  }
  return [...ends, ends.includes('Failed') ? 'Failed' : 'Succeeded'];
}

test('every task of any DAG ends as its condition demands', async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(dags, async (nodes) => {
      const tasks = nodes.map((node, index) => ({
        ...task(`t${index}`, node.outcome, dependsOf(node, index)),
        ...(node.when !== null && { when: node.when ? 'a == a' : 'a == b' }),
      }));
      runs += 1;
      const root = join(directory, String(runs));
      createRun(root, workflow(tasks, [script('Succeeded', 'true'), script('Failed', 'exit 3')]));
      const { status } = await execute(root, shellOptions());
      const all = Object.values(status?.nodes ?? {});
      const got = nodes.map((_, i) => all.find(({ name }) => name === `test.t${i}`)?.phase);
      expect([...got, status?.phase]).toEqual(expected(nodes));
    }),
    { numRuns: 25 },
  );
});
