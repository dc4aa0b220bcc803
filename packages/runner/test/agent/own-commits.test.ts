import { join } from 'node:path';
import { LEAD, VOLUME } from '@agentteam/contract';
import { afterEach, expect, test } from '@jest/globals';
import { takeWork } from '../../src/git/handover/take.ts';
import { inOwn } from '../../src/git/options.ts';
import { openRepository } from '../../src/git/repository.ts';
import { shell } from '../support/shell.ts';
import { never } from '../support/team.ts';
import { type AgentTeam, COMPLETE, REPORT, report } from './support/agent-team.ts';
import { HOLD_IN_TREE, makeCodingAgents, releaseTrees, treeOf } from './support/coding-team.ts';
import { messagesTo } from './support/messages.ts';

let team: AgentTeam;
afterEach(() => team.remove());

const ASKED = 'may not belong in them';

const bash = (command: string) => ({ name: 'Bash', input: { command } });
const COMMIT = bash(
  'echo A=1 > .env; head -c 2000000 /dev/zero > big; git add -f .env big; git commit -qm all',
);

async function run(second: readonly object[]): Promise<string> {
  team = await makeCodingAgents({
    script: {
      mate: { turns: [{ tools: [COMMIT, COMPLETE, REPORT] }, { text: 'Done.' }, ...second] },
    },
  });
  expect(await (await team.start('mate')).exited).toBe(0);
  const asked = team.seen.filter((seen) => messagesTo(seen).includes(ASKED));
  expect(asked.length).toBeGreaterThan(0);
  expect(messagesTo(asked[0] as (typeof asked)[0])).toMatch(
    /- \.env: a file that may hold secrets\n- big: 1\.9 MiB\n/,
  );
  return committedByMate();
}

/** The subjects and files of the commits that the agent has handed over. */
async function committedByMate(): Promise<string> {
  const state = join(team.place.volume, VOLUME.state);
  const repository = await openRepository(team.place.root, team.spec, state);
  await takeWork(repository, 'mate', inOwn(repository, LEAD, never));
  return shell(treeOf(team, LEAD), 'git log --format=%s --name-only main..team/mate');
}

test('an agent that has committed a secret and a large file can remove them', async () => {
  const reset = bash('git reset -q --soft main; git restore --staged .env big; echo x > c.txt');
  const log = await run([
    { tools: [reset, report({ summary: 'They are out.' })] },
    { text: 'They are out.' },
  ]);
  expect(log).toMatch(/^.+\n\nc\.txt$/);
  expect((await team.state('mate'))?.report).toMatch(/^They are out\.[\s\S]*\.env \(it may hold/);
});

test('an agent that keeps them is not asked again, because a person decides before the delivery', async () => {
  expect(
    await run([
      { tools: [report({ summary: 'They belong there.' })] },
      { text: 'They belong there.' },
    ]),
  ).toBe('all\n\n.env\nbig');
  expect(await team.state('mate')).toMatchObject({ report: 'They belong there.' });
});

const conflict = bash(
  'echo mine > c.txt; git add c.txt; git commit -qm mine; git checkout -q -b side main; echo side > c.txt; git add c.txt; git commit -qm side; git checkout -q -; git merge side',
);

test('an agent that leaves its conflict markers is not asked again, and its report names them', async () => {
  team = await makeCodingAgents({
    script: {
      mate: {
        turns: [
          { tools: [conflict, COMPLETE, report({ summary: 'I merged it.' })] },
          { text: 'Done.' },
          { text: 'I leave them.' },
        ],
      },
    },
  });
  const mate = await team.start('mate');
  expect(await mate.exited).toBe(0);
  const message = 'left conflict markers in c.txt';
  const state = { phase: 'completed', message, report: `I merged it.\n\nmate ${message}.` };
  expect(await team.state('mate')).toMatchObject(state);
});

test('an agent that ends in the middle of a merge is asked to resolve it', async () => {
  team = await makeCodingAgents({
    script: {
      mate: {
        turns: [
          { tools: [conflict, COMPLETE, REPORT] },
          { text: 'Done.' },
          { tools: [bash('echo both > c.txt; git commit -qam both'), REPORT] },
          { text: 'Resolved.' },
        ],
      },
    },
  });
  expect(await (await team.start('mate')).exited).toBe(0);
  const asked = team.seen.find((seen) => messagesTo(seen).includes('conflict markers'));
  expect(messagesTo(asked as NonNullable<typeof asked>)).toMatch(/merge leaves them:\n- c\.txt\n/);
  await committedByMate();
  expect(await shell(treeOf(team, LEAD), 'git show team/mate:c.txt')).toBe('both');
});

/** An error after which Claude Code ends its turn at once. */
const GIVES_UP = { status: 409, message: 'out of order', headers: { 'x-should-retry': 'false' } };

test('an agent whose turn fails with its gateway while it removes them is told to continue', async () => {
  const reset = bash('git reset -q --soft main; git restore --staged .env big; echo x > c.txt');
  team = await makeCodingAgents({
    script: {
      mate: {
        turns: [
          { tools: [COMMIT, COMPLETE, REPORT] },
          { text: 'Done.' },
          { tools: [HOLD_IN_TREE] },
          { tools: [reset, REPORT], errors: [GIVES_UP] },
          { text: 'They are out.' },
        ],
      },
    },
  });
  const mate = await team.start('mate');
  await mate.printed('tool Bash {"command":"until');
  await mate.killGateway();
  await mate.printed('gateway the gateway has exited');
  mate.restartGateway();
  await mate.printed('gateway the gateway is back');
  await releaseTrees(team);
  expect(await mate.exited).toBe(0);
  expect(mate.log).toContain('turn ended with an error');
  const last = team.seen.at(-1) as (typeof team.seen)[0];
  expect(messagesTo(last)).toContain('The connection to the API was lost');
  expect(await committedByMate()).toMatch(/^.+\n\nc\.txt$/);
});
