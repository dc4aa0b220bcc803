import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { temporaryDirectories } from '../temporary.ts';
import { agentteam } from './agentteam.ts';

/** Each example runs four agents with tools, possibly on a busy machine. */
const TIMEOUT_MS = 300_000;

const temporary = temporaryDirectories();
const examples = fileURLToPath(new URL('../../../../examples/', import.meta.url));

/** Rehearses an example. @returns the working directory and the directory of the run. */
async function rehearse(example: string): Promise<{ readonly cwd: string; readonly run: string }> {
  const cwd = await temporary();
  await cp(examples, join(cwd, 'examples'), { recursive: true, verbatimSymlinks: true });
  const args = ['run', `examples/${example}/team.yaml`, '--rehearse', '--approve', 'all'];
  expect(await agentteam(args, cwd)).toMatchObject({ exitCode: 0 });
  return { cwd, run: join(cwd, '.agentteam', example) };
}

async function json<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, 'utf8')) as T;
}

interface Task {
  readonly id: string;
  readonly owner: string;
  readonly status: string;
}

/** Reads Claude Code's task list. */
async function tasksOf(volume: string, team: string): Promise<readonly Task[]> {
  const directory = join(volume, 'tasks', team);
  const files = (await readdir(directory)).filter((name) => name.endsWith('.json'));
  return Promise.all(files.map((name) => json<Task>(join(directory, name))));
}

/** The status updates of an agent's tasks, in order, from its transcript. */
async function updatesBy(volume: string, agent: string): Promise<readonly string[]> {
  const projects = join(volume, 'sessions', agent, 'projects');
  const files = await readdir(projects, { recursive: true });
  const transcripts = files.filter((name) => name.endsWith('.jsonl'));
  const texts = await Promise.all(
    transcripts.map((name) => readFile(join(projects, name), 'utf8')),
  );
  const calls = texts
    .flatMap((text) => text.split('\n').filter(Boolean))
    .flatMap((line) => (JSON.parse(line) as Line).message?.content ?? [])
    .filter(({ name }) => name === 'TaskUpdate');
  // Claude Code may write a tool call to its transcript more than once.
  return [...new Map(calls.map(({ id, input }) => [id, input])).values()].flatMap(
    ({ taskId, status }) => (status === undefined ? [] : [`${taskId} ${status}`]),
  );
}

interface Line {
  readonly message?: {
    readonly content?: readonly {
      readonly id: string;
      readonly name?: string;
      readonly input: { readonly taskId: string; readonly status?: string };
    }[];
  };
}

/** Expects that the owner of each task started and completed it, and that mail was delivered. */
async function expectTeamwork(
  { cwd, run }: { readonly cwd: string; readonly run: string },
  team: string,
  tasks: number,
  mail: readonly string[],
): Promise<void> {
  const volume = join(run, 'volumes/team');
  expect(await json(join(volume, 'teams', team, 'config.json'))).toMatchObject({
    name: team,
    leadAgentId: `team-lead@${team}`,
    members: [],
  });
  const all = await tasksOf(volume, team);
  expect(all).toHaveLength(tasks);
  for (const { id, owner, status } of all) {
    expect(status).toBe('completed');
    const updates = await updatesBy(volume, owner);
    // An agent may repeat an update when another agent held the lock of the task list.
    const steps = new Set(updates.filter((update) => update.startsWith(`${id} `)));
    expect([...steps]).toEqual([`${id} in_progress`, `${id} completed`]);
  }
  const { stdout } = await agentteam(['messages', team, '--json'], cwd);
  const messages = JSON.parse(stdout) as readonly Record<string, unknown>[];
  const sent = messages.filter(({ kind, delivered }) => kind === 'message' && delivered === true);
  expect([...new Set(sent.map(({ from, to }) => `${from} > ${to}`))].toSorted()).toEqual(mail);
}

test(
  'q3-report: a team with a gate writes a report',
  async () => {
    const done = await rehearse('q3-report');
    await expectTeamwork(done, 'q3-report', 3, [
      'email-drafter > lead',
      'lead > email-drafter',
      'lead > researcher',
      'researcher > email-drafter',
      'researcher > lead',
    ]);
    const output = (name: string) => readFile(join(done.run, 'output', name), 'utf8');
    // The sum of the data beside the team file is in the findings and in the report.
    expect(await output('findings.md')).toContain('EUR 881081');
    expect(await output('report.md')).toContain('EUR 881081');
    // This address comes from the MCP server.
    expect(await output('emails.md')).toContain('siobhan.kelly@bluewater.example');
  },
  TIMEOUT_MS,
);

test(
  'auth-refactor-three: agents work on their own branches, and the result contains all of them',
  async () => {
    const done = await rehearse('auth-refactor-three');
    const team = 'auth-refactor-three';
    await expectTeamwork(done, team, 4, [
      'backend-api > lead',
      'backend-api > test-coverage',
      'frontend-auth > lead',
      'lead > backend-api',
      'lead > test-coverage',
      'test-coverage > lead',
    ]);
    const git = async (cwd: string, ...args: readonly string[]): Promise<readonly string[]> =>
      (await execa('git', args, { cwd })).stdout.split('\n').filter(Boolean);
    const kept = join(done.run, 'volumes/team/repository/result.git');
    const remote = join(done.run, 'remote/auth-refactor/repository.git');
    const result = await git(remote, 'rev-list', `teams/${team}`);
    const scopes = {
      'backend-api': /^src\/(api\/auth|middleware)\//,
      'frontend-auth': /^src\/web\//,
      'test-coverage': /^tests\//,
    };
    for (const [mate, scope] of Object.entries(scopes)) {
      const log = ['log', '--no-merges', '--format=%H', `--author=^${mate} <`];
      const own = await git(kept, ...log, `agents/${team}/${mate}`);
      expect(own.length).toBeGreaterThan(0);
      for (const commit of own) {
        const files = await git(kept, 'diff-tree', '--no-commit-id', '--name-only', '-r', commit);
        for (const file of files) expect(file).toMatch(scope);
        expect(result).toContain(commit);
      }
    }
    // The tests of the example pass in the result.
    const checkout = join(done.cwd, 'checkout');
    await execa('git', ['clone', '--quiet', '--branch', `teams/${team}`, remote, checkout]);
    await execa('npm', ['test'], { cwd: checkout });
  },
  TIMEOUT_MS,
);
