import { expect, test } from '@jest/globals';
import { Readings } from '../../src/ui/readings.ts';

test('the readings of a person wait for each other, and not those of others', async () => {
  const readings = new Readings();
  const hanging = Promise.withResolvers<void>();
  let running = 0;
  const hang = async () => {
    running += 1;
    await hanging.promise;
  };
  const all = Array.from({ length: 20 }, () => readings.of('eve').details(hang));
  await readings.of('ada').details(async () => {});
  await readings.of('eve').lists(async () => {});
  expect(running).toBe(3);
  const ofAccounts = Array.from({ length: 50 }, (_, number) =>
    readings.of(`system:serviceaccount:evil:account-${number}`).details(hang),
  );
  await readings.of('system:serviceaccount:other:bob').details(async () => {});
  expect(running).toBe(3 + 9);
  hanging.resolve();
  await Promise.all([...all, ...ofAccounts]);
  expect(running).toBe(20 + 50);
});
