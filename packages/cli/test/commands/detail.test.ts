import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTranscript, type TeamDetail } from '@agentteam/detail';
import { removeTrees } from '@agentteam/volume';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { localDetailSource } from '../../src/teams/local/local-detail.ts';
import { openLocalTeam } from '../../src/teams/local/local-host.ts';
import { agentteam } from './agentteam.ts';
import { finishedTeam, HOSTILE_NAME } from './finished-team.ts';

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
      expect.objectContaining({ from: 'team-lead', to: 'writer', kind: 'message' }),
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
  });
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
