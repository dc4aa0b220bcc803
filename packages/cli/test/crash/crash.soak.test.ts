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
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { agentteamArguments } from '../commands/agentteam.ts';
import { chance } from './chance.ts';
import { successes, traces } from './traces.ts';

const example = fileURLToPath(new URL('../../../../examples/q3-report/', import.meta.url));
const KILLS = 20;
/** Agents that are killed, not the engine, count as failed attempts; a step has three more than one. */
const AGENT_KILLS = 6;
/** When and whom to kill; what falls into these instants still depends on the machine. */
const SEED = Number(process.env['SOAK_SEED'] ?? Date.now() % 1_000_000);

let directory: string;
let passed = false;
/** What was done to the runs, for whoever looks into a failure. */
const story: string[] = [];
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentteam crash '));
  cpSync(example, join(directory, 'team'), { recursive: true });
  slowDown(join(directory, 'team/rehearsal.yaml'));
});
afterAll(() => {
  if (passed) rmSync(directory, { recursive: true, force: true });
  else process.stderr.write(`SOAK_SEED=${SEED}; runs are in ${directory}\n${story.join('\n')}\n`);
});

const runOf = (name: string): string => join(directory, '.agentteam', name);

function tell(what: string): void {
  story.push(`${new Date().toISOString().slice(11, 23)} ${what}`);
}

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

/** Processes of agents whose environment names this place. */
function agentProcesses(place: string): readonly number[] {
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
  const calm = traces(runOf('calm'));
  expect(calm.phase).toBe('Succeeded');

  const random = chance(SEED);
  let kills = 0;
  for (let round = 0; kills < KILLS; round += 1) {
    const name = `hit-${round}`;
    let process_ = begin(name);
    let inRun = 0;
    // Six in a run, so that it comes to an end; of these at most two of agents.
    while (kills < KILLS && inRun < 6) {
      const ended = once(process_, 'exit').then(() => true);
      if (await Promise.race([ended, delay(300 + random() * 2200, false)])) break;
      kills += 1;
      inRun += 1;
      const victims =
        inRun % 3 === 0 && kills / 3 <= AGENT_KILLS
          ? agentProcesses(join(runOf(name), 'pods'))
          : [];
      const victim = victims[Math.floor(random() * victims.length)];
      if (victim !== undefined) {
        process.kill(victim, 'SIGKILL');
        tell(`${name}: killed claude ${victim}`);
        continue;
      }
      tell(`${name}: killed the engine`);
      process_.kill('SIGKILL');
      await ended;
      // Killed before it had made its run: then there is nothing to go on with, and nothing is lost.
      const made = existsSync(join(runOf(name), 'run.json'));
      process_ = made ? start('resume', name, '--gates', 'approve') : begin(name);
    }
    if (process_.exitCode === null) await once(process_, 'exit');
    expect(traces(runOf(name))).toEqual(calm);
    const twice = Object.entries(successes(runOf(name))).filter(([, count]) => count !== 1);
    expect(twice).toEqual([]);
  }
  expect(agentProcesses(directory)).toEqual([]);
  passed = true;
}, 600_000);
