import { describe, expect, test } from '@jest/globals';
import {
  expandServices,
  hostIn,
  isModelApi,
  parseServiceUrl,
  placeOf,
  providerUrl,
  serviceReferences,
  tokenHeader,
} from '../src/index.ts';

const NO_MODELS = { opus: '', sonnet: '', haiku: '', fable: '' };
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
  ['https://1.2.3.256/', undefined],
  ['https://[::1::]/', undefined],
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
  ['0:0:0:0:0:ffff:a9fe:a9fe', 'metadata'],
  ['::ffff:169.254.169.254', 'metadata'],
  ['64:ff9b::a9fe:a9fe', 'metadata'],
  ['fd00:0ec2::254', 'metadata'],
  ['fd00:ec2:0:0:0:0:0:254', 'metadata'],
  ['fd20:ce::254', 'metadata'],
  ['fe80::1', 'metadata'],
  ['instance-data', 'metadata'],
  ['::1', 'loopback'],
  ['0:0:0:0:0:0:0:1', 'loopback'],
  ['fd12:3456::1', 'internal'],
  ['2001:db8::1', 'public'],
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

test.each([
  ['https://api.anthropic.com/v1/messages', true],
  ['https://u:p@API.anthropic.com.:443/', true],
  ['https://bedrock-runtime.us-east-1.amazonaws.com/', true],
  ['https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com/', true],
  ['https://vpce-0a.bedrock-runtime.us-east-1.vpce.amazonaws.com/', true],
  ['https://bedrock-runtime.cn-north-1.amazonaws.com.cn/', true],
  ['https://bedrock-mantle.us-east-1.api.aws/', true],
  ['https://aiplatform.googleapis.com/', true],
  ['https://us-east5-aiplatform.googleapis.com/', true],
  ['https://aiplatform.eu.rep.googleapis.com/', true],
  ['https://us-east5-aiplatform-ours.p.googleapis.com/', true],
  ['https://acme.services.ai.azure.com/anthropic', true],
  ['https://s3.us-east-1.amazonaws.com/', false],
  ['https://storage.googleapis.com/', false],
  ['https://anthropic.com.evil.example/', false],
  ['https://registry.example/api.anthropic.com', false],
  ['https://registry.example?@api.anthropic.com', false],
])('whether %s is a model API: %s', (url, is) => {
  expect(isModelApi(hostIn(url))).toBe(is);
});

test('the providers that a team can name are model APIs', () => {
  for (const url of [
    providerUrl({ name: 'bedrock', region: 'us-east-1', models: NO_MODELS }),
    providerUrl({ name: 'bedrock', region: 'cn-north-1', models: NO_MODELS }),
    providerUrl({ name: 'vertex', region: 'global', models: NO_MODELS }),
    providerUrl({ name: 'vertex', region: 'eu', models: NO_MODELS }),
    providerUrl({ name: 'vertex', region: 'europe-west1', models: NO_MODELS }),
    providerUrl({ name: 'foundry', resource: 'acme', models: NO_MODELS }),
  ]) {
    expect([url, isModelApi(hostIn(url))]).toEqual([url, true]);
  }
});
