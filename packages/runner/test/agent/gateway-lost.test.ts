import { createServer } from 'node:http';
import { EXIT, PATHS } from '@agentteam/contract';
import { readGatewayAddress } from '@agentteam/volume';
import { afterEach, expect, test } from '@jest/globals';
import { AgentTeam, COMPLETE, HOLD } from './support/agent-team.ts';

let team: AgentTeam;
afterEach(() => team.remove());

const WORDS = /^the gateway ended while the agent was at work/;

test('an agent whose gateway is killed is ended with it, and the next attempt goes on', async () => {
  team = await AgentTeam.make({
    script: { mate: { turns: [{ tools: [HOLD] }, { tools: [COMPLETE] }, { text: 'Done.' }] } },
  });
  const first = await team.start('mate');
  await team.busy('mate');
  const [claude = 0] = first.processes;
  const address = await readGatewayAddress(`${first.root}${PATHS.gateway}`);
  first.killGateway();
  // What takes its place pretends to be it: the runner asks nobody a second time.
  const impostor = createServer((_, response) => response.writeHead(200).flushHeaders());
  impostor.on('error', () => {});
  impostor.listen(Number(new URL(address?.url ?? '').port), '127.0.0.1');
  expect(await first.exited).toBe(EXIT.failed);
  impostor.closeAllConnections();
  impostor.close();
  // What its tools have started ends with the container, whose first process has just ended.
  await first.gone([claude]);
  expect(await first.lastWords()).toMatch(WORDS);
  expect(await team.state('mate')).toMatchObject({
    phase: 'stopped',
    message: expect.stringMatching(WORDS),
  });

  await team.release('mate');
  const second = await team.start('mate', { attempt: 1 });
  expect(await second.exited).toBe(0);
  expect(await team.state('mate')).toMatchObject({ phase: 'completed', report: 'Done.' });
});

test('a gateway that cannot start fails its agent with its own words, for good', async () => {
  team = await AgentTeam.make({ script: { mate: { turns: [{ text: 'Done.' }] } } });
  const mate = await team.start('mate', {
    gateway: { mcpServers: [{ name: 'mail', url: 'nowhere', credential: false }] },
  });
  expect(await mate.exited).toBe(EXIT.invalid);
  expect(await mate.lastWords()).toBe(
    'the gateway cannot start: the MCP server mail: "nowhere" is not an http(s) URL',
  );
  expect(team.seen).toEqual([]);
});
