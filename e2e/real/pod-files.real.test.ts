import { expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import type { Stored } from '../controller/cluster.ts';
import type { Stage } from './stage.ts';
import { small, useStages } from './stages.ts';

const { open } = useStages();

const bash = (as: string, command: string) => ({
  // In a subshell, because Claude Code reports a changed directory.
  tools: [{ name: 'Bash', as, input: { command: `( ${command}\n) 2>/dev/null; true` } }],
});
/** A reference to the output of a command. */
const outputOf = (as: string) => `\${result.${as}}`;
const task = (status: string) => ({
  tools: [{ name: 'TaskUpdate', input: { taskId: '1', status } }],
});
const scriptOf = (turns: readonly object[], others: object = {}) =>
  stringify({ agents: { writer: { turns }, ...others } });

/** An agent's figures from the last step; its own container has no outputs. */
async function reportOf(at: Stage, agent: string): Promise<string> {
  const nodes = Object.values<Stored['status']>((await at.workflow())?.status.nodes);
  const { outputs } = nodes.find(({ displayName }) => displayName === 'Finish');
  const totals = outputs.parameters.find(({ name }: { name: string }) => name === 'totals').value;
  const { agents } = JSON.parse(totals) as { agents: { name: string; report?: string }[] };
  return agents.find(({ name }) => name === agent)?.report ?? '';
}

/** All texts of the team into which Argo's executor could have written a file that it read. */
async function written(at: Stage, name: string): Promise<string> {
  const pods = (
    await at.kubectl('get', 'pods', '-l', `claude.amcheste.io/team=${name}`, '-o', 'name')
  )
    .split('\n')
    .filter((pod) => pod !== '');
  const logs = await Promise.all(pods.map((pod) => at.kubectl('logs', pod, '-c', 'wait')));
  return [
    JSON.stringify(await at.workflow()),
    await at.kubectl('get', 'workflowtaskresults', '-o', 'json'),
    ...logs,
  ].join('\n');
}

/** The beginning of every service account token: `{"alg":` in base64. */
const TOKEN = /eyJhbGciOi/;
const EXECUTORS = '/var/run/secrets/kubernetes.io/serviceaccount/token';

test('links in place of outputs and progress do not leak files of Argo’s executor', async () => {
  const link = `mkdir -p /tmp/outputs /var/run/argo/outputs/parameters/tmp/outputs
for place in /tmp/outputs /var/run/argo/outputs/parameters/tmp/outputs; do
  for name in report checks totals; do ln -sfn ${EXECUTORS} $place/$name; done
done
ln -sfn ${EXECUTORS} /var/run/argo/progress && echo linked the progress
ln -sfn ${EXECUTORS} /var/run/argo/ctr/main/combined && echo linked the log`;
  const kill = '[ -e /workspace/work/killed ] || { touch /workspace/work/killed; kill -9 -1; }';
  const at = await open({
    // The team fails, because a team that succeeds leaves no pods to inspect.
    team: small('links', { maxRestarts: 1 }),
    script: scriptOf(
      [
        task('in_progress'),
        bash('linked', link),
        bash('killed', kill),
        task('completed'),
        { text: outputOf('linked') },
      ],
      { editor: { turns: [{ text: 'My task stays open.' }] } },
    ),
  });
  await at.start();
  const status = await at.ended();
  expect(status).toMatchObject({ phase: 'Failed', teammates: [{ restartCount: 1 }, {}] });
  const everything = await written(at, 'links');
  expect(everything).toContain('linked the log');
  expect(everything).not.toContain('linked the progress');
  expect(everything).not.toMatch(TOKEN);
});

test('an agent cannot replace files that Argo trusts, and signals through Argo’s directory do not reach the gateway', async () => {
  const replace = (name: string) =>
    `(mv -f ${name} ${name}.old || rm -f ${name} || ln -sfn /tmp/own ${name} || chmod 777 ${name} || echo own > ${name}) && echo replaced ${name}`;
  const forge = `cd /var/run/argo; echo '#!/bin/sh' > /tmp/own
${['argoexec', 'template', 'progress'].map(replace).join('\n')}
for name in gateway budget; do mkdir -p ctr/$name; printf 15 > ctr/$name/signal; done
printf 0 > ctr/main/exitcode; echo forged`;
  const ask = `node -e '
const { ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: key } = process.env;
fetch(url + "/v1/files", { method: "POST", headers: { "x-api-key": key } }).then((r) => console.log(r.status));'`;
  const at = await open({
    team: small('argodir'),
    script: scriptOf([
      task('in_progress'),
      bash('forged', forge),
      bash('asked', ask),
      task('completed'),
      { text: `argo [${outputOf('forged')}] gateway [${outputOf('asked')}]` },
    ]),
  });
  await at.start();
  const status = await at.ended();
  expect(status).toMatchObject({ phase: 'Completed', teammates: [{ restartCount: 0 }, {}] });
  // The executor has seen a false end, but the step and its gateway continued.
  expect(await reportOf(at, 'writer')).toBe('argo [forged] gateway [403]');
});

test('a gateway that ends is restarted, and its agent continues its session', async () => {
  const wait =
    'cd /workspace/work; touch started; until [ -e go ]; do sleep 0.1; done; echo went on';
  const at = await open({
    team: small('gone'),
    script: scriptOf([
      task('in_progress'),
      bash('waited', wait),
      task('completed'),
      { text: outputOf('waited') },
    ]),
  });
  await at.start();
  const pod = await at.until(
    ({ teammates: [writer] = [{}] }) => writer.phase === 'Running' && (writer.podName as string),
  );
  const inPod = (container: string, command: string) =>
    at.kubectl('exec', pod, '-c', container, '--', 'sh', '-c', command);
  await inPod('main', 'until [ -e /workspace/work/started ]; do sleep 0.1; done');
  const again =
    'f=/run/agentteam/gateway.json; was=$(cat $f); until [ "$(cat $f)" != "$was" ]; do sleep 0.1; done';
  const back = inPod('main', `${again}; touch /workspace/work/go`);
  await inPod('gateway', 'kill 1');
  await back;
  const status = await at.ended();
  expect(status).toMatchObject({ phase: 'Completed', teammates: [{ restartCount: 0 }, {}] });
  expect(await reportOf(at, 'writer')).toBe('went on');
});
