import { createServer } from 'node:http';
import { join } from 'node:path';
import { EXIT, moneyText, PATHS, VOLUME } from '@agentteam/contract';
import { LedgerReader } from '@agentteam/ledger';
import { readGatewayAddress } from '@agentteam/volume';
import { afterEach, expect, test } from '@jest/globals';
import { AgentTeam, COMPLETE, HOLD } from './support/agent-team.ts';

let team: AgentTeam;
afterEach(() => team.remove());

const ENDED = 'gateway the gateway has exited';
const BACK = 'gateway the gateway is back';

test('an agent whose gateway is killed while a tool is running continues when the gateway is back', async () => {
  team = await AgentTeam.make({
    script: { mate: { turns: [{ tools: [HOLD] }, { tools: [COMPLETE] }, { text: 'Done.' }] } },
  });
  const mate = await team.start('mate');
  await team.busy('mate');
  const [claude = 0] = mate.processes;
  await mate.killGateway();
  await mate.printed(ENDED);
  expect((await team.state('mate'))?.phase).toBe('running');
  mate.restartGateway();
  await mate.printed(BACK);
  // The same process is running, so the work of its tool is not lost.
  expect(mate.processes).toContain(claude);
  await team.release('mate');
  expect(await mate.exited).toBe(EXIT.ok);
  expect(await team.state('mate')).toMatchObject({
    phase: 'completed',
    attempt: 0,
    report: 'Done.',
    repairs: [expect.stringMatching(/^the gateway of mate exited at .* and was restarted/)],
  });
});

test('a reply that a killed gateway cut off is requested again, and its cost is counted', async () => {
  team = await AgentTeam.make({
    script: {
      mate: {
        turns: [
          { tools: [COMPLETE] },
          { text: 'A long report, which takes its time.', pace: { characters: 1, everyMs: 100 } },
        ],
      },
    },
  });
  const mate = await team.start('mate');
  await team.request(({ agent, turn }) => agent === 'mate' && turn === 1);
  await mate.killGateway();
  await mate.printed(ENDED);
  mate.restartGateway();
  expect(await mate.exited).toBe(EXIT.ok);
  expect(await team.state('mate')).toMatchObject({
    phase: 'completed',
    attempt: 0,
    report: 'A long report, which takes its time.',
  });
  const ledger = new LedgerReader(join(team.place.volume, VOLUME.ledger));
  await ledger.refresh();
  const { usd, estimated } = ledger.totals.team();
  // The reply that was cut off counts at its maximum cost.
  expect(estimated).toBe(1);
  expect(Number(moneyText(usd))).toBeGreaterThan(0.01);
});

test('an agent whose gateway cannot restart fails, and the next attempt continues', async () => {
  team = await AgentTeam.make({
    script: { mate: { turns: [{ tools: [HOLD] }, { tools: [COMPLETE] }, { text: 'Done.' }] } },
  });
  const first = await team.start('mate');
  await team.busy('mate');
  const [claude = 0] = first.processes;
  const address = await readGatewayAddress(`${first.root}${PATHS.gateway}`);
  await first.killGateway();
  // An impostor takes the gateway's port, so that the gateway cannot restart.
  const impostor = createServer((_, response) => response.writeHead(200).flushHeaders());
  impostor.listen(Number(new URL(address?.url ?? '').port), '127.0.0.1');
  first.restartGateway();
  expect(await first.exited).toBe(EXIT.failed);
  impostor.closeAllConnections();
  impostor.close();
  // Processes of its tools end with the container, whose first process has just exited.
  await first.gone([claude]);
  const words =
    /^the gateway exited and was restarted: the gateway cannot start: listen EADDRINUSE/;
  expect(await first.terminationMessage()).toMatch(words);
  expect(await team.state('mate')).toMatchObject({
    phase: 'stopped',
    message: expect.stringMatching(words),
  });

  await team.release('mate');
  const second = await team.start('mate', { attempt: 1 });
  expect(await second.exited).toBe(0);
  expect(await team.state('mate')).toMatchObject({ phase: 'completed', report: 'Done.' });
});

test('a gateway that cannot start fails its agent finally, with its own message', async () => {
  team = await AgentTeam.make({ script: { mate: { turns: [{ text: 'Done.' }] } } });
  const mate = await team.start('mate', {
    gateway: { mcpServers: [{ name: 'mail', url: 'nowhere', credential: false }] },
  });
  expect(await mate.exited).toBe(EXIT.invalid);
  expect(await mate.terminationMessage()).toBe(
    'the gateway cannot start: the MCP server mail: "nowhere" is not an http(s) URL',
  );
  expect(team.seen).toEqual([]);
});
