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

/** The process of a container, which is a child of the shell that records its exit code. */
async function processOf(run: string, node: NodeStatus, container: string): Promise<number> {
  const file = join(run, 'pods', node.id, `${container}.pid.json`);
  const { pid } = JSON.parse(await readFile(file, 'utf8')) as { readonly pid: number };
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return Number(children.trim().split(' ')[0]);
}

/** Runs the team and kills the writer's gateway as soon as `when` resolves to true. */
async function killedGateway(cwd: string, when: (run: string) => Promise<boolean>) {
  await writeFile(join(cwd, 'team.yaml'), TEAM);
  const hold = '[ -e busy ] || { echo x > busy; sleep 2; }';
  await writeFile(join(cwd, 'rehearsal.yaml'), script(hold));
  const run = join(cwd, '.agentteam/brief');
  const ended = agentteam(['run', 'team.yaml', '--rehearse', '--keep'], cwd);
  const isReady = async () => (await when(run)) || undefined;
  await Promise.race([waitInDirectory(run, isReady, { signal: never, pollMs: 10 }), ended]);
  const [writer] = (await nodesOf(run)).filter(({ displayName }) => displayName === 'writer(0)');
  process.kill(await processOf(run, writer as NodeStatus, 'gateway'), 'SIGKILL');
  return { outcome: await ended, run };
}

const work = (run: string) => join(run, 'volumes/team/work/writer');

/** The directory of the writer's first pod; undefined before the pod exists. */
async function podOf(run: string): Promise<string | undefined> {
  const nodes = await nodesOf(run).catch(() => []);
  const writer = nodes.find(({ displayName }) => displayName === 'writer(0)');
  return writer && join(run, 'pods', writer.id);
}

const INSTANTS = {
  'before it listens': async (run: string) => existsSync(`${await podOf(run)}/gateway.pid.json`),
  'when it starts to listen': async (run: string) =>
    existsSync(`${await podOf(run)}/volumes/gateway/gateway.json`),
  'while its agent is working': async (run: string) => existsSync(join(work(run), 'busy')),
};

test.each(Object.keys(INSTANTS) as (keyof typeof INSTANTS)[])(
  'a gateway that is killed %s is restarted without a restart of its agent',
  async (instant) => {
    const cwd = await temporary();
    const { outcome, run } = await killedGateway(cwd, INSTANTS[instant]);
    const { exitCode, stdout } = outcome;
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
    const nodes = new Map((await nodesOf(run)).map((node) => [node.displayName, node]));
    expect(nodes.get('writer(0)')).toMatchObject({ phase: 'Succeeded' });
    expect(nodes.get('writer(1)')).toBeUndefined();
    const events = await readFile(join(run, 'events.jsonl'), 'utf8');
    expect(events).toContain('"type":"container-restarted","step":"writer","container":"gateway"');
    if (instant !== 'while its agent is working') return;
    expect(stdout).toMatch(/! the gateway of writer exited at .* and was restarted/);
    const shown = await agentteam(['get', 'brief'], cwd);
    expect(shown.stdout).toMatch(/the gateway of writer exited at .* and was restarted/);
  },
);

test('the engine does not follow links that an agent creates in place of its outputs', async () => {
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
