import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ApiServer, serveApi } from '../../runner/test/support/api-server.ts';
import { deliver } from '../src/deliver.ts';
import type { Notification } from '../src/index.ts';

// Receivers are written according to docs/notifications.md, so its examples must be correct.

type IsGenuine = (
  secret: string,
  headers: Readonly<Record<string, unknown>>,
  body: string,
  now?: number,
) => boolean;

let page: string;
let isGenuine: IsGenuine;
let server: ApiServer;

function block(language: string): string {
  const [, code] = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page) ?? [];
  if (code === undefined) throw new Error(`the page has no block of ${language}`);
  return code;
}

beforeAll(async () => {
  page = await readFile(new URL('../../../docs/notifications.md', import.meta.url), 'utf8');
  const program = `data:text/javascript,${encodeURIComponent(block('js'))}`;
  ({ isGenuine } = (await import(program)) as { isGenuine: IsGenuine });
  server = await serveApi(() => ({ status: 204 }));
});
afterAll(() => server.close());

test('a receiver that verifies calls as documented accepts only ours', async () => {
  const example = JSON.parse(block('json')) as Notification;
  const channel = { kind: 'webhook', url: server.url } as const;
  const senders = { secret: 'key', allowPrivate: true };
  await deliver(channel, senders, example, new AbortController().signal);
  const [request] = server.requests;
  if (request === undefined) throw new Error('nothing was sent');
  const { headers, text } = request;
  expect(JSON.parse(text)).toEqual(example);

  expect(isGenuine('key', headers, text)).toBe(true);
  expect(isGenuine('another key', headers, text)).toBe(false);
  expect(isGenuine('key', headers, `${text} `)).toBe(false);
  expect(isGenuine('key', headers, text, Date.now() + 301_000)).toBe(false);
  expect(isGenuine('key', { ...headers, 'x-agentteam-signature': undefined }, text)).toBe(false);
  const later = String(Number(headers['x-agentteam-timestamp']) + 1);
  expect(isGenuine('key', { ...headers, 'x-agentteam-timestamp': later }, text)).toBe(false);
});

test('the page documents every header and field of a call', async () => {
  const { headers, body } = server.requests[0] ?? {};
  const own = Object.keys(headers ?? {}).filter((name) => /^x-agentteam|^idempotency/.test(name));
  expect(own).toHaveLength(4);
  for (const name of own) expect(page.toLowerCase()).toContain(`| \`${name}\` |`);
  for (const field of Object.keys(body ?? {})) expect(page).toContain(`\`${field}\``);
});
