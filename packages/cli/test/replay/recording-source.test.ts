import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Asked, readRequest } from '@agentteam/rehearsal';
import { traceOf } from '@agentteam/volume';
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
  /** As they were sent. */
  readonly messages: readonly object[];
  readonly status?: number;
}

const PROMPT = { role: 'user', content: 'Analyse /runs/q3/data.' };

/** A conversation in which Bash and the task list have answered. */
const worked = (answer: string, tasks = 'none', prompt: object = PROMPT): readonly object[] => [
  prompt,
  {
    role: 'assistant',
    content: [
      { type: 'tool_use', id: 'a', name: 'Bash', input: {} },
      { type: 'tool_use', id: 'b', name: 'TaskList', input: {} },
    ],
  },
  {
    role: 'user',
    content: [
      { type: 'tool_result', tool_use_id: 'a', content: answer },
      { type: 'tool_result', tool_use_id: 'b', content: [{ type: 'text', text: tasks }] },
    ],
  },
];

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
      request: {
        model: 'claude-sonnet-5-5',
        messages: messages.length,
        trace: traceOf(messages),
      },
      status,
      headers: {},
      body: file,
    };
    await writeFile(join(directory, 'researcher', `${name}.meta.json`), JSON.stringify(meta));
    await writeFile(join(directory, 'researcher', file), body);
  }
  return directory;
}

const asked = (messages: readonly object[], model = 'claude-sonnet-5-5'): Asked => {
  const request = readRequest(JSON.stringify({ model, stream: true, messages }));
  if (request === undefined) throw new Error('it is no request');
  return { agent: 'researcher', subagent: false, request };
};

describe('a recording', () => {
  test('is played in order, as text, tool calls and tokens', async () => {
    const directory = await recording(
      { body: stream('one', { input: '{"command":"ls"}' }), messages: [PROMPT] },
      { body: stream('two'), messages: worked('12 rows') },
    );
    const source = await RecordingSource.open(directory, []);
    expect(await source.reply(asked([PROMPT]))).toEqual({
      kind: 'model',
      id: 'msg_one',
      content: [
        { type: 'text', text: 'one' },
        { type: 'tool_use', id: 'toolu_1', name: 'Bash', input: { command: 'ls' } },
      ],
      usage: { input: 6, output: 36, cacheRead: 14_000, cacheWrite5m: 500, cacheWrite1h: 200 },
      delayMs: 0,
    });
    expect(await source.reply(asked(worked('12 rows')))).toMatchObject({ id: 'msg_two' });
    expect(source.departures).toEqual([]);
  });

  test('an error is played as one', async () => {
    const body = JSON.stringify({ error: { type: 'overloaded_error', message: 'Overloaded' } });
    const source = await RecordingSource.open(
      await recording({ body, messages: [PROMPT], status: 529 }),
      [],
    );
    expect(await source.reply(asked([PROMPT]))).toMatchObject({
      kind: 'error',
      status: 529,
      type: 'overloaded_error',
      message: 'Overloaded',
    });
  });

  test('a reply that was cut is played as far as it came', async () => {
    const whole = stream('one', { input: '{"command":"ls"}' });
    const source = await RecordingSource.open(
      await recording({ body: whole.slice(0, whole.indexOf('tool_use') - 20), messages: [PROMPT] }),
      [],
    );
    expect(await source.reply(asked([PROMPT]))).toMatchObject({
      content: [{ type: 'text', text: 'one' }],
    });
  });

  test.each([
    ['for another model', asked(worked('12 rows'), 'claude-haiku-5-5'), 'it is for claude-haiku'],
    [
      'of another prompt',
      asked(worked('12 rows', 'none', { role: 'user', content: 'Write.' })),
      'its prompt is another',
    ],
    ['after another answer', asked(worked('12 lines')), 'Bash has answered something else'],
    ['after no answer', asked([PROMPT]), 'fewer tools have answered'],
  ])('says at which request a changed team went another way: %s', async (_, changed, words) => {
    const source = await RecordingSource.open(
      await recording(
        { body: stream('one'), messages: [PROMPT] },
        { body: stream('two'), messages: worked('12 rows') },
        { body: stream('three'), messages: worked('12 rows') },
      ),
      [],
    );
    await source.reply(asked([PROMPT]));
    // It goes on, and tells of the first such request alone.
    expect(await source.reply(changed)).toMatchObject({ id: 'msg_two' });
    expect(await source.reply(changed)).toMatchObject({ id: 'msg_three' });
    const told = expect.stringContaining(`request 2 of researcher went another way: ${words}`);
    expect(source.departures).toEqual([told]);
  });

  test('says nothing of what time and chance make: sizes, places, tasks, mail, the date', async () => {
    const source = await RecordingSource.open(
      await recording({ body: stream('one'), messages: worked('12 rows in /runs/q3/data') }),
      [{ from: '/runs/q3', to: '/runs/q3-7' }],
    );
    const prompt = {
      role: 'user',
      content: [
        { type: 'text', text: '<system-reminder>It is Friday.</system-reminder>' },
        { type: 'text', text: 'Analyse /runs/q3-7/data.<paths>\ncwd = /elsewhere\n</paths>' },
      ],
    };
    const mail = { role: 'user', content: 'Hello from the lead.' };
    const messages = [...worked('13 rows in /runs/q3-7/data', '2 tasks', prompt), mail];
    await source.reply(asked(messages));
    expect(source.departures).toEqual([]);
  });

  test('an agent that is woken once more says its last words again', async () => {
    const source = await RecordingSource.open(
      await recording({ body: stream('one'), messages: [PROMPT] }),
      [],
    );
    await source.reply(asked([PROMPT]));
    expect(await source.reply(asked([PROMPT]))).toMatchObject({ id: 'msg_one' });
    expect(source.departures).toEqual([]);
  });

  test('past its end the agent is refused, and not asked to try again', async () => {
    const source = await RecordingSource.open(await recording(), []);
    expect(await source.reply(asked([PROMPT]))).toMatchObject({
      status: 400,
      headers: { 'x-should-retry': 'false' },
    });
    expect(source.departures).toEqual([
      'the recording has 0 replies for researcher; this is request 1',
    ]);
  });

  test('a rehearsal that was killed goes on where its agents are', async () => {
    const source = await RecordingSource.open(
      await recording(
        { body: stream('one'), messages: [PROMPT] },
        { body: stream('two'), messages: worked('12 rows') },
      ),
      [],
    );
    expect(await source.reply(asked(worked('12 rows')))).toMatchObject({ id: 'msg_two' });
  });

  test("tools are called on this run's files, not on those of the recorded one", async () => {
    const input = JSON.stringify({
      command: 'cat /runs/q3/output/a /runs/q3-2/output/a',
      paths: ['/runs/q3'],
    });
    const source = await RecordingSource.open(
      await recording({ body: stream('see /runs/q3/output/a', { input }), messages: [PROMPT] }),
      [{ from: '/runs/q3', to: '/runs/q3-7' }],
    );
    expect(await source.reply(asked([PROMPT]))).toMatchObject({
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
