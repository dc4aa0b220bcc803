import { mkdirSync } from 'node:fs';
import { appendFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LEAD, MOST_AGENTS, type TeamLive } from '@agentteam/contract';
import { describe, expect, test } from '@jest/globals';
import {
  createTask,
  inboxDirectory,
  inboxFile,
  LIMITS,
  listTasks,
  type Mail,
  type NativeTeam,
  readAgentState,
  readFileOfAgent,
  readInbox,
  readRoster,
  readTasks,
  rosterFile,
  sendMail,
  type TakenMail,
  takeMail,
  taskDirectory,
  writeAgentState,
} from '../src/index.ts';
import { floodWithFiles, makePipe, makeSparseFile, withFewDescriptors } from './flood.ts';
import { temporaryDirectory, temporaryTeam } from './temporary.ts';

const FLOOD = 30_000;
const task = (id: number, owner: string) =>
  JSON.stringify({
    id: String(id),
    subject: 's',
    description: '',
    status: 'pending',
    blocks: [],
    blockedBy: [],
    owner,
  });

describe('a file that an agent may have written', () => {
  test('is read only if it is a plain file within the limit', async () => {
    const directory = await temporaryDirectory();
    const at = (name: string) => join(directory, name);
    await makePipe(at('pipe'));
    await symlink('/dev/zero', at('zero'));
    await symlink('/etc/passwd', at('link'));
    makeSparseFile(at('sparse'), 10 * 2 ** 30);
    await writeFile(at('small'), 'eleven byte');
    const read = async (name: string) => readFileOfAgent(at(name), 11);
    expect(await read('pipe')).toEqual({ refused: 'is not a plain file' });
    expect(await read('zero')).toEqual({ refused: 'is a symbolic link' });
    expect(await read('link')).toEqual({ refused: 'is a symbolic link' });
    expect(await read('sparse')).toEqual({ refused: 'is larger than 11 bytes' });
    expect(await read('small')).toEqual({ text: 'eleven byte' });
    expect(await read('none')).toEqual({ missing: true });
    expect(await readFileOfAgent('/dev/zero')).toEqual({ refused: 'is not a plain file' });
  });

  test('is read up to the limit while it grows', async () => {
    const file = join(await temporaryDirectory(), 'growing');
    await writeFile(file, 'x'.repeat(64));
    let growing = true;
    const grow = (async () => {
      while (growing) await appendFile(file, 'x'.repeat(4096));
    })();
    for (let look = 0; look < 200; look += 1) {
      const reading = await readFileOfAgent(file, 16 * 1024);
      if ('text' in reading) expect(reading.text.length).toBeLessThanOrEqual(16 * 1024);
      else expect(reading).toEqual({ refused: 'is larger than 16 KiB' });
    }
    growing = false;
    await grow;
  });

  test.each([
    ['nested a million levels deep', '['.repeat(1_000_000)],
    ['a list of a million values', `[${'0,'.repeat(1_000_000)}0]`],
    ['cut off', '{"a":'],
  ])('is ignored if its JSON is %s', async (_, text) => {
    const at = await temporaryTeam();
    await mkdir(inboxDirectory(at), { recursive: true });
    await writeFile(rosterFile(at), text);
    await writeFile(inboxFile(at, LEAD), text);
    expect(await readRoster(at)).toBeUndefined();
    expect(await readInbox(at, LEAD)).toEqual([]);
  });
});

