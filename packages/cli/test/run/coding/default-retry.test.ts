import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { agentteam } from '../../commands/agentteam.ts';
import { temporaryDirectories } from '../../temporary.ts';

const temporary = temporaryDirectories();

const team = (task: string, timeout: string) => `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: changed }
spec:
  workspace: { output: { pvc: out, mountPath: /workspace/output } }
  auth: { apiKeySecret: key }
  lead: { prompt: Coordinate. }
  teammates:
    - { name: writer, prompt: Write it. }
    - { name: editor, prompt: ${task}, dependsOn: [writer] }
  lifecycle:
    timeout: 10m
    approvalTimeout: ${timeout}
    approvalGates: [{ event: spawn-editor }]
`;

test('a rehearsal without a script plays a team through a closed gate and a retry with a changed prompt', async () => {
  const cwd = await temporary();
  await writeFile(join(cwd, 'team.yaml'), team('Edit it.', '1s'));
  const started = await agentteam(['run', 'team.yaml', '--rehearse', '--gates', 'wait'], cwd);
  expect(started).toMatchObject({ exitCode: 3 });
  await writeFile(join(cwd, 'team.yaml'), team('Edit it with care.', '10m'));
  const retry = ['retry', 'changed', '-f', 'team.yaml', '--gates', 'approve'];
  expect(await agentteam(retry, cwd)).toMatchObject({ exitCode: 0 });
});
