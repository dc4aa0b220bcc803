import { expect, test } from '@jest/globals';
import { type Message, shownMessage } from '../src/index.ts';

const message: Message = {
  ...{ from: 'team-lead', to: 'api', at: '2026-11-29T12:00:00Z' },
  ...{ kind: 'message', text: 'Begin, says the team-lead.', delivered: true },
};

test('a message of the lead is from `lead`, and its text is unchanged', () => {
  expect(shownMessage(message)).toEqual({ ...message, from: 'lead' });
});

test('a person may have any name', () => {
  expect(shownMessage({ ...message, kind: 'person', to: 'team-lead' })).toMatchObject({
    from: 'team-lead',
    to: 'lead',
  });
});
