import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Workflow } from '@agentteam/argo';
import { ENV } from '@agentteam/contract';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createRun, loadWorkflow, runDirectory } from '../src/index.ts';
import { nodeId } from '../src/nodes.ts';
import { processTable, variableOf } from '../src/pod/proc.ts';
import { exitFileOf, readExitCode } from '../src/pod/supervisor.ts';
import { atExit, script, task, workflow } from './workflows.ts';

const KILLS = 20;
/** The shortest and longest life of an engine in milliseconds: some do not even read their run. */
const LIFE = [20, 1200] as const;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentteam crash '));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const TASKS: readonly (readonly [name: string, depends?: string])[] = [
  ['a'],
  ['b', 'a'],
  ['c', 'a'],
  ['d', 'b && c'],
  ['e', 'c'],
  ['f', 'd && e'],
  ['g', 'f'],
  ['h', 'f'],
];

/**
 * Logs its start and its end, and whether an earlier start of the same step is still running. It looks at
 * the environment of that process, because a process with the same id may be a zombie or another one.
 */
const STEP = `
log="$AGENTTEAM_ROOT/data/log"; own="$AGENTTEAM_ROOT/data/$0.pid"
if [ -e "$own" ] && grep -qsaF "AGENTTEAM_ROOT=$AGENTTEAM_ROOT" "/proc/$(cat "$own")/environ"; then
  echo "overlap $0" >> "$log"
fi
echo $$ > "$own"
echo "begin $0" >> "$log"; sleep 0.4; echo "end $0" >> "$log"`;

/** Fails at once when its engine is gone, as the runner does. */
const LEAVING_STEP = `
trap 'exit 1' USR1
exec 3<&0
(cat <&3 > /dev/null; kill -USR1 $$) &
${STEP.replace('sleep 0.4', 'sleep 0.4 & wait $!')}`;

function steps(): Workflow {
  const templates = TASKS.map(([name], index) => {
    const template = script(`t-${name}`, index % 2 === 0 ? STEP : LEAVING_STEP);
    template.container?.args?.push(name);
    template.retryStrategy = { limit: '3', retryPolicy: 'Always' };
    template.sidecars = [{ ...script('s', 'sleep 600').container, name: 'other' } as never];
    return template;
  });
  const bye = script('bye', STEP);
  bye.container?.args?.push('exit');
  const spec = workflow(
    TASKS.map(([name, depends]) => task(name, `t-${name}`, depends)),
    [...templates, bye],
  );
  return atExit(spec, 'bye');
}

function startEngine(root: string) {
  return spawn(
    process.execPath,
    ['--conditions=source', join(import.meta.dirname, 'support/engine-process.ts'), root],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
}

/**
 * Kills one engine of a run after another until one of them ends by itself.
 * @returns how many were killed, and how often each step had started when its success was recorded.
 */
async function killUntilDone(
  root: string,
): Promise<{ readonly kills: number; readonly settled: ReadonlyMap<string, number> }> {
  const settled = new Map<string, number>();
  for (let kills = 0; ; kills += 1) {
    const engine = startEngine(root);
    const exited = once(engine, 'exit') as Promise<[number | null, string | null]>;
    // Longer each time, because on a busy machine the first engines do not start any step.
    const longest = LIFE[1] * (1 + kills / 10);
    await Promise.race([exited, delay(LIFE[0] + Math.random() * (longest - LIFE[0]))]);
    engine.kill('SIGKILL');
    const [code, signal] = await exited;
    if (signal === null) {
      expect(code).toBe(0);
      return { kills, settled };
    }
    // Steps may continue and end while no engine runs.
    if (Math.random() < 0.5) await delay(Math.random() * 600);
    for (const [name] of TASKS) {
      const pod = join(root, 'pods', nodeId('test', `test.${name}(0)`));
      const succeeded = readExitCode(exitFileOf(pod, 'main')) === 0;
      if (succeeded && !settled.has(name)) settled.set(name, begins(root, name));
    }
  }
}

function log(root: string): readonly string[] {
  const path = join(root, 'volumes/team/log');
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
}

function begins(root: string, name: string): number {
  return log(root).filter((line) => line === `begin ${name}`).length;
}

function expectWhole(root: string, settled: ReadonlyMap<string, number>): void {
  const { status } = loadWorkflow(runDirectory(root));
  expect(status?.phase).toBe('Succeeded');
  const nodes = Object.values(status?.nodes ?? {});
  // A step that was killed together with its engine has not used up an attempt.
  expect(nodes.filter(({ name }) => name.endsWith('(1)'))).toEqual([]);
  expect(nodes.filter(({ phase }) => phase !== 'Succeeded')).toEqual([]);

  const lines = log(root);
  expect(lines.filter((line) => line.startsWith('overlap'))).toEqual([]);
  for (const [name, times] of settled) expect([name, begins(root, name)]).toEqual([name, times]);
  for (const [name, depends] of TASKS) {
    expect(lines).toContain(`end ${name}`);
    for (const before of depends?.split(' && ') ?? []) {
      expect(lines.lastIndexOf(`end ${before}`)).toBeLessThan(lines.indexOf(`begin ${name}`));
    }
  }
  expect(lines.at(-1)).toBe('end exit');
  const orphans = processTable().filter(({ pid }) => variableOf(pid, ENV.root)?.startsWith(root));
  expect(orphans).toEqual([]);
}

test('a run survives engines that are killed at random times', async () => {
  let killed = 0;
  let known = 0;
  for (let run = 0; killed < KILLS; run += 1) {
    const root = join(directory, `run ${run}`);
    createRun(root, steps());
    const { kills, settled } = await killUntilDone(root);
    expectWhole(root, settled);
    killed += kills;
    known += settled.size;
  }
  // At least one finished step has outlived its engine; otherwise the test has tested nothing.
  expect(known).toBeGreaterThan(0);
});
