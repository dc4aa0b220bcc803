import type { AgentTeamStatus } from '@agentteam/api';
import { ANNOTATIONS, type GateRules, isRestricted } from '@agentteam/contract';
import type { EventNote } from '../../kube/events.ts';
import type { CachedTeam } from '../cached-resource.ts';
import { isFailedPhase } from '../phases.ts';

const ANSWERED_IN = { annotation: '', agentteam: ' with agentteam', argo: ' in Argo' };
type Approval = NonNullable<AgentTeamStatus['approvals']>[number];

/** Conditions that cause a warning when they become true. */
const WARNINGS = ['SpecChanged', 'VotesVoided', 'GatesAltered', 'PodsWaiting'];

/** The events that explain the change from one status of a team to the next, in chronological order. */
export function eventsBetween(
  { metadata: team, spec }: Pick<CachedTeam, 'metadata' | 'spec'>,
  before: AgentTeamStatus | undefined,
  after: AgentTeamStatus,
): readonly EventNote[] {
  const phase = phaseEvent(before, after);
  // The events of gates come after the start of the team and before its end.
  const events: EventNote[] = phase !== undefined && after.completedAt === undefined ? [phase] : [];
  for (const approval of after.approvals ?? []) {
    const { event, decision, openedAt } = approval;
    // A retry opens a stopped gate again.
    const known = before?.approvals?.find(
      (other) => other.event === event && other.openedAt === openedAt,
    );
    const gate = spec.lifecycle.approvalGates?.find((candidate) => candidate.event === event);
    if (known === undefined) events.push(gateOpened(team, event, gate));
    if (approval.attempted !== undefined && known?.attempted !== approval.attempted) {
      events.push(bypassAttempted(event, approval.attempted));
    }
    if (decision !== undefined && known?.decision === undefined) events.push(gateDecided(approval));
  }
  if (after.pullRequest !== undefined && before?.pullRequest?.url !== after.pullRequest.url) {
    const message = `Opened the pull request ${after.pullRequest.url}`;
    events.push({ type: 'Normal', reason: 'PullRequestOpened', message });
  }
  for (const type of WARNINGS) {
    const condition = conditionOf(after, type);
    const isTrue = condition?.status === 'True';
    if (!isTrue || conditionOf(before, type)?.message === condition.message) continue;
    events.push({ type: 'Warning', reason: type, message: condition.message });
  }
  events.push(...waitEvents(conditionOf(before, 'WaitingForProvider'), after));
  const refused = conditionOf(after, 'FiguresRefused');
  if (refused !== undefined && conditionOf(before, 'FiguresRefused')?.reason !== refused.reason) {
    events.push({ type: 'Warning', reason: 'FiguresRefused', message: refused.message });
  }
  return phase !== undefined && after.completedAt !== undefined ? [...events, phase] : events;
}

/** Agents have started to wait for the provider, or none of them waits any longer. */
function waitEvents(
  before: ReturnType<typeof conditionOf>,
  after: AgentTeamStatus,
): readonly EventNote[] {
  const now = conditionOf(after, 'WaitingForProvider');
  if (now === undefined || now.status === before?.status) return [];
  if (now.status === 'True') {
    return [{ type: 'Warning', reason: 'WaitingForProvider', message: now.message }];
  }
  // Another event says how the team has ended.
  if (before === undefined || after.completedAt !== undefined) return [];
  return [{ type: 'Normal', reason: 'ProviderAvailable', message: 'The API answers again.' }];
}

/** The team could not start, or its phase has changed. */
function phaseEvent(
  before: AgentTeamStatus | undefined,
  { phase, message, ...after }: AgentTeamStatus,
): EventNote | undefined {
  const started = conditionOf(after, 'Started');
  if (started?.status === 'False' && conditionOf(before, 'Started')?.message !== started.message) {
    return { type: 'Warning', reason: started.reason, message: started.message };
  }
  if (phase === undefined || before?.phase === phase) return undefined;
  return {
    type: isFailedPhase(phase) ? 'Warning' : 'Normal',
    reason: phase,
    message: message ?? phase,
  };
}

function gateOpened(
  { name, namespace }: CachedTeam['metadata'],
  event: string,
  gate: GateRules = {},
): EventNote {
  const inArgo = isRestricted(gate) ? '' : ' You can also resume the Workflow in Argo.';
  const where = namespace === undefined ? '' : ` -n ${namespace}`;
  return {
    type: 'Normal',
    reason: 'ApprovalRequired',
    message: `${event} is waiting for approval. Answer it with kubectl annotate agentteam ${name}${where} ${ANNOTATIONS.approvedPrefix}${event}=true (or =false).${inArgo}`,
  };
}

function bypassAttempted(event: string, what: string): EventNote {
  return {
    type: 'Warning',
    reason: 'ApprovalBypassAttempted',
    message: `${event}: ${what}. The step behind the gate does not start without the approvers.`,
  };
}

function gateDecided({ event, decision, by, via = 'annotation', reason }: Approval): EventNote {
  if (via === 'timeout') {
    return { type: 'Warning', reason: 'Unanswered', message: `Nobody answered ${event} in time.` };
  }
  const who = `${by === undefined ? '' : ` by ${by}`}${ANSWERED_IN[via]}`;
  return {
    type: 'Normal',
    reason: decision === 'approve' ? 'Approved' : 'Rejected',
    message: `${event} was ${decision === 'approve' ? 'approved' : 'rejected'}${who}${reason ? `: ${reason}` : ''}.`,
  };
}

function conditionOf(status: AgentTeamStatus | undefined, type: string) {
  return status?.conditions?.find((condition) => condition.type === type);
}
