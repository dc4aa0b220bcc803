import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { ENV, EXIT, moneyText, PATHS } from '@agentteam/contract';
import { aggregate } from '@agentteam/ledger';
import { describe, expect, test } from '@jest/globals';
import { GatewayFailed, launch, ledgerOf, type Process } from './gateway-process.ts';
import { claude } from './run-claude.ts';
import { opening, reply } from './scripted-api.ts';
import { api, team } from './setting.ts';
import { environment, figuresOf, mountKey, post } from './team.ts';

describe('the real CLI behind the gateway', () => {
  test('reports the same costs as the ledger, for each model', async () => {
    const gateway = await launch(team, environment(team, api.url));
    api.answer = reply({
      usage: {
        input_tokens: 1111,
        output_tokens: 222,
        cache_read_input_tokens: 90_000,
        cache_creation_input_tokens: 10_000,
        cache_creation: { ephemeral_5m_input_tokens: 4000, ephemeral_1h_input_tokens: 6000 },
        server_tool_use: { web_search_requests: 2 },
      },
    });
    const theirs = new Map<string, string>();
    for (const model of ['opus', 'sonnet', 'haiku', 'claude-fable-5-2']) {
      const { code, modelUsage } = await claude(team, gateway, model);
      expect(code).toBe(0);
      for (const [name, { costUSD }] of Object.entries(modelUsage)) {
        theirs.set(name, costUSD.toFixed(9));
      }
    }
    const rows = aggregate((await ledgerOf(team)).entries());
    const ours = rows.map(({ model, usd }) => [model, Number(moneyText(usd)).toFixed(9)] as const);
    expect(new Map(ours)).toEqual(theirs);
    expect(theirs.size).toBe(4);
  });

  test('repeats requests after 429 and 529, and pays only for the reply', async () => {
    const statuses = [429, 529];
    const good = reply({});
    api.answer = (request, response) => {
      const status = statuses.shift();
      if (status === undefined) return good(request, response);
      response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '0' });
      response.end('{"type":"error","error":{"type":"overloaded_error","message":"busy"}}');
    };
    const gateway = await launch(team, environment(team, api.url));
    const { code, total_cost_usd } = await claude(team, gateway, 'opus');
    expect(code).toBe(0);
    const reader = await ledgerOf(team);
    expect(reader.entries().map(({ status }) => status)).toEqual([429, 529, 200]);
    expect(Number(moneyText(reader.totals.team().usd))).toBe(total_cost_usd);
  });

  test('four agents get through many 429 and 529, and pay only for their replies', async () => {
    const gateways: Process[] = [];
    for (const agent of ['a', 'b', 'c', 'd']) {
      gateways.push(await launch(team, environment(team, api.url, { agent })));
    }
    const attempts = new Map<string, number>();
    const good = reply({});
    api.answer = (request, response) => {
      const session = String(request.headers['x-claude-code-session-id']);
      const attempt = (attempts.get(session) ?? 0) + 1;
      attempts.set(session, attempt);
      if (attempt > 2) return good(request, response);
      const status = attempt === 1 ? 429 : 529;
      response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '1' });
      response.end('{"type":"error","error":{"type":"overloaded_error","message":"busy"}}');
    };
    const ends = await Promise.all(gateways.map((gateway) => claude(team, gateway, 'opus')));
    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect([...attempts.values()]).toEqual([3, 3, 3, 3]);
    const reader = await ledgerOf(team);
    const statuses = reader.entries().map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([429, 200, 529].flatMap((s) => [s, s, s, s]).toSorted());
    const theirs = ends.reduce((sum, { total_cost_usd }) => sum + total_cost_usd, 0);
    expect(Number(moneyText(reader.totals.team().usd)).toFixed(9)).toBe(theirs.toFixed(9));
  });

  test('ends at once when the budget is spent, with the reason as its last output', async () => {
    const gateway = await launch(team, environment(team, api.url, { teamBudgetLimit: '0.005' }));
    await (await post(gateway, {})).text();
    const { code, is_error, result } = await claude(team, gateway, 'opus');
    expect({ code, is_error }).toEqual({ code: 1, is_error: true });
    expect(result).toContain('The budget of the team demo is spent');
    expect(api.seen).toHaveLength(1);
  });
});

