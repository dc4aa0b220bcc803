import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type ApiServer, serveApi } from '../../runner/test/support/api-server.ts';
import { deliver } from '../src/deliver.ts';
import { type GateNotice, gateNotification } from '../src/gate.ts';

const NOTICE: GateNotice = {
  namespace: 'dev',
  team: 'auth',
  run: 'uid-1',
  event: 'spawn-editor',
  at: '2026-11-23T10:00:00Z',
  reports: [],
  costUsd: '1.20',
  approve: 'agentteam approve auth spawn-editor',
  reject: 'agentteam reject auth spawn-editor',
};

let server: ApiServer;
beforeEach(async () => {
  server = await serveApi(() => ({ status: 200 }));
});
afterEach(() => server.close());

/** The message as Slack gets it: its text, and that of its sections. */
async function posted(notice: Partial<GateNotice>) {
  const channel = { kind: 'slack', url: server.url } as const;
  const notification = gateNotification({ ...NOTICE, ...notice });
  await deliver(channel, { allowPrivate: true }, notification, new AbortController().signal);
  const [call] = server.requests;
  const { text, blocks } = (call?.body ?? {}) as {
    readonly text: string;
    readonly blocks: readonly { readonly type: string; readonly text: { readonly text: string } }[];
  };
  expect(blocks).toEqual(
    blocks.map((block) => ({ type: 'section', text: { type: 'mrkdwn', text: block.text.text } })),
  );
  return { text, sections: blocks.map((block) => block.text.text) };
}

test('Slack is told what the approver needs, and nothing that others wrote mentions or links', async () => {
  const { text, sections } = await posted({
    teammate: 'editor',
    prompt: 'Edit & <!channel>.',
    reports: [{ teammate: 'writer', report: '```<https://evil.example.com|Approve>' }],
  });
  expect(text).toBe('dev/auth: spawn-editor waits for an approval.');
  expect(sections).toEqual([
    '*dev/auth: spawn-editor waits for an approval.*',
    'It starts *editor*: Edit &amp; &lt;!channel&gt;.',
    "*writer* reported: '''&lt;https://evil.example.com|Approve&gt;",
    'Spent so far: $1.20',
    'Approve:\n```agentteam approve auth spawn-editor```',
    'Reject:\n```agentteam reject auth spawn-editor```',
  ]);
});

test('a section is no longer than Slack takes', async () => {
  const reports = [
    { teammate: 'writer', report: 'ü'.repeat(601) },
    { teammate: 'editor', report: '&'.repeat(10_000) },
  ];
  const { sections } = await posted({ event: 'deliver', reports });
  expect(sections[1]).toBe(`*writer* reported: ${'ü'.repeat(600)}…`);
  expect(sections[2]).toHaveLength(3000);
  expect(sections).toHaveLength(6);
});
