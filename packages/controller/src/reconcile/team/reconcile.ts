import { isDeepStrictEqual } from 'node:util';
import type { AgentTeamStatus } from '@agentteam/api';
import { wholeSeconds } from '@agentteam/contract';
import { shouldStop } from '@agentteam/status';
import { visibleIn } from '@agentteam/text';
import { rulingsOf } from '../../approvals/rulings.ts';
import type { CachedWorkflow } from '../../argo/cached-workflow.ts';
import { recordEvent } from '../../kube/events.ts';
import type { ObjectMeta } from '../../kube/objects.ts';
import type { Priority } from '../../queue.ts';
import { type CachedTeam, readFull, trimResource } from '../cached-resource.ts';
import type { KnownFigures } from '../live-figures.ts';
import type { Reconciler } from '../queue.ts';
import { answerGates, isUnguarded, nextDeadline } from './approvals.ts';
import type { TeamContext } from './context.ts';
import { eventsBetween } from './events.ts';
import { deleteExpired, type Expiry, expiryOf, withExpiry } from './expiry.ts';
import { figuresOf } from './figures.ts';
import { finalizeTeam } from './finalize.ts';
import { updateFinalizer } from './finalizer.ts';
import { ensureWorkflow } from './find-workflow.ts';
import {
  gateNotifications,
  questionNotifications,
  REPORTS_WITHIN_MS,
  waitNotifications,
} from './notifications.ts';
import { servePeople } from './people.ts';
import { prepareRetry } from './prepare-retry.ts';
import { priorityOf } from './priority.ts';
import { passAnswers } from './questions.ts';
import { workflowRef } from './refs.ts';
import { type StatusInput, statusOf } from './status.ts';
import { stopWorkflow } from './stop-workflow.ts';
import type { ReportedState, Requeue } from './workflow-state.ts';

/** When to report a write if the watch, which normally triggers the report, is down. */
const REPORT_WITHIN_MS = 5000;

/**
 * Brings one team to its desired state. The reconcile is level-driven: it depends on the current state
 * only, so it can run at any time and after any crash.
 */
export class TeamReconciler implements Reconciler {
  readonly #context: TeamContext;

  constructor(context: TeamContext) {
    this.#context = context;
  }

