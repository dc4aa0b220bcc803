import { execFileSync } from 'node:child_process';
import { chmodSync, lutimesSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import type { TeamLive } from '@agentteam/contract';
import { LedgerReader } from '@agentteam/ledger';
import { describe, expect, test } from '@jest/globals';
import {
  addMember,
  createRoster,
  createTask,
  inboxDirectory,
  inboxFile,
  type NativeTeam,
  RefusedError,
  readInbox,
  readLive,
  removeMember,
  rosterFile,
  sendMail,
  takeMail,
  taskDirectory,
  updateTask,
} from '../src/index.ts';
import { makePipe } from './flood.ts';
import { temporaryTeam } from './temporary.ts';

/** What an agent can put in the place of a directory or of a lock that all agents share. */
const SHAPES: Readonly<Record<string, (path: string) => unknown>> = {
  'a file': (path) => writeFileSync(path, 'x'),
  'a link to a directory': (path) => symlinkSync('/etc', path),
  'a link to a file': (path) => symlinkSync('/etc/passwd', path),
  'a link to itself': (path) => symlinkSync(path, path),
  'a pipe': (path) => makePipe(path),
};

const replaced = Object.fromEntries(
  Object.entries(SHAPES).map(([name, shape]) => [
    name,
    (path: string) => {
      rmSync(path, { recursive: true, force: true });
      return shape(path);
    },
  ]),
);
const modes = {
  closed: (path: string) => chmodSync(path, 0),
  'read-only': (path: string) => chmodSync(path, 0o555),
  'not searchable': (path: string) => chmodSync(path, 0o444),
};

/** Whatever the mode, root may do everything. So root becomes the user to whom the team's files belong. */
async function asUser(at: NativeTeam, work: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) return work();
  const user = 12345;
  chmodSync(tmpdir(), 0o1777);
  execFileSync('chown', ['-R', `${user}:${user}`, dirname(at.teams)]);
  process.setegid?.(user);
  process.seteuid?.(user);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

async function team(): Promise<NativeTeam> {
  const at = await temporaryTeam();
  const member = { agentId: 'worker@demo', name: 'worker' };
  const ids = { leadAgentId: 'team-lead@demo', leadSessionId: '' };
  await createRoster(at, { name: 'demo', createdAt: 1, ...ids, members: [member] });
  await createTask(at, { subject: 's', description: '', owner: 'worker' });
  await sendMail(at, 'worker', { from: 'team-lead', text: 'hello' });
  return at;
}

async function figuresOf(native: NativeTeam): Promise<TeamLive> {
  const volume = dirname(native.teams);
  const [state, control] = [`${volume}/state`, `${volume}/control`];
  const ledger = await new LedgerReader(`${volume}/ledger`).refresh();
  return readLive({
    native,
    state,
    control,
    ledger,
    members: [{ name: 'worker', role: 'teammate' }],
  });
}

/** What the programs of other agents do with the files of the team. */
const WRITES: Readonly<Record<string, (at: NativeTeam) => Promise<unknown>>> = {
  takeMail: (at) => takeMail(at, 'worker', new Set(['team-lead']), async () => {}),
  sendMail: (at) => sendMail(at, 'worker', { from: 'team-lead', text: 'again' }),
  updateTask: (at) => updateTask(at, '1', () => ({ description: 'x' })),
  createTask: (at) => createTask(at, { subject: 't', description: '' }),
  addMember: (at) => addMember(at, { agentId: 'b@demo', name: 'b' }),
  removeMember: (at) => removeMember(at, 'worker'),
};

/** What the runners of other agents would not ignore: see `ignoreBlockedFile`. */
async function unexpected(at: NativeTeam): Promise<readonly string[]> {
  const results = Object.entries(WRITES).map(async ([name, write]) => {
    const error: unknown = await write(at).catch((caught: unknown) => caught);
    return error instanceof Error && !(error instanceof RefusedError) ? [`${name}: ${error}`] : [];
  });
  return (await Promise.all(results)).flat();
}

describe('what one agent puts in the way of the others', () => {
  test.each(Object.entries(SHAPES))('is only refused where a lock is %s', async (_, shape) => {
    const at = await team();
    const tasks = taskDirectory(at);
    for (const path of [inboxFile(at, 'worker'), rosterFile(at), `${tasks}/1.json`]) {
      await shape(`${path}.lock`);
      // What is older than ten seconds does not count as a lock that is held.
      lutimesSync(`${path}.lock`, 0, 0);
    }
    rmSync(`${tasks}/.lock`);
    await shape(`${tasks}/.lock`);
    expect(await unexpected(at)).toEqual([]);
  });

  const places = {
    'the inboxes': inboxDirectory,
    'the files of the team': (at: NativeTeam) => dirname(rosterFile(at)),
    'the tasks': taskDirectory,
  };
  const cases = Object.entries(places).flatMap(([place, pathOf]) =>
    Object.entries({ ...replaced, ...modes }).map(([name, shape]) => ({
      place,
      name,
      pathOf,
      shape,
    })),
  );
  test.each(cases)(
    'hides no figures where $place are $name',
    async ({ name: shapeName, pathOf, shape }) => {
      const at = await team();
      await asUser(at, async () => {
        await shape(pathOf(at));
        const { agents, notices = [] } = await figuresOf(at);
        expect(agents.map(({ name }) => name)).toEqual(['worker']);
        const texts = notices.map(({ message }) => message).join('\n');
        // What is only read-only can be read.
        if (shapeName === 'read-only') expect(texts).toBe('');
        else expect(texts).toMatch(/no task was read|cannot be (?:reached|read|opened)/);
        await readInbox(at, 'worker');
        expect(await unexpected(at)).toEqual([]);
      });
    },
  );
});
