import { expect, test } from '@jest/globals';
import { agentteam } from '../cli/cli.ts';
import type { Stored } from '../controller/cluster.ts';
import { teamRef } from '../controller/teams.ts';
import { argo } from './site.ts';
import type { Stage } from './stage.ts';
import { small, useStages } from './stages.ts';

const { site, open } = useStages();

/** The writer is busy until somebody makes the file `go` in its working directory. */
const SCRIPT = `
agents:
  writer:
    turns:
      - tools: [{ name: Bash, input: { command: "until [ -e go ]; do sleep 0.2; done" } }]
      - tools: [{ name: TaskUpdate, input: { taskId: "1", status: completed } }]
      - tools: [{ name: report, input: { outcome: completed, summary: Written. } }]
      - text: done
`;

const conditionIn = (status: Stored['status'], type: string) =>
  status.conditions?.find((condition: { type: string }) => condition.type === type);
const podOf = (status: Stored['status']): string | undefined => status.teammates?.[0]?.podName;

/** A team whose writer is busy. @returns its stage and the writer's pod. */
async function busy(name: string, lifecycle: object = {}): Promise<{ at: Stage; pod: string }> {
  const at = await open({
    team: small(name, lifecycle),
    script: SCRIPT,
    values: { webhook: { enabled: true } },
  });
  const role = ['--verb=get,list,patch', '--resource=agentteams.claude.amcheste.io'];
  await at.kubectl('create', 'role', 'people', ...role);
  await at.kubectl('create', 'rolebinding', 'people', '--role=people', '--user=ada', '--user=bob');
  await at.start();
  await at.until((status) => status.teammates?.[0]?.phase === 'Running');
  const pod = await at.until((status) => status.lead?.phase === 'Running' && podOf(status));
  return { at, pod };
}

const cli = (at: Stage, ...args: readonly string[]) =>
  agentteam([...args, '-n', at.namespace], {
    cwd: site().cluster.directory,
    env: { KUBECONFIG: site().cluster.kubeconfig },
  });

test('people speak to an agent and pause a team; pods and the controller are deleted meanwhile', async () => {
  const { at, pod } = await busy('people');
  await expect(
    at.kubectl('annotate', 'agentteam', 'people', 'tell.claude.amcheste.io/nobody=x', '--as=ada'),
  ).rejects.toMatchObject({ stderr: expect.stringContaining('the team has no agent nobody') });
  const tell = 'tell.claude.amcheste.io/writer=Use October.';
  await at.kubectl('annotate', 'agentteam', 'people', tell, '--as=ada');
  await site().cluster.until(teamRef('people', at.namespace), (now) => {
    return !Object.keys(now?.metadata?.annotations ?? {}).some((one) => /tell|messages/.test(one));
  });
  const list = ['exec', pod, '-c', 'gateway', '--', 'agentteam-runner', 'people', 'list'];
  expect(JSON.parse(await at.kubectl(...list)).writer).toMatchObject([
    { by: 'ada', text: 'Use October.' },
  ]);

  await at.kubectl('annotate', 'agentteam', 'people', 'claude.amcheste.io/paused=true', '--as=bob');
  const paused = await at.until((status) => {
    return conditionIn(status, 'Paused')?.reason === 'PausedByPerson' && status;
  });
  expect(conditionIn(paused, 'Paused').message).toMatch(/^bob paused the team at /);
  expect((await at.workflow())?.spec.suspend).toBe(true);
  await at.kubectl('delete', 'pods', '-l', 'app.kubernetes.io/name=agentteam', '--wait=false');
  await at.kubectl('exec', pod, '-c', 'main', '--', 'touch', '/workspace/work/go');
  // Argo's own resume does not end the pause of a person.
  await argo(site(), 'resume', 'people', '-n', at.namespace);
  await at.workflowIs(({ spec }) => spec.suspend === true);
  const logs = await at.kubectl('logs', pod, '-c', 'gateway');
  expect(logs).toContain('"event":"paused"');

  expect((await cli(at, 'resume', 'people')).stdout).toContain(
    'people continues; bob had paused it',
  );
  expect(await at.ended()).toMatchObject({ phase: 'Completed' });
});

test('argo suspend pauses the agents, and a timeout ends a paused team', async () => {
  const { at } = await busy('late', { timeout: '150s' });
  await argo(site(), 'suspend', 'late', '-n', at.namespace);
  await at.until((status) => conditionIn(status, 'Paused')?.message?.startsWith('argo suspend'));
  await argo(site(), 'resume', 'late', '-n', at.namespace);
  await at.until((status) => conditionIn(status, 'Paused')?.reason === 'Resumed');

  const paused = await cli(at, 'pause', 'late');
  expect(paused.stderr).toContain('The timeout of the team goes on during the pause.');
  expect(await at.ended()).toMatchObject({ phase: 'TimedOut' });
});
