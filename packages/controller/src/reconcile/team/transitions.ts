import type { AgentTeamStatus } from '@agentteam/api';
import { ANNOTATIONS, type GateRules, isRestricted } from '@agentteam/contract';
import type { EventNote } from '../../kube/events.ts';
import type { StoredTeam } from '../stored.ts';

const THROUGH = { annotation: '', agentteam: ' with agentteam', argo: ' in Argo' };
type Approval = NonNullable<AgentTeamStatus['approvals']>[number];

/** Conditions that are told of when they begin to hold. */
const ALARMS = ['SpecChanged', 'VotesVoided', 'GatesAltered'];
const BAD = new Set(['Failed', 'TimedOut', 'BudgetExceeded']);

/** What is worth an event between two statuses of a team, in the order in which it happened. Pure. */
export function transitions(
  { metadata: team, spec }: Pick<StoredTeam, 'metadata' | 'spec'>,
  before: AgentTeamStatus | undefined,
  after: AgentTeamStatus,
): readonly EventNote[] {
  const phase = phaseNote(before, after);
  // What happens at gates happens while a team runs: after it began, and before it ended.
  const notes: EventNote[] = phase !== undefined && after.completedAt === undefined ? [phase] : [];
  for (const approval of after.approvals ?? []) {
    const { event, decision, openedAt } = approval;
    // A gate that was stopped opens again when its team is retried.
    const known = before?.approvals?.find(
      (other) => other.event === event && other.openedAt === openedAt,
    );
    const gate = spec.lifecycle.approvalGates?.find((candidate) => candidate.event === event);
    if (known === undefined) notes.push(opened(team, event, gate));
    if (approval.attempted !== undefined && known?.attempted !== approval.attempted) {
      notes.push(attempted(event, approval.attempted));
    }
    if (decision !== undefined && known?.decision === undefined) notes.push(decided(approval));
  }
  if (after.pullRequest !== undefined && before?.pullRequest?.url !== after.pullRequest.url) {
    const message = `Pull request ${after.pullRequest.url}`;
    notes.push({ type: 'Normal', reason: 'PullRequestOpened', message });
  }
  for (const type of ALARMS) {
    const alarm = conditionOf(after, type);
    if (alarm?.status !== 'True' || conditionOf(before, type)?.message === alarm.message) continue;
    notes.push({ type: 'Warning', reason: type, message: alarm.message });
  }
  notes.push(...waitNotes(conditionOf(before, 'WaitingForProvider'), after));
  const refused = conditionOf(after, 'FiguresRefused');
  if (refused !== undefined && conditionOf(before, 'FiguresRefused')?.reason !== refused.reason) {
    notes.push({ type: 'Warning', reason: 'FiguresRefused', message: refused.message });
  }
  return phase !== undefined && after.completedAt !== undefined ? [...notes, phase] : notes;
}

/** That agents began to wait for the provider of the model, and that none does any more. */
function waitNotes(
  before: ReturnType<typeof conditionOf>,
  after: AgentTeamStatus,
): readonly EventNote[] {
  const now = conditionOf(after, 'WaitingForProvider');
  if (now === undefined || now.status === before?.status) return [];
  if (now.status === 'True') {
    return [{ type: 'Warning', reason: 'WaitingForProvider', message: now.message }];
  }
  // How the team ended is told in another event.
  if (before === undefined || after.completedAt !== undefined) return [];
  return [{ type: 'Normal', reason: 'ProviderAvailable', message: 'The API answers again.' }];
}

/** That a team could not start, or that it has come to another phase. */
function phaseNote(
  before: AgentTeamStatus | undefined,
  { phase, message, ...after }: AgentTeamStatus,
): EventNote | undefined {
  const started = conditionOf(after, 'Started');
  if (started?.status === 'False' && conditionOf(before, 'Started')?.message !== started.message) {
    return { type: 'Warning', reason: started.reason, message: started.message };
  }
  if (phase === undefined || before?.phase === phase) return undefined;
  return { type: BAD.has(phase) ? 'Warning' : 'Normal', reason: phase, message: message ?? phase };
}

function opened(
  { name, namespace }: StoredTeam['metadata'],
  event: string,
  gate: GateRules = {},
): EventNote {
  const inArgo = isRestricted(gate) ? '' : ', or resume it in Argo';
  const where = namespace === undefined ? '' : ` -n ${namespace}`;
  return {
    type: 'Normal',
    reason: 'ApprovalRequired',
    message: `${event} waits for approval: kubectl annotate agentteam ${name}${where} ${ANNOTATIONS.approvedPrefix}${event}=true (or false)${inArgo}.`,
  };
}

/** The person who should know is whoever reads the team's events: it is told at once, and once. */
function attempted(event: string, what: string): EventNote {
  return {
    type: 'Warning',
    reason: 'ApprovalBypassAttempted',
    message: `${event}: ${what}. The step behind it does not begin without the approvers.`,
  };
}

function decided({ event, decision, by, via = 'annotation', reason }: Approval): EventNote {
  if (via === 'timeout') {
    return { type: 'Warning', reason: 'Unanswered', message: `Nobody answered ${event} in time.` };
  }
  const who = `${by === undefined ? '' : ` by ${by}`}${THROUGH[via]}`;
  return {
    type: 'Normal',
    reason: decision === 'approve' ? 'Approved' : 'Rejected',
    message: `${event} was ${decision === 'approve' ? 'approved' : 'rejected'}${who}${reason ? `: ${reason}` : ''}.`,
  };
}

function conditionOf(status: AgentTeamStatus | undefined, type: string) {
  return status?.conditions?.find((condition) => condition.type === type);
}
