import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { PRODUCT_VERSION } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import { agentteam } from '../commands/agentteam.ts';
import { ROOT } from '../documents/blocks.ts';

const read = (path: string) => readFileSync(`${ROOT}${path}`, 'utf8');
const { version } = JSON.parse(read('package.json')) as { readonly version: string };

test('every file that names a version of this product names that of package.json', () => {
  const stated = JSON.parse(
    execFileSync(process.execPath, [`${ROOT}scripts/release/version.mjs`, '--list'], {
      encoding: 'utf8',
    }),
  ) as readonly { readonly file: string; readonly version: string }[];
  expect(stated.filter((one) => one.version !== version)).toEqual([]);
  const files = stated.map(({ file }) => file);
  expect(files).toEqual(
    expect.arrayContaining([
      'packages/contract/src/version.ts',
      'charts/agentteam/Chart.yaml',
      'examples/q3-report/workflow.yaml',
      'docs/install.md',
    ]),
  );
  expect(files.filter((file) => file.endsWith('Chart.yaml'))).toHaveLength(2);
});

test('agentteam --version prints it', async () => {
  expect(PRODUCT_VERSION).toBe(version);
  expect((await agentteam(['--version'], ROOT)).stdout).toBe(version);
});

test('the latest release in the changelog has it', () => {
  expect(/^## (\d\S*)$/m.exec(read('CHANGELOG.md'))?.[1]).toBe(version);
});

test('the packages of the workspace have no version of their own, and are not published', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    readonly packages: Readonly<Record<string, { readonly version?: string }>>;
  };
  const names = Object.keys(packages).filter((path) => /^packages\/[^/]+$/.test(path));
  expect(names.length).toBeGreaterThan(10);
  for (const name of names) {
    const own = JSON.parse(read(`${name}/package.json`)) as Readonly<Record<string, unknown>>;
    expect(own).toMatchObject({ private: true });
    expect(own).not.toHaveProperty('version');
  }
});
