import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';

const built = (name: string): Promise<Buffer> =>
  readFile(new URL(`../../../dist/ui/${name}`, import.meta.url));

test('the page is small', async () => {
  const files = await Promise.all(['index.html', 'page.js', 'page.css'].map(built));
  const sizes = files.map((file) => gzipSync(file).length);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(250 * 1024);
});

test('the page names no other host', async () => {
  const text = (await Promise.all(['index.html', 'page.js', 'page.css'].map(built))).join('\n');
  const hosts = new Set([...text.matchAll(/https?:\/\/[\w.-]*/g)].map(([url]) => url));
  // Names of XML namespaces, and the start of the links that the page shows.
  const known = ['http://www.w3.org', 'https://', 'http://'];
  expect([...hosts].filter((url) => !known.includes(url))).toEqual([]);
});
