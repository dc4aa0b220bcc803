import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ALL_ENDED } from '@agentteam/contract';
import { type Asked, readRequest } from '@agentteam/rehearsal';
import { formatMailElement, traceOf } from '@agentteam/volume';
import { describe, expect, test } from '@jest/globals';
import { RecordingSource } from '../../../src/rehearsal/replay/recording-source.ts';
import { temporaryDirectories } from '../../temporary.ts';

const temporary = temporaryDirectories();

/** A streamed reply as the API sends it: text and, if given, a tool call in two parts. */
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
            index: FAR,
            content_block: { type: 'tool_use', id: 'toolu_1', name: 'Bash', input: {} },
          },
          ...[tool.input.slice(0, 9), tool.input.slice(9)].map((partial_json) => ({
            type: 'content_block_delta',
            index: FAR,
            delta: { type: 'input_json_delta', partial_json },
          })),
        ]),
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 36 } },
  ];
  return events.map((event) => `event: e\ndata: ${JSON.stringify(event)}\n\n`).join('');
}

/** The index of a block. A recording from elsewhere may have any, and must not keep the reader busy. */
const FAR = 4_000_000_000;

interface KeptReply {
  readonly body: string;
  /** Messages of the request. */
  readonly messages: readonly object[];
  readonly status?: number;
}

const PROMPT = { role: 'user', content: 'Analyse /runs/q3/data.' };

