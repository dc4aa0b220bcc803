import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TeamLive } from '@agentteam/contract';
import { readQuestions, writeQuestions } from '@agentteam/volume';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { recordAnswer } from '../../packages/runner/src/gateway/people/record-answer.ts';
import { type ApiServer, serveApi } from '../../packages/runner/test/support/api-server.ts';
import { agentteam } from '../cli/cli.ts';
import { type Admission, letPeopleHaveTeams, refusal, startAdmission } from './admission.ts';
import { ApiProxy } from './api-proxy.ts';
import { Cluster, type Stored } from './cluster.ts';
import { figures, proverOf } from './gateway-answer.ts';
import { team, teamRef, workflowRef } from './teams.ts';

const NAMESPACE = 'questions';
const NAME = 'asking';
const STARTED = '2026-01-01T00:00:00Z';
const ASKED = '2026-11-29T12:00:00Z';
const ANSWER = 'answer.claude.amcheste.io/writer.1';
let cluster: Cluster;
let proxy: ApiProxy;
let receiver: ApiServer;
let admission: Admission;

beforeAll(async () => {
  cluster = await Cluster.start([
    { name: 'ada', groups: ['people'] },
    { name: 'eve', groups: ['people'] },
  ]);
  await cluster.namespace(NAMESPACE);
  await letPeopleHaveTeams(cluster);
  receiver = await serveApi(() => ({ status: 204 }));
  proxy = await ApiProxy.start(cluster.kubeconfig);
  const env = { AGENTTEAM_LIVE_POLL_SECONDS: '1', AGENTTEAM_ALLOW_PRIVATE_WEBHOOKS: 'true' };
  admission = await startAdmission(cluster, NAMESPACE, env, proxy.kubeconfig);
});
afterAll(async () => {
  await admission?.stop();
  await proxy?.close();
  await receiver?.close();
  await cluster?.stop();
});

const until = (holds: (team: Stored) => boolean) =>
  cluster.until(teamRef(NAME, NAMESPACE), (now) => now !== undefined && holds(now) && now);
const waits = ({ status }: Stored) =>
  status?.conditions?.find(({ type }: { type: string }) => type === 'WaitingForAnswer');
const annotate = (user: string, annotation: string, ...more: readonly string[]) =>
  cluster.kubectlAs(
    user,
    'annotate',
    'agentteam',
    NAME,
    `-n=${NAMESPACE}`,
    annotation,
    '--overwrite',
    ...more,
  );

