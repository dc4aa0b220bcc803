import { EXIT } from '@agentteam/contract';
import { afterEach, expect, test } from '@jest/globals';
import { AgentTeam, COMPLETE, HOLD } from './support/agent-team.ts';

let team: AgentTeam;
afterEach(() => team.remove());

test.each(['teamBudgetLimit', 'agentBudgetLimit'])(
  'at its limit (%s) an agent stops, and continues under a higher one',
  async (limit) => {
    team = await AgentTeam.make({
      script: {
        mate: {
          // Two cents at the price of Sonnet 5.5.
          turns: [
            { tools: [HOLD], usage: { output: 2000, cacheRead: 0, cacheWrite5m: 0 } },
            { tools: [COMPLETE] },
            { text: 'Done.' },
          ],
        },
      },
    });
    const first = await team.start('mate', { gateway: { [limit]: '0.01' } });
    expect(await first.exited).toBe(EXIT.budget);
    expect(await team.state('mate')).toMatchObject({
      phase: 'stopped',
      message: expect.stringContaining('0.01'),
    });
    expect(await team.roster()).toMatchObject({ mate: false });

    await team.release('mate');
    const second = await team.start('mate', { attempt: 1, gateway: { [limit]: '1.00' } });
    expect(await second.exited).toBe(0);
    expect(await team.state('mate')).toMatchObject({ phase: 'completed', report: 'Done.' });
  },
);
