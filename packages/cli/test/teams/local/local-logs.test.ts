import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Workflow } from '@agentteam/argo';
import { describe, expect, test } from '@jest/globals';
import { readLogs } from '../../../src/teams/local/local-logs.ts';
import type { LocalTeam } from '../../../src/teams/local/local-team.ts';
import type { LogOptions } from '../../../src/teams/team-host.ts';
import { madeRun } from '../../fixtures.ts';
import { temporaryDirectories } from '../../temporary.ts';

const temporary = temporaryDirectories();
const never = new AbortController().signal;
const all: LogOptions = { steps: [], follow: false, signal: never };

/** A run with two steps that have pods, one of them with two attempts. */
async function runWithLogs(finishedAt?: string): Promise<LocalTeam> {
  const team = await madeRun(await temporary());
  const workflow = await team.workflow();
  const pod = (id: string, displayName: string) => ({
    id,
    name: id,
    displayName,
    type: 'Pod' as const,
    phase: 'Running' as const,
  });
  const nodes = [
    pod('n-1', 'Lead'),
    {
      ...pod('n-5', 'Finish'),
      type: 'Retry' as const,
      children: ['n-6'],
    },
    pod('n-6', 'Finish(0)'),
    { ...pod('n-2', 'researcher'), type: 'Retry' as const, children: ['n-3', 'n-4'] },
    pod('n-3', 'researcher(0)'),
    pod('n-4', 'researcher(1)'),
  ];
  await save(team, {
    ...workflow,
    status: {
      phase: 'Running',
      nodes: Object.fromEntries(nodes.map((node) => [node.id, node])),
      ...(finishedAt === undefined ? {} : { finishedAt }),
    },
  });
  await log(team, 'n-1', 'setup', 'set up\n');
  await log(team, 'n-6', 'main', 'totals\n');
  await log(team, 'n-3', 'main', 'first try\n');
  await log(team, 'n-4', 'main', 'second try\nunfinished');
  await log(team, 'n-4', 'gateway', 'listening\n');
  return team;
}

async function save(team: LocalTeam, workflow: Workflow): Promise<void> {
  await writeFile(join(team.directory, 'workflow.json'), JSON.stringify(workflow));
}

async function log(team: LocalTeam, id: string, container: string, text: string): Promise<void> {
  const directory = join(team.directory, 'pods', id);
  await mkdir(directory, { recursive: true });
  await appendFile(join(directory, `${container}.log`), text);
}

async function collect(team: LocalTeam, options: LogOptions): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const { step, container, text } of readLogs(team, options)) {
    lines.push(`${step}/${container} ${text}`);
  }
  return lines;
}

describe('readLogs', () => {
  test('reads every container of every attempt', async () => {
    expect(await collect(await runWithLogs(), all)).toEqual([
      'Lead/setup set up',
      'Finish/main totals',
      'researcher/main first try',
      'researcher(1)/main second try',
      'researcher(1)/main unfinished',
      'researcher(1)/gateway listening',
    ]);
  });

  test('accepts the name of a step in any case', async () => {
    const options = { ...all, steps: ['finish'] };
    expect(await collect(await runWithLogs(), options)).toEqual(['Finish/main totals']);
  });

  test('reads one container of one step', async () => {
    const options = { ...all, steps: ['researcher'], container: 'gateway' };
    expect(await collect(await runWithLogs(), options)).toEqual([
      'researcher(1)/gateway listening',
    ]);
  });

  test('reads nothing for a step that has not started, and reports an unknown step', async () => {
    const team = await runWithLogs();
    expect(await collect(team, { ...all, steps: ['email-drafter'] })).toEqual([]);
    await expect(collect(team, { ...all, steps: ['reseacher'] })).rejects.toMatchObject({
      message: 'there is no step reseacher',
      hint: expect.stringContaining('researcher'),
    });
  });

  test('follows the log until the run has ended, in complete lines', async () => {
    const team = await runWithLogs();
    const lines: string[] = [];
    for await (const { text } of readLogs(team, { ...all, steps: ['Lead'], follow: true })) {
      lines.push(text);
      if (lines.length === 1) {
        await log(team, 'n-1', 'main', 'half ');
        await log(team, 'n-1', 'main', 'a line\n');
        const path = join(team.directory, 'workflow.json');
        const workflow = JSON.parse(await readFile(path, 'utf8')) as Workflow;
        await save(team, {
          ...workflow,
          status: { ...workflow.status, finishedAt: '2026-11-23T16:40:00Z' },
        });
      }
    }
    expect(lines).toEqual(['set up', 'half a line']);
  });

  test('ends when it is interrupted', async () => {
    const interruption = new AbortController();
    const team = await runWithLogs();
    const lines: string[] = [];
    for await (const { text } of readLogs(team, {
      ...all,
      steps: ['Lead'],
      follow: true,
      signal: interruption.signal,
    })) {
      lines.push(text);
      interruption.abort();
    }
    expect(lines).toEqual(['set up']);
  });
});

test('lines of a step that writes no times have the time at which it started', async () => {
  const startedAt = '2026-11-29T12:00:00Z';
  const team = await runWithLogs();
  const workflow = await team.workflow();
  const nodes = Object.values(workflow.status?.nodes ?? {}).map((node) => ({ ...node, startedAt }));
  await save(team, {
    ...workflow,
    status: { ...workflow.status, nodes: Object.fromEntries(nodes.map((node) => [node.id, node])) },
  });
  await log(team, 'n-1', 'main', '2026-11-29T12:00:05Z says Hello.\na trace\n');
  const times: (string | undefined)[] = [];
  for await (const { at } of readLogs(team, { ...all, steps: ['Lead'] })) times.push(at);
  expect(times).toEqual([startedAt, undefined, undefined]);
});
