import { writeFile } from 'node:fs/promises';
import type { AgentTeam } from '@agentteam/api';
import { compileText } from '@agentteam/compiler';
import { expect, test } from '@jest/globals';
import { loadScript } from '../../src/rehearsal/load-script.ts';
import { Q3_REPORT } from '../fixtures.ts';
import { temporaryDirectories } from '../temporary.ts';

const temporary = temporaryDirectories();

async function load(script: string) {
  const { compiled } = compileText(Q3_REPORT);
  if (compiled === undefined) throw new Error('the team is not valid');
  const cwd = await temporary();
  await writeFile(`${cwd}/script.yaml`, script);
  return loadScript(compiled.team, cwd, 'script.yaml');
}

test('a script may call the lead `lead`', async () => {
  const { agents } = await load('agents: { lead: { turns: [{ text: Mine. }] } }');
  expect(agents['team-lead']?.turns).toMatchObject([{ text: 'Mine.' }]);
  expect(Object.keys(agents).toSorted()).toEqual(['email-drafter', 'researcher', 'team-lead']);
});

test('messages name the file that the script was copied from', async () => {
  const { compiled } = compileText(Q3_REPORT);
  const cwd = await temporary();
  await writeFile(`${cwd}/copy.yaml`, 'agents: { reseacher: { turns: [{ text: x }] } }');
  const loading = loadScript(compiled?.team as AgentTeam, cwd, 'copy.yaml', 'mine.yaml');
  await expect(loading).rejects.toMatchObject({
    message: 'mine.yaml: agents: the team has no agent reseacher',
  });
});

test('a misspelled agent is refused, because nobody would play it', async () => {
  const script = 'agents: { reseacher: { turns: [{ text: x }] } }';
  await expect(load(script)).rejects.toMatchObject({
    message: 'script.yaml: agents: the team has no agent reseacher',
    hint: 'Did you mean researcher?',
  });
});

test('a script may have agents of other teams', async () => {
  const turns = '{ turns: [{ text: x }] }';
  const { agents } = await load(`agents: { researcher: ${turns}, translator: ${turns} }`);
  expect(agents).toHaveProperty('translator');
});
