import { createInterface } from 'node:readline';
import { afterEach, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { agentteamArguments } from '../../packages/cli/test/commands/agentteam.ts';
import { announced, Terminal } from '../../packages/cli/test/terminal.ts';
import { UiBrowser } from '../../packages/cli/test/ui/browser.ts';
import { agentteam } from '../cli/cli.ts';
import type { Stored } from '../controller/cluster.ts';
import { teamRef } from '../controller/teams.ts';
import { programPath } from '../testcluster/control-plane.ts';
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
async function busy(
  name: string,
  lifecycle: object = {},
  script = SCRIPT,
): Promise<{ at: Stage; pod: string }> {
  const at = await open({
    team: small(name, lifecycle),
    script,
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

/** Waits until the gateway in a pod has printed a text. */
async function printed(at: Stage, pod: string, text: string): Promise<void> {
  const { kubeconfig } = site().cluster;
  const args = ['-n', at.namespace, 'logs', '-f', pod, '-c', 'gateway'];
  const logs = execa(programPath('kubectl'), [`--kubeconfig=${kubeconfig}`, ...args], {
    reject: false,
  });
  for await (const line of createInterface(logs.stdout)) {
    if (!line.includes(text)) continue;
    logs.kill();
    await logs;
    return;
  }
  throw new Error(`the gateway has not printed ${text}`);
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
  await printed(at, pod, '"event":"paused"');

  expect(await cli(at, 'resume', 'people')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('people continues; bob had paused it'),
  });
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

const TALK = `
agents:
  writer:
    turns:
      - text: I read the figures of September.
        tools: [{ name: Bash, input: { command: "until [ -e go ]; do sleep 0.2; done" } }]
      - tools: [{ name: ask_person, input: { question: Which quarter?, choices: [Q2, Q3] } }]
      - tools: [{ name: ask_person, input: { question: Which language? } }]
      - tools: [{ name: TaskUpdate, input: { taskId: "1", status: completed } }]
      - tools: [{ name: report, input: { outcome: completed, summary: Written. } }]
      - text: done
`;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

test('people interrupt, correct and answer an agent in Chromium, in a terminal and by annotation', async () => {
  const { at, pod } = await busy('talk', { questions: {} }, TALK);
  const { directory, kubeconfig } = site().cluster;
  const where = ['-n', at.namespace, `--kubeconfig=${kubeconfig}`];
  const ui = await UiBrowser.start(directory, where);
  closing.push(() => ui.close());
  const page = await ui.open(1280);
  await ui.show(page, 'talk', 'overview');
  await page.getByRole('link', { name: 'Speak to writer' }).click();
  await page.getByText('Using Bash').waitFor();
  await page.getByRole('button', { name: 'Interrupt writer' }).click();
  await page.getByText(/Interrupted by .+, waiting for a message/).waitFor();
  await page.getByLabel('Message', { exact: true }).fill('Use the figures of October.');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.locator('.of-person').getByText('Use the figures of October.').waitFor();

  const terminal = new Terminal();
  closing.push(() => terminal.close());
  const attach = [process.execPath, ...agentteamArguments, 'attach', 'talk', 'writer', ...where];
  await terminal.open(directory, announced(attach));
  await terminal.shown('I read the figures of September.');
  await terminal.shown('turn interrupted');
  await terminal.type('No, those of November.', 'Enter');
  await page.locator('.of-person').getByText('No, those of November.').waitFor();
  await at.kubectl('exec', pod, '-c', 'main', '--', 'touch', '/workspace/work/go');
  const asking = (id: string) =>
    at.until((status) => {
      const question = status.questions?.find((one: { id: string }) => one.id === id);
      const isOpen = question !== undefined && question.answer === undefined;
      return isOpen && conditionIn(status, 'WaitingForAnswer')?.status === 'True';
    });
  await asking('writer.1');
  await terminal.type('/leave', 'Enter');
  await terminal.shown('LEFT 0');
  const answered = await cli(at, 'answer', 'talk', 'writer', '2');
  expect(answered.stdout).toMatch(/^answered writer\.1 as .+: Q3$/);

  await asking('writer.2');
  const mail = JSON.parse((await cli(at, 'messages', 'talk', '--json')).stdout);
  const ofPeople = mail.filter(({ kind }: { kind: string }) => kind !== 'message');
  expect(ofPeople).toMatchObject([
    { kind: 'person', text: 'Use the figures of October.', delivered: true },
    { kind: 'person', text: 'No, those of November.', delivered: true },
    { kind: 'answer', text: 'Q3', question: { id: 'writer.1', text: 'Which quarter?' } },
  ]);
  await at.kubectl('delete', 'pod', pod, '--wait=false');
  const again = await at.until((status) => {
    const { phase, podName } = status.teammates[0];
    return phase === 'Running' && podName !== pod && status;
  });
  expect(again.questions).toMatchObject([{ answer: 'Q3' }, { id: 'writer.2' }]);
  const answer = 'answer.claude.amcheste.io/writer.2=English.';
  await at.kubectl('annotate', 'agentteam', 'talk', answer, '--as=ada');
  const ended = await at.ended();
  expect(ended).toMatchObject({
    phase: 'Completed',
    questions: [
      { answer: 'Q3', via: 'agentteam' },
      { answer: 'English.', by: 'ada', via: 'annotation' },
    ],
  });
  expect(conditionIn(ended, 'WaitingForAnswer').status).toBe('False');
  expect(ui.incidents).toEqual([]);
});
