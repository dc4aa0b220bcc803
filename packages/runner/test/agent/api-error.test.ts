import { EXIT } from '@agentteam/contract';
import { afterEach, expect, test } from '@jest/globals';
import { AgentTeam, COMPLETE, HOLD, REPORT, report } from './support/agent-team.ts';
import { messagesTo } from './support/messages.ts';

let team: AgentTeam;
afterEach(() => team.remove());

/** Claude Code gives up on this error at once; it repeats other requests for minutes. */
const GIVES_UP = { status: 409, message: 'out of order', headers: { 'x-should-retry': 'false' } };

test('a permanent API error ends each attempt, and the last one finally', async () => {
  team = await AgentTeam.make({
    script: { mate: { turns: [{ text: 'Never said.', errors: [{ ...GIVES_UP, times: 0 }] }] } },
  });
  const options = { agent: { maxRestarts: 1 } };
  const first = await team.start('mate', options);
  expect(await first.exited).toBe(EXIT.failed);
  const message = expect.stringMatching(/out of order.*\(api_error\)/);
  expect(await team.state('mate')).toMatchObject({ phase: 'stopped', message });
  const second = await team.start('mate', { ...options, attempt: 1 });
  expect(await second.exited).toBe(EXIT.failed);
  expect(await team.state('mate')).toMatchObject({ phase: 'failed', message });
  const last = JSON.parse((await team.inbox('team-lead')).at(-1)?.text ?? '');
  expect(last).toMatchObject({ idleReason: 'failed', failureReason: message });
});

test('after a temporary API error the next attempt continues the turn', async () => {
  team = await AgentTeam.make({
    script: {
      mate: {
        turns: [
          { tools: [COMPLETE] },
          { tools: [HOLD], errors: [GIVES_UP] },
          { tools: [report({ summary: 'All said.' })] },
        ],
      },
    },
  });
  expect(await (await team.start('mate')).exited).toBe(EXIT.failed);
  const second = await team.start('mate', { attempt: 1 });
  await team.busy('mate');
  const running = await team.state('mate');
  expect(running).toMatchObject({
    phase: 'running',
    message: expect.stringMatching(/out of order/),
  });
  await team.release('mate');
  expect(await second.exited).toBe(EXIT.ok);
  // Its tasks are completed: without that turn the agent would end with the error as its report.
  expect(await team.state('mate')).toMatchObject({ phase: 'completed', report: 'All said.' });
  expect(await team.state('mate')).not.toHaveProperty('message');
  const last = team.seen.at(-1);
  expect(last && messagesTo(last)).toContain('restarted in the middle of your turn');
});

const LIMIT = { status: 429, message: 'Usage limit reached', retryAfter: 3 };

test('an agent whose requests the API rejects waits in its session, and uses no attempt', async () => {
  team = await AgentTeam.make({
    script: {
      mate: {
        turns: [
          { tools: [COMPLETE, REPORT], errors: [{ ...LIMIT, times: 2 }] },
          { text: 'All said.' },
        ],
      },
    },
  });
  const mate = await team.start('mate');
  expect(await mate.exited).toBe(EXIT.ok);
  expect(await team.state('mate')).toMatchObject({ phase: 'completed', attempt: 0, turns: 1 });
  expect(mate.log).toMatch(/api waiting for the API: usage limit, until .* UTC/);
  expect(mate.log).toContain('api continuing: the API answers again');
  // Claude Code does not notice.
  expect(mate.log).not.toContain('api retrying');
});

test.each([
  [400, 'invalid_request_error', EXIT.invalid, 'refused a request of mate as invalid'],
  [404, 'not_found_error', EXIT.invalid, 'does not offer the model'],
  [401, 'authentication_error', EXIT.refused, 'refused the credential'],
])('an error %i ends the step finally, with its cause', async (status, type, exitCode, words) => {
  team = await AgentTeam.make({
    script: { mate: { turns: [{ text: 'No.', errors: [{ status, type, times: 0 }] }] } },
  });
  const mate = await team.start('mate');
  expect(await mate.exited).toBe(exitCode);
  expect(await team.state('mate')).toMatchObject({
    phase: 'failed',
    message: expect.stringContaining(words),
  });
});
