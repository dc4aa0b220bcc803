import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const read = (path: string) => JSON.parse(readFileSync(`${root}${path}`, 'utf8'));

test('the bill of materials lists each dependency of the programs once', () => {
  const { packages } = read('dist/bill-of-materials.spdx.json') as {
    packages: readonly { name: string; versionInfo: string; SPDXID: string }[];
  };
  const dependencies = readdirSync(`${root}packages`)
    .flatMap((name) => Object.keys(read(`packages/${name}/package.json`).dependencies ?? {}))
    .filter((name) => !name.startsWith('@agentteam/'));
  expect(packages.map(({ name }) => name)).toEqual(expect.arrayContaining(dependencies));
  expect(new Set(packages.map(({ SPDXID }) => SPDXID)).size).toBe(packages.length);
  const { version } = read('node_modules/pino/package.json');
  expect(packages.find(({ name }) => name === 'pino')?.versionInfo).toBe(version);
});
