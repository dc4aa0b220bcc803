import { randomUUID } from 'node:crypto';
import { ORDERS, PATHS, type TeamOrder } from '@agentteam/contract';
import { askFor, openAnswer, orderHeader } from '@agentteam/figures';
import { readPersonMessages, readTeamPause } from '@agentteam/volume';
import { expect, test } from '@jest/globals';
import { FIGURES_KEY, CONTROLLER_RUN as OF, startForController } from './team.ts';

const PAUSE = { by: 'ada', at: '2026-11-29T10:00:00.000Z' };
const MESSAGE = { id: '1-a', agent: 'worker', by: 'ada', at: PAUSE.at, text: 'Use October.' };
const orderAt = (second: number, more: Partial<TeamOrder> = {}): TeamOrder => ({
  at: `2026-11-29T10:00:0${second}.000Z`,
  messages: [],
  ...more,
});

/** A gateway that has the key, and functions that make an order and send it. */
async function start() {
  const { team, gateway } = await startForController();
  const make = (order: TeamOrder, key = FIGURES_KEY) => {
    const { nonce, headers } = askFor(key, OF, 'worker');
    return {
      nonce,
      headers: { ...headers, ...orderHeader(key, OF, nonce, JSON.stringify(order)) },
    };
  };
  const send = async ({ nonce, headers }: ReturnType<typeof make>) => {
    const response = await fetch(`${gateway.address.statusUrl}/${ORDERS.path}`, { headers });
    const body = Buffer.from(await response.arrayBuffer());
    const open = () => JSON.parse(openAnswer(FIGURES_KEY, OF, 'worker', nonce, body)) as object;
    return { status: response.status, open };
  };
  return { make, send, control: team.root + PATHS.control };
}

test('a gateway pauses the team and stores messages, each once', async () => {
  const { make, send, control } = await start();
  const order = orderAt(1, { pause: PAUSE, messages: [MESSAGE] });
  expect((await send(make(order))).open()).toEqual({ delivered: ['1-a'], refused: [] });
  expect((await send(make({ ...order, at: orderAt(2).at }))).status).toBe(200);
  expect(await readTeamPause(control)).toMatchObject({ by: 'ada' });
  expect(await readPersonMessages(control, 'worker')).toMatchObject([{ text: 'Use October.' }]);
  expect((await send(make(orderAt(3)))).status).toBe(200);
  expect(await readTeamPause(control)).toBeUndefined();
});

test('it refuses an order that is repeated, or older than the last one', async () => {
  const { make, send, control } = await start();
  const recorded = make(orderAt(1));
  expect((await send(recorded)).status).toBe(200);
  expect((await send(make(orderAt(2, { pause: PAUSE })))).status).toBe(200);
  expect((await send(recorded)).status).toBe(403);
  expect((await send(make(orderAt(1)))).status).toBe(403);
  expect(await readTeamPause(control)).toMatchObject({ by: 'ada' });
});

test('it refuses an order whose sender does not have the key', async () => {
  const { make, send, control } = await start();
  expect((await send(make(orderAt(1, { pause: PAUSE }), randomUUID()))).status).toBe(403);
  const { headers } = make(orderAt(1));
  const forged = { [ORDERS.header]: make(orderAt(1, { pause: PAUSE }))['headers'][ORDERS.header] };
  const other = { nonce: '', headers: { ...headers, ...forged } as typeof headers };
  expect((await send(other)).status).toBe(403);
  expect(await readTeamPause(control)).toBeUndefined();
});
