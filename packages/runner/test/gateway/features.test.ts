import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { launch, ledgerOf, type Process } from './gateway-process.ts';
import { startClaude } from './run-claude.ts';
import { event } from './scripted-api.ts';
import { api, team } from './setting.ts';
import { environment } from './team.ts';

/** Makes the CLI search the web and start a sub-agent. */
const CALLS = [
  { name: 'WebSearch', input: { query: 'weather' } },
  { name: 'Agent', input: { description: 'd', prompt: 'p', subagent_type: 'general-purpose' } },
];

/** Answers each request of the main conversation with the next call, and all others with text. */
function script(): void {
  const left = [...CALLS];
  api.answer = ({ body, headers }, response) => {
    const { model, tools = [] } = JSON.parse(body) as {
      model: string;
      tools?: { type?: string }[];
    };
    const main = !headers['x-claude-code-agent-id'] && tools.length > 0 && !tools[0]?.type;
    const call = main ? left.shift() : undefined;
    const usage = { input_tokens: 10, output_tokens: 5 };
    const id = `msg_${api.seen.length}`;
    const message = { id, type: 'message', role: 'assistant', model, content: [], usage };
    const block = call
      ? { type: 'tool_use', id: `toolu_${api.seen.length}`, name: call.name, input: {} }
      : { type: 'text', text: '' };
    const delta = call
      ? { type: 'input_json_delta', partial_json: JSON.stringify(call.input) }
      : { type: 'text_delta', text: 'ok' };
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(event('message_start', { message: { ...message, stop_reason: null } }));
    response.write(event('content_block_start', { index: 0, content_block: block }));
    response.write(event('content_block_delta', { index: 0, delta }));
    response.write(event('content_block_stop', { index: 0 }));
    const stop_reason = call ? 'tool_use' : 'end_turn';
    response.end(
      event('message_delta', { delta: { stop_reason }, usage }) + event('message_stop', {}),
    );
  };
}

async function run(gateway: Process, args: readonly string[]) {
  const child = startClaude(team, gateway, ['--output-format', 'json', ...args]);
  const [output, [code]] = await Promise.all([child.stdout.toArray(), once(child, 'exit')]);
  expect(code).toBe(0);
  return JSON.parse(Buffer.concat(output).toString()) as { total_cost_usd: number };
}

test('requests of the pinned CLI are forwarded unchanged: search, sub-agents, long contexts', async () => {
  const gateway = await launch(team, environment(team, api.url));
  let theirs = 0;
  const tools = ['--allowed-tools=WebSearch,Agent'];
  for (const model of ['opus', 'opus[1m]', 'sonnet[1m]', 'haiku', 'fable', 'claude-sonnet-4-5']) {
    script();
    theirs += (await run(gateway, ['--model', model, ...tools])).total_cost_usd;
  }
  const searches = api.seen.filter(({ body }) => body.includes('"web_search_20250305"'));
  expect(searches.length).toBeGreaterThanOrEqual(6);
  const agents = api.seen.filter(({ headers }) => headers['x-claude-code-agent-id']);
  expect(agents.length).toBeGreaterThanOrEqual(6);
  await gateway.stop();
  expect(gateway.output()).not.toContain('"left-out"');
  expect(gateway.output()).not.toContain('"refused"');
  const { usd } = (await ledgerOf(team)).totals.team();
  expect((Number(usd) / 1e12).toFixed(9)).toBe(theirs.toFixed(9));
});
