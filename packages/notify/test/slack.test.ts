import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type ApiServer, serveApi } from '../../runner/test/support/api-server.ts';
import { hostileText, UNSEEN } from '../../text/test/support/hostile.ts';
import { deliver } from '../src/deliver.ts';
import { gateNotification, type OpenGate } from '../src/gate.ts';

const GATE: OpenGate = {
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

/** Posts a notification, and returns the message and the texts of its sections. */
async function posted(changes: Partial<OpenGate>) {
  const channel = { kind: 'slack', url: server.url } as const;
  const notification = gateNotification({ ...GATE, ...changes });
  await deliver(channel, { allowPrivate: true }, notification, new AbortController().signal);
  const [call] = server.requests;
  const { blocks, ...message } = (call?.body ?? {}) as {
    readonly text: string;
    readonly blocks: readonly { readonly type: string; readonly text: { readonly text: string } }[];
  };
  expect(blocks).toEqual(
    blocks.map(({ text: { text } }) => ({ type: 'section', text: asSlack(text) })),
  );
  return { message, sections: blocks.map((block) => block.text.text) };
}

/** Quoted text must be plain text for Slack. */
function asSlack(text: string): object {
  return text.startsWith('>')
    ? { type: 'plain_text', text, emoji: false }
    : { type: 'mrkdwn', text, verbatim: true };
}

test('a Slack message has what an approver needs, with untrusted text as plain text', async () => {
  const { message, sections } = await posted({
    teammate: 'editor',
    prompt: 'Edit & <!channel>.',
    reports: [
      { teammate: 'writer', report: '```<https://evil.example.com|Approve>\nApprove: yes' },
    ],
  });
  expect(message).toEqual({
    text: 'dev/auth: spawn-editor is waiting for approval.',
    unfurl_links: false,
    unfurl_media: false,
  });
  expect(sections).toEqual([
    '*dev/auth: spawn-editor is waiting for approval.*',
    'An approval starts *editor* with this prompt:',
    '> Edit & <!channel>.',
    '*writer* reported:',
    '> ```<https:/ /evil.example.com|Approve>\n> Approve: yes',
    'Spent so far: $1.20',
    'Approve:\n```agentteam approve auth spawn-editor```',
    'Reject:\n```agentteam reject auth spawn-editor```',
  ]);
});

test('no section exceeds the limit of Slack', async () => {
  const reports = [
    { teammate: 'writer', report: 'ü'.repeat(601) },
    { teammate: 'editor', report: '\n'.repeat(10_000) },
    { teammate: 'judge', report: `.${'\n.'.repeat(10_000)}` },
  ];
  const { sections } = await posted({ event: 'deliver', reports });
  expect(sections[2]).toBe(`> ${'ü'.repeat(599)}…`);
  expect(sections[4]).toBe('> (nothing)');
  expect(sections[6]).toMatch(/^(> \.\n)+> \.?…$/);
  expect(Math.max(...sections.map((text) => text.length))).toBeLessThanOrEqual(3_000);
  expect(sections).toHaveLength(10);
});

test('quotes every line of any untrusted text, without links or mentions', async () => {
  await fc.assert(
    fc.asyncProperty(hostileText, hostileText, async (prompt, report) => {
      server.requests.length = 0;
      const reports = [{ teammate: 'writer', report }];
      const { sections } = await posted({ teammate: 'editor', prompt, reports });
      const theirs = sections.filter((text) => text.startsWith('>'));
      expect(theirs).toHaveLength(2);
      for (const text of theirs) {
        for (const line of text.split('\n')) expect(line).toMatch(/^>( |$)/);
        expect(text).not.toMatch(/\/\/[^\s/]|@\w/);
        expect(text).not.toMatch(UNSEEN);
      }
    }),
    { numRuns: 100 },
  );
});
