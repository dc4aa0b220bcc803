import { readdir, rm, symlink } from 'node:fs/promises';
import { inboxDirectory, inboxFile, LIMITS, type Mail, writeJson } from '@agentteam/volume';
import { afterEach, expect, test } from '@jest/globals';
import { AgentTeam, COMPLETE } from './support/agent-team.ts';
import { messagesTo } from './support/messages.ts';

let team: AgentTeam;
afterEach(() => team.remove());

test('an agent whose inbox is flooded gets the mail in parts, and is told what was left out', async () => {
  team = await AgentTeam.make({ script: { 'team-lead': { turns: [{ text: 'I wait.' }] } } });
  const lead = await team.start('team-lead');
  await lead.printed('turn ended');
  const flood = Array.from({ length: 6000 }, (_, index): Mail => {
    const text = `flood ${index} ${'x'.repeat(1000)}`;
    return { from: 'mate', text, timestamp: '2026-11-23T10:00:00.000Z', read: false };
  });
  await writeJson(inboxFile(team.native, 'team-lead'), flood);
  const seen = await team.request((request) => messagesTo(request).includes('was left out'));
  const { length } = messagesTo(seen);
  // Each request repeats the earlier messages.
  expect(length).toBeLessThan(2 * LIMITS.deliveryCharacters);
  expect((await team.state('team-lead'))?.leftOut).toEqual([
    expect.stringMatching(/some was left out: \d+ from mate\. Mail is not signed/),
  ]);
});

test('an agent completes even if another agent blocks its mail to the lead', async () => {
  const script = { mate: { turns: [{ tools: [COMPLETE] }, { text: 'Done.' }] } };
  team = await AgentTeam.make({ script });
  const inboxes = inboxDirectory(team.native);
  await rm(inboxes, { recursive: true });
  await symlink(team.place.directory, inboxes);
  const mate = await team.start('mate');
  expect(await mate.exited).toBe(0);
  expect(await team.state('mate')).toMatchObject({ phase: 'completed', report: 'Done.' });
  expect(await readdir(team.place.directory)).not.toContain('team-lead.json');
});
