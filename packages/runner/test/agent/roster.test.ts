import { join } from 'node:path';
import { VOLUME } from '@agentteam/contract';
import { LedgerReader } from '@agentteam/ledger';
import { afterEach, expect, test } from '@jest/globals';
import { AgentTeam, COMPLETE, HOLD } from './support/agent-team.ts';
import { answerOf } from './support/messages.ts';

let team: AgentTeam;
afterEach(() => team.remove());

const SCRIPT = {
  mate: { turns: [{ tools: [HOLD] }, { tools: [COMPLETE] }, { text: 'Done.' }] },
  'team-lead': {
    turns: [
      {
        tools: [
          { name: 'SendMessage', input: { to: 'mate', summary: 'more', message: 'And this?' } },
        ],
      },
      { text: 'It has gone.' },
    ],
  },
};

test('an agent is active in its turn, and leaves the roster at its end', async () => {
  team = await AgentTeam.make({ script: SCRIPT });
  const mate = await team.start('mate');
  await team.busy('mate');
  await team.active('mate');
  await team.release('mate');
  expect(await mate.exited).toBe(0);
  expect(await team.roster()).not.toHaveProperty('mate');
  expect(await team.roster()).toHaveProperty('team-lead');

  // From then on mail to it is refused, so that its sender does not wait for an answer.
  const lead = await team.start('team-lead');
  const asked = await team.request(({ agent, turn }) => agent === 'team-lead' && turn === 2);
  const answer = answerOf(asked, 'toolu_team-lead_1_1_1');

  expect(answer).toMatchObject({
    text: expect.stringContaining("No agent named 'mate' is reachable"),
  });
  expect(await lead.terminate()).toBe(143);
  // A refused message does not count as sent.
  const ledger = new LedgerReader(join(team.place.volume, VOLUME.ledger));
  await ledger.refresh();
  expect(ledger.totals.agent('team-lead').messagesSent).toBe(0);
});

test('an agent that fails leaves the roster only after its last attempt', async () => {
  const broken = { status: 409, headers: { 'x-should-retry': 'false' }, times: 0 };
  team = await AgentTeam.make({ script: { mate: { turns: [{ text: 'x', errors: [broken] }] } } });
  const agent = { maxRestarts: 1 };
  expect(await (await team.start('mate', { agent })).exited).toBe(1);
  expect(await team.roster()).toMatchObject({ mate: false });
  expect(await (await team.start('mate', { agent, attempt: 1 })).exited).toBe(1);
  expect(await team.roster()).not.toHaveProperty('mate');
});

test('an agent that a retry starts again joins the roster again', async () => {
  const broken = { status: 409, headers: { 'x-should-retry': 'false' } };
  const turns = [{ tools: [HOLD], errors: [broken] }, { tools: [COMPLETE] }, { text: 'Done.' }];
  team = await AgentTeam.make({ script: { mate: { turns } } });
  const agent = { maxRestarts: 0 };
  expect(await (await team.start('mate', { agent })).exited).toBe(1);
  expect(await team.roster()).not.toHaveProperty('mate');
  const again = await team.start('mate', { agent });
  await team.busy('mate');
  await team.active('mate');
  await team.release('mate');
  expect(await again.exited).toBe(0);
});
