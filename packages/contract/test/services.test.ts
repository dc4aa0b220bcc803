import { describe, expect, test } from '@jest/globals';
import {
  expandServices,
  parseServiceUrl,
  placeOf,
  serviceReferences,
  tokenHeader,
} from '../src/index.ts';

const ADDRESSES = new Map([['pypi', 'http://127.0.0.1:8787/services/pypi/']]);

describe('expandServices', () => {
  test.each([
    [`\${services.pypi}`, 'http://127.0.0.1:8787/services/pypi/'],
    [`\${services.pypi}simple/`, 'http://127.0.0.1:8787/services/pypi/simple/'],
    [`\${services.pypi}/simple/`, 'http://127.0.0.1:8787/services/pypi/simple/'],
    [`sparse+\${services.pypi},direct`, 'sparse+http://127.0.0.1:8787/services/pypi/,direct'],
    [`\${services.other}/x`, `\${services.other}/x`],
    [`$services.pypi \${HOME} {services.pypi}`, `$services.pypi \${HOME} {services.pypi}`],
  ])('%s becomes %s', (value, expanded) => {
    expect(expandServices(value, ADDRESSES)).toBe(expanded);
  });
});

test('references are found by name', () => {
  expect(serviceReferences(`a \${services.x} \${services.y-1}/z \${other.w}`)).toEqual([
    'x',
    'y-1',
  ]);
});

test.each([
  ['https://r.example', { scheme: 'https', host: 'r.example', port: '443', path: '/' }],
  ['http://R.example.:81/a%2f', { scheme: 'http', host: 'r.example', port: '81', path: '/a%2f' }],
  ['https://[::1]:8/', { scheme: 'https', host: '::1', port: '8', path: '/' }],
  ['https://10.0.0.1', { scheme: 'https', host: '10.0.0.1', port: '443', path: '/' }],
  ['https://0x7f.1/', undefined],
  ['https://010.0.0.1/', undefined],
  ['https://127.1/', undefined],
  ['https://u@r.example/', undefined],
  ['https://r.example/#x', undefined],
  ['https://r.example/%2e%2E/x', undefined],
  ['https://r.example\\@evil.example/', undefined],
  ['ftp://r.example/', undefined],
])('%s is parsed', (text, url) => {
  expect(parseServiceUrl(text)).toEqual(url);
});

test.each([
  ['localhost', 'loopback'],
  ['127.8.9.1', 'loopback'],
  ['registry', 'internal'],
  ['registry.tools.svc', 'internal'],
  ['a.b.svc.cluster.local', 'internal'],
  ['172.31.0.1', 'internal'],
  ['172.32.0.1', 'public'],
  ['169.254.169.254', 'metadata'],
  ['metadata.google.internal', 'metadata'],
  ['::ffff:a9fe:a9fe', 'metadata'],
  ['registry.example', 'public'],
])('%s is %s', (host, place) => {
  expect(placeOf(host)).toBe(place);
});

test.each([
  [undefined, { name: 'authorization', scheme: 'Bearer' }],
  ['Authorization: Token', { name: 'authorization', scheme: 'Token' }],
  ['X-Api-Key', { name: 'x-api-key' }],
])('the header %s is read', (field, header) => {
  expect(tokenHeader(field)).toEqual(header);
});
