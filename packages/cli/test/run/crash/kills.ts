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
import { agentteamArguments } from '../../commands/agentteam.ts';
import { chance } from './chance.ts';
import { successes, traces } from './traces.ts';

const example = fileURLToPath(new URL('../../../../../examples/q3-report/', import.meta.url));
/** In each run, so that it comes to an end. */
const KILLS_IN_RUN = 6;
/** Of these every third is of an agent, which counts as a failed attempt: a step has four. */
const AGENT_EVERY = 3;

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
  else process.stderr.write(`${story.join('\n')}\nThe runs are in ${directory}\n`);
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

/** @returns whether it was there still. */
function killed(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/**
 * Defines a test that kills engines and agents of several runs, and looks whether anything of it
 * shows in their results.
 * @param seed when and whom to kill; what falls into these instants still depends on the machine.
 */
export function testKills(kills: number, seed: number): void {
  test(`${kills} kills at random instants leave no trace in the result`, async () => {
    tell(`seed ${seed}`);
    await once(begin('calm'), 'exit');
    const calm = traces(runOf('calm'));
    expect(calm.phase).toBe('Succeeded');
    const random = chance(seed);
    for (let left = kills, round = 0; left > 0; round += 1) {
      const name = `hit-${round}`;
      left -= await interruptedRun(name, Math.min(left, KILLS_IN_RUN), random);
      expect(traces(runOf(name))).toEqual(calm);
      const twice = Object.entries(successes(runOf(name))).filter(([, count]) => count !== 1);
      expect(twice).toEqual([]);
    }
    expect(agentProcesses(directory)).toEqual([]);
    passed = true;
  }, 600_000);
}

/**
 * A run that is killed so often, and each time goes on.
 * @returns how often it was killed: it may have ended before.
 */
async function interruptedRun(name: string, most: number, random: () => number): Promise<number> {
  let engine = begin(name);
  let kills = 0;
  while (kills < most) {
    const ended = once(engine, 'exit').then(() => true);
    if (await Promise.race([ended, delay(300 + random() * 2200, false)])) break;
    kills += 1;
    const victims = kills % AGENT_EVERY === 0 ? agentProcesses(join(runOf(name), 'pods')) : [];
    const victim = victims[Math.floor(random() * victims.length)];
    if (victim !== undefined) {
      tell(`${name}: ${killed(victim) ? 'killed' : 'came too late for'} claude ${victim}`);
      continue;
    }
    tell(`${name}: killed the engine`);
    engine.kill('SIGKILL');
    await ended;
    // Killed before it had made its run: then there is nothing to go on with, and nothing is lost.
    const made = existsSync(join(runOf(name), 'run.json'));
    engine = made ? start('resume', name, '--gates', 'approve') : begin(name);
  }
  if (engine.exitCode === null) await once(engine, 'exit');
  return kills;
}
