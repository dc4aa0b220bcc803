import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CLOUD_PROVIDERS, type CloudProvider } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import { agentteam } from '../commands/agentteam.ts';
import { temporaryDirectories } from '../temporary.ts';

const temporary = temporaryDirectories();

const AUTH: Readonly<Record<CloudProvider, string>> = {
  bedrock: 'region: eu-west-1',
  vertex: 'region: global, project: acme',
  foundry: 'resource: acme',
};

/** Writes a team with this provider. @returns its directory. */
async function withTeam(provider: CloudProvider): Promise<string> {
  const cwd = await temporary();
  await writeFile(
    join(cwd, 'team.yaml'),
    `apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: t }
spec:
  workspace: { output: {} }
  auth: { provider: ${provider}, ${AUTH[provider]} }
  lead: { prompt: Coordinate., model: opus }
  teammates: [{ name: worker, prompt: Work., model: haiku }]
`,
  );
  return cwd;
}

test.each(CLOUD_PROVIDERS)('a team is rehearsed in the format of %s', async (provider) => {
  const cwd = await withTeam(provider);
  const { exitCode, stdout, stderr } = await agentteam(['run', 'team.yaml', '--rehearse'], cwd);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(stdout).toContain('t completed');
  expect(stdout).toContain('claude-haiku-4-5');
});

test.each<[CloudProvider, string]>([
  ['bedrock', 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'],
  ['vertex', 'gcloud auth application-default login'],
  ['foundry', 'ANTHROPIC_FOUNDRY_API_KEY'],
])('a run with %s without a credential says what to set', async (provider, words) => {
  const cwd = await withTeam(provider);
  const { exitCode, stderr } = await agentteam(['run', 'team.yaml'], cwd, { HOME: cwd });
  expect(exitCode).toBe(2);
  expect(stderr).toContain(words);
});

test('a credentials file that does not exist is named', async () => {
  const cwd = await withTeam('vertex');
  const env = { GOOGLE_APPLICATION_CREDENTIALS: '/none/key.json' };
  const { exitCode, stderr } = await agentteam(['run', 'team.yaml'], cwd, env);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('/none/key.json, which cannot be read (ENOENT)');
});
