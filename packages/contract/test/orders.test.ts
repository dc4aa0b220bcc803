import { expect, test } from '@jest/globals';
import { ORDERS, toOrderReply, toTeamOrder } from '../src/people/orders.ts';

const AT = '2026-11-29T12:00:00.000Z';
const message = { id: '1', agent: 'writer', by: 'ann', at: AT, text: 'Use October.' };
const order = { at: AT, pause: { by: 'ann', at: AT }, messages: [message] };

test('an order is read as it was written', () => {
  expect(toTeamOrder(JSON.parse(JSON.stringify(order)))).toEqual(order);
  expect(toTeamOrder({ at: AT, messages: [] })).toEqual({ at: AT, messages: [] });
});

test.each([
  ['no object', 'x'],
  ['no messages', { at: AT }],
  ['no time', { ...order, at: 'soon' }],
  ['an invalid pause', { ...order, pause: {} }],
  ['an incomplete message', { ...order, messages: [{ ...message, by: 1 }] }],
  ['a long message', { ...order, messages: [{ ...message, text: 'x'.repeat(4097) }] }],
])('an order with %s is refused', (_, value) => {
  expect(toTeamOrder(value)).toBeUndefined();
});

test('the longest message fits into a header', () => {
  const longest = {
    ...order,
    messages: [{ ...message, text: '語'.repeat(ORDERS.textCharacters) }],
  };
  const sealed = Buffer.from(JSON.stringify(longest)).toString('base64url').length;
  expect(sealed).toBeLessThan(ORDERS.headerBytes / 2);
});

test('a reply is read without what is not valid', () => {
  expect(toOrderReply({ delivered: ['1', 2], refused: [{ id: '3', reason: 'x' }, {}] })).toEqual({
    delivered: ['1'],
    refused: [{ id: '3', reason: 'x' }],
  });
  expect(toOrderReply({ delivered: [] })).toBeUndefined();
});
