import { type ClientRequest, request } from 'node:http';
import { PATHS } from '@agentteam/contract';
import { type LedgerEntry, LedgerReader } from '@agentteam/ledger';
import { expect, test } from '@jest/globals';
import type { RunningGateway } from '../../src/gateway/gateway.ts';
import { closing, opening, reply } from './scripted-api.ts';
import { api, start, team } from './setting.ts';
import { post } from './team.ts';

const USAGE = { input_tokens: 1000, output_tokens: 50 };

async function entries(): Promise<readonly LedgerEntry[]> {
  const reader = new LedgerReader(team.root + PATHS.ledger);
  await reader.refresh();
  return reader.entries();
}

/**
 * Sends a request on its own connection. Resolves when the gateway has received it.
 * @param missing number of announced bytes that are not sent.
 */
async function ask(gateway: RunningGateway, body: object, missing = 0): Promise<ClientRequest> {
  const { url, token } = gateway.address;
  const text = JSON.stringify({ model: 'claude-opus-5-5', max_tokens: 1000, ...body });
  const headers = { 'x-api-key': token, 'content-length': text.length + missing };
  const call = request(`${url}/v1/messages`, { method: 'POST', agent: false, headers });
  call.on('error', () => {});
  await new Promise((resolve) => call.write(text, resolve));
  await seen(gateway);
  return call;
}

/** Resolves when a later request was served, so that the gateway has seen all earlier events. */
async function seen(gateway: RunningGateway): Promise<void> {
  await (await fetch(`${gateway.address.url}/nowhere`)).text();
}

async function leave(gateway: RunningGateway, ...calls: readonly ClientRequest[]): Promise<void> {
  for (const call of calls) {
    const closed = new Promise((resolve) => call.once('close', resolve));
    call.destroy();
    await closed;
  }
  await seen(gateway);
}

/** Starts a request to the API, whose answer waits for `release`. */
function heldApi(first: string, rest: string, type: string) {
  const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
  const { promise: let_, resolve: letAnswer } = Promise.withResolvers<void>();
  api.answer = async (_, response) => {
    onAsked();
    await let_;
    response.writeHead(200, { 'content-type': type });
    response.write(first);
    if (rest !== '') response.end(rest);
  };
  return { asked, letAnswer };
}

test('an agent that leaves before the reply starts pays for all of it, to the token', async () => {
  const gateway = await start();
  const first = opening('claude-opus-5-5', USAGE, 'hello');
  const { asked, letAnswer } = heldApi(first, closing(USAGE), 'text/event-stream');
  const call = await ask(gateway, { stream: true });
  await asked;
  await leave(gateway, call);
  letAnswer();
  await gateway.close();
  const [entry] = await entries();
  expect(entry).toMatchObject({ state: 'done', tokens: { input: 1000, output: 50 } });
  expect(entry?.cut).toBeUndefined();
});

test('an agent that leaves while the model thinks pays for the thinking', async () => {
  const gateway = await start();
  const { promise: left, resolve: onLeft } = Promise.withResolvers<void>();
  const thought = { input_tokens: 1000, output_tokens: 60_000 };
  api.answer = async (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(opening('claude-opus-5-5', thought, ''));
    await left;
    response.end(`event: ping\ndata: {"type":"ping"}\n\n${closing(thought)}`);
  };
  const aborted = new AbortController();
  const response = await post(gateway, { stream: true }, { signal: aborted.signal });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  aborted.abort();
  await seen(gateway);
  onLeft();
  await gateway.close();
  expect(await entries()).toMatchObject([{ state: 'done', tokens: { output: 60_000 } }]);
});

test('an agent that leaves an unstreamed reply pays for all of it', async () => {
  const gateway = await start();
  const message = JSON.stringify({ type: 'message', model: 'claude-opus-5-5', usage: USAGE });
  const { asked, letAnswer } = heldApi(message.slice(0, 9), message.slice(9), 'application/json');
  const call = await ask(gateway, {});
  await asked;
  await leave(gateway, call);
  letAnswer();
  await gateway.close();
  const [entry] = await entries();
  expect(entry).toMatchObject({ state: 'done', tokens: { input: 1000, output: 50 }, usd: '0.005' });
  expect(entry?.cut).toBeUndefined();
});

test('a reply cut before the first usage report is charged the most it can cost', async () => {
  const gateway = await start({ onLimit: 'cut', teamBudgetLimit: '0.01' });
  const { asked } = heldApi('', '', 'text/event-stream');
  await ask(gateway, { stream: true, system: 'x'.repeat(3000) });
  await asked;
  api.answer = reply({ usage: { input_tokens: 5000 } });
  await (await post(gateway, {})).text();
  await gateway.close();
  const cut = (await entries()).find((entry) => entry.cut);
  expect(cut).toMatchObject({ state: 'done', status: 0, tokens: { output: 1000 } });
  expect(cut?.tokens.input).toBeGreaterThan(3000);
});

test('queued requests are not sent when their agent has left', async () => {
  const gateway = await start();
  const { promise: let_, resolve: letAnswer } = Promise.withResolvers<void>();
  const { promise: full, resolve: onFull } = Promise.withResolvers<void>();
  const good = reply({});
  api.answer = async (seen, response) => {
    if (api.seen.length === 16) onFull();
    await let_;
    await good(seen, response);
  };
  const served = Array.from({ length: 16 }, () => post(gateway, {}));
  await full;
  const waiting: ClientRequest[] = [];
  // Half of them are not even complete.
  for (let index = 0; index < 40; index += 1) waiting.push(await ask(gateway, {}, index % 2));
  await leave(gateway, ...waiting);
  letAnswer();
  for (const response of await Promise.all(served)) await response.text();
  expect((await post(gateway, {})).status).toBe(200);
  await gateway.close();
  expect(api.seen).toHaveLength(17);
  expect(await entries()).toHaveLength(17);
});

test('a request that its agent breaks off is not sent, and costs nothing', async () => {
  const gateway = await start();
  await leave(gateway, await ask(gateway, { stream: true }, 1000));
  await (await post(gateway, {})).text();
  await gateway.close();
  expect(api.seen).toHaveLength(1);
  expect(await entries()).toMatchObject([{ usd: '0.006' }]);
});

test('a gateway that must stop does not wait for ever for a reply’s cost', async () => {
  const gateway = await start();
  const { asked } = heldApi('', '', 'text/event-stream');
  const call = await ask(gateway, { stream: true, system: 'x'.repeat(3000) });
  await asked;
  await leave(gateway, call);
  await gateway.close();
  const [entry] = await entries();
  expect(entry).toMatchObject({ state: 'done', cut: true, status: 0, tokens: { output: 1000 } });
  expect(entry?.tokens.input).toBeGreaterThan(3000);
});
