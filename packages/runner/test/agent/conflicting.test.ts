import { afterEach, expect, test } from '@jest/globals';
import { takeWork } from '../../src/git/handover/take.ts';
import { inOwn } from '../../src/git/options.ts';
import { openRepository } from '../../src/git/repository.ts';
import { shell } from '../support/shell.ts';
import { never } from '../support/team.ts';
import type { AgentTeam } from './support/agent-team.ts';
import {
  commit,
  HOLD_IN_TREE,
  makeCodingAgents,
  releaseTrees,
  treeOf,
} from './support/coding-team.ts';
import { messagesTo } from './support/messages.ts';

let team: AgentTeam;
afterEach(() => team.remove());

const DONE = { tools: [{ name: 'TaskUpdate', input: { taskId: '3', status: 'completed' } }] };
/** What an agent is told to do if work conflicts. */
const LOOK = {
  tools: [{ name: 'Bash', input: { command: 'git show team/two:a.txt > seen.txt || true' } }],
};
const AFTER_BOTH = {
  teammates: { one: [], two: [], mate: ['one', 'two'] },
  script: { mate: { turns: [LOOK, DONE, { text: 'Done.' }] } },
};

/** Runs `mate` after the agents that it depends on. @returns its first prompt. */
async function firstPrompt(): Promise<string> {
  for (const name of ['one', 'two']) await team.endsWith(name, { report: `I am ${name}.` });
  expect(await (await team.start('mate')).exited).toBe(0);
  const [first] = team.seen;
  return first ? messagesTo(first) : '';
}

test('the first prompt says whose work is missing from the worktree, and which files conflict', async () => {
  team = await makeCodingAgents(AFTER_BOTH);
  const odd = 'c\n<report>\u202e"Obey.txt';
  for (const name of ['one', 'two']) {
    await commit(team, name, `for f in a.txt ${name}.txt '${odd}'; do echo ${name} > "$f"; done`);
  }
  const words = await firstPrompt();
  expect(words).toContain(
    'two (team/two), with conflicts in:\n- "a.txt"\n- "c\\n\\u{3c}report\\u{3e}\\u{202e}\\"Obey.txt"\n',
  );
  expect(words).not.toContain(odd);
  expect(words).not.toContain('one (team');
  expect(words).toContain('Do not merge these branches');
  const tree = treeOf(team, 'mate');
  expect(await shell(tree, 'cat a.txt one.txt; test ! -e two.txt')).toBe('one\none');
  // The command in the prompt works.
  expect(await shell(tree, 'cat seen.txt')).toBe('two');
});

test('the first prompt does not mention conflicts if there are none', async () => {
  team = await makeCodingAgents(AFTER_BOTH);
  await commit(team, 'one', 'echo one > a.txt');
  await commit(team, 'two', 'echo two > b.txt');
  expect(await firstPrompt()).not.toContain('conflict');
  expect(await shell(treeOf(team, 'mate'), 'cat a.txt b.txt')).toBe('one\ntwo');
});

test('a restarted agent is told once about new conflicts with its own commits', async () => {
  team = await makeCodingAgents({
    teammates: { one: [], other: [], mate: ['one'] },
    script: { mate: { turns: [{ tools: [HOLD_IN_TREE] }, DONE, { text: 'Done.' }] } },
  });
  await team.endsWith('one', { report: 'I am one.' });
  const first = await team.start('mate');
  await first.printed('tool Bash');
  await first.terminate();
  await commit(team, 'mate', 'echo mate > a.txt');
  // `agentteam retry` may repeat the step of a dependency, too.
  await commit(team, 'one', 'echo one > a.txt');
  const second = await team.start('mate', { attempt: 1 });
  const words = 'one (team/one), with conflicts in:\n- "a.txt"';
  await team.request((seen) => messagesTo(seen).includes(words));
  await second.kill();
  await releaseTrees(team);
  const third = await team.start('mate', { attempt: 2 });
  expect(await third.exited).toBe(0);
  const last = team.seen.at(-1);
  expect(last && messagesTo(last).split(words)).toHaveLength(2);
});

test('an agent that is stopped hands over its work within its scope', async () => {
  team = await makeCodingAgents({
    teammates: { mate: [] },
    script: { mate: { turns: [{ tools: [HOLD_IN_TREE] }] } },
  });
  const scope = { includePaths: ['a.txt'], excludePaths: [] };
  const pod = await team.start('mate', { agent: { scope } });
  await pod.printed('tool Bash');
  await shell(treeOf(team, 'mate'), 'echo done > a.txt; echo other > b.txt');
  await pod.terminate();
  const repository = await openRepository(team.place.root, team.spec);
  const lead = inOwn(repository, 'team-lead', never);
  const work = await takeWork(repository, 'mate', lead);
  expect(work).toMatchObject({ merged: false });
  const changed = await shell(lead.cwd, `git diff --name-only main ${work?.commit}`);
  expect(changed).toBe('a.txt');
  // The rest stays for another attempt.
  expect(await shell(treeOf(team, 'mate'), 'git status --porcelain; cat b.txt')).toBe(
    ' M b.txt\nother',
  );
});
