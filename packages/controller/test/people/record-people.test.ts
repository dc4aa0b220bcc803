import { expect, test } from '@jest/globals';
import { type PeopleChange, recordPeople } from '../../src/people/record-people.ts';

const TELL = 'tell.claude.amcheste.io/writer';
const MESSAGES = 'claude.amcheste.io/messages';
const PAUSED = 'claude.amcheste.io/paused';
const PAUSED_BY = 'claude.amcheste.io/paused-by';
const AT = '2026-11-29T12:00:00.000Z';

const record = (wanted: Readonly<Record<string, string>>, more: Partial<PeopleChange> = {}) =>
  recordPeople({
    user: 'ann',
    isController: false,
    now: new Date(AT),
    makeId: () => '1-a',
    before: {},
    wanted,
    spec: { teammates: [{ name: 'writer' }, { name: 'editor' }] },
    status: {},
    ...more,
  });
const messages = (result: ReturnType<typeof record>): readonly unknown[] =>
  'refused' in result ? [] : JSON.parse(result.annotations[MESSAGES] ?? '[]');

test('a message is moved to the record, with the authenticated user', () => {
  const result = record({ [TELL]: ' Use October. ', other: 'x' });
  expect(result).toEqual({ annotations: { other: 'x', [MESSAGES]: expect.any(String) } });
  expect(messages(result)).toEqual([
    { id: '1-a', agent: 'writer', by: 'ann', at: AT, text: 'Use October.' },
  ]);
});

test('a message to all goes to every agent that has not ended', () => {
  const status = { teammates: [{ name: 'writer', phase: 'Completed' }] };
  const result = record({ 'claude.amcheste.io/tell-all': 'Hello.' }, { status });
  expect(messages(result)).toMatchObject([{ agent: 'team-lead' }, { agent: 'editor' }]);
});

test.each(['lead', 'team-lead'])('a message to %s is for the lead', (name) => {
  const result = record({ [`tell.claude.amcheste.io/${name}`]: 'Hello.' });
  expect(messages(result)).toMatchObject([{ agent: 'team-lead' }]);
});

test.each([
  [
    'an unknown agent',
    { 'tell.claude.amcheste.io/nobody': 'x' },
    {},
    'no agent nobody; its agents: lead, writer, editor',
  ],
  ['an empty message', { [TELL]: ' ' }, {}, 'the message is empty'],
  ['a long message', { [TELL]: 'x'.repeat(4097) }, {}, '4097 characters'],
  ['a team that has ended', { [TELL]: 'x' }, { completedAt: AT }, 'the team has ended'],
  [
    'an agent that has ended',
    { [TELL]: 'x' },
    { teammates: [{ name: 'writer', phase: 'Failed' }] },
    'writer has ended',
  ],
  ['an unknown value of paused', { [PAUSED]: 'yes' }, {}, 'expected "true"'],
  ['a pause of a team that has ended', { [PAUSED]: 'true' }, { completedAt: AT }, 'has ended'],
])('%s is refused', (_, wanted, status, reason) => {
  expect(record(wanted, { status })).toEqual({ refused: expect.stringContaining(reason) });
});

test('too many waiting messages are refused', () => {
  const one = { id: '1', agent: 'writer', by: 'ann', at: AT, text: 'x' };
  const before = { [MESSAGES]: JSON.stringify(Array(20).fill(one)) };
  expect(record({ ...before, [TELL]: 'x' }, { before })).toEqual({
    refused: expect.stringContaining('the limit is 20'),
  });
});

test('nobody but the controller changes what is recorded', () => {
  const before = { [MESSAGES]: '[]', [PAUSED]: 'true', [PAUSED_BY]: '{"by":"ann"}' };
  const forged = { [MESSAGES]: '[{"by":"eve"}]', [PAUSED]: 'true', [PAUSED_BY]: '{"by":"eve"}' };
  expect(record(forged, { before })).toEqual({ annotations: before });
  expect(record(forged)).toEqual({
    annotations: { [PAUSED]: 'true', [PAUSED_BY]: JSON.stringify({ by: 'ann', at: AT }) },
  });
  expect(record({}, { before: { [MESSAGES]: '[]' }, isController: true })).toEqual({
    annotations: {},
  });
});

test('removing the annotation, or false, ends the pause and its record', () => {
  const before = { [PAUSED]: 'true', [PAUSED_BY]: '{"by":"ann"}' };
  expect(record({ [PAUSED_BY]: '{"by":"ann"}' }, { before })).toEqual({ annotations: {} });
  expect(record({ ...before, [PAUSED]: 'false' }, { before })).toEqual({ annotations: {} });
});
