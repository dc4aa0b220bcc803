import { FIGURES, type TeamLive } from '@agentteam/contract';
import { isAskedBy, type ProvenFor, sealAnswer } from '@agentteam/figures';
import { expect, test } from '@jest/globals';
import type { PodCall } from '../../src/kube/api.ts';
import { AnswerTooLarge } from '../../src/kube/kube-error.ts';
import { LiveFigures } from '../../src/reconcile/live.ts';

const KEY = 'k'.repeat(43);
const tokens = { input: 1, output: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
const tasks = { total: 0, pending: 0, inProgress: 0, completed: 0 };

function figures(usd: string): TeamLive {
  return { team: 't', at: '2026-01-01T00:00:00Z', usd, tokens, tasks, agents: [] };
}

const of = (key: string): ProvenFor => {
  const [namespace = '', team = ''] = key.split('/');
  return { namespace, team, run: `uid of ${key}` };
};

/** Live figures of teams whose leads answer as the test says, and what is heard of them. */
function following(answer: (call: PodCall, key: string) => Buffer | Promise<Buffer>) {
  const stop = new AbortController();
  const waiting = new Set<() => void>();
  let doubts = 0;
  const keys = {
    keyOf: async () => KEY,
    doubt: () => {
      doubts += 1;
      return false;
    },
  };
  const api = {
    askPod: async (call: PodCall) => answer(call, `${call.namespace}/${call.name}`),
  };
  const live = new LiveFigures(api, keys, 1, () => {
    for (const look of waiting) look();
  });
  const running = live.run(stop.signal);
  return {
    live,
    follow: (key: string) => {
      const podName = key.split('/')[1] ?? '';
      live.follow(key, { podName, port: 9464, of: of(key), teammates: [] });
    },
    until: (holds: () => boolean) =>
      new Promise<void>((resolve) => {
        const look = () => holds() && waiting.delete(look) && resolve();
        waiting.add(look);
        look();
      }),
    doubts: () => doubts,
    stop: async () => {
      stop.abort();
      await running;
    },
  };
}

function sealed({ headers }: PodCall, key: string, body: string): Buffer {
  const nonce = isAskedBy(KEY, of(key), 'team-lead', headers);
  if (nonce === undefined) throw new Error('not asked by the controller');
  return sealAnswer(KEY, of(key), 'team-lead', nonce, body);
}

test('figures are asked for with limits, and what is proven is heard', async () => {
  const calls: PodCall[] = [];
  const { live, follow, until, stop } = following((call, key) => {
    calls.push(call);
    return sealed(call, key, JSON.stringify(figures('1.00')));
  });
  follow('a/lead');
  await until(() => live.last('a/lead').figures !== undefined);
  expect(live.last('a/lead')).toEqual({ figures: figures('1.00') });
  expect(calls[0]).toMatchObject({ port: 9464, path: 'status', maxBytes: FIGURES.maxBytes });
  expect(calls[0]?.withinMs).toBeLessThanOrEqual(2000);
  await stop();
});

test('what is wrong with an answer is told apart, and the figures before it stay', async () => {
  const said: ((call: PodCall, key: string) => Buffer)[] = [
    (call, key) => sealed(call, key, JSON.stringify(figures('2.00'))),
    () => Buffer.from(JSON.stringify(figures('9.00'))),
    (call, key) => sealed(call, key, '{"agents":[null]}'),
    (call, key) => sealed(call, key, JSON.stringify(figures('1.00'))),
    () => {
      throw new AnswerTooLarge('GET /', 1);
    },
  ];
  const reasons: (string | undefined)[] = [];
  const { live, follow, until, doubts, stop } = following((call, key) =>
    (said.shift() ?? (() => Buffer.alloc(0)))(call, key),
  );
  follow('a/lead');
  await until(() => {
    const { distrust, figures: shown } = live.last('a/lead');
    if (shown === undefined) return false;
    expect(shown.usd).toBe('2.00');
    if (reasons.at(-1) !== distrust?.reason || reasons.length === 0) reasons.push(distrust?.reason);
    return reasons.length === 5;
  });
  expect(reasons).toEqual([undefined, 'NotProven', 'Malformed', 'WentDown', 'TooLarge']);
  expect(doubts()).toBe(1);
  await stop();
});

test('ten thousand teams whose pods hang delay no team of another namespace', async () => {
  const { live, follow, until, stop } = following((call, key) =>
    call.namespace === 'calm'
      ? sealed(call, key, JSON.stringify(figures('1.00')))
      : new Promise<Buffer>((_, reject) => setTimeout(reject, 10).unref()),
  );
  for (let index = 0; index < 10_000; index += 1) follow(`hostile/${index}`);
  follow('calm/lead');
  const begun = performance.now();
  await until(() => live.last('calm/lead').figures !== undefined);
  expect(performance.now() - begun).toBeLessThan(5_000);
  await stop();
});
