import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { agentteam } from '../commands/agentteam.ts';
import { temporaryDirectories } from '../temporary.ts';

const temporary = temporaryDirectories();

const TEAM = (name: string) => `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: ${name} }
spec:
  workspace: { output: {} }
  auth: { apiKeySecret: anthropic-api-key }
  lead: { prompt: Coordinate. }
  teammates: [{ name: writer, prompt: Write it. }]
  lifecycle: { timeout: 30m }
`;

test('all commands accept a team with dots in its name', async () => {
  const cwd = await temporary();
  await writeFile(join(cwd, 'team.yaml'), TEAM('my.team'));
  await writeFile(join(cwd, 'other.yaml'), TEAM('other'));
  expect(await agentteam(['run', 'team.yaml', '--rehearse'], cwd)).toMatchObject({ exitCode: 0 });
  const { stdout: listed, stderr } = await agentteam(['list'], cwd);
  expect(listed).toMatch(/my\.team +Completed/);
  expect(stderr).toBe('');
  for (const args of [
    ['plan', 'other.yaml'],
    ['get', 'my.team'],
    ['cost', 'my.team'],
  ]) {
    expect(await agentteam(args, cwd)).toMatchObject({ exitCode: 0 });
  }
  const { stdout: mail } = await agentteam(['messages', 'my.team'], cwd);
  expect(mail).toContain('writer → lead');
});
