import { expect, test } from '@jest/globals';
import { readConfig } from '../src/config.ts';

const read = (env: Readonly<Record<string, string>>) =>
  readConfig({ AGENTTEAM_IMAGE: 'registry.test/agentteam:1', ...env });

test.each([
  ['AGENTTEAM_LOG_LEVEL', 'loud', 'one of debug, info, warn, error is expected'],
  ['AGENTTEAM_IMAGE_PULL_POLICY', 'Sometimes', 'one of Always, IfNotPresent, Never is expected'],
  ['AGENTTEAM_API_URL', 'llm-gateway:8080', 'an http:// or https:// URL is expected'],
  ['AGENTTEAM_HOSTING_URL', 'git.example.com', 'an http:// or https:// URL is expected'],
  ['AGENTTEAM_CONCURRENCY', 'many', 'a whole number, zero or more, is expected'],
  ['AGENTTEAM_LEADER_ELECTION', 'yes', 'true or false is expected'],
])('%s=%s is refused by name', (name, value, expected) => {
  expect(() => read({ [name]: value })).toThrow(`${name}=${value}: ${expected}`);
});

test('a comma too many does not have it watch the whole cluster', () => {
  expect(read({ AGENTTEAM_NAMESPACES: 'team-a, team-b,' }).namespaces).toEqual([
    'team-a',
    'team-b',
  ]);
});

test('an agent’s name in the address of the API is kept', () => {
  const url = 'http://llm-gateway.internal:8080/{agent}';
  expect(read({ AGENTTEAM_API_URL: url }).apiUrl).toBe(url);
});
