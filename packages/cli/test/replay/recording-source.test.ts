import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Asked } from '@agentteam/rehearsal';
import { describe, expect, test } from '@jest/globals';
import { RecordingSource } from '../../src/replay/recording-source.ts';
import { temporaryDirectories } from '../temporary.ts';

const temporary = temporaryDirectories();

/** A streamed reply as the API sends it: a text and, if given, a tool call in two pieces. */
function stream(text: string, tool?: { readonly input: string }): string {
  const usage = {
    input_tokens: 6,
    cache_read_input_tokens: 14_000,
    cache_creation_input_tokens: 700,
    cache_creation: { ephemeral_5m_input_tokens: 500, ephemeral_1h_input_tokens: 200 },
    output_tokens: 1,
  };
  const events: readonly object[] = [
    { type: 'message_start', message: { id: `msg_${text}`, usage } },
    { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'hm' } },
    { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text } },
    ...(tool === undefined
      ? []
      : [
          {
            type: 'content_block_start',
            index: 2,
            content_block: { type: 'tool_use', id: 'toolu_1', name: 'Bash', input: {} },
          },
          ...[tool.input.slice(0, 9), tool.input.slice(9)].map((partial_json) => ({
            type: 'content_block_delta',
            index: 2,
            delta: { type: 'input_json_delta', partial_json },
          })),
        ]),
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 36 } },
  ];
  return events.map((event) => `event: e\ndata: ${JSON.stringify(event)}\n\n`).join('');
}

interface Kept {
  readonly body: string;
  readonly messages: number;
  readonly status?: number;
}

/** A recording of one agent, as a gateway keeps it. */
async function recording(...kept: readonly Kept[]): Promise<string> {
  const directory = await temporary();
  await mkdir(join(directory, 'researcher'));
  for (const [index, { body, messages, status = 200 }] of kept.entries()) {
    const name = String(index + 1).padStart(4, '0');
    const file = `${name}.${status === 200 ? 'sse' : 'json'}`;
    const meta = {
      v: 1,
      agent: 'researcher',
      number: index + 1,
      request: { model: 'claude-sonnet-5-5', messages },
      status,
      headers: {},
      body: file,
    };
    await writeFile(join(directory, 'researcher', `${name}.meta.json`), JSON.stringify(meta));
    await writeFile(join(directory, 'researcher', file), body);
  }
  return directory;
}

const asked = (messages: number, model = 'claude-sonnet-5-5'): Asked => ({
  agent: 'researcher',
  subagent: false,
  request: {
    model,
    stream: true,
    system: '',
    tools: [],
    messages: Array.from({ length: messages }, () => ({ role: 'user' as const, content: [] })),
  },
});

describe('a recording', () => {
  test('is played in order, as text, tool calls and tokens', async () => {
    const directory = await recording(
      { body: stream('one', { input: '{"command":"ls"}' }), messages: 2 },
      { body: stream('two'), messages: 4 },
    );
    const source = await RecordingSource.open(directory, []);
    expect(await source.reply(asked(2))).toEqual({
      kind: 'model',
      id: 'msg_one',
      content: [
        { type: 'text', text: 'one' },
        { type: 'tool_use', id: 'toolu_1', name: 'Bash', input: { command: 'ls' } },
      ],
      usage: { input: 6, output: 36, cacheRead: 14_000, cacheWrite5m: 500, cacheWrite1h: 200 },
      delayMs: 0,
    });
    expect(await source.reply(asked(4))).toMatchObject({ id: 'msg_two' });
    expect(source.departures).toEqual([]);
  });

  test('an error is played as one', async () => {
    const body = JSON.stringify({ error: { type: 'overloaded_error', message: 'Overloaded' } });
    const source = await RecordingSource.open(
      await recording({ body, messages: 2, status: 529 }),
      [],
    );
    expect(await source.reply(asked(2))).toMatchObject({
      kind: 'error',
      status: 529,
      type: 'overloaded_error',
      message: 'Overloaded',
    });
  });

  test('a reply that was cut is played as far as it came', async () => {
    const whole = stream('one', { input: '{"command":"ls"}' });
    const source = await RecordingSource.open(
      await recording({ body: whole.slice(0, whole.indexOf('tool_use') - 20), messages: 2 }),
      [],
    );
    expect(await source.reply(asked(2))).toMatchObject({
      content: [{ type: 'text', text: 'one' }],
    });
  });

  test.each([
    [
      asked(3),
      'request 1 of researcher went another way: it has 3 messages, the recorded one had 2',
    ],
    [
      asked(2, 'claude-haiku-5-5'),
      'request 1 of researcher went another way: it is for claude-haiku-5-5, the recorded one was for claude-sonnet-5-5',
    ],
  ])(
    'says at which request a changed team went another way, and goes on',
    async (changed, words) => {
      const source = await RecordingSource.open(
        await recording({ body: stream('one'), messages: 2 }, { body: stream('two'), messages: 4 }),
        [],
      );
      expect(await source.reply(changed)).toMatchObject({ id: 'msg_one' });
      expect(await source.reply(asked(9))).toMatchObject({ id: 'msg_two' });
      expect(source.departures).toEqual([words]);
    },
  );

  test('past its end the agent is refused, and not asked to try again', async () => {
    const source = await RecordingSource.open(await recording(), []);
    expect(await source.reply(asked(2))).toMatchObject({
      status: 400,
      headers: { 'x-should-retry': 'false' },
    });
    expect(source.departures).toEqual([
      'the recording has 0 replies for researcher; this is request 1',
    ]);
  });

  test('a rehearsal that was killed goes on where its agents are', async () => {
    const source = await RecordingSource.open(
      await recording({ body: stream('one'), messages: 2 }, { body: stream('two'), messages: 4 }),
      [],
    );
    expect(await source.reply(asked(4))).toMatchObject({ id: 'msg_two' });
  });

  test("tools are called on this run's files, not on those of the recorded one", async () => {
    const input = JSON.stringify({
      command: 'cat /runs/q3/output/a /runs/q3-2/output/a',
      paths: ['/runs/q3'],
    });
    const source = await RecordingSource.open(
      await recording({ body: stream('see /runs/q3/output/a', { input }), messages: 2 }),
      [{ from: '/runs/q3', to: '/runs/q3-7' }],
    );
    expect(await source.reply(asked(2))).toMatchObject({
      content: [
        { text: 'see /runs/q3-7/output/a' },
        {
          input: {
            command: 'cat /runs/q3-7/output/a /runs/q3-2/output/a',
            paths: ['/runs/q3-7'],
          },
        },
      ],
    });
  });
});
