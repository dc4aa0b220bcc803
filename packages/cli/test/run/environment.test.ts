import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { agentteam } from '../commands/agentteam.ts';
import { temporaryDirectories } from '../temporary.ts';

const temporary = temporaryDirectories();

const TEAM = (field: string) => `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: places, namespace: crew }
spec:
  workspace: { output: {} }
  environment:
    image: docker.io/library/golang:1.26
    env:
      - { name: GREETING, value: "$(HOME) {{workflow.name}} 'x'" }
      - { name: TOWN, valueFrom: { configMapKeyRef: { name: towns, key: first } } }
      - { name: SPACE, valueFrom: { fieldRef: { fieldPath: ${field} } } }
  lead: { prompt: Coordinate. }
  teammates:
    - { name: writer, prompt: Write it., environment: { env: [{ name: MINE, value: own }] } }
  lifecycle: { timeout: 30m }
`;

const TOWNS = `---
apiVersion: v1
kind: ConfigMap
metadata: { name: towns }
data: { first: Porto }
`;

const SCRIPT = `
agents:
  writer:
    turns:
      - tools: [{ name: TaskList }]
      - tools:
          - name: Bash
            input: { command: 'printf "%s\\n" "$GREETING" "$TOWN" "$SPACE" "$MINE" > "/workspace/output/out.txt"' }
      - tools: [{ name: TaskUpdate, input: { taskId: "\${task.writer}", status: completed } }]
      - tools: [{ name: report, input: { outcome: completed, summary: Done. } }]
`;

test('a run on this machine sets the variables, and notes that the image has no effect', async () => {
  const cwd = await temporary();
  await writeFile(join(cwd, 'team.yaml'), TEAM('metadata.namespace') + TOWNS);
  await writeFile(join(cwd, 'rehearsal.yaml'), SCRIPT);
  const { exitCode, stderr, stdout } = await agentteam(
    ['run', 'team.yaml', '--rehearse', '--output', 'out'],
    cwd,
  );
  expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 0 });
  expect(stderr + stdout).toContain(
    'Agents use the programs of this machine. On a cluster they work in docker.io/library/golang:1.26.',
  );
  expect(await readFile(join(cwd, 'out/out.txt'), 'utf8')).toBe(
    "$(HOME) {{workflow.name}} 'x'\nPorto\ncrew\nown\n",
  );
});

test('a field that only a cluster has is refused before anything starts', async () => {
  const cwd = await temporary();
  await writeFile(join(cwd, 'team.yaml'), TEAM('status.podIP') + TOWNS);
  const { exitCode, stderr } = await agentteam(['run', 'team.yaml', '--rehearse'], cwd);
  expect(exitCode).not.toBe(0);
  expect(stderr).toMatch(/SPACE.*: the field status\.podIP does not exist on this machine/);
});

test('a plan lists the images', async () => {
  const cwd = await temporary();
  await writeFile(join(cwd, 'team.yaml'), TEAM('metadata.name') + TOWNS);
  const { stdout } = await agentteam(['plan', 'team.yaml'], cwd);
  expect(stdout).toMatch(/Images of the agents.*\n {2}lead: .*golang:1.26\n {2}writer: .*golang/);
});
