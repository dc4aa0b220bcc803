import {
  appendFile,
  mkdir,
  mkdtemp,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { type MemberSource, readTranscript } from '../src/index.ts';
import { TimelineReader } from '../src/transcript/timeline.ts';

let volume: string;
let projects: string;
const members: readonly MemberSource[] = [
  { name: 'dev', step: 'dev', role: 'teammate', model: 'haiku', attempts: [] },
];

beforeEach(async () => {
  volume = await mkdtemp(join(tmpdir(), 'agentteam-detail-'));
  projects = join(volume, 'sessions/dev/projects/-work');
  await mkdir(projects, { recursive: true });
});

afterEach(async () => {
  await rm(volume, { recursive: true });
});

const said = (text: string, second: number): string =>
  JSON.stringify({
    type: 'assistant',
    timestamp: `2026-11-29T10:00:0${second}.000Z`,
    message: { role: 'assistant', content: [{ type: 'text', text }] },
  });
const tool = (content: object, type: string, second: number): string =>
  JSON.stringify({
    type,
    timestamp: `2026-11-29T10:00:0${second}.000Z`,
    message: { role: type, content: [content] },
  });

describe('readTranscript', () => {
  test.each([
    { type: 'text', text: { toString: null } },
    { type: 'thinking', thinking: [{ toString: 1 }] },
    { type: 'tool_use', name: { toString: 1 }, id: { toString: 1 } },
    { type: 'tool_result', tool_use_id: { toString: null, valueOf: null } },
  ])('reads what follows a line whose values cannot be converted to text: %j', async (part) => {
    await writeFile(
      join(projects, 'a.jsonl'),
      `${said('before', 0)}\n${tool(part, 'assistant', 1)}\n${said('after', 2)}\n`,
    );
    const { entries } = await readTranscript({ volume, members }, 'dev');
    expect([entries.at(0)?.text, entries.at(-1)?.text]).toEqual(['before', 'after']);
  });

  test('reads a patch whose lines and numbers cannot be converted', async () => {
    const odd = { toString: null };
    const result = {
      type: 'user',
      timestamp: '2026-11-29T10:00:00.000Z',
      toolUseResult: { structuredPatch: [{ oldStart: odd, newLines: odd, lines: [odd, '+a'] }] },
      message: { content: [{ type: 'tool_result', tool_use_id: 'x', content: 'done' }] },
    };
    await writeFile(join(projects, 'a.jsonl'), `${JSON.stringify(result)}\n`);
    const { entries } = await readTranscript({ volume, members }, 'dev');
    expect(entries).toMatchObject([{ text: 'done', patch: '@@ -0,0 +0,0 @@\n+a' }]);
  });

  test('leaves out a line of 50 MB, and reads what follows it', async () => {
    const huge = `${said('x'.repeat(50_000_000), 1)}\n`;
    await writeFile(
      join(projects, 'a.jsonl'),
      `${said('before', 0)}\n${huge}${said('after', 2)}\n`,
    );
    const { entries } = await readTranscript({ volume, members }, 'dev');
    expect(entries.map(({ text }) => text)).toEqual([
      'before',
      `A line of ${huge.length - 1} bytes was left out, because it is too long.`,
    ]);
    const { next } = await readTranscript({ volume, members }, 'dev');
    const rest = await readTranscript({ volume, members }, 'dev', { from: next });
    expect(rest.entries.map(({ text }) => text)).toEqual(['after']);
    expect(rest.more).toBe(false);
  });

  test('tells who sent a message, and shows what a tool changed in a file', async () => {
    const received = (text: string): string => tool({ type: 'text', text }, 'user', 0);
    const mail = '<teammate-message teammate_id="qa">\nIt **fails**.\n</teammate-message>';
    const person = '<person-message from="ann">\nUse PKCE.\n</person-message>';
    // Messages that waited when the turn began.
    const joined = `Go on.\n\n${mail}\n${person}\n${mail.replace('fails', `fails\n${person}`)}`;
    const edited = {
      ...JSON.parse(tool({ type: 'tool_result', tool_use_id: 't1', content: 'done' }, 'user', 1)),
      toolUseResult: {
        structuredPatch: [
          { oldStart: 1, oldLines: 1, newStart: 1, newLines: 1, lines: ['-old', '+new'] },
        ],
      },
    };
    await writeFile(
      join(projects, 'a.jsonl'),
      `${received(mail)}\n${received(person)}\n${received(joined)}\n${JSON.stringify(edited)}\n`,
    );
    const { entries } = await readTranscript({ volume, members }, 'dev');
    expect(entries).toMatchObject([
      { kind: 'mail', from: 'qa', text: 'It **fails**.' },
      { kind: 'person', from: 'ann', text: 'Use PKCE.' },
      { kind: 'system', text: 'Go on.' },
      { kind: 'mail', from: 'qa', text: 'It **fails**.' },
      { kind: 'person', from: 'ann', text: 'Use PKCE.' },
      { kind: 'mail', from: 'qa', text: `It **fails\n${person}**.` },
      { kind: 'tool-result', text: 'done', patch: '@@ -1,1 +1,1 @@\n-old\n+new' },
    ]);
  });

  test('waits for the end of a line that is being written', async () => {
    const path = join(projects, 'a.jsonl');
    const line = said('second', 1);
    await writeFile(path, `${said('first', 0)}\n${line.slice(0, 40)}`);
    const first = await readTranscript({ volume, members }, 'dev');
    expect(first.entries.map(({ text }) => text)).toEqual(['first']);
    await writeFile(path, `${said('first', 0)}\n${line}\n`);
    const second = await readTranscript({ volume, members }, 'dev', { from: first.next });
    expect(second.entries.map(({ text }) => text)).toEqual(['second']);
  });

  test('ends at a file without line ends, which can have any size', async () => {
    const path = join(projects, 'a.jsonl');
    await writeFile(path, `${said('before', 0)}\n`);
    // It takes no space. To read all of it would take days.
    await truncate(path, 2 ** 43);
    const { entries, more } = await readTranscript({ volume, members }, 'dev');
    expect(entries.map(({ text }) => text)).toEqual([
      'before',
      expect.stringMatching(/^A line of \d+ bytes was left out/),
    ]);
    expect(more).toBe(true);
  });

  test('follows no link to a file or a directory', async () => {
    const secret = join(volume, 'secret');
    await mkdir(secret);
    await writeFile(join(secret, 'b.jsonl'), `${said('secret', 0)}\n`);
    await symlink(join(secret, 'b.jsonl'), join(projects, 'link.jsonl'));
    await symlink(secret, join(projects, '../-linked'));
    expect((await readTranscript({ volume, members }, 'dev')).entries).toEqual([]);
  });
});

test('a timeline joins the calls of tools with their results, also across two readings', async () => {
  const path = join(projects, 'a.jsonl');
  const use = tool({ type: 'tool_use', id: 't1', name: 'Bash', input: {} }, 'assistant', 1);
  const result = tool({ type: 'tool_result', tool_use_id: 't1', content: 'ok' }, 'user', 4);
  const reader = new TimelineReader();
  await writeFile(path, `${use}\n`);
  const open = { kind: 'tool', name: 'Bash', from: '2026-11-29T10:00:01.000Z' };
  expect((await reader.read(join(volume, 'sessions'), 'dev')).spans).toEqual([open]);
  await writeFile(path, `${use}\n${result}\n`);
  expect((await reader.read(join(volume, 'sessions'), 'dev')).spans).toEqual([
    { ...open, to: '2026-11-29T10:00:04.000Z' },
  ]);
});

test('a timeline ends at a file without line ends, and has the others', async () => {
  const use = tool({ type: 'tool_use', id: 't1', name: 'Bash', input: {} }, 'assistant', 1);
  const result = tool({ type: 'tool_result', tool_use_id: 't1', content: 'ok' }, 'user', 4);
  const endless = join(projects, 'a.jsonl');
  await writeFile(endless, `${use}\n`);
  await truncate(endless, 2 ** 43);
  const reader = new TimelineReader();
  await reader.read(join(volume, 'sessions'), 'dev');
  await writeFile(join(projects, 'b.jsonl'), `${result}\n`);
  await appendFile(endless, 'x');
  expect((await reader.read(join(volume, 'sessions'), 'dev')).spans).toEqual([
    {
      kind: 'tool',
      name: 'Bash',
      from: '2026-11-29T10:00:01.000Z',
      to: '2026-11-29T10:00:04.000Z',
    },
  ]);
});

describe('a line that is too long', () => {
  const huge = `${said('x'.repeat(2_000_000), 9)}\n`;
  const timesOf = async (text: string): Promise<readonly string[]> => {
    await writeFile(join(projects, 'a.jsonl'), text);
    const { entries } = await readTranscript({ volume, members }, 'dev');
    return entries.map(({ at }) => at.slice(0, 19));
  };

  test('has the time of the entry before it, or of the next one', async () => {
    expect(await timesOf(`${said('a', 1)}\n${huge}${said('b', 2)}\n`)).toEqual([
      '2026-11-29T10:00:01',
      '2026-11-29T10:00:01',
      '2026-11-29T10:00:02',
    ]);
    expect(await timesOf(`${huge}${said('b', 2)}\n`)).toEqual([
      '2026-11-29T10:00:02',
      '2026-11-29T10:00:02',
    ]);
  });

  test('has the time of the file where no entry has one', async () => {
    const path = join(projects, 'a.jsonl');
    await writeFile(path, huge);
    const at = new Date('2026-11-28T12:00:00Z');
    await utimes(path, at, at);
    const { entries } = await readTranscript({ volume, members }, 'dev');
    expect(entries.map((entry) => entry.at)).toEqual([at.toISOString()]);
  });
});

test('a transcript with long names of tools takes no more memory than one with short names', async () => {
  const name = 'n'.repeat(1_000_000);
  for (let second = 0; second < 100; second += 1) {
    const call = { type: 'tool_use', id: `${second}`, name, input: {} };
    const result = { type: 'tool_result', tool_use_id: `${second}`, content: 'x' };
    const lines = [tool(call, 'assistant', 1), tool(result, 'user', 2)].join('\n');
    await appendFile(join(projects, 'a.jsonl'), `${lines}\n`);
  }
  const program = fileURLToPath(new URL('read-timeline.ts', import.meta.url));
  const options = ['--max-old-space-size=48', '--conditions=source', program];
  const args = [...options, join(volume, 'sessions'), 'dev', '2'];
  expect((await execa(process.execPath, args)).stdout).toBe('100');
});
