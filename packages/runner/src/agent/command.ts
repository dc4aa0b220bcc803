import {
  type AgentSpec,
  type AgentState,
  ENV,
  EXIT,
  FINAL_EXITS,
  OUTPUTS,
} from '@agentteam/contract';
import { removeMember, updateMember } from '@agentteam/volume';
import { leaveWords, StepFailure } from '../step/failure.ts';
import { writeOutputs } from '../step/outputs.ts';
import { readSpec } from '../step/spec.ts';
import { type Ending, phaseOf, TERMINATED } from './ending.ts';
import { sendIdle } from './idle-notice.ts';
import { log } from './log.ts';
import { Member } from './member.ts';
import { OwnState, readOwnState } from './own-state.ts';
import { type Places, placesOf } from './places.ts';
import { type Started, startAgent } from './start.ts';
import { Wake } from './wake.ts';
import { openWorktree, type Worktree } from './worktree.ts';

/** `agentteam-runner agent`: one Claude Code process as a member of its team, to its end. */
export async function agentCommand(
  env: NodeJS.ProcessEnv,
  _argv: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const spec = readSpec<AgentSpec>(env);
  const root = env[ENV.root] ?? '';
  const places = await placesOf(root, spec);
  const before = await readOwnState(places);
  // A step whose end got lost on the way to Argo runs again: its work is done.
  if (before?.phase === 'completed') return report(root, before);

  const state = await OwnState.begin(places, spec.name, Number(env[ENV.attempt] ?? 0));
  const ending = await work({ spec, root, places, env, state, signal });
  const final = FINAL_EXITS.includes(ending.exitCode) || state.value.attempt >= spec.maxRestarts;
  const phase = phaseOf(ending, final);
  if (ending.message !== undefined) {
    log('end', ending.message);
    await leaveWords(root, ending.message);
    await state.end(phase, { message: ending.message });
  }
  if (phase === 'failed') {
    await sendIdle({ spec, places }, { idleReason: 'failed', failureReason: ending.message ?? '' });
  }
  if (phase === 'failed' || phase === 'completed') await removeMember(places.native, spec.name);
  else await updateMember(places.native, spec.name, { isActive: false });
  return ending.exitCode === EXIT.ok ? report(root, state.value) : ending.exitCode;
}

async function work(parts: {
  readonly spec: AgentSpec;
  readonly root: string;
  readonly places: Places;
  readonly env: NodeJS.ProcessEnv;
  readonly state: OwnState;
  readonly signal: AbortSignal;
}): Promise<Ending> {
  const { spec, root, places, env, state, signal } = parts;
  let started: Started | undefined;
  let worktree: Worktree | undefined;
  let isHandedOver = false;
  // Ends the watches with the member; the outer signal may live on.
  const watching = new AbortController();
  try {
    const wake = new Wake();
    worktree = await openWorktree(root, spec, places, env, signal);
    const { sessionId } = state.value;
    started = await startAgent(
      { spec, places, root, env, sessionId, worktree, wake },
      true,
      signal,
    );
    const either = AbortSignal.any([signal, watching.signal]);
    const member = new Member({ ...parts, ...started, worktree, wake, signal: either });
    const ending = await member.run();
    if (ending.exitCode === EXIT.ok) {
      await worktree?.handOver(signal);
      isHandedOver = true;
      await state.end('completed', { report: started.journal.lastWords });
      started.claude.finish();
    }
    return ending;
  } catch (error) {
    if (signal.aborted) return { exitCode: TERMINATED, message: 'told to stop' };
    if (error instanceof StepFailure) return { exitCode: error.exitCode, message: error.message };
    throw error;
  } finally {
    watching.abort();
    await started?.claude.stop();
    // Whatever ended it: what it has done is not lost, and people can get at it.
    if (!isHandedOver) await handOverWhatThereIs(worktree);
    // A teammate that has completed does not come back; the lead's is checked yet.
    else if (spec.role === 'teammate') await worktree?.discard();
  }
}

/** A pod that is told to stop has 30 s, and its agent may have taken some of them. */
const LAST_MS = 20_000;

async function handOverWhatThereIs(worktree: Worktree | undefined): Promise<void> {
  await worktree?.handOver(AbortSignal.timeout(LAST_MS)).catch((error: unknown) => {
    log('git', `its work could not be handed over: ${String(error)}`);
  });
}

async function report(root: string, state: AgentState): Promise<number> {
  await writeOutputs(root, { [OUTPUTS.report]: state.report ?? '' });
  return EXIT.ok;
}
