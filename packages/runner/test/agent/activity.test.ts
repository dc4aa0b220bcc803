import { join } from 'node:path';
import { type ActivityKind, type AgentActivity, LEAD, VOLUME } from '@agentteam/contract';
import { afterEach, describe, expect, test } from '@jest/globals';
import { subjectOf } from '../../src/agent/claude-code/subject.ts';
import { activityIn } from './support/activity.ts';
import { AgentTeam, HOLD } from './support/agent-team.ts';

let team: AgentTeam | undefined;
afterEach(() => team?.remove());

test('people see which tool runs, and then that the agent waits', async () => {
  const turns = [{ tools: [HOLD] }, { text: 'I wait for the report.' }];
  team = await AgentTeam.make({ script: { [LEAD]: { turns } } });
  const state = join(team.place.volume, VOLUME.state);
  const seen = (kind: ActivityKind, after?: AgentActivity): Promise<AgentActivity> =>
    activityIn(state, LEAD, kind, after);
  const lead = await team.start(LEAD);
  expect(await seen('tool')).toMatchObject({ text: 'Bash echo' });
  await team.release(LEAD);
  const waiting = await seen('waiting-mail');
  expect(waiting).toMatchObject({ text: '' });
  // An agent that has nothing to do after a restart is not shown as starting.
  await lead.kill();
  await team.start(LEAD);
  expect(await seen('waiting-mail', waiting)).toMatchObject({ text: '' });
  expect(lead.log).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ tool Bash /m);
});

describe('the subject of a call', () => {
  test.each([
    ['Edit', { file_path: '/work/a.ts', old_string: 'secret' }, '/work/a.ts'],
    ['Bash', { command: 'npm test -- --token=abc' }, 'npm'],
    ['Bash', { command: 'TOKEN=abc OTHER=x ./scripts/build.sh --all' }, 'build.sh'],
    ['Bash', { command: 'TOKEN="a b" curl x' }, undefined],
    ['Bash', { command: '"$(cat key)"' }, undefined],
    ['Bash', { command: 'for key in a b; do echo $key; done' }, undefined],
    ['WebFetch', { url: 'https://user:password@example.com/x?token=abc' }, 'example.com'],
    ['WebFetch', { url: 'no url' }, undefined],
    ['SendMessage', { to: 'api', message: 'secret' }, 'to api'],
    ['Grep', { pattern: 'secret' }, undefined],
    ['constructor', { file_path: 'x' }, undefined],
    ['Read', 'x', undefined],
  ])('%s %j', (tool, input, subject) => {
    expect(subjectOf(tool, input)).toBe(subject);
  });
});
