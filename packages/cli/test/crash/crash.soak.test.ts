import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Workflow } from '@agentteam/argo';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { agentteamArguments } from '../commands/agentteam.ts';

const example = fileURLToPath(new URL('../../../../examples/q3-report/', import.meta.url));
const KILLS = 20;
/** Agents that are killed, not the engine, count as failed attempts; a step has three more than one. */
const AGENT_KILLS = 6;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentteam crash '));
  cpSync(example, join(directory, 'team'), { recursive: true });
  slowDown(join(directory, 'team/rehearsal.yaml'));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** A rehearsal takes seconds: with a pause before each reply there is more to be killed in. */
function slowDown(path: string): void {
  interface Turns {
    readonly turns: readonly object[];
  }
  const script = parse(readFileSync(path, 'utf8')) as { agents: Record<string, Turns> };
  const agents = Object.entries(script.agents).map(([name, agent]) => [
    name,
    { ...agent, turns: agent.turns.map((turn) => ({ ...turn, delayMs: 300 })) },
  ]);
  writeFileSync(path, stringify({ ...script, agents: Object.fromEntries(agents) }));
}

function start(...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [...agentteamArguments, ...args], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { PATH: process.env['PATH'], HOME: directory },
  });
}

const begin = (name: string) =>
  start('run', 'team/team.yaml', '--rehearse', '--gates', 'approve', '--name', name);

/** What a run leaves that must not depend on how often it was interrupted. */
function traces(name: string) {
  const run = join(directory, '.agentteam', name);
  const workflow = JSON.parse(readFileSync(join(run, 'workflow.json'), 'utf8')) as Workflow;
  const team = join(run, 'volumes/team');
  const files = (path: string) => readdirSync(path).filter((file) => !file.startsWith('.'));
  const [native = ''] = files(join(team, 'tasks'));
  const tasks = files(join(team, 'tasks', native))
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(join(team, 'tasks', native, file), 'utf8')));
  return {
    phase: workflow.status?.phase,
    steps: Object.values(workflow.status?.nodes ?? {})
      .filter(({ displayName = '' }) => !/\(\d+\)$/.test(displayName))
      .map(({ displayName, phase }) => `${displayName} ${phase}`)
      .map((line) => line.replace(name, 'run'))
      .sort(),
    output: files(join(run, 'output')).map((file) => [
      file,
      readFileSync(join(run, 'output', file), 'utf8'),
    ]),
    tasks: tasks.map(({ subject, owner, status }) => `${subject}: ${owner}, ${status}`).sort(),
    mail: files(join(team, 'sessions'))
      .flatMap((agent) => mailOf(team, agent))
      .sort(),
  };
}

interface Entry {
  readonly type: string;
  readonly mail?: readonly { readonly from: string; readonly text: string }[];
}

/** All that an agent was told by others, each as often as it was told. Protocol notices have times. */
function mailOf(team: string, agent: string): readonly string[] {
  return readFileSync(join(team, 'sessions', agent, 'journal.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .flatMap((line) => (JSON.parse(line) as Entry).mail ?? [])
    .filter(({ text }) => !text.startsWith('{'))
    .map(({ from, text }) => `${from} to ${agent}: ${text}`);
}

/** How often each step has succeeded. */
function successes(name: string): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  const events = readFileSync(join(directory, '.agentteam', name, 'events.jsonl'), 'utf8');
  for (const line of events.split('\n').filter(Boolean)) {
    const { type, step, phase } = JSON.parse(line) as Record<string, string>;
    if (type !== 'step-ended' || phase !== 'Succeeded' || step === undefined) continue;
    counts[step] = (counts[step] ?? 0) + 1;
  }
  return counts;
}

/** Processes of a run's agents, by what their environment says. */
function agentProcesses(name: string): readonly number[] {
  const place = join(directory, '.agentteam', name, 'pods');
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .map(Number)
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/environ`, 'utf8').includes(place) &&
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--agent-name')
        );
      } catch {
        return false;
      }
    });
}

test('20 kills at random instants leave no trace in the result', async () => {
  await once(begin('calm'), 'exit');
  const calm = traces('calm');
  expect(calm.phase).toBe('Succeeded');

  let kills = 0;
  for (let round = 0; kills < KILLS; round += 1) {
    const name = `hit-${round}`;
    let process_ = begin(name);
    let inRun = 0;
    // Six in a run, so that it comes to an end; of these at most two of agents.
    while (kills < KILLS && inRun < 6) {
      const ended = once(process_, 'exit').then(() => true);
      if (await Promise.race([ended, delay(300 + Math.random() * 2200, false)])) break;
      kills += 1;
      inRun += 1;
      const victims = inRun % 3 === 0 && kills / 3 <= AGENT_KILLS ? agentProcesses(name) : [];
      const victim = victims[Math.floor(Math.random() * victims.length)];
      if (victim !== undefined) {
        process.kill(victim, 'SIGKILL');
        continue;
      }
      process_.kill('SIGKILL');
      await ended;
      // Killed before it had made its run: then there is nothing to go on with, and nothing is lost.
      const made = existsSync(join(directory, '.agentteam', name, 'workflow.json'));
      process_ = made ? start('resume', name, '--gates', 'approve') : begin(name);
    }
    if (process_.exitCode === null) await once(process_, 'exit');
    expect(traces(name)).toEqual(calm);
    const twice = Object.entries(successes(name)).filter(([, count]) => count !== 1);
    expect(twice).toEqual([]);
  }
  expect(agentProcesses('')).toEqual([]);
}, 600_000);
