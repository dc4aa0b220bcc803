import { type AgentSpec, ENV, EXIT, FINAL_EXITS } from '@agentteam/contract';
import { removeMember, updateMember } from '@agentteam/volume';
import { leaveWords, StepFailure } from '../step/failure.ts';
import { openGatewayPort } from '../step/own-network.ts';
import { readSpec } from '../step/spec.ts';
import { type Ending, phaseOf, TERMINATED } from './ending.ts';
import { type HeldGateway, holdGateway, OUTAGES } from './held-gateway.ts';
import { sendIdle } from './idle-notice.ts';
import { log } from './log.ts';
import { Member } from './member.ts';
import { OwnState, readOwnState } from './own-state.ts';
import { type Places, placesOf } from './places.ts';
import { type Started, startAgent } from './start.ts';
import { goOnWithout } from './team-files.ts';
import { Wake } from './wake.ts';
import { openWorktree, type Worktree } from './worktree.ts';

/** `agentteam-runner agent`: one Claude Code process as a member of its team, to its end. */
export async function agentCommand(
  given: NodeJS.ProcessEnv,
  _argv: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const env = await openGatewayPort(given);
  const spec = readSpec<AgentSpec>(env);
  const root = env[ENV.root] ?? '';
  const places = await placesOf(root, spec);
  const before = await readOwnState(places, spec.name);
  // A step whose end got lost on the way to Argo runs again: its work is done.
  if (before?.phase === 'completed') return EXIT.ok;

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
  const left =
    phase === 'failed' || phase === 'completed'
      ? removeMember(places.native, spec.name)
      : updateMember(places.native, spec.name, { isActive: false });
  await left.catch(goOnWithout);
  return ending.exitCode;
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
  let gateway: HeldGateway | undefined;
  let started: Started | undefined;
  let worktree: Worktree | undefined;
  let isHandedOver = false;
  // Ends the watches with the member; the outer signal may live on.
  const watching = new AbortController();
  const lost = (): Ending | undefined => {
    if (signal.aborted || gateway?.lost.aborted !== true) return undefined;
    const { exitCode, message } = gateway.lost.reason as StepFailure;
    return { exitCode, message };
  };
  try {
    const wake = new Wake();
    // Before anything of the repository's runs: nothing in this container has been an agent's yet.
    gateway = await holdGateway(places.gateway, {
      env,
      signal,
      onOutage: noteOutages(spec.name, state),
    });
    const stop = AbortSignal.any([signal, gateway.lost]);
    worktree = await openWorktree(root, spec, places, env, stop);
    const { sessionId } = state.value;
    started = await startAgent(
      { spec, places, gateway, root, env, sessionId, worktree, wake },
      true,
      stop,
    );
    const either = AbortSignal.any([stop, watching.signal]);
    const member = new Member({ ...parts, ...started, gateway, worktree, wake, signal: either });
    const run = await member.run();
    const ending = lost() ?? run;
    if (ending.exitCode === EXIT.ok) {
      await worktree?.handOver(signal);
      isHandedOver = true;
      await state.end('completed', { report: started.journal.lastWords });
      started.claude.finish();
    }
    return ending;
  } catch (error) {
    if (signal.aborted) return { exitCode: TERMINATED, message: 'told to stop' };
    const ending = lost();
    if (ending !== undefined) return ending;
    if (error instanceof StepFailure) return { exitCode: error.exitCode, message: error.message };
    throw error;
  } finally {
    watching.abort();
    await started?.claude.stop();
    gateway?.release();
    // Whatever ended it: what it has done is not lost, and people can get at it.
    if (!isHandedOver) await handOverWhatThereIs(worktree);
    // A teammate that has completed does not come back; the lead's is checked yet.
    else if (spec.role === 'teammate') await worktree?.discard();
  }
}

/** Tells the people who look at the team when the gateway has ended, and when it serves again. */
function noteOutages(agent: string, state: OwnState): (stage: keyof typeof OUTAGES) => void {
  let ended = '';
  return (stage) => {
    log('gateway', OUTAGES[stage]);
    if (stage === 'ended') {
      ended = `the gateway of ${agent} ended at ${new Date().toISOString().slice(11, 19)} UTC`;
    }
    const waits = `${ended}; ${agent} waits until it is started again`;
    const back = `${ended} and was started again; ${agent} went on in its session`;
    const noted = stage === 'ended' ? state.noteRepair(waits) : state.noteRepair(back, waits);
    // Nobody's work depends on the note.
    noted.catch((error: unknown) => log('gateway', `not noted: ${String(error)}`));
  };
}

/** A pod that is told to stop has 30 s, and its agent may have taken some of them. */
const LAST_MS = 20_000;

async function handOverWhatThereIs(worktree: Worktree | undefined): Promise<void> {
  await worktree?.handOver(AbortSignal.timeout(LAST_MS)).catch((error: unknown) => {
    log('git', `its work could not be handed over: ${String(error)}`);
  });
}
