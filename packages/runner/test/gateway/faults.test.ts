import { EventEmitter, once } from 'node:events';
import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { moneyText, PATHS } from '@agentteam/contract';
import { type LedgerEntry, ledgerFile } from '@agentteam/ledger';
import { readStopMarker, waitInDirectory } from '@agentteam/volume';
import { describe, expect, test } from '@jest/globals';
import { never } from '../support/team.ts';
import { launch, ledgerOf } from './gateway-process.ts';
import { claude, startClaude } from './run-claude.ts';
import { closing, opening, reply } from './scripted-api.ts';
import { api, team } from './setting.ts';
import { atEnd, environment, post } from './team.ts';

/** Loads a module of this directory before the gateway. */
const before = (module: string): NodeJS.ProcessEnv => ({
  NODE_OPTIONS: `--import=${new URL(module, import.meta.url)} --disable-warning=ExperimentalWarning`,
});

describe('a gateway that is killed just before it writes a line, and a repeated request', () => {
  /** @returns the entries of the killed gateway's request and of the repeated one. */
  async function killedAt(state: string) {
    const first = await launch(team, {
      ...environment(team, api.url),
      ...before('kill-at-line.ts'),
      KILL_AT: state,
    });
    const exited = once(first.child, 'exit');
    const broken = await claude(team, first, 'opus');
    expect(broken.is_error).toBe(true);
    expect(await exited).toEqual([null, 'SIGKILL']);
    const charged = api.seen.length;
    const second = await launch(team, environment(team, api.url));
    const { code, total_cost_usd } = await claude(team, second, 'opus');
    expect(code).toBe(0);
    expect(api.seen).toHaveLength(charged + 1);
    const reader = await ledgerOf(team);
    const [killed, repeated, ...others] = reader.entries();
    expect(others).toEqual([]);
    return { charged, killed, repeated, total_cost_usd };
  }

  test('before the request is sent: it costs nothing and is not counted', async () => {
    const { charged, killed, repeated, total_cost_usd } = await killedAt('open');
    expect(charged).toBe(0);
    expect(killed).toMatchObject({ state: 'done', usd: '0.006' });
    expect(Number(killed?.usd)).toBe(total_cost_usd);
    expect(repeated).toBeUndefined();
  });

  test('after the first usage report: the most it can cost is charged and marked', async () => {
    const good = reply({});
    api.answer = (request, response) => {
      if (api.seen.length > 1) return good(request, response);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(opening('claude-opus-5-5', { input_tokens: 1000 }, 'hello'));
    };
    const { charged, killed, repeated } = await killedAt('streaming');
    expect(charged).toBe(1);
    expect(killed).toMatchObject({ state: 'lost', cut: true });
    // The CLI's request has more than 50 KB, and allows a long answer.
    expect(killed?.tokens.output).toBe(128_000);
    const { input = 0, cacheWrite5m = 0, cacheWrite1h = 0 } = killed?.tokens ?? {};
    expect(input + cacheWrite5m + cacheWrite1h).toBeGreaterThan(50_000);
    expect(repeated).toMatchObject({ state: 'done', usd: '0.006' });
  });

  test('before the final line: exact input, and the maximum output are charged', async () => {
    const usage = { input_tokens: 1000, output_tokens: 2000 };
    const noted = () => waitInDirectory(directory, streaming, { signal: never });
    const directory = team.root + PATHS.ledger;
    const streaming = async () => (await ledgerOf(team)).entries().find(isStreaming);
    const isStreaming = ({ state }: LedgerEntry) => state === 'streaming';
    api.answer = async (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(opening('claude-opus-5-5', usage, 'x'.repeat(6000)));
      await noted();
      response.end(closing(usage));
    };
    const { charged, killed, repeated } = await killedAt('done');
    expect(charged).toBe(1);
    // The API charges for 2000 tokens of output. The agent has not received the end of them either.
    expect(killed).toMatchObject({ state: 'lost', cut: true });
    expect(killed?.tokens).toMatchObject({ input: 1000, output: 128_000 });
    expect(repeated).toMatchObject({ state: 'done', tokens: { input: 1000, output: 2000 } });
  });
});

test('a CLI killed in the middle of a reply pays for all of it', async () => {
  const usage = { input_tokens: 1000, output_tokens: 4000 };
  const { promise: killed, resolve: onKilled } = Promise.withResolvers<void>();
  api.answer = async (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(opening('claude-opus-5-5', usage, 'y'.repeat(3000)));
    await killed;
    response.end(closing(usage));
  };
  const gateway = await launch(team, environment(team, api.url));
  const partial = ['--output-format', 'stream-json', '--verbose', '--include-partial-messages'];
  const child = startClaude(team, gateway, [...partial, '--model', 'opus']);
  for await (const chunk of child.stdout) {
    if (String(chunk).includes('text_delta')) break;
  }
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  onKilled();
  await gateway.stop();
  const [entry, ...others] = (await ledgerOf(team)).entries();
  expect(others).toEqual([]);
  expect(entry).toMatchObject({ state: 'done', tokens: { input: 1000, output: 4000 } });
});

