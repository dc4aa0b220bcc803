import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  findService,
  guardedPath,
  staysBelow,
} from '../../../src/gateway/services/find-service.ts';
import { readService, type Service } from '../../../src/gateway/services/service.ts';

const npm = readService({ name: 'npm', url: 'https://registry.example/api/npm' }) as Service;
const find = (target: string) => findService(target, '/services', [npm]);

describe('findService', () => {
  test.each([
    ['/services/npm/', ''],
    ['/services/npm', ''],
    ['/services/npm/@acme%2fui', '@acme%2fui'],
    ['/services/npm//ui/-/ui-1.0.0.tgz', 'ui/-/ui-1.0.0.tgz'],
    ['/services/npm/a...b/..c/c..', 'a...b/..c/c..'],
    ['/services/npm/search?q=..%2f..&x=/../', 'search?q=..%2f..&x=/../'],
    ['/services/npm/%E4%B8%AD%25', '%E4%B8%AD%25'],
  ])('%s is the path %s', (target, path) => {
    expect(find(target)).toEqual({ service: npm, path });
  });

  test.each([
    '/services/npm/../admin',
    '/services/npm/..',
    '/services/npm/./x',
    '/services/npm/a/..;x=1/b',
    '/services/npm/%2e%2e/admin',
    '/services/npm/.%2E/admin',
    '/services/npm/..%2fadmin',
    '/services/npm/%2e%2e%2fadmin',
    '/services/npm/%252e%252e%252fadmin',
    '/services/npm/%25252525252e',
    '/services/npm/..%5cadmin',
    '/services/npm/%5c%5cevil',
    '/services/npm/%c0%ae%c0%ae/admin',
    '/services/npm/%e0%80%ae%e0%80%ae/admin',
    '/services/npm/%f0%80%80%ae%f0%80%80%ae/admin',
    '/services/npm/%u002e%u002e/admin',
    '/services/npm/%25u002e%25u002e/admin',
    '/services/npm/..%20/admin',
    '/services/npm/x%00',
    '/services/npm/x%0d%0aHost:%20evil',
    '/services/npm/x y',
    '/services/npm/"x',
    '/services/npm/x#y',
    '/services/npm/\u00e9',
    '/services/NPM/',
    '/services/../npm/',
    '/services//npm/',
    '/services/npm@evil.example/',
    '/services/npm:8080/',
  ])('%s is refused', (target) => {
    expect(find(target)).toMatchObject({ status: 400 });
  });

  test('an unknown service is answered with the known ones', () => {
    expect(find('/services/pypi/x')).toMatchObject({ status: 404, message: /it has: npm$/ });
  });

  test('only the guarded path opens a guarded service', () => {
    const root = guardedPath('the token');
    expect(findService(`${root}/npm/ui`, root, [npm])).toMatchObject({ path: 'ui' });
    for (const target of ['/services/npm/ui', `${guardedPath('x')}/npm/ui`, `${root}x/npm/ui`]) {
      expect(findService(target, root, [npm])).toHaveProperty('status');
    }
    expect(root).not.toContain('the token');
  });

  test('whatever a server makes of a path, it stays below the base', () => {
    const segment = fc.oneof(
      fc.constantFrom('..', '.', '%2e', '%2E.', '%252e', '%5c', '%2f', ';', '//', 'a', '@', ':'),
      fc.string({ maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 8 }), fc.boolean(), (segments, joined) => {
        const found = find(`/services/npm/${segments.join(joined ? '' : '/')}`);
        if ('status' in found) return;
        let path = new URL(`${npm.base.href}${found.path}`).pathname;
        for (let round = 0; round < 6; round += 1) {
          const url = new URL(path, 'https://registry.example');
          expect(url.host).toBe('registry.example');
          expect(url.pathname.startsWith('/api/npm/')).toBe(true);
          path = url.pathname.replace(/%25/g, '%').replace(/%2f/gi, '/').replace(/%2e/gi, '.');
        }
      }),
      { numRuns: 3000 },
    );
  });
});

test('a path of plain names stays below its base', () => {
  expect(staysBelow('/a/b%20c/d')).toBe(true);
});
