import { expect, test } from '@jest/globals';
import { ProxySettingError, proxyFor, readProxies } from '../src/proxies.ts';

const http = new URL('http://proxy.test:3128');
const https = new URL('http://proxy.test:3129');

function isDirect(exceptions: string, url: string): boolean {
  return proxyFor({ http, https, exceptions }, new URL(url)) === undefined;
}

test('each scheme has its own proxy', () => {
  const config = { http, https, exceptions: '' };
  expect(proxyFor(config, new URL('https://api.test'))).toBe(https);
  expect(proxyFor(config, new URL('http://api.test'))).toBe(http);
  expect(proxyFor({ https, exceptions: '' }, new URL('http://api.test'))).toBeUndefined();
});

test.each([
  ['*', 'https://api.test'],
  ['api.test', 'https://api.test'],
  ['API.test', 'https://api.TEST'],
  ['api.test', 'https://eu.api.test'],
  ['.api.test', 'https://eu.api.test'],
  ['*.api.test', 'https://eu.api.test'],
  ['other, api.test', 'https://api.test'],
  ['api.test:443', 'https://api.test'],
  ['api.test:80', 'http://api.test'],
  ['10.0.0.0/8', 'http://10.1.2.3:8080'],
  ['10.1.2.3', 'http://10.1.2.3:8080'],
  ['::1', 'http://[::1]:8080'],
  ['fd00::/8', 'http://[fd00::7]:8080'],
])('NO_PROXY=%s: %s needs no proxy', (exceptions, url) => {
  expect(isDirect(exceptions, url)).toBe(true);
});

test.each([
  ['', 'https://api.test'],
  ['pi.test', 'https://api.test'],
  ['api.test:8443', 'https://api.test'],
  ['eu.api.test', 'https://api.test'],
  ['10.0.0.0/8', 'https://11.0.0.1'],
  ['10.0.0.0/99', 'https://10.0.0.1'],
  ['10.0.0.0/8', 'https://api.test'],
  ['fd00::/8', 'https://10.0.0.1'],
])('NO_PROXY=%s: %s needs the proxy', (exceptions, url) => {
  expect(isDirect(exceptions, url)).toBe(false);
});

test('reads the environment as curl does', () => {
  const read = readProxies({
    HTTPS_PROXY: 'http://other.test:1',
    https_proxy: 'http://user:p%40ss@proxy.test:3128',
    HTTP_PROXY: 'proxy.test:3128',
    NO_PROXY: '.svc',
  });
  expect(read.https?.href).toBe('http://user:p%40ss@proxy.test:3128/');
  expect(read.http?.href).toBe('http://proxy.test:3128/');
  expect(proxyFor(read, new URL('https://api.default.svc'))).toBeUndefined();
  expect(proxyFor(read, new URL('http://127.0.0.1:8080'))).toBeUndefined();
  expect(readProxies({ HTTPS_PROXY: '' })).not.toHaveProperty('https');
});

test.each(['socks5://proxy.test:1080', 'http://', 'no proxy'])(
  'refuses %s with the name of the variable but not its value',
  (text) => {
    const read = () => readProxies({ HTTPS_PROXY: text });
    expect(read).toThrow(ProxySettingError);
    expect(read).toThrow(/^HTTPS_PROXY (?!.*proxy\.test)/);
  },
);
