import { type AgentSpec, type AgentState, EXIT } from '@agentteam/contract';
import { checkImage } from '../environment/check-image.ts';
import { commandVariables } from '../environment/variables.ts';
import { explain, failureOf, type StepFailure } from '../step/failure.ts';
import { refuseIdentity } from '../step/no-identity.ts';
import { ActivityRecorder } from './activity.ts';
import type { AgentCli } from './agent-cli.ts';
import type { AgentDirectories } from './directories.ts';
import { type HeldGateway, holdGateway, OUTAGES } from './held-gateway.ts';
import { log } from './log.ts';
import { ChangeNotifier } from './member/change-notifier.ts';
import { runMember } from './member/member.ts';
import type { OwnState } from './own-state.ts';
import { waitForSidecars } from './sidecars.ts';
import { type StartedAgent, startMember, workingDirectory } from './start.ts';
import { type StepResult, TERMINATED } from './step-result.ts';
import { openWorktree, type Worktree } from './worktree.ts';

export interface AttemptParts {
  readonly cli: AgentCli;
  readonly spec: AgentSpec;
  readonly root: string;
  readonly directories: AgentDirectories;
  readonly env: NodeJS.ProcessEnv;
  readonly state: OwnState;
  readonly signal: AbortSignal;
}

/** Runs one attempt of an agent's step, from its gateway's start to the hand-over of its work. */
export async function runAttempt(parts: AttemptParts): Promise<StepResult> {
  const { cli, spec, root, directories, env, state, signal } = parts;
  let gateway: HeldGateway | undefined;
  let started: StartedAgent | undefined;
  let worktree: Worktree | undefined;
  let activity: ActivityRecorder | undefined;
  let isHandedOver = false;
  // Ends the watches with the attempt; `signal` may live longer.
  const watching = new AbortController();
  const gatewayFailure = (): StepResult | undefined => {
    if (signal.aborted || gateway?.lost.aborted !== true) return undefined;
    const { exitCode, message } = gateway.lost.reason as StepFailure;
    return { exitCode, message };
  };
  try {
    if (root === '') await refuseIdentity(env, spec.serviceAccount);
    const changes = new ChangeNotifier();
    // The gateway comes first: no code of the repository has run in this container yet.
    const onOutage = recordOutages(spec.name, state);
    gateway = await holdGateway(directories.gateway, { env, signal, onOutage });
    const stop = AbortSignal.any([signal, gateway.lost]);
    await checkImage(env, spec, stop);
    // The setup command may already need a database.
    await waitForSidecars(spec.sidecars, stop);
    const variables = await commandVariables(env, spec, root);
    worktree = await openWorktree(root, spec, directories, { env, variables }, stop);
    const { sessionId } = state.value;
    const place = await workingDirectory({ worktree, root });
    activity = new ActivityRecorder(directories.ownState, place);
    const agent = {
      ...{ cli, spec, directories, gateway, root, env, variables },
      ...{ sessionId, worktree, changes, activity },
    };
    started = await startMember(agent, state, stop);
    const memberSignal = AbortSignal.any([stop, watching.signal]);
    const run = await runMember({ ...agent, ...started, state, signal: memberSignal });
    const result = gatewayFailure() ?? run;
    if (result.exitCode !== EXIT.ok) return { ...result, report: reportOf(state.value, started) };
    await worktree?.handOver(signal);
    isHandedOver = true;
    const remark = worktree?.remark();
    const message = [result.message, remark].filter((text) => text !== undefined).join('; ');
    const report = [
      reportOf(state.value, started),
      ...(remark === undefined ? [] : [`${spec.name} ${remark}.`]),
      ...(await recordNotCommitted(state, worktree)),
    ].join('\n\n');
    const remarks = message === '' ? {} : { message };
    await state.end('completed', { report, work: spec.work, ...remarks });
    started.process.finish();
    return { ...result, ...remarks, report };
  } catch (error) {
    if (signal.aborted) return { exitCode: TERMINATED, message: 'was stopped' };
    const { exitCode, message } = failureOf(error);
    return gatewayFailure() ?? { exitCode, message };
  } finally {
    watching.abort();
    await started?.process.stop();
    await activity?.close();
    gateway?.release();
    // Whatever ended the attempt, its work is kept, and people can look at it.
    if (!isHandedOver) await handOverUnfinishedWork(state, worktree);
    // A teammate that has completed does not come back. The lead's repository is needed for the checks.
    else if (spec.role === 'teammate') await worktree?.discard();
  }
}

/** What other agents and people read: the reported summary, or without one the agent's last text. */
function reportOf({ reported }: AgentState, { journal, conversation }: StartedAgent): string {
  if (reported !== undefined) return reported.summary;
  const defect = conversation.lastResult?.defect;
  return defect === undefined ? journal.lastText : `(no report: its last message ${defect})`;
}

/** Logs when the gateway exits and when it is back, and adds it to the agent's state for people. */
function recordOutages(agent: string, state: OwnState): (stage: keyof typeof OUTAGES) => void {
  let exited = '';
  return (stage) => {
    log('gateway', OUTAGES[stage]);
    if (stage === 'ended') {
      exited = `the gateway of ${agent} exited at ${new Date().toISOString().slice(11, 19)} UTC`;
    }
    const waiting = `${exited}; ${agent} waits until it is restarted`;
    const back = `${exited} and was restarted; ${agent} continued its session`;
    const recorded = stage === 'ended' ? state.addRepair(waiting) : state.addRepair(back, waiting);
    // Nothing depends on this sentence.
    recorded.catch((error: unknown) => log('gateway', `outage not recorded: ${String(error)}`));
  };
}

/** Kubernetes gives a pod 30 s to stop, and the agent may have used some of them. */
const HAND_OVER_MS = 20_000;

async function handOverUnfinishedWork(
  state: OwnState,
  worktree: Worktree | undefined,
): Promise<void> {
  try {
    await worktree?.handOver(AbortSignal.timeout(HAND_OVER_MS));
    await recordNotCommitted(state, worktree);
  } catch (error) {
    log('git', `the agent's work could not be handed over: ${explain(error)}`);
  }
}

/** @returns a sentence about files that are not in the agent's commit; none if there are no such files. */
async function recordNotCommitted(
  state: OwnState,
  worktree: Worktree | undefined,
): Promise<readonly string[]> {
  const sentence = worktree?.notCommitted();
  if (sentence === undefined) return [];
  log('git', sentence);
  await state.addLeftOut([sentence]);
  return [sentence];
}
