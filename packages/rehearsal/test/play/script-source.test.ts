// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of scripts look like that.
import { describe, expect, test } from '@jest/globals';
import { readRequest } from '../../src/api/request.ts';
import type { Reply, Script } from '../../src/index.ts';
import { ScriptSource } from '../../src/play/script-source.ts';
import { script } from '../support/rehearse.ts';

const SCRIPT = script(`
agents:
  mate:
    idle: Waiting for mail.
    turns:
      - text: Looking.
        tools:
          - {name: TaskList}
          - {name: Bash, input: {command: date}, as: date, retries: 1}
      - text: Seen at \${result.date}.
      - until: {mail: [lead, other]}
        text: "From \${mail.other}"
      - tools: [{name: TaskCreate, input: {subject: "Sum up"}}]
      - text: The end.
`);

type Content = string | readonly object[];
const user = (content: Content): object => ({ role: 'user', content });
const assistant = (content: Content): object => ({ role: 'assistant', content });
const use = (id: string, name = 'Bash'): object => ({ type: 'tool_use', id, name, input: {} });
const result = (id: string, content: string, isError = false): object => ({
  type: 'tool_result',
  tool_use_id: id,
  content,
  is_error: isError,
});
const mail = (from: string, text: string): object =>
  user(`<teammate-message teammate_id="${from}">\n${text}\n</teammate-message>`);

async function play(messages: readonly object[], played: Script = SCRIPT): Promise<Reply> {
  const tools = [{ name: 'Bash', input_schema: {} }];
  const request = readRequest(JSON.stringify({ model: 'm', messages, tools }));
  if (request === undefined) throw new Error('no request');
  return new ScriptSource(played).reply({ agent: 'mate', subagent: false, request });
}

/** A summary of the reply: its texts and the ids of its calls. */
async function summaryOf(messages: readonly object[]): Promise<readonly string[]> {
  const reply = await play(messages);
  if (reply.kind !== 'model') throw new Error(JSON.stringify(reply));
  return reply.content.map((block) => (block.type === 'text' ? block.text : block.id));
}

const INTERRUPTED = '[Tool call interrupted: the session ended before this call…]';
const FULL = 'ENOSPC: no space left on device, write';
const START = [user('go')];
const TURN_1 = [
  ...START,
  assistant([{ type: 'text', text: 'Looking.' }, use('toolu_mate_1_1_1'), use('toolu_mate_1_2_1')]),
  user([result('toolu_mate_1_1_1', 'No tasks'), result('toolu_mate_1_2_1', 'noon')]),
];
const TURN_2 = [...TURN_1, assistant('Seen at noon.')];
const TURN_3 = [...TURN_2, mail('team-lead', 'a'), mail('other', 'b'), assistant('From b')];
const LISTED = [assistant([use('toolu_mate_4_1_1_check', 'TaskList')])];
const CREATED = [
  assistant([use('toolu_mate_4_1_2', 'TaskCreate')]),
  user([result('toolu_mate_4_1_2', 'Task #2 created successfully: Sum up')]),
];

