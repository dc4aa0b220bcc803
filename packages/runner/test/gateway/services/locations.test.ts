import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Locations, mayHaveAddresses } from '../../../src/gateway/services/locations.ts';
import { readService, type Service } from '../../../src/gateway/services/service.ts';

const service = (name: string, url: string) => readService({ name, url }) as Service;
const locations = new Locations(
  [
    service('npm', 'https://registry.example/api/npm'),
    service('root', 'https://registry.example'),
    service('files', 'http://files.example:8081/'),
  ],
  '/services',
  'http://127.0.0.1:8787',
);
const at = (path: string) => `http://127.0.0.1:8787/services/${path}`;

describe('replace', () => {
  test.each([
    ['"https://registry.example/api/npm/ui/-/ui-1.0.0.tgz"', `"${at('npm/ui/-/ui-1.0.0.tgz')}"`],
    ['https://registry.example/api/npm-other/x', at('root/api/npm-other/x')],
    ['http://registry.example/api/npm/x', at('npm/x')],
    ['https://registry.example:443/api/npm/x', at('npm/x')],
    [
      'https:\\/\\/registry.example\\/api\\/npm\\/x',
      at('npm/x')
        .replaceAll('/', '\\/')
        .replace('\\/x', '\\/x')
        .replace(/npm\\\/x$/, 'npm\\/x'),
    ],
    [
      '<https://files.example:8081/a>',
      '<https://files.example:8081/a>'.replace('https://files.example:8081/', at('files/')),
    ],
    ['https://registry.example.evil/x', 'https://registry.example.evil/x'],
    ['https://other.example/x', 'https://other.example/x'],
  ])('%s becomes %s', (text, expected) => {
    expect(locations.replace(text)).toBe(expected);
  });
});

describe('pathOf', () => {
  test.each([
    ['https://registry.example/api/npm/a?b=c', '/services/npm/a?b=c'],
    ['https://registry.example/api/npm', '/services/npm/'],
    ['https://registry.example/x', '/services/root/x'],
    ['https://user:pw@registry.example/x', undefined],
    ['http://registry.example/x', undefined],
    ['https://registry.example:8443/x', undefined],
    ['https://evil.example/api/npm/', undefined],
  ])('%s is %s', (url, path) => {
    expect(locations.pathOf(new URL(url))).toBe(path);
  });
});

test('a stream is rewritten like a whole text, wherever it is cut', async () => {
  const part = fc.constantFrom(
    'https://registry.example/api/npm/',
    'https://registry.example/',
    'http://files.example:8081/',
    'https://registry.exam',
    'é"',
    'x',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part), fc.array(fc.nat(40)), async (parts, cuts) => {
      const text = parts.join('');
      const whole = Buffer.from(text);
      const chunks: Buffer[] = [];
      let at = 0;
      for (const cut of cuts) {
        chunks.push(whole.subarray(at, at + cut + 1));
        at += cut + 1;
      }
      chunks.push(whole.subarray(at));
      const filled = chunks.filter(({ length }) => length > 0);
      const out = await Readable.from(filled).pipe(locations.rewriter()).toArray();
      expect(Buffer.concat(out).toString()).toBe(locations.replace(text));
    }),
  );
});

test.each([
  ['application/json', true],
  ['application/vnd.npm.install-v1+json; charset=utf-8', true],
  ['application/vnd.pypi.simple.v1+html', true],
  ['text/html;charset=utf-8', true],
  ['text/plain', false],
  ['application/octet-stream', false],
  ['application/jsonx', false],
  [undefined, false],
])('%s may have addresses: %s', (type, expected) => {
  expect(mayHaveAddresses(type)).toBe(expected);
});
