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
/** Milliseconds: from before an engine has read its run until some steps further on. */
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
 * Says when it begins and ends, and whether an earlier self is still at work: not whether there is a
 * process of its number, which may be dead and not yet taken note of, or another's.
 */
const STEP = `
log="$AGENTTEAM_ROOT/data/log"; own="$AGENTTEAM_ROOT/data/$0.pid"
if [ -e "$own" ] && grep -qsaF "AGENTTEAM_ROOT=$AGENTTEAM_ROOT" "/proc/$(cat "$own")/environ"; then
  echo "overlap $0" >> "$log"
fi
echo $$ > "$own"
echo "begin $0" >> "$log"; sleep 0.4; echo "end $0" >> "$log"`;

/** Leaves at once, and badly, when its engine is gone: as the runner does. */
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
    template.sidecars = [{ ...script('s', 'sleep 600').container, name: 'budget' } as never];
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
 * Kills engines of a run until one of them comes to its end.
 * @returns how many were killed at work, and how often each step had begun when its success was known.
 */
async function killUntilDone(
  root: string,
): Promise<{ readonly kills: number; readonly settled: ReadonlyMap<string, number> }> {
  const settled = new Map<string, number>();
  for (let kills = 0; ; kills += 1) {
    const engine = startEngine(root);
    const exited = once(engine, 'exit') as Promise<[number | null, string | null]>;
    // Longer each time: on a machine with much else to do the first lives see nothing begin.
    const longest = LIFE[1] * (1 + kills / 10);
    await Promise.race([exited, delay(LIFE[0] + Math.random() * (longest - LIFE[0]))]);
    engine.kill('SIGKILL');
    const [code, signal] = await exited;
    if (signal === null) {
      expect(code).toBe(0);
      return { kills, settled };
    }
    // Time in which steps go on and end with nobody there to see it.
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
  // Being killed along with its engine is no attempt.
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

test('an engine that is killed at any instant goes on where it was', async () => {
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
  // Otherwise nothing was tried: a finished step has outlived at least one engine.
  expect(known).toBeGreaterThan(0);
});
