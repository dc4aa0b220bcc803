import { expect, test } from '@jest/globals';
import { readRequest } from '../../src/api/request.ts';
import { ScriptSource } from '../../src/play/script-source.ts';
import { script } from '../support/rehearse.ts';
import { INTERRUPTED, INTERRUPTED_WHILE_RUNNING, KILLED, type Message } from './recorded.ts';

const SCRIPT = script(`
agents:
  mate:
    turns:
      - text: One.
        tools:
          - {name: Bash, input: {command: echo first >> log}}
          - {name: Bash, input: {command: echo second >> log}}
      - text: Done.
`);

async function reply(messages: readonly Message[]): Promise<readonly unknown[]> {
  const tools = [{ name: 'Bash', input_schema: {} }];
  const request = readRequest(JSON.stringify({ model: 'm', messages, tools }));
  if (request === undefined) throw new Error('no request');
  const reply = await new ScriptSource(SCRIPT).reply({ agent: 'mate', subagent: false, request });
  if (reply.kind !== 'model') throw new Error(JSON.stringify(reply));
  return reply.content;
}

const call = (id: string, command: string): object => ({
  type: 'tool_use',
  id,
  name: 'Bash',
  input: { command },
});
const FIRST = call('toolu_mate_1_1_2', 'echo first >> log');
const SECOND = call('toolu_mate_1_2_2', 'echo second >> log');

test.each([
  ['a kill', KILLED, [FIRST, SECOND]],
  ['an interrupt before the first call ran', INTERRUPTED, [FIRST, SECOND]],
  ['an interrupt while the second call ran', INTERRUPTED_WHILE_RUNNING, [SECOND]],
] as const)('calls that %s left open are made again', async (_, messages, again) => {
  expect(await reply(messages)).toEqual(again);
});

test('after interrupted calls were repeated, the script continues', async () => {
  const results = ['toolu_mate_1_1_2', 'toolu_mate_1_2_2'].map((id) => ({
    type: 'tool_result',
    tool_use_id: id,
    content: '(Bash completed with no output)',
    is_error: false,
  }));
  const messages = [
    ...INTERRUPTED,
    { role: 'assistant', content: [FIRST, SECOND] },
    { role: 'user', content: results },
  ];
  expect(await reply(messages)).toEqual([{ type: 'text', text: 'Done.' }]);
});