describe('a team whose files an agent floods', () => {
  test('shows the honest part with 1,024 file descriptors, and has notices about the rest', async () => {
    const volume = await temporaryDirectory();
    const native: NativeTeam = {
      team: 'demo',
      teams: join(volume, 'teams'),
      tasks: join(volume, 'tasks'),
    };
    await createTask(native, { subject: 'honest', description: '', owner: 'dev-1' });
    const owned = (id: number) => task(id, id === 1 ? 'dev-1' : 'dev-2');
    floodWithFiles(taskDirectory(native), FLOOD, owned, { different: LIMITS.tasks });
    floodWithFiles(inboxDirectory(native), FLOOD);
    for (let index = 0; index < 10_000; index += 1) {
      mkdirSync(join(volume, 'state', `agent-${index}`), { recursive: true });
    }
    for (const name of [LEAD, 'dev-1']) await mkdir(join(volume, 'state', name));
    await writeAgentState(join(volume, 'state', 'dev-1'), {
      name: 'dev-1',
      phase: 'completed',
      attempt: 0,
      sessionId: 's',
      startedAt: '2026-11-23T10:00:00Z',
      turns: 3,
      report: 'r'.repeat(100 * 1024 * 1024),
    });
    makeSparseFile(join(volume, 'state', LEAD, 'state.json'), 10 * 2 ** 30);
    await writeFile(
      rosterFile(native),
      JSON.stringify({
        members: Array.from({ length: 5000 }, (_, index) => ({
          name: `ghost-${index}`,
          agentId: 'x',
        })),
      }),
    );
    makeSparseFile(inboxFile(native, LEAD), 10 * 2 ** 30);
    const program = fileURLToPath(new URL('read-live-of.ts', import.meta.url));
    const text = await withFewDescriptors(process.execPath, [
      ...['--conditions=source', program, volume, LEAD, 'dev-1', 'dev-2'],
    ]);
    expect(text.length).toBeLessThan(64 * 1024);
    const live = JSON.parse(text) as TeamLive;
    expect(live.agents.slice(0, 3).map(({ name, turns }) => [name, turns])).toEqual([
      [LEAD, 0],
      ['dev-1', 3],
      ['dev-2', 0],
    ]);
    expect(live.agents).toHaveLength(MOST_AGENTS);
    expect(live.agents[1]?.tasks.total).toBe(1);
    expect(live.tasks.total).toBe(LIMITS.tasks);
    expect(live.notices).toEqual([
      { place: 'state', message: expect.stringContaining('more than 10000 entries') },
      {
        place: `state/${LEAD}/state.json`,
        agent: LEAD,
        message: `state/${LEAD}/state.json is larger than 1 MiB and was not read.`,
      },
      {
        place: 'tasks/demo',
        message: expect.stringMatching(
          /more than 10000 files.* name dev-2 as their owner, but any agent can write that/,
        ),
      },
      {
        place: 'teams/demo/config.json',
        message: expect.stringContaining('members that are not in the team'),
      },
      {
        place: `teams/demo/inboxes/${LEAD}.json`,
        message: expect.stringContaining('is larger than 8 MiB'),
      },
    ]);
  });

  test('does not follow a link that replaces one of its directories, and has a notice about it', async () => {
    const at = await temporaryTeam();
    const elsewhere = await temporaryDirectory();
    await writeFile(join(elsewhere, '1.json'), task(1, 'dev-1'));
    await writeFile(join(elsewhere, 'config.json'), '{"members":[{"name":"x","agentId":"x"}]}');
    await mkdir(at.tasks, { recursive: true });
    await mkdir(at.teams, { recursive: true });
    await symlink(elsewhere, taskDirectory(at));
    await symlink(elsewhere, join(at.teams, at.team));
    expect(await readTasks(at)).toEqual({
      tasks: [],
      notices: [
        { place: 'tasks/demo', message: 'tasks/demo is not a directory, so no task was read.' },
      ],
    });
    expect(await readRoster(at)).toBeUndefined();
    await expect(sendMail(at, LEAD, { from: 'a', text: 'x' })).rejects.toThrow(
      'is not a directory',
    );
    await expect(createTask(at, { subject: 'x', description: '' })).rejects.toThrow(
      'is not a directory',
    );
  });

  test('tasks of a megabyte each are read up to a common limit', async () => {
    const at = await temporaryTeam();
    const long = JSON.stringify({ ...JSON.parse(task(7, 'a')), description: 'd'.repeat(900_000) });
    floodWithFiles(taskDirectory(at), 60, (id) => long.replace('"7"', `"${id}"`), {
      different: 64,
    });
    const { tasks, notices } = await readTasks(at);
    expect(tasks.length).toBeGreaterThan(15);
    expect(tasks.length).toBeLessThan(40);
    expect(notices).toMatchObject([{ place: 'tasks/demo' }]);
  });

  test('the tasks of 64 agents with prompts of 96 Ki characters are all read', async () => {
    const at = await temporaryTeam();
    const long = JSON.stringify({ ...JSON.parse(task(7, 'a')), description: 'd'.repeat(98_304) });
    floodWithFiles(taskDirectory(at), 64, (id) => long.replace('"7"', `"${id}"`), {
      different: 64,
    });
    expect(await listTasks(at)).toHaveLength(64);
    expect((await readTasks(at)).notices).toEqual([]);
  });

  test('a state with fields of wrong types is ignored, and unknown fields are dropped', async () => {
    const state = await temporaryDirectory();
    const good = { phase: 'completed', attempt: 0, turns: 1, sessionId: 's', startedAt: 't' };
    const write = async (fields: object) => {
      await mkdir(join(state, 'dev-1'), { recursive: true });
      await writeFile(join(state, 'dev-1', 'state.json'), JSON.stringify({ ...good, ...fields }));
      return readAgentState(state, 'dev-1');
    };
    const wrong = [{ report: 7 }, { turns: '1' }, { attempt: -1 }, { leftOut: [null] }];
    for (const fields of wrong) expect(await write(fields)).toBeUndefined();
    expect(await write({ sessionId: 's'.repeat(1000) })).toBeUndefined();
    const read = await write({ more: 'x', report: 'r'.repeat(500_000), name: 'lead' });
    expect(Object.keys(read ?? {}).sort()).toEqual([
      ...['attempt', 'name', 'phase', 'report', 'sessionId', 'startedAt', 'turns'],
    ]);
    expect(read?.name).toBe('dev-1');
    expect(read?.report?.length).toBeLessThanOrEqual(LIMITS.reportCharacters);
  });
});

