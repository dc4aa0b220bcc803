import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from '@jest/globals';
import { CLAUDE } from '../contract/member.ts';
import { launch, ledgerOf } from './gateway-process.ts';
import { closing, opening } from './scripted-api.ts';
import { api, team } from './setting.ts';
import { environment } from './team.ts';

const NOTHING = {
  input_tokens: 0,
  output_tokens: 0,
  cache_read_input_tokens: 0,
  cache_creation_input_tokens: 0,
};
const iteration = (type: string, input_tokens: number, output_tokens: number, more = {}) => ({
  ...NOTHING,
  type,
  input_tokens,
  output_tokens,
  ...more,
});
const PLAIN = { ...NOTHING, input_tokens: 1000, output_tokens: 100 };
const advisor = iteration('advisor_message', 5000, 500, { model: 'claude-fable-5-2' });

interface Case {
  readonly usage: object;
  readonly ours: number;
  /** The pinned CLI's figure, if it differs. */
  readonly cli?: number;
}

/**
 * The cost of a reply, compared with the pinned CLI's `total_cost_usd`. They differ if the CLI omits
 * something that the API bills according to its documentation, or does not know a field.
 */
const CASES: Readonly<Record<string, Case>> = {
  'input and output': { usage: PLAIN, ours: 0.006 },
  'cache writes without a split': {
    usage: { ...PLAIN, cache_creation_input_tokens: 1000 },
    ours: 0.011,
  },
  'web searches': { usage: { ...PLAIN, server_tool_use: { web_search_requests: 2 } }, ours: 0.026 },
  'web fetches': { usage: { ...PLAIN, server_tool_use: { web_fetch_requests: 2 } }, ours: 0.006 },
  'priority capacity': { usage: { ...PLAIN, service_tier: 'priority' }, ours: 0.006 },
  'inference in the US': { usage: { ...PLAIN, inference_geo: 'us' }, ours: 0.0066 },
  'inference anywhere': { usage: { ...PLAIN, inference_geo: 'global' }, ours: 0.006 },
  'an advisor': {
    usage: { ...PLAIN, iterations: [iteration('message', 1000, 100), advisor] },
    ours: 0.066,
  },
  'passes that the top sums up': {
    usage: { ...PLAIN, iterations: [iteration('message', 600, 50), iteration('message', 400, 50)] },
    ours: 0.006,
  },
  // The CLI only reads the top level, which has the first pass.
  'passes that the top leaves out': {
    usage: {
      ...PLAIN,
      iterations: [iteration('message', 1000, 50), iteration('message', 2000, 50)],
    },
    ours: 0.014,
    cli: 0.006,
  },
  // The top level lacks compactions, and so does the CLI's figure.
  'a compaction': {
    usage: {
      ...PLAIN,
      iterations: [iteration('compaction', 5000, 500), iteration('message', 1000, 100)],
    },
    ours: 0.036,
    cli: 0.006,
  },
  // The CLI prices the top level as the requested model's.
  'a fallback model': {
    usage: {
      ...PLAIN,
      iterations: [
        iteration('message', 1000, 0, { model: 'claude-opus-5-5' }),
        iteration('fallback_message', 1000, 100, { model: 'claude-fable-5-2' }),
      ],
    },
    ours: 0.016,
    cli: 0.006,
  },
  // The CLI omits fields that it does not know. The gateway charges the highest price.
  'an unknown kind of token': { usage: { ...PLAIN, dream_tokens: 1000 }, ours: 0.156, cli: 0.006 },
  'an unknown place': { usage: { ...PLAIN, inference_geo: 'mars' }, ours: 0.0066, cli: 0.006 },
};

test('each kind of usage costs what the pinned CLI computes, or more for a reason', async () => {
  const gateway = await launch(team, environment(team, api.url));
  const streams = ['--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose'];
  const child = spawn(CLAUDE, ['-p', ...streams, '--model', 'opus'], {
    cwd: team.root,
    env: {
      PATH: process.env['PATH'],
      HOME: team.root,
      ANTHROPIC_BASE_URL: gateway.address.url,
      ANTHROPIC_API_KEY: gateway.address.token,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      DISABLE_COMPACT: '1',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const costAfterTurn = async (): Promise<number> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error('the CLI ended');
      const line = JSON.parse(value) as { type: string; is_error: boolean; total_cost_usd: number };
      if (line.type !== 'result') continue;
      expect(line.is_error).toBe(false);
      return line.total_cost_usd;
    }
  };
  const ours: Record<string, string> = {};
  const theirs: Record<string, string> = {};
  let [before, theirsBefore] = [0, 0];
  for (const [name, { usage }] of Object.entries(CASES)) {
    api.answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(opening('claude-opus-5-5', NOTHING, 'ok') + closing({ ...usage }));
    };
    const message = { role: 'user', content: 'go' };
    child.stdin.write(`${JSON.stringify({ type: 'user', message })}\n`);
    const theirsAfter = await costAfterTurn();
    const after = Number((await ledgerOf(team)).totals.team().usd) / 1e12;
    ours[name] = (after - before).toFixed(6);
    theirs[name] = (theirsAfter - theirsBefore).toFixed(6);
    [before, theirsBefore] = [after, theirsAfter];
  }
  child.stdin.end();
  await once(child, 'exit');
  const expected = (of: (one: Case) => number) =>
    Object.fromEntries(Object.entries(CASES).map(([name, one]) => [name, of(one).toFixed(6)]));
  expect(ours).toEqual(expected((one) => one.ours));
  expect(theirs).toEqual(expected((one) => one.cli ?? one.ours));
});
