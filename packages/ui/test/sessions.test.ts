import { expect, test } from '@jest/globals';
import { Sessions } from '../src/server/console/sessions.ts';

const access = {
  review: async (token: string) => ({ user: token }),
  sourceOfToken: () => ({}) as never,
  sourceOfPerson: () => ({}) as never,
};

test('somebody who creates service accounts ends sessions of their own namespace only', () => {
  const sessions = new Sessions(access, 60_000, false);
  const ada = sessions.open('a', { user: 'ada' });
  const other = sessions.open('b', { user: 'system:serviceaccount:other:bob' });
  const own = Array.from({ length: 2000 }, (_, number) =>
    sessions.open(`${number}`, { user: `system:serviceaccount:evil:account-${number}` }),
  );
  const isOpen = ({ id }: { readonly id: string }) => sessions.find(id) !== undefined;
  expect([ada, other].every(isOpen)).toBe(true);
  expect(own.filter(isOpen)).toHaveLength(128);
  sessions.close();
});

test('a person has sixteen sessions', () => {
  const sessions = new Sessions(access, 60_000, false);
  const own = Array.from({ length: 20 }, () => sessions.open('a', { user: 'ada' }));
  expect(own.map(({ id }) => sessions.find(id) !== undefined)).toEqual([
    ...Array.from({ length: 4 }, () => false),
    ...Array.from({ length: 16 }, () => true),
  ]);
  sessions.close();
});
