import { isDeepStrictEqual } from 'node:util';
import type { AgentTeamStatus } from '@agentteam/api';
import { wholeSeconds } from '@agentteam/contract';
import { shouldStop } from '@agentteam/status';
import { visibleIn } from '@agentteam/text';
import { rulingsOf } from '../../approvals/rulings.ts';
import type { StoredWorkflow } from '../../argo/stored.ts';
import { recordEvent } from '../../kube/events.ts';
import type { ObjectMeta } from '../../kube/objects.ts';
import type { Urgency } from '../../queue.ts';
import type { Heard } from '../live.ts';
import { type StoredTeam, storeResource, wholeOf } from '../stored.ts';
import { answerGates, isUnguarded, nextDeadline } from './approvals.ts';
import type { TeamContext } from './context.ts';
import { deleteExpired } from './expiry.ts';
import { figuresOf } from './figures.ts';
import { holdDeletion } from './hold.ts';
import { BRIEFING_MS, gateCalls, waitCalls } from './notices.ts';
import { removeTeam } from './remove.ts';
import { respecify } from './respecify.ts';
import { runOf } from './run.ts';
import type { Again, StandingRun } from './standing.ts';
import { statusOf } from './status.ts';
import { stopRun } from './stop.ts';
import { transitions } from './transitions.ts';
import { urgencyOf } from './urgency.ts';

/** For a watch that is broken at that moment. */
const REPORT_WITHIN_MS = 5000;

/**
 * Brings one team to where it should be. Level-driven: it looks at what is, never at what happened,
 * so it may be called at any time, for any reason, after any crash.
 */
export class TeamReconciler {
  readonly #context: TeamContext;

  constructor(context: TeamContext) {
    this.#context = context;
  }

  urgency(key: string): Urgency {
    return urgencyOf(key, this.#context);
  }

  /** A team is gone: what is known of it would be wrong of one that is made again under its name. */
  forget(key: string): void {
    const { live, notifier, offloaded } = this.#context;
    live.forget(key);
    notifier.forget(key);
    offloaded.forget(key);
  }

  /** @returns after how many ms to look again, whatever happens. */
  async reconcile(key: string): Promise<number | undefined> {
    const known = this.#context.teams.get(key);
    if (known === undefined) {
      // A look that was under way when the team went has noted it anew.
      this.forget(key);
      return undefined;
    }
    let team = await wholeOf(known, this.#context.api);
    // It went this moment, and the watch will tell.
    if (team === undefined) return undefined;
    if (team.metadata.deletionTimestamp !== undefined) return removeTeam(team, this.#context);
    let run = await runOf(team, this.#context);
    // Reported when the watch tells of the Workflow: in a burst of teams all are started before any
    // is reported, and Argo has often begun by then.
    if (run.kind === 'started') return REPORT_WITHIN_MS;
    let heard: Heard = {};
    let again: Again | undefined = run.kind === 'refused' ? run.again : undefined;
    if (run.kind === 'present') {
      const shown = await this.#context.offloaded.show(key, run.workflow);
      if (shown.failure !== undefined) again = { error: shown.failure };
      // What waits for the answer goes on; it is reported when the watch tells of it.
      if (await answerGates(team, shown.workflow, this.#context)) return REPORT_WITHIN_MS;
      run = { kind: 'present', workflow: shown.workflow };
    }
    team = await holdDeletion(team, run, this.#context);
    let refusal: string | undefined;
    if (run.kind === 'present') {
      const ended = await this.#end(team, run.workflow);
      const { workflow, refused } = await respecify(team, ended, this.#context);
      refusal = refused;
      run = { kind: 'present', workflow };
      heard = await figuresOf(key, team, workflow, this.#context);
    }
    const { status, metadata, waiting } = await this.#report(key, team, run, heard, refusal);
    if (again !== undefined) return pauseOf(again);
    if (waiting) return BRIEFING_MS;
    return run.kind === 'present' && !status.completedAt
      ? nextDeadline(team, run.workflow, this.#context)
      : deleteExpired({ ...team, metadata }, status, this.#context);
  }

  /**
   * Ends a Workflow that nothing but gates keep open although its budget is spent, and one from which
   * somebody has removed what keeps a step behind its approvers.
   */
  async #end(team: StoredTeam, workflow: StoredWorkflow): Promise<StoredWorkflow> {
    if (workflow.shutdown !== undefined || workflow.status?.finishedAt) return workflow;
    const isOpen = isUnguarded(workflow, rulingsOf(team, workflow, this.#context.gateKey));
    return isOpen || shouldStop(workflow) ? stopRun(team, workflow, this.#context) : workflow;
  }

  /**
   * Events come before the status that they are derived from: a crash in between repeats them.
   * @returns the team as it then is, and whether a gate's call waits for reports.
   */
  async #report(
    key: string,
    team: StoredTeam,
    run: StandingRun,
    heard: Heard,
    refusal: string | undefined,
  ): Promise<Reported> {
    const { api, gateKey, log, now, notifier, teams } = this.#context;
    const before = team.status;
    // Agents' words are in it, and kubectl prints a status as it is.
    const after = visibleIn(
      statusOf(team, run, {
        heard,
        refusal,
        at: wholeSeconds(now()),
        rulings: run.kind === 'present' ? rulingsOf(team, run.workflow, gateKey) : {},
        notifiedAt: (approval) => notifier.sentAt(key, approval.event, approval.openedAt),
      }),
    );
    const { calls, waiting } =
      run.kind === 'present'
        ? gateCalls(team, heard.figures, after, now().getTime())
        : { calls: [], waiting: false };
    const waits = run.kind === 'present' ? waitCalls(team, heard.figures, after) : [];
    notifier.want(key, [...calls, ...waits]);
    if (isDeepStrictEqual(before, after))
      return { status: after, metadata: team.metadata, waiting };
    for (const note of transitions(team, before, after)) {
      // A retry begins anew, and comes to the same phases and gates.
      await recordEvent(api, team, note, now(), after.startedAt);
      log.info({ reason: note.reason }, note.message);
    }
    const metadata = await api.applyStatus(team, after);
    teams.ahead(storeResource({ ...team, metadata, status: after }));
    return { status: after, metadata, waiting };
  }
}

interface Reported {
  readonly status: AgentTeamStatus;
  readonly metadata: ObjectMeta;
  readonly waiting: boolean;
}

/** The queue's growing pauses are the right ones for what the server refused. */
function pauseOf(again: Again): number {
  if ('error' in again) throw again.error;
  return again.afterMs;
}