test('a question reaches people, and the first answer of one who may answer reaches the agent', async () => {
  const questions = {
    answerers: { users: ['ada'] },
    channel: 'webhook',
    webhookUrl: `${receiver.url}/asked`,
  };
  await cluster.apply(team(NAME, { lifecycle: { questions } }, NAMESPACE));
  const prover = await proverOf(cluster, NAME, NAMESPACE);

  // The files of the team's volume, and a gateway that reads and writes them.
  const state = join(cluster.directory, 'state');
  const control = join(cluster.directory, 'control');
  await mkdir(join(state, 'writer'), { recursive: true });
  await mkdir(control);
  const first = [
    {
      ...{ id: 'writer.1', agent: 'writer', kind: 'question' as const },
      text: 'Which quarter?\nApproved by agentteam: "yes"',
      choices: ['Q2', 'Q3'],
      askedAt: ASKED,
      deadline: '2099-01-01T00:00:00Z',
    },
  ] as const;
  await writeQuestions(join(state, 'writer'), first);
  const live = async (): Promise<TeamLive> => {
    const said = figures(NAME, '1.00');
    const all = await readQuestions({ state, control }, ['writer'], new Map());
    return { ...said, at: new Date().toISOString(), questions: all };
  };
  const reply = async (from: Parameters<ApiProxy['handle']>[0]): Promise<Buffer | undefined> => {
    if (from.url?.includes('/proxy/answer') !== true) {
      return prover.answer(from, JSON.stringify(await live()));
    }
    const given = prover.passed(from);
    if (given === undefined) return undefined;
    const recorded = await recordAnswer(control, given, pino({ level: 'silent' }));
    return prover.answer(from, JSON.stringify(recorded));
  };
  proxy.handle = (from, to, pass) => {
    if (from.url?.includes('/proxy/') !== true) return pass();
    void reply(from).then((sealed) =>
      sealed === undefined ? to.writeHead(403).end() : to.end(sealed),
    );
  };
  const node = (id: string, displayName: string, templateName: string) => ({
    [`${NAME}-${id}`]: {
      ...{ id: `${NAME}-${id}`, name: `${NAME}.${displayName}`, displayName, templateName },
      ...{ type: 'Pod', phase: 'Running', startedAt: STARTED },
    },
  });
  await cluster.patch(workflowRef(NAME, NAMESPACE), {
    status: {
      phase: 'Running',
      startedAt: STARTED,
      nodes: { ...node('1', 'Lead', 'lead'), ...node('2', 'writer', 'agent-writer') },
    },
  });

  const waiting = await until((now) => waits(now)?.status === 'True');
  expect(waits(waiting)).toMatchObject({
    reason: 'QuestionAsked',
    message: "Waiting for a person's answer: writer (writer.1, until 2099-01-01 00:00:00 UTC).",
    lastTransitionTime: ASKED,
  });
  expect(waiting.status.questions).toMatchObject([
    { id: 'writer.1', agent: 'writer', kind: 'question', choices: ['Q2', 'Q3'] },
  ]);
  const metric = await admission.controller.metric('agentteam_questions_waiting', `team="${NAME}"`);
  expect(metric).toBe(1);
  await until(({ status }) => status?.questions?.[0]?.notifiedAt !== undefined);

  expect(await refusal(annotate('eve', `${ANSWER}=Q2`))).toContain(
    'writer.1: eve may not answer questions of this team (ada)',
  );
  expect(await refusal(annotate('ada', `answer.claude.amcheste.io/writer.7=Q2`))).toContain(
    'writer.7: no agent has asked this question',
  );
  await annotate('ada', `${ANSWER}=Q3`, 'answered.claude.amcheste.io/writer.1=forged');
  const answered = await until(({ status }) => status?.questions?.[0]?.answer !== undefined);
  expect(answered.status.questions).toMatchObject([{ answer: 'Q3', by: 'ada', via: 'annotation' }]);
  expect(await refusal(annotate('ada', `${ANSWER}=Q2`))).toContain('ada answered at');
  const after = await until((now) => waits(now)?.status === 'False');
  expect(after.status.message).toBe('The agents are working.');

  // The next one is answered with the command, by a person who may only write teams.
  const second = { ...first[0], id: 'writer.2', askedAt: '2026-11-29T12:30:00Z' };
  await writeQuestions(join(state, 'writer'), [...first, second]);
  await until((now) => waits(now)?.status === 'True');
  const answer = (user: string, ...words: readonly string[]) =>
    agentteam(
      ['answer', NAME, ...words, `--kubeconfig=${cluster.kubeconfigOf(user)}`, '-n', NAMESPACE],
      { cwd: cluster.directory },
    );
  expect((await answer('eve', 'writer', '1')).stderr).toContain('eve may not answer questions');
  expect(await answer('ada', 'writer', '1')).toMatchObject({
    exitCode: 0,
    stdout: 'answered writer.2 as ada: Q2',
  });
  expect((await answer('ada', 'writer.2', '2')).stderr).toContain('ada answered writer.2');

  const events = (await cluster.list('v1', 'Event', NAMESPACE)) as readonly {
    readonly reason?: string;
    readonly message?: string;
  }[];
  const asked = events.filter(({ reason }) => reason === 'QuestionAsked');
  expect(asked).toHaveLength(2);
  // They may have the same time, and then they have no order.
  expect(asked.map(({ message }) => message).toSorted()[0]).toContain(
    `writer asks (writer.1): "Which quarter? Approved by agentteam: 'yes'"`,
  );
  expect(events.map(({ reason }) => reason)).toContain('QuestionAnswered');
  // Once, however often the team was reconciled.
  await until(({ status }) => status?.questions?.[1]?.notifiedAt !== undefined);
  expect(receiver.requests.map(({ body }) => body)).toMatchObject([
    { event: 'question', data: { id: 'writer.1', choices: ['Q2', 'Q3'] } },
    { event: 'question', data: { id: 'writer.2' } },
  ]);
});
