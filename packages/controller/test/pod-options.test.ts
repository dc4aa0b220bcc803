import { expect, test } from '@jest/globals';
import { readPodOptions } from '../src/pod-options.ts';

const read = (env: Readonly<Record<string, string>>) => readPodOptions((name) => env[name]);

test('nothing is said of pods where nothing is set', () => {
  expect(read({})).toEqual({});
});

test.each([
  ['AGENTTEAM_IMAGE_PULL_SECRETS', 'a, b', { imagePullSecrets: ['a', 'b'] }],
  ['AGENTTEAM_NODE_SELECTOR', '{"pool":"agents"}', { nodeSelector: { pool: 'agents' } }],
  ['AGENTTEAM_TOLERATIONS', '[{"key":"a"}]', { tolerations: [{ key: 'a' }] }],
  ['AGENTTEAM_AFFINITY', '{"podAffinity":{}}', { affinity: { podAffinity: {} } }],
  ['AGENTTEAM_POD_LABELS', '{"team":"x"}', { podLabels: { team: 'x' } }],
  ['AGENTTEAM_POD_ANNOTATIONS', '{"a/b":"c"}', { podAnnotations: { 'a/b': 'c' } }],
  ['AGENTTEAM_PRIORITY_CLASS', 'agents', { priorityClassName: 'agents' }],
  ['AGENTTEAM_RUNTIME_CLASS', 'gvisor', { runtimeClassName: 'gvisor' }],
  ['AGENTTEAM_AGENT_RESOURCES', '{"limits":{}}', { agentResources: { limits: {} } }],
  ['AGENTTEAM_STEP_RESOURCES', '{"limits":{}}', { stepResources: { limits: {} } }],
])('%s=%s', (name, value, options) => {
  expect(read({ [name]: value })).toEqual(options);
});

test.each([
  ['AGENTTEAM_NODE_SELECTOR', 'pool=agents'],
  ['AGENTTEAM_NODE_SELECTOR', '{"pool":1}'],
  ['AGENTTEAM_TOLERATIONS', '{"key":"a"}'],
  ['AGENTTEAM_POD_LABELS', '{"team":true}'],
  ['AGENTTEAM_AGENT_RESOURCES', '[]'],
])('%s=%s is refused by name', (name, value) => {
  expect(() => read({ [name]: value })).toThrow(`${name}=${value}: JSON of the form`);
});
