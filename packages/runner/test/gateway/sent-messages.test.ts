import { expect, test } from '@jest/globals';
import { SentMessages } from '../../src/gateway/request/sent-messages.ts';

const call = (id: string, name = 'SendMessage') => ({ type: 'tool_use', id, name, input: {} });
const result = (id: string, answer: object, more: object = {}) => ({
  type: 'tool_result',
  tool_use_id: id,
  content: [{ type: 'text', text: JSON.stringify(answer) }],
  ...more,
});
const SENT = { success: true, message: "Message sent to mate's inbox" };
const REFUSED = { success: false, message: "No agent named 'mate' is reachable" };

const request = (
  calls: readonly object[],
  results: readonly object[],
  later: readonly object[] = [],
) => ({
  messages: [
    { role: 'user', content: 'Go.' },
    { role: 'assistant', content: calls },
    { role: 'user', content: results },
    ...later,
  ],
});

test.each([
  ['a delivered message', [result('1', SENT)], 1],
  ['a result with plain text in JSON', [{ ...result('1', {}), content: JSON.stringify(SENT) }], 1],
  ['a message that was refused', [result('1', REFUSED)], 0],
  ['a failed call', [result('1', SENT, { is_error: true })], 0],
  ['a call without a result', [], 0],
  ['a result that is not JSON', [{ ...result('1', {}), content: 'sent!' }], 0],
  ['the result of another call', [result('2', SENT)], 0],
])('%s', (_, results, count) => {
  expect(new SentMessages().count(request([call('1')], results))).toBe(count);
});

test('two messages in one reply count twice', () => {
  const both = request([call('1'), call('2')], [result('1', SENT), result('2', SENT)]);
  expect(new SentMessages().count(both)).toBe(2);
});

test('a repeated request reports nothing new', () => {
  const sent = new SentMessages();
  const again = request([call('1')], [result('1', SENT)]);
  expect([sent.count(again), sent.count(again)]).toEqual([1, 0]);
});

test('earlier replies of a conversation are not counted again', () => {
  const later = [{ role: 'assistant', content: [{ type: 'text', text: 'Done.' }] }];
  expect(new SentMessages().count(request([call('1')], [result('1', SENT)], later))).toBe(0);
});

test('results of other tools do not count', () => {
  expect(new SentMessages().count(request([call('1', 'Bash')], [result('1', SENT)]))).toBe(0);
});

test('anything that is not a conversation counts as no message', () => {
  for (const messages of [undefined, {}, [null, 1, { role: 'assistant', content: 'x' }]]) {
    expect(new SentMessages().count({ messages })).toBe(0);
  }
});
