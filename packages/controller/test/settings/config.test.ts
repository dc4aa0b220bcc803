import { describe, expect, test } from '@jest/globals';
import { compileOptions, readConfig } from '../../src/config.ts';
import { ConfigError } from '../../src/settings/config-error.ts';

const read = (env: Readonly<Record<string, string>>) =>
  readConfig({ AGENTTEAM_IMAGE: 'registry.test/agentteam:1', ...env });

test.each([
  ['AGENTTEAM_LOG_LEVEL', 'loud', 'one of debug, info, warn, error'],
  ['AGENTTEAM_IMAGE_PULL_POLICY', 'Sometimes', 'one of Always, IfNotPresent, Never'],
  ['AGENTTEAM_API_URL', 'llm-gateway:8080', 'an http:// or https:// URL'],
  ['AGENTTEAM_HOSTING_URL', 'git.example.com', 'an http:// or https:// URL'],
  ['AGENTTEAM_CONCURRENCY', 'many', 'a whole number, zero or more'],
  ['AGENTTEAM_LEADER_ELECTION', 'yes', 'true or false'],
  ['AGENTTEAM_ALLOW_PRIVATE_WEBHOOKS', 'yes', 'one of true, false, proxied'],
  [
    'AGENTTEAM_ALLOWED_API_URLS',
    'none,https://a.example',
    'http:// or https:// URLs separated by commas, or none',
  ],
  ['AGENTTEAM_API_FEATURES', 'web fetch', 'names of betas, server tools or request fields'],
  ['AGENTTEAM_NODE_SELECTOR', 'pool=agents', 'a JSON object whose values are strings'],
  ['AGENTTEAM_NODE_SELECTOR', '{"pool":1}', 'a JSON object whose values are strings'],
  ['AGENTTEAM_TOLERATIONS', '{"key":"a"}', 'a JSON array of objects'],
  ['AGENTTEAM_POD_LABELS', '{"team":true}', 'a JSON object whose values are strings'],
  ['AGENTTEAM_AGENT_RESOURCES', '[]', 'a JSON object'],
])('%s=%s is refused with the expected form', (variable, value, expected) => {
  expect(() => read({ [variable]: value })).toThrow(`${variable}=${value}: expected ${expected}`);
});

test('a required variable that is not set is named', () => {
  expect(() => readConfig({})).toThrow(
    new ConfigError('AGENTTEAM_IMAGE is not set: image of every container in team pods'),
  );
});

test('mail needs both a server and a sender', () => {
  expect(() => read({ AGENTTEAM_SMTP_FROM: 'a@example.com' })).toThrow(
    'AGENTTEAM_SMTP_URL_FILE is not set',
  );
});

test('a trailing comma does not make the controller watch the whole cluster', () => {
  expect(read({ AGENTTEAM_NAMESPACES: 'team-a, team-b,' }).namespaces).toEqual([
    'team-a',
    'team-b',
  ]);
});

describe('compile options', () => {
  test('contain no pod settings unless some are set', () => {
    expect(compileOptions(read({}))).toEqual({
      containers: {
        image: 'registry.test/agentteam:1',
        imagePullPolicy: 'IfNotPresent',
        runtimeInjection: 'copy',
      },
      pods: { executorServiceAccount: 'agentteam-executor' },
      storage: {},
      network: { allowPrivateWebhooks: false },
      api: {},
      restrictions: {},
      controller: { figuresSecret: 'agentteam-figures', admission: false, mailServer: false },
    });
  });

  test.each([
    ['AGENTTEAM_IMAGE_PULL_SECRETS', 'a, b', { pods: { imagePullSecrets: ['a', 'b'] } }],
    [
      'AGENTTEAM_NODE_SELECTOR',
      '{"pool":"agents"}',
      { pods: { nodeSelector: { pool: 'agents' } } },
    ],
    ['AGENTTEAM_TOLERATIONS', '[{"key":"a"}]', { pods: { tolerations: [{ key: 'a' }] } }],
    ['AGENTTEAM_AFFINITY', '{"podAffinity":{}}', { pods: { affinity: { podAffinity: {} } } }],
    ['AGENTTEAM_POD_LABELS', '{"team":"x"}', { pods: { podLabels: { team: 'x' } } }],
    ['AGENTTEAM_POD_ANNOTATIONS', '{"a/b":"c"}', { pods: { podAnnotations: { 'a/b': 'c' } } }],
    ['AGENTTEAM_PRIORITY_CLASS', 'agents', { pods: { priorityClassName: 'agents' } }],
    ['AGENTTEAM_RUNTIME_CLASS', 'gvisor', { pods: { runtimeClassName: 'gvisor' } }],
    [
      'AGENTTEAM_AGENT_RESOURCES',
      '{"limits":{}}',
      { containers: { agentResources: { limits: {} } } },
    ],
    [
      'AGENTTEAM_STEP_RESOURCES',
      '{"limits":{}}',
      { containers: { stepResources: { limits: {} } } },
    ],
    [
      'AGENTTEAM_ALLOWED_IMAGES',
      'ghcr.io/acme/*, golang:1.*',
      { restrictions: { images: ['ghcr.io/acme/*', 'golang:1.*'] } },
    ],
    ['AGENTTEAM_ALLOWED_RUNTIME_CLASSES', 'kata', { restrictions: { runtimeClasses: ['kata'] } }],
    [
      'AGENTTEAM_ALLOWED_VOLUME_TYPES',
      'configMap,emptyDir',
      { restrictions: { volumeTypes: ['configMap', 'emptyDir'] } },
    ],
    ['AGENTTEAM_ALLOWED_SERVICE_ACCOUNTS', 'none', { restrictions: { serviceAccounts: [] } }],
    [
      'AGENTTEAM_ALLOWED_CREDENTIAL_URLS',
      'https://github.com/acme,ssh://github.com/acme',
      {
        restrictions: { credentialUrls: ['https://github.com/acme', 'ssh://github.com/acme'] },
      },
    ],
    ['AGENTTEAM_ALLOWED_CREDENTIAL_URLS', 'none', { restrictions: { credentialUrls: [] } }],
    [
      'AGENTTEAM_API_URL',
      'http://llm-gateway:8080/{agent}',
      { api: { apiUrl: 'http://llm-gateway:8080/{agent}' } },
    ],
    [
      'AGENTTEAM_TOKEN_URL',
      'https://login.microsoftonline.us',
      { api: { tokenUrl: 'https://login.microsoftonline.us' } },
    ],
  ])('%s=%s becomes a compile option', (variable, value, options) => {
    expect(compileOptions(read({ [variable]: value }))).toMatchObject(options);
  });
});
