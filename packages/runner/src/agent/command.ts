import {
  type AgentPhase,
  type AgentReport,
  type AgentSpec,
  type AgentState,
  ENV,
  EXIT,
  FINAL_EXITS,
} from '@agentteam/contract';
import { removeMember, updateMember } from '@agentteam/volume';
import { explain, failureOf, type StepFailure, writeTerminationMessage } from '../step/failure.ts';
import { openGatewayPort } from '../step/gateway-access.ts';
import { readSpec } from '../step/spec.ts';
import { isOutdated } from './changed-work.ts';
import { type Ending, phaseOf, TERMINATED } from './ending.ts';
import { whyNoReport } from './final-text.ts';
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
  if (before?.phase === 'completed' && !isOutdated(before, spec.work)) return EXIT.ok;

  const state = await OwnState.begin(places, spec, Number(env[ENV.attempt] ?? 0));
  const ending = await work({ spec, root, places, env, state, signal });
  const final = FINAL_EXITS.includes(ending.exitCode) || state.value.attempt >= spec.maxRestarts;
  const phase = phaseOf(ending, final);
  if (ending.message !== undefined) log('end', ending.message);
  if (ending.exitCode !== EXIT.ok) {
    const message = ending.message ?? `left with ${ending.exitCode}`;
    await writeTerminationMessage(root, message);
    await state.end(phase, {
      message,
      ...(ending.report !== undefined && { report: ending.report }),
    });
  }
  if (spec.role === 'teammate') await tellEnd({ spec, places }, state, phase, ending);
  const left =
    phase === 'failed' || phase === 'completed'
      ? removeMember(places.native, spec.name)
      : updateMember(places.native, spec.name, { isActive: false });
  await left.catch(goOnWithout);
  return ending.exitCode;
}

/** Tells the lead how a teammate has ended, with its report: the lead is woken once by both. */
async function tellEnd(
  parts: { readonly spec: AgentSpec; readonly places: Places },
  { value }: OwnState,
  phase: AgentPhase,
  { leadKnows = false }: Ending,
): Promise<void> {
  const { report = '', message = '' } = value;
  if (phase === 'completed') {
    await sendIdle(parts, { idleReason: 'available', result: report, quiet: leadKnows });
  }
  if (phase === 'failed') await sendIdle(parts, { idleReason: 'failed', failureReason: message });
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
    const { failedBefore, isChanged } = state;
    const onReport = (report: AgentReport) => state.report(report);
    const agent = { spec, places, gateway, root, env, sessionId, worktree, wake };
    started = await startAgent({ ...agent, onReport, failedBefore, isChanged }, true, stop);
    const either = AbortSignal.any([stop, watching.signal]);
    const member = new Member({ ...parts, ...started, gateway, worktree, wake, signal: either });
    const run = await member.run();
    const ending = lost() ?? run;
    if (ending.exitCode === EXIT.ok) {
      await worktree?.handOver(signal);
      isHandedOver = true;
      const { message } = ending;
      const notCommitted = await noteNotCommitted(state, worktree);
      const report = [reportOf(state.value, started), ...notCommitted].join('\n\n');
      const { work: done } = spec;
      await state.end('completed', {
        ...{ report, work: done },
        ...(message !== undefined && { message }),
      });
      started.claude.finish();
    }
    return { ...ending, report: reportOf(state.value, started) };
  } catch (error) {
    if (signal.aborted) return { exitCode: TERMINATED, message: 'told to stop' };
    return lost() ?? endingOf(error);
  } finally {
    watching.abort();
    await started?.claude.stop();
    gateway?.release();
    // Whatever ended it: what it has done is not lost, and people can get at it.
    if (!isHandedOver) await handOverWhatThereIs(state, worktree);
    // A teammate that has completed does not come back; the lead's is checked yet.
    else if (spec.role === 'teammate') await worktree?.discard();
  }
}

/** What others get to read: the agent's own summary, or else the last that it said. */
function reportOf({ reported }: AgentState, { journal, conversation }: Started): string {
  if (reported !== undefined) return reported.summary;
  const why = conversation.last && whyNoReport(conversation.last);
  return why === undefined ? journal.lastWords : `(no report: its last message ${why})`;
}

/** Whatever goes wrong with an agent's step ends it with an exit code of ours, in words. */
function endingOf(error: unknown): Ending {
  const { exitCode, message } = failureOf(error);
  return { exitCode, message };
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

async function handOverWhatThereIs(state: OwnState, worktree: Worktree | undefined): Promise<void> {
  try {
    await worktree?.handOver(AbortSignal.timeout(LAST_MS));
    await noteNotCommitted(state, worktree);
  } catch (error) {
    log('git', `its work could not be handed over: ${explain(error)}`);
  }
}

/** @returns what people and other agents should know of the files that are not in the agent's commit. */
async function noteNotCommitted(
  state: OwnState,
  worktree: Worktree | undefined,
): Promise<readonly string[]> {
  const sentence = worktree?.notCommitted();
  if (sentence === undefined) return [];
  log('git', sentence);
  await state.leaveOut([sentence]);
  return [sentence];
}
