import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readTranscript, type TeamDetail } from '@agentteam/detail';
import { removeTrees } from '@agentteam/volume';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { localDetailSource } from '../../src/teams/local/local-detail.ts';
import { openLocalTeam } from '../../src/teams/local/local-host.ts';
import { agentteam } from './agentteam.ts';
import { finishedTeam, HOSTILE_NAME } from './finished-team.ts';

const REPORT = 'crew-report.html';

let cwd: string;
let detail: TeamDetail;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'agentteam detail '));
  const run = await finishedTeam(cwd);
  if (run.exitCode !== 0) throw new Error(run.stdout + run.stderr);
  const shown = await agentteam(['get', 'crew', '--detail'], cwd);
  detail = JSON.parse(shown.stdout) as TeamDetail;
}, 300_000);

afterAll(async () => {
  await removeTrees([cwd]);
});

describe('get --detail of a rehearsed team', () => {
  test('has every step with what it waits for', () => {
    expect(
      detail.steps.map(({ name, kind, state, dependsOn }) => [name, kind, state, dependsOn]),
    ).toEqual([
      ['Lead', 'agent', 'done', []],
      ['Approve-spawn-mailer', 'gate', 'done', ['writer']],
      ['writer', 'agent', 'done', []],
      ['mailer', 'agent', 'done', ['Approve-spawn-mailer']],
      ['Roll-call', 'roll-call', 'skipped', ['writer', 'mailer']],
      ['Finish', 'finish', 'done', ['Lead', 'Roll-call']],
    ]);
    expect(detail.summary.progress).toEqual({ done: 5, total: 5 });
  });

  test('has who decided on a gate, and when', () => {
    expect(detail.gates).toMatchObject([
      {
        event: 'spawn-mailer',
        before: 'mailer',
        state: 'approved',
        decisions: [{ decision: 'approve', by: 'agentteam run --approve', via: 'agentteam' }],
      },
    ]);
    expect(detail.gates[0]?.decisions[0]?.at).toMatch(/Z$/);
  });

  test('has the timeline of each agent: its attempt, its turns and its tools', () => {
    const writer = detail.agents.find(({ name }) => name === 'writer');
    const kinds = new Set(writer?.spans.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(['attempt', 'tool', 'turn']);
    expect(writer?.spans.filter(({ kind }) => kind === 'tool').map(({ name }) => name)).toContain(
      'Bash',
    );
    expect(writer?.spans.every(({ from, to }) => to !== undefined && from <= to)).toBe(true);
    expect(writer).toMatchObject({ limit: '2.00', outcome: 'completed', transcript: true });
  });

  test('ends its costs with what the team spent', () => {
    const last = new Map(detail.costs.map(({ agent, usd }) => [agent, usd]));
    const spent = detail.agents.map(({ name, usd }) => [name, usd] as const);
    expect(Object.fromEntries(last)).toEqual(Object.fromEntries(spent));
  });

  test('has one name for the lead', () => {
    const { steps, agents, tasks, messages, costs, events } = detail;
    const names = [
      ...[...steps, ...costs, ...events].map(({ agent }) => agent),
      ...agents.map(({ name }) => name),
      ...tasks.map(({ owner }) => owner),
      ...messages.flatMap(({ from, to }) => [from, to]),
    ];
    expect(new Set(names)).toEqual(new Set(['lead', 'writer', 'mailer', undefined]));
  });

  test('lists the results without following links, with previews', () => {
    expect(detail.results.files.map(({ path }) => path)).toEqual([
      HOSTILE_NAME,
      'data/sums.csv',
      'plain.txt',
    ]);
    expect(detail.results.files[1]?.preview).toEqual({
      kind: 'csv',
      text: 'region,sum\nEast,3\n',
      cut: false,
    });
  });

  test('has the mail and the tasks', () => {
    expect(detail.messages).toContainEqual(
      expect.objectContaining({ from: 'lead', to: 'writer', kind: 'message' }),
    );
    expect(detail.tasks.map(({ owner, status }) => [owner, status])).toEqual([
      ['writer', 'completed'],
      ['mailer', 'completed'],
    ]);
  });

  test('has what happened, oldest first', () => {
    const texts = detail.events.map(({ text }) => text);
    expect(texts).toContain('spawn-mailer was approved by agentteam run --approve');
    expect(texts.indexOf('writer started')).toBeLessThan(texts.indexOf('mailer started'));
    expect(texts).toContain('Roll-call was left out');
    expect([texts[0], texts.filter((text) => text === 'the steps succeeded')]).toEqual([
      'the team started',
      ['the steps succeeded'],
    ]);
  });
});

describe('report', () => {
  test('writes a page with the results, in which hostile texts are inert', async () => {
    const { exitCode, stderr } = await agentteam(['report', 'crew'], cwd);
    expect([exitCode, stderr]).toEqual([0, `The report is in ${join(cwd, 'crew-report.html')}`]);
    const page = await readFile(join(cwd, 'crew-report.html'), 'utf8');
    expect(page).not.toMatch(/<script|<img|<b onclick|(?![\n\t])[\p{Cc}\p{Bidi_Control}]/u);
    expect(page).toContain('&lt;script&gt;alert(2)&lt;/script&gt; [U+202E]evil');
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;.md');
    expect(page).toContain('<th scope="col">region</th>');
  });

  test('replaces a link in the place of the file, which may have come with the directory', async () => {
    await writeFile(join(cwd, 'mine'), 'mine');
    await rm(join(cwd, REPORT), { force: true });
    await symlink('mine', join(cwd, REPORT));
    expect(await agentteam(['report', 'crew'], cwd)).toMatchObject({ exitCode: 0 });
    expect(await readFile(join(cwd, 'mine'), 'utf8')).toBe('mine');
    expect(await readFile(join(cwd, REPORT), 'utf8')).toContain('I wrote the summary.');
    // A name that the person gives may be that of a link.
    await symlink('given.html', join(cwd, 'link.html'));
    await agentteam(['report', 'crew', '-o', 'link.html'], cwd);
    expect(await readFile(join(cwd, 'given.html'), 'utf8')).toContain('I wrote the summary.');
  });

  test('writes Markdown for a file that ends in .md, or to standard output', async () => {
    await agentteam(['report', 'crew', '-o', 'crew.md'], cwd);
    expect(await readFile(join(cwd, 'crew.md'), 'utf8')).toContain('# crew: Completed (rehearsal)');
    const shown = await agentteam(['report', 'crew', '--format', 'markdown', '-o', '-'], cwd);
    expect(shown.stdout).toContain('## Decisions');
    const nowhere = await agentteam(['report', 'crew', '-o', 'missing/crew.html'], cwd);
    expect(nowhere).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('missing/crew.html: its directory does not exist'),
    });
  });
});

