// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of scripts look like that.
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeStatus, Workflow } from '@agentteam/argo';
import { waitInDirectory } from '@agentteam/volume';
import { expect, test } from '@jest/globals';
import { agentteam } from '../commands/agentteam.ts';
import { temporaryDirectories } from '../temporary.ts';

const temporary = temporaryDirectories();

const TEAM = `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: brief }
spec:
  workspace: { output: { mountPath: /workspace/output } }
  auth: { apiKeySecret: anthropic-api-key }
  lead: { prompt: Coordinate. }
  teammates: [{ name: writer, prompt: Write it. }]
  lifecycle: { timeout: 30m, budgetLimit: "3.00", maxRestarts: 1 }
`;
const COMPLETE = '{ name: TaskUpdate, input: { taskId: "${task.writer}", status: completed } }';
const script = (command: string) => `
agents:
  writer:
    turns:
      - tools: [{ name: TaskList }, { name: Bash, input: { command: ${JSON.stringify(command)} } }]
      - tools: [${COMPLETE}]
      - text: Written.
`;
const never = new AbortController().signal;

async function nodesOf(run: string): Promise<readonly NodeStatus[]> {
  const text = await readFile(join(run, 'workflow.json'), 'utf8');
  return Object.values((JSON.parse(text) as Workflow).status?.nodes ?? {});
}

/** The process behind the shell that keeps a container's exit code. */
async function processOf(run: string, node: NodeStatus, container: string): Promise<number> {
  const file = join(run, 'pods', node.id, `${container}.pid.json`);
  const { pid } = JSON.parse(await readFile(file, 'utf8')) as { readonly pid: number };
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return Number(children.trim().split(' ')[0]);
}

test('a gateway that is killed fails its agent’s attempt at once, and the retry repairs it', async () => {
  const cwd = await temporary();
  await writeFile(join(cwd, 'team.yaml'), TEAM);
  const hold = '[ -e busy ] || { echo x > busy; sleep 900; }';
  await writeFile(join(cwd, 'rehearsal.yaml'), script(hold));
  const run = join(cwd, '.agentteam/brief');
  const ended = agentteam(['run', 'team.yaml', '--rehearse', '--keep'], cwd);
  const work = join(run, 'volumes/team/work/writer');
  const isBusy = async () => existsSync(join(work, 'busy')) || undefined;
  await Promise.race([waitInDirectory(work, isBusy, { signal: never }), ended]);
  const [writer] = (await nodesOf(run)).filter(({ displayName }) => displayName === 'writer(0)');
  process.kill(await processOf(run, writer as NodeStatus, 'gateway'), 'SIGKILL');
  const { exitCode, stdout } = await ended;
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
  expect(stdout).toContain('the gateway ended while the agent was at work');
  const nodes = new Map((await nodesOf(run)).map((node) => [node.displayName, node]));
  expect(nodes.get('writer(0)')).toMatchObject({
    phase: 'Failed',
    message: expect.stringMatching(
      /^main: Error \(exit code 1\): the gateway ended while the agent was at work/,
    ),
  });
  expect(nodes.get('writer(1)')).toMatchObject({ phase: 'Succeeded' });
});

test('links in the places of outputs show the engine nothing, and neither does the run to others', async () => {
  const cwd = await temporary();
  await writeFile(join(cwd, 'team.yaml'), TEAM.replace('maxRestarts: 1', 'maxRestarts: 0'));
  const link = `root=$(dirname "$TMPDIR"); mkdir -p "$TMPDIR/outputs"
for name in report checks totals summary; do ln -sfn ../../../secrets/api/ANTHROPIC_API_KEY "$TMPDIR/outputs/$name"; done
kill -9 $PPID $(ps -o ppid= -p $PPID)`;
  await writeFile(join(cwd, 'rehearsal.yaml'), script(link));
  await agentteam(['run', 'team.yaml', '--rehearse', '--keep', '--no-sandbox'], cwd);
  const run = join(cwd, '.agentteam/brief');
  const nodes = await nodesOf(run);
  const agents = nodes.filter(({ displayName = '' }) => /^(Lead|writer)/.test(displayName));
  expect(agents.length).toBeGreaterThan(1);
  for (const { outputs } of agents) expect(outputs?.parameters).toBeUndefined();
  expect((await readdir(run)).length).toBeGreaterThan(3);
});
