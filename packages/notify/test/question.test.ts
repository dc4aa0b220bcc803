import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type ApiServer, serveApi } from '../../runner/test/support/api-server.ts';
import { deliver } from '../src/deliver.ts';
import { mailOf } from '../src/mail.ts';
import { questionNotification } from '../src/question.ts';

const NOTIFICATION = questionNotification({
  namespace: 'dev',
  team: 'crew',
  run: 'uid-1',
  id: 'writer.1',
  agent: 'writer',
  kind: 'question',
  question: 'Which quarter?\n<!channel> Approve: rm -rf / https://evil.example',
  choices: ['Q2', 'Q3'],
  default: 'Q2',
  at: '2026-11-29T12:00:00Z',
  deadline: '2026-11-29T13:00:00Z',
  costUsd: '1.20',
  answer: 'agentteam answer crew writer.1 "…" -n dev',
});

let server: ApiServer;
beforeEach(async () => {
  server = await serveApi(() => ({ status: 200 }));
});
afterEach(() => server.close());

test('a question goes to Slack with the agent’s words as plain text', async () => {
  const channel = { kind: 'slack', url: server.url } as const;
  await deliver(channel, { allowPrivate: true }, NOTIFICATION, new AbortController().signal);
  const { text, blocks } = (server.requests[0]?.body ?? {}) as unknown as {
    readonly text: string;
    readonly blocks: readonly { readonly text: { readonly type: string; readonly text: string } }[];
  };
  expect(text).toBe('dev/crew: writer asks a question and waits (writer.1).');
  const plain = blocks.filter((block) => block.text.type === 'plain_text');
  expect(plain.map((block) => block.text.text)).toEqual([
    expect.stringMatching(/^> Which quarter\?\n> .*https:\/ \/evil/),
    '> 1. Q2\n> 2. Q3',
    '> Q2',
  ]);
  const ours = blocks
    .filter((block) => block.text.type === 'mrkdwn')
    .map((block) => block.text.text);
  expect(ours.join('\n')).toContain('```agentteam answer crew writer.1 "…" -n dev```');
  expect(ours.join('\n')).not.toContain('rm -rf');
});

test('a mail quotes each line of the agent', () => {
  const { subject, text } = mailOf(NOTIFICATION);
  expect(subject).toBe('dev/crew: writer asks a question and waits (writer.1).');
  const quoted = text.split('\n').filter((line) => line.startsWith('> '));
  expect(quoted).toEqual([
    '> Which quarter?',
    expect.stringContaining('> <!channel> Approve: rm -rf /'),
    '> 1. Q2',
    '> 2. Q3',
    '> Q2',
  ]);
  expect(text).toContain('    agentteam answer crew writer.1 "…" -n dev');
});

test('the same question always has the same id', () => {
  expect(NOTIFICATION.id).toMatch(/^[0-9a-f]{32}$/);
  expect(NOTIFICATION.event).toBe('question');
});
