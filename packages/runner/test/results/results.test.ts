import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { appendFile, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENV, PATHS, type ResultsRequest } from '@agentteam/contract';
import type { VolumeReading } from '@agentteam/detail';
import { applyDelta } from '@agentteam/detail/delta';
import { writeAgentState } from '@agentteam/volume';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { refusalToShare } from '../../src/results/share.ts';
import { RUNNER } from '../support/programs.ts';

let root: string;
let output: string;
let volume: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'agentteam-results-')));
  output = join(root, PATHS.results);
  volume = join(root, PATHS.volume);
  for (const directory of [output, volume, join(root, 'tmp')]) {
    await mkdir(directory, { recursive: true });
  }
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

/** Runs the program with all requests. @returns the content of each answer, or its error. */
async function ask(
  ...requests: readonly ResultsRequest[]
): Promise<readonly (Buffer | { readonly error: string })[]> {
  return answersOf('serve', requests);
}

async function answersOf(
  verb: 'serve' | 'share',
  requests: readonly ResultsRequest[],
): Promise<readonly (Buffer | { readonly error: string })[]> {
  const { stdout } = await execa(process.execPath, [RUNNER, 'results', verb], {
    input: requests.map((request) => `${JSON.stringify(request)}\n`).join(''),
    env: { [ENV.root]: root },
    encoding: 'buffer',
    stripFinalNewline: false,
  });
  const answers: (Buffer | { readonly error: string })[] = [];
  for (let rest = Buffer.from(stdout); rest.length > 0; ) {
    const end = rest.indexOf('\n');
    const reply = JSON.parse(rest.subarray(0, end).toString('utf8'));
    const length = reply.length ?? 0;
    answers.push(reply.error === undefined ? rest.subarray(end + 1, end + 1 + length) : reply);
    rest = rest.subarray(end + 1 + length);
  }
  return answers;
}

const parsed = (answer: unknown): unknown => JSON.parse(String(answer));

test('lists plain files, and reads any part of them', async () => {
  const content = Buffer.from('a\nb\0c\n'.repeat(1000));
  await mkdir(join(output, 'data'));
  await writeFile(join(output, 'data/raw.bin'), content);
  await writeFile(join(output, 'report.md'), '# Report\n');
  const file = { path: 'data/raw.bin' };
  const [list, opened, middle, end] = await ask(
    { kind: 'list' },
    { kind: 'open', file },
    { kind: 'read', file, offset: 10, length: 20 },
    { kind: 'read', file, offset: content.length, length: 20 },
  );
  expect(parsed(list)).toEqual({
    files: [
      { path: 'data/raw.bin', bytes: content.length },
      { path: 'report.md', bytes: 9 },
    ],
    cut: false,
  });
  const sha256 = createHash('sha256').update(content).digest('hex');
  expect(parsed(opened)).toEqual({ bytes: content.length, sha256 });
  expect(middle).toEqual(content.subarray(10, 30));
  expect(end).toEqual(Buffer.alloc(0));
});

test('follows no link and leaves no directory', async () => {
  await writeFile(join(volume, 'secret'), 'a token');
  await symlink(join(volume, 'secret'), join(output, 'link'));
  await symlink(volume, join(output, 'directory'));
  await execa('mkfifo', [join(output, 'pipe')]);
  const paths = ['link', 'directory/secret', '../volume/secret', 'pipe', 'missing'];
  const [list, ...answers] = await ask(
    { kind: 'list' },
    ...paths.map((path) => ({ kind: 'open' as const, file: { path } })),
  );
  expect(parsed(list)).toEqual({ files: [], cut: false });
  expect(answers).toEqual([
    { error: 'link has disappeared' },
    { error: 'directory/secret is not a directory' },
    { error: '../volume/secret has disappeared' },
    { error: 'pipe has disappeared' },
    { error: 'missing has disappeared' },
  ]);
});

test('gives the branch of a result as a bundle', async () => {
  const repository = join(volume, 'repository/result.git');
  const git = (...args: readonly string[]) =>
    execa('git', ['-c', 'user.name=a', '-c', 'user.email=a@localhost', ...args], {
      cwd: repository,
    });
  await mkdir(repository, { recursive: true });
  await git('init', '-q', '--bare', '--initial-branch=teams/x');
  const tree = (await git('write-tree')).stdout;
  const commit = (await git('commit-tree', '-m', 'Done', tree)).stdout;
  await git('update-ref', 'refs/heads/teams/x', commit);
  await git('pack-refs', '--all');
  const file = { bundle: true } as const;
  const [list, opened, bytes] = await ask(
    { kind: 'list' },
    { kind: 'open', file },
    { kind: 'read', file, offset: 0, length: 1_000_000 },
  );
  expect(parsed(list)).toMatchObject({ branch: 'teams/x' });
  const bundle = join(root, 'copy.bundle');
  await writeFile(bundle, bytes as Buffer);
  expect(parsed(opened)).toMatchObject({ bytes: (bytes as Buffer).length });
  const heads = await execa('git', ['bundle', 'list-heads', bundle]);
  expect(heads.stdout).toBe(`${commit} refs/heads/teams/x`);
});