test('the last step leaves a report on the shared volume, and beside the results', async () => {
  const beside = await readFile(join(cwd, '.agentteam/crew/output', REPORT), 'utf8');
  // The step sees the results.
  expect(beside).toContain('<th scope="col">region</th>');
  const page = await readFile(join(cwd, '.agentteam/crew/volumes/team/report.html'), 'utf8');
  expect(page).toContain('I wrote the summary.');
  expect(page).toContain('&lt;script&gt;alert(2)&lt;/script&gt;');
  expect(page).not.toMatch(/<script|<img/);
});

describe('outputs', () => {
  const fetchTo = (...args: readonly string[]) =>
    agentteam(['outputs', 'crew', '--to', 'got', ...args], cwd);

  test('lists plain files, and the report that lies beside them', async () => {
    const { stdout } = await agentteam(['outputs', 'crew', '--json'], cwd);
    expect(JSON.parse(stdout)).toEqual({
      files: [
        { path: HOSTILE_NAME, bytes: 120 },
        { path: REPORT, bytes: expect.any(Number) },
        { path: 'data/sums.csv', bytes: 18 },
        { path: 'plain.txt', bytes: 10 },
      ],
    });
  });

  test('fetches files, continues a broken transfer, and keeps what is there', async () => {
    await mkdir(join(cwd, 'got/data'), { recursive: true });
    await writeFile(join(cwd, 'got/data/sums.csv.agentteam-part'), 'region,');
    await writeFile(join(cwd, 'got/plain.txt.agentteam-part'), 'something else');
    expect(await fetchTo()).toMatchObject({ exitCode: 0 });
    expect(await readFile(join(cwd, 'got/data/sums.csv'), 'utf8')).toBe('region,sum\nEast,3\n');
    expect(await readFile(join(cwd, 'got/plain.txt'), 'utf8')).toBe('red \u001b[31m\n');
    expect((await readdir(join(cwd, 'got'))).sort()).toEqual(
      [HOSTILE_NAME, REPORT, 'data', 'plain.txt'].sort(),
    );
    const again = JSON.parse((await fetchTo('--json', 'data')).stdout);
    const sha256 = createHash('sha256').update('region,sum\nEast,3\n').digest('hex');
    expect(again.files).toEqual([{ path: 'data/sums.csv', bytes: 18, sha256, isKept: true }]);
  });

  test('overwrites nothing without --force, and follows no link', async () => {
    await writeFile(join(cwd, 'got/plain.txt'), 'mine');
    expect(await fetchTo('plain.txt')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('plain.txt is there with another content'),
    });
    expect(await fetchTo('plain.txt', '--force')).toMatchObject({ exitCode: 0 });
    expect(await readFile(join(cwd, 'got/plain.txt'), 'utf8')).toBe('red \u001b[31m\n');
    await rm(join(cwd, 'got/data'), { recursive: true });
    await mkdir(join(cwd, 'elsewhere'));
    await symlink(join(cwd, 'elsewhere'), join(cwd, 'got/data'));
    expect(await fetchTo('data/sums.csv', '--force')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('is not a directory'),
    });
    expect(await readdir(join(cwd, 'elsewhere'))).toEqual([]);
  });

  test('a repository with --to . gets no configuration that an agent wrote', async () => {
    const { record } = await openLocalTeam(join(cwd, '.agentteam'), 'crew');
    const repository = join(cwd, 'repository');
    const proof = join(cwd, 'proof');
    await execa('git', ['init', '--quiet', repository]);
    const hostile: Readonly<Record<string, string>> = {
      '.git/commondir': '../evil\n',
      'evil/config': `[core]\n\trepositoryFormatVersion = 0\n\tfsmonitor = "touch '${proof}'; false"\n`,
      'evil/objects/x': '',
      'evil/refs/x': '',
      'a/.GIT/config': '',
    };
    const written = Object.keys(hostile).map((path) => join(record.output ?? '', path));
    for (const [path, text] of Object.entries(hostile)) {
      const file = join(record.output ?? '', path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
    try {
      const fetched = await agentteam(['outputs', 'crew', '--to', repository], cwd);
      expect(fetched).toMatchObject({ exitCode: 0 });
      expect(fetched.stderr).toContain('.git/commondir and 1 other file not fetched');
      expect(await readFile(join(repository, 'plain.txt'), 'utf8')).toBe('red \u001b[31m\n');
      await execa('git', ['status'], { cwd: repository, reject: false });
      expect(existsSync(proof)).toBe(false);
      // The attack would succeed otherwise.
      await writeFile(join(repository, '.git/commondir'), '../evil\n');
      await execa('git', ['status'], { cwd: repository, reject: false });
      expect(existsSync(proof)).toBe(true);
    } finally {
      for (const file of written) await rm(file);
    }
  });

  test('a flood of directories hides no file from those who name it', async () => {
    const { record } = await openLocalTeam(join(cwd, '.agentteam'), 'crew');
    const deep = join(record.output ?? '', 'deep');
    await mkdir(join(deep, ...Array.from({ length: 30 }, () => 'd')), { recursive: true });
    try {
      const listed = await agentteam(['outputs', 'crew'], cwd);
      expect(listed).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('plain.txt') });
      expect(listed.stderr).toContain('too many files or levels to find all of them');
      expect(await fetchTo('plain.txt', '--force')).toMatchObject({ exitCode: 0 });
      for (const paths of [[], ['data']]) {
        expect(await fetchTo(...paths, '--force')).toMatchObject({
          exitCode: 1,
          stderr: expect.stringContaining('too many files or levels to find all of them'),
        });
      }
    } finally {
      await removeTrees([deep]);
    }
  });

  test('names paths that the results do not have', async () => {
    for (const path of ['link.txt', '../rehearsal.yaml', '/etc/hostname']) {
      expect(await fetchTo(path)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining(`the results have no file ${path}`),
      });
    }
  });
});

