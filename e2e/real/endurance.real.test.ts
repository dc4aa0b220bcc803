import { expect, test } from '@jest/globals';
import { team } from '../controller/teams.ts';
import type { Stage } from './stage.ts';
import { small, summaryOf, useStages } from './stages.ts';

const { site, open } = useStages();

const podOf = async (at: Stage, agent: string) => {
  const name = await at.until(
    (status) =>
      status.teammates?.find(
        (one: { name: string; phase: string }) => one.name === agent && one.phase === 'Running',
      )?.podName as string | undefined,
  );
  await at.kubectl('wait', '--for=condition=Ready', `pod/${name}`, '--timeout=60s');
  return name;
};

/** The turns of a teammate that runs one command. */
const working = (command: string): string => `
agents:
  writer:
    turns:
      - tools: [{ name: TaskUpdate, input: { taskId: "1", status: in_progress } }]
      - tools: [{ name: Bash, input: { command: ${JSON.stringify(command)} } }]
      - tools: [{ name: TaskUpdate, input: { taskId: "1", status: completed } }]
      - text: Written.
`;
const SLOW = working('sleep 30');
/** Ends only in its second attempt; the test ends the first one. */
const STUCK = working('mkdir started || exit 0; sleep 600');
/** Resolves with a teammate's pod when its command is running. */
const stuckPod = async (at: Stage) => {
  const pod = await podOf(at, 'writer');
  const started = 'until [ -e /workspace/work/started ]; do sleep 0.2; done';
  await at.kubectl('exec', pod, '-c', 'main', '--', 'sh', '-c', started);
  return pod;
};

test('a deleted pod is started again and continues its session', async () => {
  const at = await open({ team: small('broken'), script: STUCK });
  await at.start();
  const pod = await stuckPod(at);
  await at.kubectl('delete', 'pod', pod, '--force', '--grace-period=0');
  const status = await at.ended();
  expect(status).toMatchObject({
    phase: 'Completed',
    teammates: [{ name: 'writer', restartCount: 1 }, { name: 'editor' }],
  });
});

test('a team completes although our controller and Argo’s are killed', async () => {
  const at = await open({ team: small('orphan'), script: SLOW });
  await at.start();
  await podOf(at, 'writer');
  const controller = 'app.kubernetes.io/name=agentteam';
  await at.kubectl('delete', 'pods', '-l', controller, '--force', '--grace-period=0');
  await site().cluster.kubectl(
    ...['delete', 'pods', '-A', '-l', 'app=workflow-controller', '--force', '--grace-period=0'],
  );
  expect(await at.ended()).toMatchObject({ phase: 'Completed', ready: '2/2' });
});

test('agents of a drained node continue when a node is available again', async () => {
  const at = await open({ team: small('drained'), script: STUCK });
  await at.start();
  const pod = await stuckPod(at);
  const node = await at.kubectl('get', 'pod', pod, '-o', 'jsonpath={.spec.nodeName}');
  // Only the agents, because everything else runs on the only node of a small cluster.
  await site().cluster.kubectl('cordon', node);
  await site()
    .cluster.kubectl(
      ...['drain', node, '--pod-selector=claude.amcheste.io/team=drained', '--force'],
      ...['--delete-emptydir-data', '--timeout=120s'],
    )
    .finally(() => site().cluster.kubectl('uncordon', node));
  expect(await at.ended()).toMatchObject({ phase: 'Completed', ready: '2/2' });
});

test('prompts with syntax of Argo and Kubernetes arrive byte for byte', async () => {
  const prompt =
    'Say {{workflow.name}} and {{=1+1}} and $(HOME) and $$(X) and \u0000-free é 🙂 \u{e0001} "\\u007b"\n';
  const at = await open({
    script: SLOW,
    team: () => {
      const object = team('hostile');
      object.spec.teammates[0].prompt = prompt.replace('\u0000', '');
      return object;
    },
  });
  await at.start();
  const pod = await podOf(at, 'writer');
  const spec = await at.kubectl('exec', pod, '-c', 'main', '--', 'printenv', 'AGENTTEAM_SPEC');
  const [{ prompt: sent }] = at.team.spec.teammates;
  expect(JSON.parse(spec).prompt).toBe(sent);
  const roster = '/var/lib/agentteam/teams/hostile/config.json';
  const { members } = JSON.parse(await at.kubectl('exec', pod, '-c', 'main', '--', 'cat', roster));
  expect(members.map((member: { prompt?: string }) => member.prompt)).toContain(sent);
  expect((await at.ended()).phase).toBe('Completed');
});

test('braces in an agent’s termination message are not evaluated by Argo', async () => {
  const message = '{{workflow.name}} {{=1+1}} {{nothing}} \\"},{';
  const at = await open({
    team: small('outspoken', { maxRestarts: 0 }),
    script: working(
      `printf '%s' '${message}' > /dev/termination-log; for p in /proc/[0-9]*; do grep -qa 'runner[.]mjs' $p/cmdline && kill -9 $(basename $p); done`,
    ),
  });
  await at.start();
  const status = await at.ended();
  expect(status.phase).toBe('Failed');
  expect(status.message).toContain(message);
  expect(await summaryOf(at)).toContain('failed');
});