describe('a flood of mail', () => {
  const KNOWN = new Set([LEAD, 'dev-1', 'dev-2']);
  const mail = (from: string, text: string): Mail => ({ from, text, timestamp: 't', read: false });
  const fill = async (at: NativeTeam, all: readonly Mail[]) => {
    await mkdir(inboxDirectory(at), { recursive: true });
    await writeFile(inboxFile(at, LEAD), JSON.stringify(all));
  };
  const take = async (at: NativeTeam): Promise<TakenMail> => {
    let taken: TakenMail | undefined;
    await takeMail(at, LEAD, KNOWN, async (some) => {
      taken = some;
    });
    return taken ?? { mail: [], dropped: new Map() };
  };

  test('is delivered in parts together with other mail, and the excess is counted', async () => {
    const at = await temporaryTeam();
    const flood = Array.from({ length: 5000 }, (_, index) => mail('dev-2', `flood ${index}`));
    const strangers = Array.from({ length: 500 }, (_, index) => mail(`x${index}`, 'forged'));
    await fill(at, [
      ...flood,
      ...strangers,
      mail('dev-1', 'The tests fail.'),
      mail('dev-1', 'Help!'),
    ]);
    const first = await take(at);
    expect(first.mail).toHaveLength(LIMITS.deliveryMail);
    const texts = first.mail.map(({ text }) => text);
    expect(texts.slice(-2)).toEqual(['The tests fail.', 'Help!']);
    expect(texts[0]).toBe('flood 0');
    expect(texts.filter((text) => text === 'forged')).toHaveLength(49);
    expect(first.dropped).toEqual(new Map([['dev-2', 4402]]));
    expect(await readInbox(at, LEAD)).toHaveLength(LIMITS.inboxMail);
    expect((await take(at)).dropped.size).toBe(0);
  });

  test('of long messages is cut to the limit of a delivery', async () => {
    const at = await temporaryTeam();
    const long = Array.from({ length: 30 }, () => mail('dev-2', 'x'.repeat(200_000)));
    await fill(at, [...long, mail('dev-1', 'short')]);
    const { mail: taken } = await take(at);
    const characters = taken.reduce((sum, { text }) => sum + text.length, 0);
    expect(characters).toBeLessThanOrEqual(LIMITS.deliveryCharacters);
    expect(taken.at(-1)?.text).toBe('short');
    expect(taken[0]?.text).toContain('characters left out');
  });

  test('thousands of messages of 64 honest agents all arrive', async () => {
    const at = await temporaryTeam();
    const names = Array.from({ length: 64 }, (_, index) => `dev-${index}`);
    const delivered: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      const sent = names.flatMap((name) =>
        Array.from({ length: 15 }, (_, index) => mail(name, `${name} ${round} ${index}`)),
      );
      await fill(at, [...(await readInbox(at, LEAD)), ...sent]);
      for (let empty = false; !empty; ) {
        empty = true;
        await takeMail(at, LEAD, new Set(names), async (taken) => {
          expect(taken.dropped.size).toBe(0);
          delivered.push(...taken.mail.map(({ text }) => text));
          empty = false;
        });
      }
    }
    expect(new Set(delivered).size).toBe(4 * 64 * 15);
  });

  test.each([
    [
      'larger than the limit',
      async (file: string) => makeSparseFile(file, 2 ** 30),
      'is larger than',
    ],
    ['a pipe', makePipe, 'is not a plain file'],
    [
      'a directory',
      async (file: string) => void (await mkdir(join(file, 'x'), { recursive: true })),
      'is not a plain file',
    ],
    ['a link', (file: string) => symlink('/etc/passwd', file), 'is a symbolic link'],
  ])('an inbox that is %s is replaced, and its agent gets mail again', async (_, make, why) => {
    const at = await temporaryTeam();
    await mkdir(inboxDirectory(at), { recursive: true });
    await make(inboxFile(at, LEAD));
    expect((await take(at)).emptied).toContain(why);
    await sendMail(at, LEAD, { from: 'dev-1', text: 'Hello.' });
    expect((await take(at)).mail.map(({ text }) => text)).toEqual(['Hello.']);
    expect(await readFile('/etc/passwd', 'utf8')).toContain('root');
  });
});