test('get --transcript prints the conversation that the page shows, an entry a line', async () => {
  const source = await localDetailSource(await openLocalTeam(join(cwd, '.agentteam'), 'crew'));
  const { entries } = await readTranscript(source, 'writer', { limit: 2000 });
  const { stdout } = await agentteam(['get', 'crew', '--transcript', 'writer'], cwd);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ kind, at }) => [kind, at])).toEqual(
    entries.map(({ kind, at }) => [kind, at]),
  );
  expect(lines.length).toBeGreaterThan(3);
  const nobody = await agentteam(['get', 'crew', '--transcript', 'nobody'], cwd);
  expect(nobody).toMatchObject({ exitCode: 1, stdout: '' });
  expect(nobody.stderr).toContain('crew has no agent nobody\n  Its agents: lead, writer, mailer');
});

test('a transcript is read in pages, from where the last page ended', async () => {
  const source = await localDetailSource(await openLocalTeam(join(cwd, '.agentteam'), 'crew'));
  const whole = await readTranscript(source, 'writer', { limit: 2000 });
  expect(whole.more).toBe(false);
  expect(whole.entries.filter(({ kind }) => kind === 'tool-use').map(({ tool }) => tool)).toEqual(
    expect.arrayContaining(['Bash', 'mcp__agentteam__report']),
  );
  const pages = [];
  let from: string | undefined;
  for (let more = true; more; ) {
    const page = await readTranscript(source, 'writer', {
      limit: 3,
      ...(from !== undefined && { from }),
    });
    pages.push(...page.entries);
    from = page.next;
    more = page.more;
  }
  expect(pages).toEqual(whole.entries);
  expect(await readTranscript(source, '../writer')).toMatchObject({ entries: [] });
});
