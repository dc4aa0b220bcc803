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
import { randomNumbers } from './random.ts';
import { resultOf, successes } from './run-result.ts';

const example = fileURLToPath(new URL('../../../../../examples/q3-report/', import.meta.url));
/** Maximum number of kills in a run, so that the run ends. */
const MAX_KILLS = 6;
/** Every third kill hits an agent. This counts as a failed attempt, and a step has only four. */
const AGENT_EVERY = 3;

let directory: string;
let passed = false;
/** A log of the kills, printed when the test fails. */
const log: string[] = [];
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentteam crash '));
  cpSync(example, join(directory, 'team'), { recursive: true });
  slowDown(join(directory, 'team/rehearsal.yaml'));
});
afterAll(() => {
  if (passed) rmSync(directory, { recursive: true, force: true });
  else process.stderr.write(`${log.join('\n')}\nThe runs are in ${directory}\n`);
});

const runOf = (name: string): string => join(directory, '.agentteam', name);

function record(event: string): void {
  log.push(`${new Date().toISOString().slice(11, 23)} ${event}`);
}

/** A turn in which an agent waits until another one has written a file. */
const waitFor = (file: string) =>
  bash(`Wait for ${file}`, `until [ -e "/workspace/output/${file}" ]; do sleep 0.1; done`);

/** A file that the lead writes after its mail. It is no result, because its name begins with a dot. */
const LEAD_HAS_WRITTEN = '.lead-has-written';

const bash = (description: string, command: string): Turn => ({
  tools: [{ name: 'Bash', input: { description, command } }],
});

interface Turn {
  readonly tools?: readonly object[];
}

/**
 * The turns of an agent, so that mail finds its receiver at work in every run: Claude Code refuses mail to
 * an agent that has ended, and a kill can delay the sender.
 */
const MEETING: Readonly<Record<string, (turns: readonly Turn[]) => readonly Turn[]>> = {
  lead: (turns) =>
    turns.toSpliced(
      2,
      0,
      bash('Say that the mail is sent', `touch "/workspace/output/${LEAD_HAS_WRITTEN}"`),
    ),
  researcher: (turns) => turns.toSpliced(1, 0, waitFor(LEAD_HAS_WRITTEN)),
  // The researcher writes its findings after its mail.
  'email-drafter': (turns) =>
    turns.toSpliced(-3, 0, waitFor('findings.md')).toSpliced(1, 0, waitFor(LEAD_HAS_WRITTEN)),
};

/** Lets the agents wait for mail, and adds a delay before each reply, so that there is time for several kills. */
function slowDown(path: string): void {
  const script = parse(readFileSync(path, 'utf8')) as {
    agents: Record<string, { readonly turns: readonly Turn[] }>;
  };
  const agents = Object.entries(script.agents).map(([name, agent]) => {
    const turns = MEETING[name]?.(agent.turns) ?? agent.turns;
    return [name, { ...agent, turns: turns.map((turn) => ({ ...turn, delayMs: 300 })) }];
  });
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

/** The processes of agents whose environment contains the path. */
function agentProcesses(path: string): readonly number[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .map(Number)
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/environ`, 'utf8').includes(path) &&
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--agent-name')
        );
      } catch {
        return false;
      }
    });
}

/** @returns whether the process existed. */
function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/**
 * Defines a test that kills engines and agents of several runs, and compares the results with those of an
 * uninterrupted run.
 * @param seed determines when and what to kill. The states of the runs at these times vary between machines.
 */
export function testKills(kills: number, seed: number): void {
  test(`${kills} kills at random times do not affect the result`, async () => {
    record(`seed ${seed}`);
    await once(begin('uninterrupted'), 'exit');
    const want = resultOf(runOf('uninterrupted'));
    expect(want.phase).toBe('Succeeded');
    const random = randomNumbers(seed);
    for (let remaining = kills, round = 0; remaining > 0; round += 1) {
      const name = `killed-${round}`;
      remaining -= await interruptedRun(name, Math.min(remaining, MAX_KILLS), random);
      expect(resultOf(runOf(name))).toEqual(want);
      const twice = Object.entries(successes(runOf(name))).filter(([, count]) => count !== 1);
      expect(twice).toEqual([]);
    }
    expect(agentProcesses(directory)).toEqual([]);
    passed = true;
  }, 600_000);
}

/**
 * Starts a run, kills it repeatedly and resumes it each time.
 * @param most maximum number of kills.
 * @returns the number of kills. The run may end before the maximum.
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
      record(`${name}: ${kill(victim) ? 'killed' : 'was too late to kill'} claude ${victim}`);
      continue;
    }
    record(`${name}: killed the engine`);
    engine.kill('SIGKILL');
    await ended;
    // An engine that was killed before its run was complete is started again from the beginning.
    const isRun = existsSync(join(runOf(name), 'run.json'));
    engine = isRun ? start('resume', name, '--gates', 'approve') : begin(name);
  }
  if (engine.exitCode === null) await once(engine, 'exit');
  return kills;
}