  priority(key: string): Priority {
    return priorityOf(key, this.#context);
  }

  /** Drops what is cached about a deleted team: it would be wrong for a new team with the same name. */
  forget(key: string): void {
    const { live, notifier, offloaded, waitingPods } = this.#context;
    live.forget(key);
    waitingPods.forget(key);
    notifier.forget(key);
    offloaded.forget(key);
  }

  async reconcile(key: string): Promise<number | undefined> {
    const cached = this.#context.teams.get(key);
    if (cached === undefined) {
      // A reconcile during the deletion may have cached something again.
      this.forget(key);
      return undefined;
    }
    const team = await readFull(cached, this.#context.api);
    // The team was deleted a moment ago, and the watch will report it.
    if (team === undefined) return undefined;
    if (team.metadata.deletionTimestamp !== undefined) return finalizeTeam(team, this.#context);
    const state = await ensureWorkflow(team, this.#context);
    // The status is written when the watch reports the Workflow: in a burst of teams all of them start
    // before the first status is written, and Argo has often started by then.
    if (state.kind === 'created') return REPORT_WITHIN_MS;
    if (state.kind === 'found') return this.#continue(key, team, state.workflow);
    const current = await updateFinalizer(team, state, this.#context);
    const reported = await this.#report(key, current, state, {}, { waitingPods: [] });
    if (state.kind === 'refused' && state.requeue !== undefined) return delayOf(state.requeue);
    return this.#expire(current, reported);
  }

  /** Does what a team with a Workflow needs, and reports its status. */
  async #continue(
    key: string,
    found: CachedTeam,
    cached: CachedWorkflow,
  ): Promise<number | undefined> {
    const { now, offloaded, waitingPods } = this.#context;
    const { workflow: loaded, failure } = await offloaded.load(key, cached);
    // The team continues first. The status is written when the watch reports the answer.
    if (await answerGates(found, loaded, this.#context)) return REPORT_WITHIN_MS;
    const owned = await updateFinalizer(found, { kind: 'found', workflow: loaded }, this.#context);
    const people = await servePeople(owned, loaded, this.#context);
    const { team } = people;
    const current = await this.#stopIfNeeded(team, people.workflow);
    const retry = await prepareRetry(team, current, this.#context);
    const { workflow, refused } = retry;
    const known = await figuresOf(key, team, workflow, this.#context);
    const passAgainMs = await passAnswers(key, team, workflow, known, this.#context);
    const waiting = await waitingPods.of(key, workflow, workflowRef(team), now().getTime());
    const reported = await this.#report(key, team, { kind: 'found', workflow }, known, {
      retryRefusal: refused,
      paused: people.condition,
      waitingPods: waiting.pods,
    });
    // The queue retries with its growing delays.
    if (failure !== undefined) throw failure;
    if (reported.status.completedAt) {
      return earliest(await this.#expire(team, reported), retry.requeueMs);
    }
    // After the status that says why.
    if (workflow.shutdown === undefined && waiting.pods.some(({ isHopeless }) => isHopeless)) {
      await stopWorkflow(team, workflow, this.#context);
      return undefined;
    }
    return earliest(
      reported.notifiesLater ? REPORTS_WITHIN_MS : nextDeadline(team, workflow, this.#context),
      waiting.afterMs,
      people.requeueMs,
      passAgainMs,
    );
  }

  /** Deletes a team that has ended, once its time has come. @returns after how many ms to look again. */
  async #expire(
    team: CachedTeam,
    { metadata, expiry, notifiesLater }: Reported,
  ): Promise<number | undefined> {
    if (notifiesLater) return REPORTS_WITHIN_MS;
    if (expiry === undefined || expiry.afterMs > 0) return expiry?.afterMs;
    await deleteExpired({ ...team, metadata }, this.#context);
    return undefined;
  }

  /**
   * Stops a Workflow that only open gates keep running although the team cannot succeed any more, and a
   * Workflow from which somebody has removed the condition behind a gate with approvers.
   */
  async #stopIfNeeded(team: CachedTeam, workflow: CachedWorkflow): Promise<CachedWorkflow> {
    if (workflow.shutdown !== undefined || workflow.status?.finishedAt) return workflow;
    const isOpen = isUnguarded(workflow, rulingsOf(team, workflow, this.#context.gateKey));
    return isOpen || shouldStop(workflow) ? stopWorkflow(team, workflow, this.#context) : workflow;
  }

  /** Events are recorded before the status from which they are derived, so that a crash loses none. */
  async #report(
    key: string,
    team: CachedTeam,
    state: ReportedState,
    known: KnownFigures,
    rest: Pick<StatusInput, 'retryRefusal' | 'paused' | 'waitingPods'>,
  ): Promise<Reported> {
    const { api, gateKey, log, now, notifier, teams } = this.#context;
    const before = team.status;
    const at = wholeSeconds(now());
    const projected = statusOf(team, state, {
      ...{ known, at, ...rest },
      rulings: state.kind === 'found' ? rulingsOf(team, state.workflow, gateKey) : {},
      notifiedAt: (event, at) => notifier.sentAt(key, event, at),
    });
    const expiry = await expiryOf(team, projected, this.#context);
    // The status contains text that agents wrote, and kubectl prints it as it is.
    const status = visibleIn(withExpiry(team, projected, expiry, at));
    const notifiesLater = this.#notify(key, team, state, known, status);
    const result = { status, notifiesLater, ...(expiry !== undefined && { expiry }) };
    if (isDeepStrictEqual(before, status)) return { ...result, metadata: team.metadata };
    for (const note of eventsBetween(team, before, status)) {
      // A retry reaches the same phases and gates again.
      await recordEvent(api, team, note, now(), status.startedAt);
      log.info({ reason: note.reason }, note.message);
    }
    const metadata = await api.applyStatus(team, status);
    teams.assume(trimResource({ ...team, metadata, status }));
    return { ...result, metadata };
  }

  /** @returns whether a notification waits for reports, or for memory. */
  #notify(
    key: string,
    team: CachedTeam,
    state: ReportedState,
    { figures }: KnownFigures,
    status: AgentTeamStatus,
  ): boolean {
    const { notifier, now } = this.#context;
    if (state.kind !== 'found') {
      notifier.setPending(key, []);
      return false;
    }
    const gates = gateNotifications(team, figures, status, now().getTime());
    const isComplete = notifier.setPending(key, [
      ...gates.pending,
      ...waitNotifications(team, figures, status),
      ...questionNotifications(team, figures, status),
    ]);
    return gates.waitsForReports || !isComplete;
  }
}

interface Reported {
  readonly status: AgentTeamStatus;
  readonly metadata: ObjectMeta;
  readonly expiry?: Expiry;
  readonly notifiesLater: boolean;
}

function earliest(...delays: readonly (number | undefined)[]): number | undefined {
  const known = delays.filter((delay) => delay !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** An error is thrown, so that the queue retries with its growing delays. */
function delayOf(requeue: Requeue): number {
  if ('error' in requeue) throw requeue.error;
  return requeue.afterMs;
}
