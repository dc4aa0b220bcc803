import { expect, test } from '@jest/globals';
import { Attempts } from '../src/server/console/attempts.ts';

const refused = async () => undefined;
const known = (user: string) => async () => ({ user });

test('somebody who tries tokens does not keep others from logging in', async () => {
  const attempts = new Attempts();
  for (let count = 0; count < 30; count += 1) await attempts.ask('203.0.113.9', refused);
  expect(await attempts.ask('203.0.113.9', known('eve'))).toBe('too-many');
  expect(await attempts.ask('203.0.113.10', known('ada'))).toEqual({ user: 'ada' });
});

test('nor does somebody who tries very many at the same time', async () => {
  const attempts = new Attempts();
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const tries = Array.from({ length: 1000 }, () => attempts.ask('203.0.113.9', () => promise));
  expect(await attempts.ask('203.0.113.10', known('ada'))).toEqual({ user: 'ada' });
  resolve(undefined);
  const ended = await Promise.all(tries);
  expect(ended.filter((one) => one !== 'too-many')).toHaveLength(50);
});

test('nor somebody with a token who logs in again and again', async () => {
  const attempts = new Attempts();
  for (let count = 0; count < 1000; count += 1) await attempts.ask('203.0.113.9', known('eve'));
  expect(await attempts.ask('203.0.113.9', known('eve'))).toBe('too-many');
  expect(await attempts.ask('203.0.113.10', known('ada'))).toEqual({ user: 'ada' });
});

test('nor somebody with a network of IPv6 addresses', async () => {
  const attempts = new Attempts();
  for (let count = 0; count < 1000; count += 1) {
    await attempts.ask(`2001:db8:0:7:${count.toString(16)}::1`, refused);
  }
  expect(await attempts.ask('2001:db8:0:7::2', known('eve'))).toBe('too-many');
  expect(await attempts.ask('2001:db8:0:8::2', known('ada'))).toEqual({ user: 'ada' });
  expect(await attempts.ask('2001:db8::7', known('ada'))).toEqual({ user: 'ada' });
  expect(await attempts.ask('::ffff:203.0.113.9', known('ada'))).toEqual({ user: 'ada' });
});

test('many people with one address can log in', async () => {
  const attempts = new Attempts();
  const people = Array.from({ length: 300 }, (_, number) => `person-${number}`);
  for (const person of people) {
    expect(await attempts.ask('10.42.1.7', known(person))).toEqual({ user: person });
  }
});