describe('the gateway process', () => {
  test.each(['finish', 'cut'] as const)(
    'after a kill during a streaming reply, the most it can cost is charged (%s)',
    async (onLimit) => {
      const first = await launch(team, environment(team, api.url, { onLimit }));
      api.answer = (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const usage = { input_tokens: 1000, cache_read_input_tokens: 500 };
        response.write(opening('claude-opus-5-5', usage, 'z'.repeat(3000)));
      };
      const response = await post(first, { stream: true });
      await (response.body as ReadableStream<Uint8Array>).getReader().read();
      first.child.kill('SIGKILL');
      await once(first.child, 'exit');
      const before = (await ledgerOf(team)).totals.team();
      expect(before.tokens).toMatchObject({ input: 1000, cacheRead: 500 });

      const second = await launch(team, environment(team, api.url));
      const [lost] = (await ledgerOf(team)).entries();
      expect(lost).toMatchObject({ state: 'lost', cut: true });
      // Everything that max_tokens allows.
      expect(lost?.tokens).toMatchObject({ input: 1000, cacheRead: 500, output: 1000 });
      api.answer = reply({ usage: { input_tokens: 1, output_tokens: 0 } });
      await (await post(second, {})).text();
      expect((await ledgerOf(team)).totals.team().tokens.input).toBe(1001);
    },
  );

  test('after a kill before the first usage report, the next gateway charges the most it can cost', async () => {
    const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
    api.answer = () => onAsked();
    const first = await launch(team, environment(team, api.url));
    const broken = expect(post(first, { stream: true })).rejects.toThrow();
    await asked;
    first.child.kill('SIGKILL');
    await broken;
    expect((await ledgerOf(team)).totals.team().usd).toBe(0n);
    await launch(team, environment(team, api.url));
    const [entry] = (await ledgerOf(team)).entries();
    expect(entry).toMatchObject({ state: 'lost', cut: true, model: 'claude-opus-5-5' });
    expect(entry?.tokens.input).toBeGreaterThan(10);
    expect((await ledgerOf(team)).totals.team().usd).toBeGreaterThan(0n);
  });

  test.each(['SIGTERM', 'the end of stdin'])(
    'on %s, it lets replies finish and exits with 0',
    async (end) => {
      const { promise: finish, resolve: letFinish } = Promise.withResolvers<void>();
      const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
      const good = reply({});
      api.answer = async (request, response) => {
        onAsked();
        await finish;
        await good(request, response);
      };
      const gateway = await launch(team, environment(team, api.url));
      const response = post(gateway, { stream: true });
      await asked;
      const exited = once(gateway.child, 'exit');
      if (end === 'SIGTERM') gateway.child.kill('SIGTERM');
      else gateway.child.stdin?.end();
      letFinish();
      expect(await (await response).text()).toContain('message_stop');
      expect(await exited).toEqual([EXIT.ok, null]);
      expect((await ledgerOf(team)).entries()).toMatchObject([{ state: 'done', usd: '0.006' }]);
    },
  );

  test('refuses requests when the disk is full', async () => {
    await mountKey(team);
    // The kernel refuses to write any file beyond 40 KiB, as a full disk would.
    const gateway = await launch(team, environment(team, api.url), "trap '' XFSZ; ulimit -f 40");
    const statuses: number[] = [];
    while (!statuses.includes(503) && statuses.length < 100) {
      const response = await post(gateway, {});
      await response.text();
      statuses.push(response.status);
    }
    expect(statuses.at(-1)).toBe(503);
    const forwarded = api.seen.length;
    expect((await post(gateway, {})).status).toBe(503);
    expect(api.seen).toHaveLength(forwarded);
    const { usd } = await figuresOf(gateway);
    expect(usd).toBe(moneyText(BigInt(forwarded) * 6_000_000_000n));
  });

  test('logs no tokens, credentials, headers or prompts', async () => {
    const gateway = await launch(team, environment(team, api.url, { teamBudgetLimit: '0.005' }));
    const headers = { 'x-secret-header': 'header-value-1' };
    await (await post(gateway, { system: 'prompt-text-1' }, { headers })).text();
    await post(gateway, {}, { path: '/v1/secret-path-1' });
    await post(gateway, {}, { headers: { 'x-api-key': 'guessed-token-1' } });
    await post(gateway, {});
    await gateway.stop();
    const output = gateway.output();
    expect(output).toContain('"event":"reply"');
    expect(output).toContain('"event":"refused"');
    for (const secret of [
      gateway.address.token,
      'header-value-1',
      'prompt-text-1',
      'secret-path-1',
      'guessed-token-1',
    ]) {
      expect(output).not.toContain(secret);
    }
    for (const name of await readdir(`${team.root}${PATHS.ledger}`)) {
      const text = await readFile(`${team.root}${PATHS.ledger}/${name}`, 'utf8');
      expect(text).not.toContain(gateway.address.token);
      expect(text).not.toContain('prompt-text-1');
    }
  });

  test.each([
    ['no spec', { [ENV.spec]: '' }, 'AGENTTEAM_SPEC is not set'],
    ['an invalid upstream URL', { [ENV.upstream]: 'ftp://x' }, 'is not an http(s) URL'],
    ['a port out of range', { [ENV.gatewayPort]: '70000' }, 'is not a port'],
  ])(
    'with %s, it reports the error and keeps running, because it would only be restarted',
    async (_, change, message) => {
      const env = { ...environment(team, api.url), ...change };
      const refusal = (await launch(team, env).catch((error) => error)) as GatewayFailed;
      expect(refusal).toBeInstanceOf(GatewayFailed);
      const { failure } = refusal;
      expect(failure).toMatchObject({ message: expect.stringContaining(message), exitCode: 64 });
      // The startup probe passes, so that the agent's runner starts and ends with this message.
      expect((await fetch(`${failure.statusUrl}/healthz`)).status).toBe(200);
      expect((await fetch(`${failure.statusUrl}/status`)).status).toBe(503);
    },
  );

  test('starts where an earlier one could not, and removes its message', async () => {
    const env = environment(team, api.url);
    await expect(launch(team, { ...env, [ENV.upstream]: 'ftp://x' })).rejects.toThrow('ftp://x');
    const gateway = await launch(team, env);
    expect((await post(gateway, {})).status).toBe(200);
  });
});
