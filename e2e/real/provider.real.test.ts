import { expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import type { Stage } from './stage.ts';
import { small, useStages } from './stages.ts';

const { open } = useStages();

const LIMIT = { status: 429, message: 'Usage limit reached', resetAfter: 30 };
const OVERLOAD = { status: 529, message: 'Overloaded', times: 3 };

const update = (status: string, ...errors: readonly object[]) => ({
  tools: [{ name: 'TaskUpdate', input: { taskId: '1', status } }],
  ...(errors.length > 0 && { errors }),
});
const report = {
  tools: [{ name: 'report', input: { outcome: 'completed', summary: 'Written.' } }],
  errors: [{ status: 500, message: 'Internal error' }, { cutAfter: 1 }],
};
const script = stringify({
  agents: {
    writer: {
      turns: [
        update('in_progress', LIMIT),
        update('completed', OVERLOAD),
        report,
        { text: 'Written.' },
      ],
    },
  },
});

/** Resolves with the condition when an agent of the team waits for a limit to reset. */
const waiting = (at: Stage) =>
  at.until((status) =>
    status.conditions?.find(
      (one: { type: string; status: string }) =>
        one.type === 'WaitingForProvider' && one.status === 'True',
    ),
  );

test('an agent waits out a limit, an overload, a server error and a cut stream without a restart', async () => {
  const at = await open({ team: small('limited'), script });
  await at.start();
  expect(await waiting(at)).toMatchObject({ reason: 'UsageLimit' });
  const status = await at.ended();
  expect(status).toMatchObject({
    phase: 'Completed',
    teammates: [
      { name: 'writer', restartCount: 0 },
      { name: 'editor', restartCount: 0 },
    ],
  });
  expect(status.conditions).toContainEqual(
    expect.objectContaining({ type: 'WaitingForProvider', status: 'False' }),
  );
});

test('a pod that is deleted while its agent waits for a limit is replaced by one that continues', async () => {
  const at = await open({ team: small('limited'), script });
  await at.start();
  await waiting(at);
  const pod = await at.until(
    ({ teammates = [] }) =>
      teammates.find(({ name }: { name: string }) => name === 'writer')?.podName as
        | string
        | undefined,
  );
  await at.kubectl('delete', 'pod', pod, '--force', '--grace-period=0');
  expect(await at.ended()).toMatchObject({
    phase: 'Completed',
    teammates: [{ name: 'writer', restartCount: 1 }, { name: 'editor' }],
  });
});

test('an agent whose credential is revoked goes on when the Secret has a new one', async () => {
  const message = 'invalid x-api-key';
  // The agent waits longer after each refusal, for a minute in all, so that the wait can be seen.
  const revoked = { status: 401, type: 'authentication_error', message, times: 6 };
  const at = await open({
    team: small('rotated'),
    script: stringify({
      agents: {
        writer: {
          turns: [
            update('in_progress'),
            update('completed', revoked),
            { tools: report.tools },
            { text: 'Written.' },
          ],
        },
      },
    }),
  });
  await at.start();
  expect(await waiting(at)).toMatchObject({ reason: 'CredentialRefused' });
  const { apiKeySecret } = at.team.spec.auth;
  const data = { stringData: { ANTHROPIC_API_KEY: 'sk-ant-rotated' } };
  await at.kubectl('patch', 'secret', apiKeySecret, '-p', JSON.stringify(data));
  expect(await at.ended()).toMatchObject({
    phase: 'Completed',
    teammates: [{ name: 'writer', restartCount: 0 }, { name: 'editor' }],
  });
});
