import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileText } from '@agentteam/compiler';
import { defaultScript, type Script, startRehearsal } from '@agentteam/rehearsal';
import { removeTrees } from '@agentteam/volume';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomNumbers } from '../crash/random.ts';
import { EverydayRun, TEAM } from './everyday-run.ts';
import { FaultyApi } from './faulty-api.ts';
import { Killer } from './killer.ts';
import { processesOf } from './processes.ts';
import { eventsOf, type RunResult, restartsOf, resultOf } from './result.ts';

/** `SOAK_RUNS=5 SOAK_SEED=1234 npm run test:soak -- everyday` repeats the runs 1234 to 1238. */
const RUNS = Number(process.env['SOAK_RUNS'] ?? 50);
const FIRST_SEED = Number(process.env['SOAK_SEED'] ?? Date.now() % 1_000_000);
const RUN_TIMEOUT_MS = 600_000;
/** A pause before every reply, because an immediate reply leaves too little time for disturbances. */
const REPLY_MS = 300;

let directory: string;
let script: Script;
let undisturbed: RunResult;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentteam everyday '));
  script = slowScript();
  const api = await startRehearsal({ script });
  try {
    const run = await EverydayRun.start(join(directory, 'undisturbed'), `${api.url}/{agent}`);
    await run.answerGate(() => 0, new AbortController().signal);
    const { exitCode, stdout, stderr } = await run.ended();
    expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 0 });
    undisturbed = await resultOf(run.directory, run.repository);
    expect(undisturbed).toMatchObject({ phase: 'Succeeded' });
  } finally {
    await api.close();
  }
});

let passed = 0;
afterAll(async () => {
  await removeTrees([directory]);
  process.stderr.write(`${passed} of ${RUNS} runs passed\n`);
});

function slowScript(): Script {
  const { compiled, problems } = compileText(TEAM);
  if (compiled === undefined) throw new Error(JSON.stringify(problems));
  const { agents } = defaultScript(compiled.team);
  const slow = Object.entries(agents).map(([name, agent]) => [
    name,
    { ...agent, turns: agent.turns.map((turn) => ({ ...turn, delayMs: REPLY_MS })) },
  ]);
  return { agents: Object.fromEntries(slow) };
}

/** The number of disturbances of each kind: `killed gateway 2, killed the engine 1, API 7`. */
function summaryOf(disturbances: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const line of disturbances) {
    const kind = /killed (?:the )?[\w-]+|API/.exec(line)?.[0] ?? '';
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => `${kind} ${count}`).join(', ');
}

const seeds = Array.from({ length: RUNS }, (_, index) => FIRST_SEED + index);

test.each(seeds)(
  'run %d has the result of an undisturbed run, and restarts only what was killed',
  async (seed) => {
    const cwd = join(directory, `run-${seed}`);
    const disturbances: string[] = [];
    const startedAt = Date.now();
    const tell = (what: string) => {
      disturbances.push(`${new Date().toISOString().slice(11, 23)} ${what}`);
    };
    const api = await FaultyApi.start(script, randomNumbers(seed), tell);
    const run = await EverydayRun.start(cwd, api.url);
    const over = new AbortController();
    const killer = new Killer({
      run: run.directory,
      random: randomNumbers(seed + 0x5eed),
      tell,
      killEngine: () => run.killEngine(),
      signal: over.signal,
    });
    try {
      const answered = run.answerGate(randomNumbers(seed + 0x9a7e), over.signal);
      const kills = killer.run();
      const { exitCode, stdout, stderr } = await run.ended();
      over.abort();
      await Promise.all([answered, kills]);
      expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 0 });
      expect(await resultOf(run.directory, run.repository)).toEqual(undisturbed);
      for (const [step, restarts] of restartsOf(run.directory)) {
        expect({ step, restarts, wasted: Math.max(0, restarts - killer.killsIn(step)) }).toEqual({
          ...{ step, restarts },
          wasted: 0,
        });
      }
      const restarted = eventsOf(run.directory, 'container-restarted');
      expect(restarted.length).toBeLessThanOrEqual(killer.gatewayKills);
      expect(eventsOf(run.directory, 'gate-decided')).toHaveLength(1);
      expect(processesOf(run.directory)).toEqual([]);
      passed += 1;
    } catch (error) {
      process.stderr.write(`run ${seed} failed after:\n${disturbances.join('\n')}\n`);
      throw error;
    } finally {
      over.abort();
      await api.close();
      const seconds = Math.round((Date.now() - startedAt) / 1000);
      process.stderr.write(`run ${seed}: ${seconds} s, ${summaryOf(disturbances)}\n`);
    }
  },
  RUN_TIMEOUT_MS,
);
