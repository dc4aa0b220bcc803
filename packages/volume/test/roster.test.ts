import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  addMember,
  createRoster,
  type NativeTeam,
  newMember,
  readInbox,
  readRoster,
  removeMember,
  rosterFile,
  sendMail,
  updateMember,
} from '../src/index.ts';
import { temporaryTeam } from './temporary.ts';

const lead = newMember('demo', { name: 'team-lead', model: 'opus', prompt: 'Lead.', cwd: '/w' }, 1);
const mate = newMember('demo', { name: 'mate', model: 'opus', prompt: 'Work.', cwd: '/w' }, 2);

async function makeTeam(): Promise<NativeTeam> {
  const at = await temporaryTeam();
  const made = await createRoster(at, {
    name: 'demo',
    createdAt: 1,
    leadAgentId: 'team-lead@demo',
    leadSessionId: 'session',
    members: [lead],
  });
  expect(made).toBe(true);
  return at;
}

const names = async (at: NativeTeam) => (await readRoster(at))?.members.map(({ name }) => name);

test('members join, change and leave, and a second setup does not change the roster', async () => {
  const at = await makeTeam();
  await addMember(at, mate);
  await addMember(at, { ...mate, color: 'red' });
  expect(await names(at)).toEqual(['team-lead', 'mate']);
  expect(await updateMember(at, 'mate', { isActive: true })).toBe(true);
  await updateMember(at, 'stranger', { isActive: true });
  expect((await readRoster(at))?.members[1]).toMatchObject({ color: 'red', isActive: true });
  const again = { name: 'x', createdAt: 2, leadAgentId: '', leadSessionId: '', members: [] };
  expect(await createRoster(at, again)).toBe(false);
  await removeMember(at, 'mate');
  expect(await names(at)).toEqual(['team-lead']);
});

test('members that join at the same time are all in the roster', async () => {
  const at = await makeTeam();
  const joining = Array.from({ length: 12 }, (_, index) => ({ ...mate, name: `mate-${index}` }));
  await Promise.all(joining.map((member) => addMember(at, member)));
  expect((await names(at))?.sort()).toEqual(
    ['team-lead', ...joining.map(({ name }) => name)].sort(),
  );
});

test.each(['', '{', 'null', '{"members":7}', '[]'])(
  '%j is not a roster, and is left as it is',
  async (text) => {
    const at = await temporaryTeam();
    await mkdir(dirname(rosterFile(at)), { recursive: true });
    await writeFile(rosterFile(at), text);
    expect(await readRoster(at)).toBeUndefined();
    expect(await updateMember(at, 'mate', { isActive: true })).toBe(false);
    expect(await readFile(rosterFile(at), 'utf8')).toBe(text);
  },
);

test('members with unsafe names are skipped', async () => {
  const at = await temporaryTeam();
  await mkdir(dirname(rosterFile(at)), { recursive: true });
  const members = [{ ...mate, name: '../../x' }, { ...mate, name: 7 }, null, mate];
  await writeFile(rosterFile(at), JSON.stringify({ name: 'demo', members }));
  expect(await names(at)).toEqual(['mate']);
});

test('a team whose directory an agent has deleted has no roster, but receives mail', async () => {
  const at = await makeTeam();
  await rm(dirname(rosterFile(at)), { recursive: true });
  expect(await updateMember(at, 'team-lead', { isActive: true })).toBe(false);
  expect(await removeMember(at, 'team-lead')).toBe(false);
  expect(await readRoster(at)).toBeUndefined();
  await rm(dirname(rosterFile(at)), { recursive: true });
  await sendMail(at, 'team-lead', { from: 'mate', text: 'Hello.' });
  expect(await readInbox(at, 'team-lead')).toMatchObject([{ text: 'Hello.' }]);
});
