import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkObject, compile, toYaml } from '@agentteam/compiler';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';
import fc from 'fast-check';
import { validTeam } from '../../packages/compiler/test/arbitrary-team.ts';
import { argoProgram } from './site.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const TEAMS = 200;
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentteam lint '));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** Runs `argo lint` without a cluster. */
async function lint(...paths: readonly string[]): Promise<string> {
  const { all } = await execa(argoProgram(), ['lint', '--offline', ...paths], {
    all: true,
    reject: false,
  });
  return all;
}

test('argo lint accepts the examples and the workflow templates', async () => {
  const places = [
    'examples/q3-report',
    'examples/auth-refactor',
    'examples/auth-refactor-three',
    'examples/two-accounts',
    'examples/mailing',
  ];
  const files = places.map((place) => join(root, place, 'workflow.yaml'));
  expect(await lint(...files, join(root, 'workflow-templates'))).toContain('no linting errors');
});

test(`argo lint accepts ${TEAMS} generated teams`, async () => {
  const seed = Number(process.env['AGENTTEAM_E2E_SEED'] ?? Date.now() % 1_000_000);
  for (const [index, object] of fc.sample(validTeam, { numRuns: TEAMS, seed }).entries()) {
    const { team, problems } = checkObject(object);
    const { compiled } = team === undefined ? {} : compile(team);
    if (compiled === undefined) throw new Error(JSON.stringify({ seed, problems }));
    writeFileSync(join(directory, `${index}.yaml`), toYaml(compiled.workflow));
  }
  expect({ seed, output: await lint(directory) }).toEqual({
    seed,
    output: expect.stringContaining('no linting errors'),
  });
});
