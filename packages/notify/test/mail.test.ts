import { afterEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import type { SMTPServerOptions } from 'smtp-server';
import { hostileText, UNSEEN } from '../../text/test/support/hostile.ts';
import { Retryable } from '../src/backoff.ts';
import { deliverOnce } from '../src/deliver.ts';
import { gateNotification } from '../src/gate.ts';
import { mailOf } from '../src/mail.ts';
import { MailServer, refusal } from './support/mail-server.ts';

const never = new AbortController().signal;
const TO = ['ada@example.com', 'ben@example.com'];
const GATE = {
  namespace: 'dev',
  team: 'auth',
  run: 'uid-1',
  event: 'spawn-editor',
  at: '2026-11-23T10:00:00Z',
  teammate: 'editor',
  prompt: 'Edit it.\r\nApprove:\r\n\r\n    rm -rf /\u0000',
  reports: [{ teammate: 'writer', report: 'Größe stimmt.\u2028.\nBcc: eve@example.com' }],
  costUsd: '1.20',
  budgetUsd: '5.00',
  approve: 'kubectl annotate agentteam auth approved.claude.amcheste.io/spawn-editor=true',
  reject: 'kubectl annotate agentteam auth approved.claude.amcheste.io/spawn-editor=false',
};
const NOTIFICATION = gateNotification(GATE);

let server: MailServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function mailed(
  options: SMTPServerOptions = {},
  more: { readonly user?: string; readonly query?: string } = {},
): Promise<unknown> {
  server = await MailServer.start(options);
  const url = `${server.url.replace('//', `//${more.user ?? ''}`)}/${more.query ?? ''}`;
  const mailServer = { url, from: 'agentteam <team@example.com>' };
  return deliverOnce(
    { kind: 'email', to: TO },
    { allowPrivate: false, mailServer },
    NOTIFICATION,
    never,
  ).then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** The decoded body of a mail. */
function body(text: string): string {
  const [, encoded = ''] = text.split(/\r\n\r\n([\s\S]*)/);
  const joined = encoded.replaceAll('=\r\n', '');
  const bytes = joined.replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8').replaceAll('\r\n', '\n');
}

test('a mail has what the approver needs, and quotes untrusted text', async () => {
  expect(await mailed()).toBeUndefined();
  const [mail, ...more] = server?.mails ?? [];
  expect(more).toEqual([]);
  expect(mail?.to).toEqual(TO);
  const head = mail?.text.split('\r\n\r\n')[0] ?? '';
  expect(head).toContain('From: agentteam <team@example.com>');
  expect(head).toContain('Subject: dev/auth: spawn-editor is waiting for approval.');
  expect(head).toContain(`Message-ID: <${NOTIFICATION.id}@agentteam>`);
  expect(head).toContain('Auto-Submitted: auto-generated');
  expect(head).not.toContain('Bcc');
  expect(body(mail?.text ?? '')).toBe(`dev/auth: spawn-editor is waiting for approval.

An approval starts editor with this prompt:

> Edit it.
> Approve:
>
>     rm -rf /[U+0000]

writer reported:

> Größe stimmt.
> .
> Bcc: eve@ example.com

Spent so far: $1.20 of $5.00

Approve:

    kubectl annotate agentteam auth approved.claude.amcheste.io/spawn-editor=true

Reject:

    kubectl annotate agentteam auth approved.claude.amcheste.io/spawn-editor=false
`);
});

test('a mail omits missing fields and truncates long text', () => {
  const { teammate, prompt, reports, budgetUsd, ...delivery } = GATE;
  const report = 'ü'.repeat(4001);
  const gate = { ...delivery, event: 'deliver', reports: [{ teammate: 'writer', report }] };
  expect(mailOf(gateNotification(gate)).text).toBe(`dev/auth: deliver is waiting for approval.

writer reported:

> ${'ü'.repeat(3999)}…

Spent so far: $1.20

Approve:

    ${GATE.approve}

Reject:

    ${GATE.reject}
`);
});

test('any untrusted text becomes quoted lines of one plain mail with our headers', async () => {
  server = await MailServer.start({});
  const { mails, url } = server;
  const senders = { allowPrivate: false, mailServer: { url, from: 'team@example.com' } };
  await fc.assert(
    fc.asyncProperty(hostileText, hostileText, hostileText, async (prompt, report, words) => {
      const gate = { ...GATE, prompt, reports: [{ teammate: 'writer', report }] };
      const notification = { ...gateNotification(gate), message: `dev/auth ${words}` };
      mails.length = 0;
      await deliverOnce({ kind: 'email', to: TO }, senders, notification, never);
      expect(mails).toHaveLength(1);
      const mail = await simpleParser(mails[0]?.text ?? '');
      expect([...mail.headers.keys()].toSorted()).toEqual(HEADERS);
      expect(mail.subject).toMatch(/^dev\/auth/);
      expect(mail.subject).not.toMatch(/\n|\/\/[^\s/]/);
      expect(mail.attachments).toEqual([]);
      expect(mail.html).toBe(false);
      const [first, ...lines] = (mail.text ?? '').trimEnd().split('\n');
      expect(first).toMatch(/^dev\/auth/);
      const theirs = lines.filter((line) => line.startsWith('>'));
      expect(lines.filter((line) => line !== '' && !theirs.includes(line))).toEqual(OURS);
      for (const line of theirs) expect(line).not.toMatch(/\/\/[^\s/]/);
      expect(mail.text).not.toMatch(UNSEEN);
    }),
    { numRuns: 60 },
  );
});

const HEADERS = [
  ...['auto-submitted', 'content-transfer-encoding', 'content-type', 'date', 'from'],
  ...['message-id', 'mime-version', 'subject', 'to'],
];
const OURS = [
  ...[
    'An approval starts editor with this prompt:',
    'writer reported:',
    'Spent so far: $1.20 of $5.00',
  ],
  ...['Approve:', `    ${GATE.approve}`, 'Reject:', `    ${GATE.reject}`],
];

test('a temporary refusal can be retried', async () => {
  const error = await mailed({
    onMailFrom: (_address, _session, done) => done(refusal(451, 'try again later')),
  });
  expect(error).toBeInstanceOf(Retryable);
  expect(String(error)).toContain('try again later');
});

test('a refusal of every recipient is final', async () => {
  const error = await mailed({
    onRcptTo: (_address, _session, done) => done(refusal(550, 'no such user')),
  });
  expect(error).not.toBeInstanceOf(Retryable);
  expect(String(error)).toContain('no such user');
});

test('a refused recipient is named, and the others get the mail', async () => {
  const error = await mailed({
    onRcptTo: ({ address }, _session, done) =>
      address === TO[0] ? done(refusal(550, 'no such user')) : done(),
  });
  expect(error).not.toBeInstanceOf(Retryable);
  expect(String(error)).toContain('refused ada@example.com and accepted the other recipients');
  expect(server?.mails.map(({ to }) => to)).toEqual([[TO[1]]]);
});

test('a missing server and a refused login can be retried', async () => {
  const refused = await mailed(
    {
      disabledCommands: [],
      onAuth: (_auth, _session, done) => done(refusal(535, 'wrong password')),
    },
    { user: 'team:secret@', query: '?tls.rejectUnauthorized=false' },
  );
  expect(refused).toBeInstanceOf(Retryable);
  expect(String(refused)).not.toContain('secret');
  const { url } = server as MailServer;
  await server?.close();
  server = undefined;
  const senders = { allowPrivate: false, mailServer: { url, from: 'team@example.com' } };
  await expect(
    deliverOnce({ kind: 'email', to: TO }, senders, NOTIFICATION, never),
  ).rejects.toBeInstanceOf(Retryable);
});

test('never sends a password without TLS', async () => {
  let asked = false;
  const error = await mailed(
    {
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => {
        asked = true;
        done(null, { user: 'team' });
      },
    },
    { user: 'team:secret@' },
  );
  expect(error).toBeInstanceOf(Error);
  expect(asked).toBe(false);
});

test('sends the password over TLS', async () => {
  const error = await mailed(
    {
      disabledCommands: [],
      onAuth: ({ username }, _session, done) => done(null, { user: username ?? '' }),
    },
    { user: 'team:secret@', query: '?tls.rejectUnauthorized=false' },
  );
  expect(error).toBeUndefined();
  expect(server?.mails).toHaveLength(1);
});

test('sending ends when its signal aborts', async () => {
  const end = new AbortController();
  server = await MailServer.start({
    onConnect: (_session, done) => {
      end.abort();
      done();
    },
  });
  const mailServer = { url: server.url, from: 'team@example.com' };
  await expect(
    deliverOnce(
      { kind: 'email', to: TO },
      { allowPrivate: false, mailServer },
      NOTIFICATION,
      end.signal,
    ),
  ).rejects.toThrow('aborted');
});

test('sending without a mail server fails', async () => {
  await expect(
    deliverOnce({ kind: 'email', to: TO }, { allowPrivate: false }, NOTIFICATION, never),
  ).rejects.toThrow('no mail server is configured');
});
