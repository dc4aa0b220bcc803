import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect } from '@jest/globals';
import { type FileRegistry, serveFiles } from './file-registry.ts';
import { newDirectory, run, writeFiles } from './run-client.ts';

/** Publishes a package that `npm pack` has made: a packument with absolute addresses, as registries have it. */
export async function makeNpmRegistry(): Promise<FileRegistry> {
  const source = await newDirectory();
  await writeFiles(source, {
    'package.json': JSON.stringify({ name: '@acme/ui', version: '1.2.3', main: 'index.js' }),
    'index.js': "module.exports = 'private';\n",
  });
  expect(await run(source, ['npm', 'pack'])).toMatchObject({ code: 0 });
  const tarball = await readFile(`${source}/acme-ui-1.2.3.tgz`);
  const files = await newDirectory();
  await writeFiles(files, { 'npm/@acme/ui/-/ui-1.2.3.tgz': tarball });
  const registry = await serveFiles(
    files,
    'packument.json',
    ({ authorization }) => authorization === 'Bearer s3cret-of-npm',
  );
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  const dist = { tarball: `${registry.url}/npm/@acme/ui/-/ui-1.2.3.tgz`, integrity };
  await writeFiles(files, {
    'npm/@acme/ui/packument.json': JSON.stringify({
      name: '@acme/ui',
      'dist-tags': { latest: '1.2.3' },
      versions: { '1.2.3': { name: '@acme/ui', version: '1.2.3', main: 'index.js', dist } },
    }),
  });
  return registry;
}