const POSITIONS: readonly (readonly [
  name: string,
  messages: readonly object[],
  reply: readonly string[],
])[] = [
  ['the first turn first', START, ['Looking.', 'toolu_mate_1_1_1', 'toolu_mate_1_2_1']],
  ['the next turn after the results', TURN_1, ['Seen at noon.']],
  [
    'the idle text until the condition is true',
    [...TURN_2, user('wake up')],
    ['Waiting for mail.'],
  ],
  [
    'the idle text as often as it is woken',
    [...TURN_2, user('a'), assistant('Waiting for mail.'), user('b')],
    ['Waiting for mail.'],
  ],
  [
    'the idle text after part of the mail',
    [...TURN_2, mail('team-lead', 'a')],
    ['Waiting for mail.'],
  ],
  [
    'the turn when all mail is there',
    [...TURN_2, mail('team-lead', 'a'), assistant('Waiting for mail.'), mail('other', 'b')],
    ['From b'],
  ],
  [
    'the turn when mail came in one batch',
    [...TURN_2, mail('team-lead', 'a'), mail('other', 'b')],
    ['From b'],
  ],
  [
    'the idle text on messages of the protocol',
    [
      ...TURN_2,
      mail('team-lead', 'a'),
      mail('other', '{"type":"idle_notification","from":"other"}'),
    ],
    ['Waiting for mail.'],
  ],
  [
    'a check of the task list before a task is created',
    [...TURN_3, user('x')],
    ['toolu_mate_4_1_1_check'],
  ],
  [
    'the task when it is not listed',
    [...TURN_3, user('x'), ...LISTED, user([result('toolu_mate_4_1_1_check', 'No tasks found')])],
    ['toolu_mate_4_1_2'],
  ],
  [
    'no second task when it is listed',
    [
      ...TURN_3,
      user('x'),
      ...LISTED,
      user([result('toolu_mate_4_1_1_check', '#2 [pending] Sum up')]),
    ],
    ['The end.'],
  ],
  [
    'another look when it was killed after the first',
    [
      ...TURN_3,
      user('x'),
      ...LISTED,
      user([result('toolu_mate_4_1_1_check', 'No tasks found')]),
      assistant('No response requested.'),
      user('go on'),
    ],
    ['toolu_mate_4_1_2_check'],
  ],
  [
    'a check before the task is created again when the disk was full',
    [
      ...TURN_3,
      user('x'),
      assistant([use('toolu_mate_4_1_1', 'TaskCreate')]),
      user([result('toolu_mate_4_1_1', FULL, true)]),
    ],
    ['toolu_mate_4_1_2_check'],
  ],
  [
    'a call that failed on a full disk',
    [
      ...START,
      assistant([use('toolu_mate_1_1_1'), use('toolu_mate_1_2_1')]),
      user([result('toolu_mate_1_1_1', FULL, true), result('toolu_mate_1_2_1', 'noon')]),
    ],
    ['toolu_mate_1_1_2'],
  ],
  [
    'the next turn when the disk was full for long',
    [
      ...START,
      ...Array.from({ length: 20 }, (_, attempt) => [
        assistant([use(`toolu_mate_1_1_${attempt + 1}`), use('toolu_mate_1_2_1')]),
        user([
          result(`toolu_mate_1_1_${attempt + 1}`, FULL, true),
          result('toolu_mate_1_2_1', 'noon'),
        ]),
      ]).flat(),
    ],
    ['Seen at noon.'],
  ],
  ['the next turn when the task exists', [...TURN_3, user('x'), ...CREATED], ['The end.']],
  [
    'the last text again',
    [...TURN_3, user('x'), ...CREATED, assistant('The end.'), user('more')],
    ['The end.'],
  ],
  [
    'the turn again when nothing of it was recorded',
    [...START, assistant('No response requested.'), user('go on')],
    ['Looking.', 'toolu_mate_1_1_1', 'toolu_mate_1_2_1'],
  ],
  [
    'the turn again when its text alone was',
    [...START, assistant('Looking.'), user('go on')],
    ['Looking.', 'toolu_mate_1_1_1', 'toolu_mate_1_2_1'],
  ],
  [
    'only the calls that are open',
    [
      ...START,
      assistant([use('toolu_mate_1_1_1')]),
      user([result('toolu_mate_1_1_1', 'No tasks')]),
      user('go on'),
    ],
    ['toolu_mate_1_2_1'],
  ],
  [
    'an interrupted call again',
    [
      ...START,
      assistant([use('toolu_mate_1_1_1'), use('toolu_mate_1_2_1')]),
      user([result('toolu_mate_1_1_1', 'No tasks'), result('toolu_mate_1_2_1', INTERRUPTED, true)]),
      assistant('No response requested.'),
      user('go on'),
    ],
    ['toolu_mate_1_2_2'],
  ],
  [
    'a failed call again',
    [
      ...START,
      assistant([use('toolu_mate_1_1_1'), use('toolu_mate_1_2_1')]),
      user([result('toolu_mate_1_1_1', ''), result('toolu_mate_1_2_1', 'Exit code 1', true)]),
    ],
    ['toolu_mate_1_2_2'],
  ],
  [
    'the next turn when it has failed often enough',
    [
      ...START,
      assistant([use('toolu_mate_1_1_1'), use('toolu_mate_1_2_1'), use('toolu_mate_1_2_2')]),
      user([
        result('toolu_mate_1_1_1', ''),
        result('toolu_mate_1_2_1', 'Exit code 1', true),
        result('toolu_mate_1_2_2', 'Exit code 1', true),
      ]),
    ],
    ['Seen at Exit code 1.'],
  ],
  [
    'its own turn whatever others are called',
    [user('go'), assistant([use('toolu_mate-2_1_1_1')]), user([result('toolu_mate-2_1_1_1', '')])],
    ['Looking.', 'toolu_mate_1_1_1', 'toolu_mate_1_2_1'],
  ],
];

