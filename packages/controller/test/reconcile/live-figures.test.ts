import { FIGURES, type TeamLive } from '@agentteam/contract';
import { isAskedBy, type ProvenFor, sealAnswer } from '@agentteam/figures';
import { expect, test } from '@jest/globals';
import type { PodCall } from '../../src/kube/api.ts';
import { AnswerTooLarge } from '../../src/kube/kube-error.ts';
import { LiveFigures } from '../../src/reconcile/live-figures.ts';

const KEY = 'k'.repeat(43);
const tokens = { input: 1, output: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
const tasks = { total: 0, pending: 0, inProgress: 0, completed: 0 };

function figures(usd: string): TeamLive {
  return { team: 't', at: '2026-01-01T00:00:00Z', usd, tokens, tasks, agents: [] };
}

const provenFor = (key: string): ProvenFor => {
  const [namespace = '', team = ''] = key.split('/');
  return { namespace, team, run: `uid of ${key}` };
};

/** Live figures of teams whose gateways reply as the test decides. */
function polling(reply: (call: PodCall, key: string) => Buffer | Promise<Buffer>) {
  const stop = new AbortController();
  const waiting = new Set<() => void>();
  let invalidations = 0;
  const keys = {
    keyOf: async () => KEY,
    invalidate: () => {
      invalidations += 1;
      return false;
    },
  };
  const api = {
    askPod: async (call: PodCall) => reply(call, `${call.namespace}/${call.name}`),
  };
  const live = new LiveFigures(api, keys, 1, () => {
    for (const look of waiting) look();
  });
  const running = live.run(stop.signal);
  return {
    live,
    start: (key: string) => {
      const podName = key.split('/')[1] ?? '';
      live.startPolling(key, { podName, port: 9464, provenFor: provenFor(key), teammates: [] });
    },
    until: (holds: () => boolean) =>
      new Promise<void>((resolve) => {
        const look = () => holds() && waiting.delete(look) && resolve();
        waiting.add(look);
        look();
      }),
    invalidations: () => invalidations,
    stop: async () => {
      stop.abort();
      await running;
    },
  };
}

function sealed({ headers }: PodCall, key: string, body: string): Buffer {
  const nonce = isAskedBy(KEY, provenFor(key), 'team-lead', headers);
  if (nonce === undefined) throw new Error('the request did not come from the controller');
  return sealAnswer(KEY, provenFor(key), 'team-lead', nonce, body);
}

test('requests figures with limits, and accepts those with a valid proof', async () => {
  const calls: PodCall[] = [];
  const { live, start, until, stop } = polling((call, key) => {
    calls.push(call);
    return sealed(call, key, JSON.stringify(figures('1.00')));
  });
  start('a/lead');
  await until(() => live.latest('a/lead').figures !== undefined);
  expect(live.latest('a/lead')).toEqual({ figures: figures('1.00') });
  expect(calls[0]).toMatchObject({ port: 9464, path: 'status', maxBytes: FIGURES.maxBytes });
  expect(calls[0]?.withinMs).toBeLessThanOrEqual(2000);
  await stop();
});

test('reports why a reply is refused, and keeps the earlier figures', async () => {
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
  const { live, start, until, invalidations, stop } = polling((call, key) =>
    (said.shift() ?? (() => Buffer.alloc(0)))(call, key),
  );
  start('a/lead');
  await until(() => {
    const { refusal, figures: shown } = live.latest('a/lead');
    if (shown === undefined) return false;
    expect(shown.usd).toBe('2.00');
    if (reasons.at(-1) !== refusal?.reason || reasons.length === 0) reasons.push(refusal?.reason);
    return reasons.length === 5;
  });
  expect(reasons).toEqual([undefined, 'NotProven', 'Malformed', 'WentDown', 'TooLarge']);
  expect(invalidations()).toBe(1);
  await stop();
});

test('ten thousand teams whose pods hang do not delay a team in another namespace', async () => {
  const { live, start, until, stop } = polling((call, key) =>
    call.namespace === 'calm'
      ? sealed(call, key, JSON.stringify(figures('1.00')))
      : new Promise<Buffer>((_, reject) => setTimeout(reject, 10).unref()),
  );
  for (let index = 0; index < 10_000; index += 1) start(`hostile/${index}`);
  start('calm/lead');
  await until(() => live.latest('calm/lead').figures !== undefined);
  await stop();
});