test('reads the detail of a team beside its files', async () => {
  await writeFile(join(output, 'report.md'), '# Report\n');
  await writeFile(join(output, 'auth-report.html'), '<html>');
  const source = {
    head: {
      ...{ name: 'auth', namespace: 'dev', phase: 'Completed' },
      ...{ createdAt: '2026-11-29T10:00:00Z', endedAt: '2026-11-29T11:00:00Z' },
      ...{ rehearsal: false, interrupted: false },
    },
    ...{ workflow: 'auth', steps: [], members: [], gates: [], checks: [] },
    output: { place: 'claim dev/auth-output' },
  };
  const [detail] = await ask({ kind: 'detail', source });
  expect(parsed(detail)).toMatchObject({
    results: {
      place: 'claim dev/auth-output',
      files: [{ path: 'report.md', preview: { kind: 'markdown', text: '# Report\n' } }],
    },
  });
});

const MEMBERS = [
  { name: 'team-lead', step: 'Lead', role: 'lead', model: 'haiku', attempts: [] },
  { name: 'researcher', step: 'researcher', role: 'teammate', model: 'haiku', attempts: [] },
];
const RUNNING = { workflow: 'auth', members: MEMBERS, head: { interrupted: false } };
const said = (text: string, at: string): string =>
  `${JSON.stringify({ type: 'assistant', timestamp: at, message: { role: 'assistant', content: [{ type: 'text', text }] } })}\n`;

test('a reader beside a gateway sends what has changed since the last request', async () => {
  const transcripts = join(volume, 'sessions/researcher/projects/-workspace');
  await mkdir(transcripts, { recursive: true });
  await mkdir(join(volume, 'state/researcher'), { recursive: true });
  const transcript = join(transcripts, 'session.jsonl');
  await writeFile(transcript, said('I begin.', '2026-11-29T10:00:00Z'));
  const child = execa(process.execPath, [RUNNER, 'results', 'share'], {
    env: { [ENV.root]: root },
    encoding: 'buffer',
    stripFinalNewline: false,
  });
  let received = Buffer.alloc(0);
  const arrived = new EventEmitter();
  child.stdout.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    arrived.emit('data');
  });
  const next = async (request: ResultsRequest): Promise<string> => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    while (!received.includes(10)) await once(arrived, 'data');
    const end = received.indexOf(10);
    const { length } = JSON.parse(received.subarray(0, end).toString('utf8'));
    while (received.length < end + 1 + length) await once(arrived, 'data');
    const content = received.subarray(end + 1, end + 1 + length).toString('utf8');
    received = received.subarray(end + 1 + length);
    return content;
  };
  const follow = { kind: 'follow', source: RUNNING } as const;
  const first = JSON.parse(await next(follow));
  expect(first).toMatchObject({
    kind: 'value',
    value: {
      agents: [
        { name: 'team-lead', hasTranscript: false },
        { name: 'researcher', hasTranscript: true },
      ],
      live: { team: 'auth', usd: '0.00' },
    },
  });
  const reading = applyDelta(undefined, first) as VolumeReading;
  await writeAgentState(join(volume, 'state/researcher'), {
    ...{ name: 'researcher', phase: 'running', attempt: 0, sessionId: 's', turns: 1 },
    startedAt: '2026-11-29T10:00:00Z',
  });
  const second = await next(follow);
  expect(second.length).toBeLessThan(JSON.stringify(first).length);
  expect(applyDelta(reading, JSON.parse(second))).toMatchObject({
    agents: [{}, { hasTranscript: true, state: { startedAt: '2026-11-29T10:00:00Z' } }],
  });

  const page = JSON.parse(
    await next({ kind: 'transcript', agent: 'researcher', from: '', limit: 100 }),
  );
  expect(page).toMatchObject({ entries: [{ kind: 'text', text: 'I begin.' }], more: false });
  await appendFile(transcript, said('I go on.', '2026-11-29T10:01:00Z'));
  const later = { kind: 'transcript', agent: 'researcher', from: page.next, limit: 100 } as const;
  expect(JSON.parse(await next(later))).toMatchObject({
    entries: [{ kind: 'text', text: 'I go on.' }],
  });
  child.stdin.end();
  expect((await child).exitCode).toBe(0);
});

test('a reader beside a gateway refuses where it could harm it, and says why', async () => {
  const follow = { kind: 'follow', source: RUNNING } as const;
  const others = Array.from({ length: 4 }, () => {
    const other = execa(process.execPath, [RUNNER, 'results', 'share'], {
      env: { [ENV.root]: root },
    });
    other.stdin.write(`${JSON.stringify(follow)}\n`);
    return other;
  });
  await Promise.all(others.map(({ stdout }) => once(stdout, 'data')));
  const [refused] = await answersOf('share', [follow]);
  expect(refused).toEqual({ error: expect.stringContaining('4 others are reading') });
  for (const { stdin } of others) stdin.end();
  await Promise.all(others);
  expect(await answersOf('share', [follow])).toEqual([expect.any(Buffer)]);

  const cgroup = join(root, 'cgroup');
  await mkdir(cgroup);
  await writeFile(join(cgroup, 'memory.max'), '268435456\n');
  await writeFile(join(cgroup, 'memory.current'), '201326592\n');
  await writeFile(join(cgroup, 'memory.stat'), 'anon 1\ninactive_file 67108864\n');
  expect(await refusalToShare(root, cgroup)).toContain('128 MiB of memory left');
  await writeFile(join(cgroup, 'memory.max'), 'max\n');
  expect(await refusalToShare(root, cgroup)).toBeUndefined();

  await rm(volume, { recursive: true });
  expect(await answersOf('share', [follow])).toEqual([
    { error: expect.stringContaining('an earlier release') },
  ]);
});