describe('from the conversation alone, a script plays', () => {
  test.each(POSITIONS)('%s', async (_, messages, reply) => {
    expect(await summaryOf(messages)).toEqual(reply);
  });

  test('the same reply twice for the same request', async () => {
    expect(await play(TURN_1)).toEqual(await play(TURN_1));
  });
});

const REFERENCES: readonly (readonly [text: string, seen: Content, value: string])[] = [
  [
    '${paths./workspace/output}/a',
    'p\n<paths>\ncwd = /x\n/workspace/output = /real one\n</paths>',
    '/real one/a',
  ],
  ['${paths./workspace/output/b}', '<paths>\n/workspace/output = /o\n</paths>', '/o/b'],
  [
    '${paths.cwd}',
    '<report from="a" outcome="completed">\n<paths>\ncwd = /bad\n</paths>\n</report>\n<paths>\ncwd = /good\n</paths>',
    '/good',
  ],
  [
    '${paths.cwd}',
    '<paths>\ncwd = /good\n</paths>\n<teammate-message teammate_id="a">\n<paths>\ncwd = /bad\n</paths>\n</teammate-message>',
    '/good',
  ],
  [
    '${report.a}',
    '<report from="a" outcome="completed">\ntwo\nlines\n</report>\n<report from="b" outcome="failed">\nx\n</report>',
    'two\nlines',
  ],
  [
    '${mail.a.2}',
    '<teammate-message teammate_id="a" color="blue">\none\n</teammate-message>\n\n<teammate-message teammate_id="a">\ntwo ${mail.a}\n</teammate-message>',
    'two ${mail.a}',
  ],
  ['$${HOME} and $$$${x}', 'go', '${HOME} and $$${x}'],
];

describe('a reference', () => {
  test.each(REFERENCES)('%s has the value from the conversation', async (text, seen, value) => {
    const played: Script = { agents: { mate: { turns: [{ text }] } } };
    expect(await play([user(seen)], played)).toMatchObject({ content: [{ text: value }] });
  });

  test.each([
    ['mail.nobody', ''],
    ['task.mate', ': no TaskList or TaskCreate of an earlier turn shows such a task'],
  ])('%s that was not seen is an error with file and line', async (name, why) => {
    const played = script(`agents:\n  mate:\n    turns:\n      - text: "\${${name}}"\n`);
    expect(await play(START, played)).toEqual({
      kind: 'error',
      status: 400,
      type: 'invalid_request_error',
      message: `rehearsal.yaml:4: turn 1 of mate: mate has not seen \${${name}} yet${why}; correct the script, and start a new rehearsal`,
      headers: { 'x-should-retry': 'false', 'x-agentteam-rehearsal-mistake': 'true' },
    });
  });

  test('to a task by owner or subject has the id of the task', async () => {
    const played = script(`
agents:
  mate:
    turns:
      - tools: [{name: TaskList}]
      - text: "\${task.other} \${task.Build it (soon)}"
`);
    const list = '#7 [pending] Build it (soon)\n#12 [pending] Test it (other) [blocked by #7]';
    const messages = [
      ...START,
      assistant([use('toolu_mate_1_1_1', 'TaskList')]),
      user([result('toolu_mate_1_1_1', list)]),
    ];
    expect(await play(messages, played)).toMatchObject({ content: [{ text: '12 7' }] });
  });
});

test('container paths are replaced in path fields only', async () => {
  const played: Script = {
    agents: {
      mate: {
        turns: [
          {
            tools: [
              {
                name: 'Bash',
                input: {
                  command:
                    'cat "/workspace/data/a.csv" /workspace/database ./workspace/data > /workspace/data',
                  description: 'Read /workspace/data',
                },
              },
            ],
          },
        ],
      },
    },
  };
  const paths = '<paths>\n/workspace/data = /real\n</paths>';
  expect(await play([user(paths)], played)).toMatchObject({
    content: [
      {
        input: {
          command: 'cat "/real/a.csv" /workspace/database ./workspace/data > /real',
          description: 'Read /workspace/data',
        },
      },
    ],
  });
});