/** Changes in a directory from now on. */
function watched(directory: string) {
  const seen: string[] = [];
  const changed = new EventEmitter();
  const watcher = watch(directory, (_, name) => {
    seen.push(name ?? '');
    changed.emit('change');
  });
  atEnd(async () => watcher.close());
  return {
    seen,
    until: async (count: number) => {
      while (seen.length < count) await once(changed, 'change');
    },
  };
}

test('the reservation of a killed gateway is charged after a minute without a new line', async () => {
  // Each request can cost 1000 output tokens, $0.02: the limit allows one.
  const spec = { teamBudgetLimit: '0.03', onLimit: 'reserve' } as const;
  const good = reply({ usage: { input_tokens: 0, output_tokens: 1000 } });
  const { promise: streams, resolve: onStream } = Promise.withResolvers<void>();
  api.answer = (request, response) => {
    if (api.seen.length > 1) return good(request, response);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(opening('claude-opus-5-5', { input_tokens: 0 }, 'hello'));
    onStream();
  };
  const first = await launch(team, environment(team, api.url, { ...spec, agent: 'a' }));
  const broken = post(first, { stream: true }).then((response) => response.text());
  await streams;
  first.child.kill('SIGKILL');
  await expect(broken).rejects.toThrow();

  const env = environment(team, api.url, { ...spec, agent: 'b' });
  const second = await launch(team, { ...env, ...before('late-clock.ts') });
  const reservations = `${team.root}${PATHS.ledger}/reservations`;
  const changes = watched(reservations);
  const lock = watched(join(reservations, 'lock'));
  const asked = post(second, { stream: true });
  // Each attempt creates, touches and removes the lock: the fourth change belongs to the second attempt.
  await lock.until(4);
  expect(api.seen).toHaveLength(1);
  // Otherwise, each attempt would trigger the next.
  expect(changes.seen).toEqual([]);

  second.child.kill('SIGUSR2');
  const response = await asked;
  // The money that the killed gateway may have spent is gone, although no gateway of its agent starts again.
  expect(response.status).toBe(402);
  expect(api.seen).toHaveLength(1);
  await second.stop();
});

describe('with a clock that jumps by days', () => {
  const jumping = before('jumping-clock.ts');

  test('the CLI repeats requests, lines keep their order, and no duration is negative', async () => {
    const statuses = [429, 529];
    const good = reply({});
    api.answer = (request, response) => {
      const status = statuses.shift();
      if (status === undefined) return good(request, response);
      response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '0' });
      response.end('{"type":"error","error":{"type":"overloaded_error","message":"busy"}}');
    };
    const gateway = await launch(team, { ...environment(team, api.url), ...jumping });
    const { code, total_cost_usd } = await claude(team, gateway, 'opus');
    expect(code).toBe(0);
    await gateway.stop();
    const reader = await ledgerOf(team);
    const entries = reader.entries();
    expect(entries.map(({ status }) => status)).toEqual([429, 529, 200]);
    expect(Number(moneyText(reader.totals.team().usd))).toBe(total_cost_usd);
    const durations = entries.flatMap(({ ttftMs = 0, ms = 0 }) => [ttftMs, ms - ttftMs]);
    expect(Math.min(...durations)).toBeGreaterThanOrEqual(0);
    // The clock did jump: lines of one request are days apart.
    const lines = (await readFile(ledgerFile(`${team.root}${PATHS.ledger}`, 'worker'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => Date.parse((JSON.parse(line) as { at: string }).at));
    expect(Math.max(...lines) - Math.min(...lines)).toBeGreaterThan(86_400_000);
  });

  test('reservations of other gateways stay valid', async () => {
    // Each request can cost 1000 output tokens, $0.02, and does: the limit allows two.
    const spec = { teamBudgetLimit: '0.05', onLimit: 'reserve' } as const;
    const good = reply({ usage: { input_tokens: 0, output_tokens: 1000 } });
    const { promise: two, resolve: onTwo } = Promise.withResolvers<void>();
    api.answer = async (request, response) => {
      if (api.seen.length >= 2) onTwo();
      await two;
      await good(request, response);
    };
    const gateways = [];
    for (const agent of ['a', 'b']) {
      const env = { ...environment(team, api.url, { ...spec, agent }), ...jumping };
      gateways.push(await launch(team, env));
    }
    const asked = gateways.flatMap((gateway) =>
      Array.from({ length: 6 }, () => post(gateway, { stream: true })),
    );
    const replies = await Promise.all(asked);
    await Promise.all(replies.map((response) => response.text()));
    const statuses = replies.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(2);
    expect(statuses.filter((status) => status === 402)).toHaveLength(10);
    expect(moneyText((await ledgerOf(team)).totals.team().usd)).toBe('0.04');
    expect(await readStopMarker(team.root + PATHS.control)).toMatchObject({ reason: 'budget' });
  });
});
