import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mayHaveAddresses, Rewriting } from '../../../src/gateway/services/rewriting.ts';
import { readService, type Service } from '../../../src/gateway/services/service.ts';

const service = (name: string, url: string) => readService({ name, url }) as Service;
const services = [
  service('npm', 'https://registry.example/api/npm'),
  service('root', 'https://registry.example'),
  service('files', 'http://files.example:8081/'),
];
const rewriting = new Rewriting({
  services,
  answering: services[0] as Service,
  root: '/services',
  origin: 'http://127.0.0.1:8787',
});
const at = (path: string) => `http://127.0.0.1:8787/services/${path}`;

describe('replace', () => {
  test.each([
    ['"https://registry.example/api/npm/ui/-/ui-1.0.0.tgz"', `"${at('npm/ui/-/ui-1.0.0.tgz')}"`],
    ['https://registry.example/api/npm-other/x', at('root/api/npm-other/x')],
    ['http://registry.example/api/npm/x', at('npm/x')],
    ['https://registry.example:443/api/npm/x', at('npm/x')],
    ['https:\\/\\/registry.example\\/api\\/npm\\/x', at('npm/x').replaceAll('/', '\\/')],
    ['<https://files.example:8081/a>', `<${at('files/a')}>`],
    ['https://registry.example.evil/x', 'https://registry.example.evil/x'],
    ['https://other.example/x', 'https://other.example/x'],
    ['<a href="/api/npm/x.whl">', '<a href="/services/npm/x.whl">'],
    ['{"url": "/api/npm/x"}', '{"url": "/services/npm/x"}'],
    ['<a href="/api/npm//x.whl">', '<a href="/api/npm//x.whl">'],
    ['<a href="/other/x.whl">', '<a href="/other/x.whl">'],
  ])('%s becomes %s', (text, expected) => {
    expect(rewriting.replace(text)).toBe(expected);
  });
});

test('a stream is rewritten like a whole text, wherever it is cut', async () => {
  const part = fc.constantFrom(
    'https://registry.example/api/npm/',
    'https://registry.example/',
    'http://files.example:8081/',
    'https://registry.exam',
    'href="/api/npm/',
    '/',
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
      const out = await Readable.from(filled).pipe(rewriting.stream()).toArray();
      expect(Buffer.concat(out).toString()).toBe(rewriting.replace(text));
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
