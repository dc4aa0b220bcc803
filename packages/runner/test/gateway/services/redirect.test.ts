import { expect, test } from '@jest/globals';
import { pathAtGateway } from '../../../src/gateway/services/redirect.ts';
import { readService, type Service } from '../../../src/gateway/services/service.ts';

const services = [
  readService({ name: 'root', url: 'https://registry.example' }),
  readService({ name: 'npm', url: 'https://registry.example/api/npm' }),
] as Service[];

test.each([
  ['https://registry.example/api/npm/a?b=c', '/services/npm/a?b=c'],
  ['https://registry.example/api/npm', '/services/npm/'],
  ['https://registry.example/x', '/services/root/x'],
  ['https://user:pw@registry.example/x', undefined],
  ['http://registry.example/x', undefined],
  ['https://registry.example:8443/x', undefined],
  ['https://evil.example/api/npm/', undefined],
])('%s is %s', (url, path) => {
  expect(pathAtGateway(new URL(url), services, '/services')).toBe(path);
});