/** A conversation with results of Bash and of the task list. */
const withResults = (
  answer: string,
  tasks = 'none',
  prompt: object = PROMPT,
): readonly object[] => [
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

/** A recording of one agent, as a gateway writes it. */
async function recording(...kept: readonly KeptReply[]): Promise<string> {
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
  if (request === undefined) throw new Error('expected a valid request');
  return { agent: 'researcher', subagent: false, request };
};

describe('RecordingSource', () => {
  test('replays text, tool calls and token counts in order', async () => {
    const directory = await recording(
      { body: stream('one', { input: '{"command":"ls"}' }), messages: [PROMPT] },
      { body: stream('two'), messages: withResults('12 rows') },
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
    expect(await source.reply(asked(withResults('12 rows')))).toMatchObject({ id: 'msg_two' });
    expect(source.deviations).toEqual([]);
  });

  test('replays an error', async () => {
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

  test('replays the recorded part of an interrupted reply', async () => {
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
    ['another model', asked(withResults('12 rows'), 'claude-haiku-5-5'), 'it is for claude-haiku'],
    [
      'another prompt',
      asked(withResults('12 rows', 'none', { role: 'user', content: 'Write.' })),
      'its prompt has changed',
    ],
    ['another tool result', asked(withResults('12 lines')), 'the result of Bash has changed'],
    ['a missing tool result', asked([PROMPT]), 'it has fewer tool results'],
  ])('reports the first request that differs: %s', async (_, changed, reason) => {
    const source = await RecordingSource.open(
      await recording(
        { body: stream('one'), messages: [PROMPT] },
        { body: stream('two'), messages: withResults('12 rows') },
        { body: stream('three'), messages: withResults('12 rows') },
      ),
      [],
    );
    await source.reply(asked([PROMPT]));
    // The replay continues, and only the first difference is reported.
    expect(await source.reply(changed)).toMatchObject({ id: 'msg_two' });
    expect(await source.reply(changed)).toMatchObject({ id: 'msg_three' });
    expect(source.deviations).toEqual([
      expect.stringContaining(`request 2 of researcher differs: ${reason}`),
    ]);
  });

  test('ignores differences between runs of the same team: numbers, paths, tasks, mail, the date', async () => {
    const source = await RecordingSource.open(
      await recording({ body: stream('one'), messages: withResults('12 rows in /runs/q3/data') }),
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
    const messages = [...withResults('13 rows in /runs/q3-7/data', '2 tasks', prompt), mail];
    await source.reply(asked(messages));
    expect(source.deviations).toEqual([]);
  });

  describe('a lead whose teammates ended in another rhythm', () => {
    const said = (text: string) => ({ role: 'assistant', content: [{ type: 'text', text }] });
    const told = (text: string) => ({ role: 'user', content: text });
    const mailFrom = (from: string) => told(formatMailElement({ from, text: 'I am done.' }));
    const started: readonly object[] = [PROMPT];
    const oneDone = [...started, said('wait'), mailFrom('a')];
    const bothDone = [...oneDone, said('wait'), mailFrom('b'), told(ALL_ENDED)];

    test('goes on when the last news came with the first', async () => {
      const source = await RecordingSource.open(
        await recording(
          { body: stream('wait'), messages: started },
          { body: stream('idle'), messages: oneDone },
          { body: stream('write', { input: '{"command":"w"}' }), messages: bothDone },
          { body: stream('done'), messages: [...bothDone, ...withResults('ok').slice(1)] },
        ),
        [],
      );
      await source.reply(asked(started));
      const together = [...started, said('wait'), mailFrom('a'), mailFrom('b'), told(ALL_ENDED)];
      expect(await source.reply(asked(together))).toMatchObject({ id: 'msg_write' });
      const written = [...together, ...withResults('ok').slice(1)];
      expect(await source.reply(asked(written))).toMatchObject({ id: 'msg_done' });
      expect(source.deviations).toEqual([]);
    });

    test('goes on when the news came before its turn ended', async () => {
      const source = await RecordingSource.open(
        await recording(
          { body: stream('wait'), messages: started },
          { body: stream('write', { input: '{"command":"w"}' }), messages: bothDone },
        ),
        [],
      );
      const early = [PROMPT, mailFrom('a'), mailFrom('b'), told(ALL_ENDED)];
      expect(await source.reply(asked(early))).toMatchObject({ id: 'msg_write' });
    });

    test('waits when it is woken once more', async () => {
      const inTurn = withResults('ok');
      const source = await RecordingSource.open(
        await recording(
          { body: stream('look', { input: '{"command":"l"}' }), messages: started },
          { body: stream('write'), messages: [...inTurn, told(ALL_ENDED)] },
        ),
        [],
      );
      await source.reply(asked(started));
      expect(await source.reply(asked(inTurn))).toMatchObject({
        content: [{ type: 'text' }],
        usage: { output: 0 },
      });
      const woken = [...inTurn, said('wait'), mailFrom('a')];
      expect(await source.reply(asked(woken))).toMatchObject({ usage: { output: 0 } });
      const ended = [...woken, said('wait'), told(ALL_ENDED)];
      expect(await source.reply(asked(ended))).toMatchObject({ id: 'msg_write' });
      expect(source.deviations).toEqual([]);
    });
  });

  test('repeats the last reply for an agent that takes another turn', async () => {
    const source = await RecordingSource.open(
      await recording({ body: stream('one'), messages: [PROMPT] }),
      [],
    );
    await source.reply(asked([PROMPT]));
    expect(await source.reply(asked([PROMPT]))).toMatchObject({ id: 'msg_one' });
    expect(source.deviations).toEqual([]);
  });

  test('answers with a final error after the last reply', async () => {
    const source = await RecordingSource.open(await recording(), []);
    expect(await source.reply(asked([PROMPT]))).toMatchObject({
      status: 400,
      headers: { 'x-should-retry': 'false' },
    });
    expect(source.deviations).toEqual([
      'the recording has 0 replies for researcher; this is request 1',
    ]);
  });

  test('continues at the position of an agent after a restart of the rehearsal', async () => {
    const source = await RecordingSource.open(
      await recording(
        { body: stream('one'), messages: [PROMPT] },
        { body: stream('two'), messages: withResults('12 rows') },
      ),
      [],
    );
    expect(await source.reply(asked(withResults('12 rows')))).toMatchObject({ id: 'msg_two' });
  });

  test('replaces the paths of the recorded run in tool calls', async () => {
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
