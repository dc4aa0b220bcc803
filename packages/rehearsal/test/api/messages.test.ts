import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rehearse, script, type Watched } from '../support/rehearse.ts';
import { readEvents } from '../support/sse.ts';

let rehearsal: Watched;

beforeAll(async () => {
  rehearsal = await rehearse(
    script(`
agents:
  mate:
    turns:
      - text: Grüße 👋
        tools: [{name: Bash, input: {command: date}}]
        usage: {input: 1, output: 2, cacheRead: 3, cacheWrite5m: 4, cacheWrite1h: 5}
        pace: {characters: 4, everyMs: 0}
  costly:
    turns:
      - text: advised
        thinkMs: 1
        usage:
          {input: 1, output: 2, cacheRead: 0, cacheWrite5m: 0, webSearches: 3,
           iterations: [{type: advisor_message, model: claude-opus-5-5, input: 7}]}
  late:
    turns:
      - text: at last
        errors:
          - {status: 429, retryAfter: 7}
          - {status: 529, message: Overloaded, times: 2}
          - {cutAfter: 3}
  never:
    turns:
      - text: never
        errors: [{status: 401, type: authentication_error, times: 0}]
`),
  );
});

afterAll(() => rehearsal.close());

const TOOLS = [{ name: 'Bash', input_schema: { type: 'object' } }];
const MESSAGES = [{ role: 'user', content: 'go' }];

function post(
  agent: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${rehearsal.url}/${agent}/v1/messages?beta=true`, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

const USAGE = {
  input_tokens: 1,
  cache_creation_input_tokens: 9,
  cache_read_input_tokens: 3,
  cache_creation: { ephemeral_5m_input_tokens: 4, ephemeral_1h_input_tokens: 5 },
  output_tokens: 2,
};

describe('the Messages API of a rehearsal', () => {
  test('reports web searches and iterations, after a time in which only pings stream', async () => {
    const response = await post('costly', {
      model: 'm',
      messages: MESSAGES,
      tools: TOOLS,
      stream: true,
    });
    const events = readEvents(await response.text());
    expect(events.filter(({ type }) => type === 'ping').length).toBeGreaterThan(1);
    expect(events[0]).not.toHaveProperty('message.usage.iterations');
    expect(events.at(-2)).toMatchObject({
      usage: {
        input_tokens: 1,
        server_tool_use: { web_search_requests: 3 },
        iterations: [
          { type: 'message', input_tokens: 1, output_tokens: 2 },
          { type: 'advisor_message', model: 'claude-opus-5-5', input_tokens: 7, output_tokens: 0 },
        ],
      },
    });
  });

  test('streams a reply like the real API', async () => {
    const response = await post('mate', {
      model: 'm',
      stream: true,
      messages: MESSAGES,
      tools: TOOLS,
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const events = readEvents(await response.text());
    expect(events.map(({ type }) => type)).toEqual([
      'message_start',
      'ping',
      'content_block_start',
      ...Array(2).fill('content_block_delta'),
      'content_block_stop',
      'content_block_start',
      ...Array(5).fill('content_block_delta'),
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    const deltas = events.map(({ delta }) => (delta ?? {}) as Record<string, string>);
    expect(deltas.map((delta) => delta['text'] ?? '').join('')).toBe('Grüße 👋');
    expect(JSON.parse(deltas.map((delta) => delta['partial_json'] ?? '').join(''))).toEqual({
      command: 'date',
    });
    expect(events[0]).toMatchObject({
      message: { model: 'm', usage: { ...USAGE, output_tokens: 1 } },
    });
    expect(events.at(-2)).toMatchObject({ delta: { stop_reason: 'tool_use' }, usage: USAGE });
  });

  test('sends a single document if the request does not stream', async () => {
    const response = await post('mate', { model: 'm', messages: MESSAGES, tools: TOOLS });
    expect(await response.json()).toMatchObject({
      id: 'msg_mate_1_1',
      type: 'message',
      role: 'assistant',
      stop_reason: 'tool_use',
      content: [
        { type: 'text', text: 'Grüße 👋' },
        { type: 'tool_use', id: 'toolu_mate_1_1_1', name: 'Bash', input: { command: 'date' } },
      ],
      usage: USAGE,
    });
  });

  test('fails as often as the script says and then replies', async () => {
    const body = { model: 'm', stream: true, messages: MESSAGES, tools: TOOLS };
    const first = await post('late', body);
    expect([first.status, first.headers.get('retry-after')]).toEqual([429, '7']);
    expect(await first.json()).toMatchObject({
      type: 'error',
      error: { type: 'rate_limit_error' },
    });
    for (const _ of [1, 2]) {
      const response = await post('late', body);
      expect(response.status).toBe(529);
      expect(await response.json()).toEqual({
        type: 'error',
        error: { type: 'overloaded_error', message: 'Overloaded' },
      });
    }
    const cut = await post('late', body);
    expect(cut.status).toBe(200);
    await expect(cut.text()).rejects.toThrow('terminated');
    expect(await (await post('late', body)).text()).toContain('at last');
  });

  test('can fail every time', async () => {
    const body = { model: 'm', messages: MESSAGES, tools: TOOLS };
    for (const _ of [1, 2, 3]) expect((await post('never', body)).status).toBe(401);
  });

  test('answers requests that are not part of the script without advancing it', async () => {
    const title = await post('mate', { model: 'm', messages: MESSAGES });
    expect(await title.json()).toMatchObject({
      content: [{ type: 'text' }],
      stop_reason: 'end_turn',
    });
    const helper = await post(
      'mate',
      { model: 'm', messages: MESSAGES, tools: TOOLS },
      { 'x-claude-code-agent-id': 'a1' },
    );
    expect(await helper.json()).toMatchObject({
      content: [{ type: 'text' }],
      stop_reason: 'end_turn',
    });
    const unknown = await post('nobody', { model: 'm', messages: MESSAGES, tools: TOOLS });
    expect(await unknown.json()).toMatchObject({ content: [{ text: 'done.' }] });
  });

  test('counts tokens', async () => {
    const response = await fetch(`${rehearsal.url}/mate/v1/messages/count_tokens`, {
      method: 'POST',
      body: 'x'.repeat(400),
    });
    expect(await response.json()).toEqual({ input_tokens: 100 });
  });

  test.each([
    ['a body that is no JSON', 'mate', '{', 400],
    ['a body without messages', 'mate', '{}', 400],
    ['an unknown path', 'mate/x', '{}', 404],
    ['a body larger than the API takes', 'mate', 'x'.repeat(33 * 1024 * 1024), 413],
  ])('refuses %s', async (_, agent, body, status) => {
    const response = await post(agent, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ type: 'error' });
  });
});

test('idle connections stay open', async () => {
  const { headers } = await post('mate', {
    model: 'claude-opus-5-5',
    messages: MESSAGES,
    tools: TOOLS,
  });
  // Node announces here after how many seconds it would close one.
  expect(headers.get('connection')).toBe('keep-alive');
  expect(headers.get('keep-alive')).toBeNull();
});
