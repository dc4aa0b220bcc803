import { AGENT_TEAM, type AgentTeam, type AgentTeamStatus, GROUP, VERSION } from '@agentteam/api';
import type { Workflow } from '@agentteam/argo';
import { budgetLimitOf, outputClaimName, workflowName } from '@agentteam/compiler';
import { roundToCents, type TeamLive } from '@agentteam/contract';
import { project, totalsOf } from '@agentteam/status';
import { shellWord } from '@agentteam/text';
import type { ClusterChoice } from '../../cluster/connection/connection.ts';
import type { Resource } from '../../cluster/connection/custom-objects.ts';
import { absentWorkflow } from '../../cluster/connection/workflow.ts';
import { fetchCommand } from '../local/result-branches.ts';
import type { HostedTeam, Location } from '../team-host.ts';

export const TEAMS: Resource = { group: GROUP, version: VERSION, plural: AGENT_TEAM.plural };

/**
 * Makes the {@link HostedTeam} of a team on a cluster.
 * @param workflow undefined when it does not exist yet or was not read.
 */
export function hostedTeam(
  stored: AgentTeam,
  workflow: Workflow | undefined,
  choice: ClusterChoice,
): HostedTeam {
  const { status, ...team } = withoutManagedFields(stored);
  const { name, creationTimestamp = '' } = team.metadata;
  const live = status && workflow ? verifiedTotals(status, workflow) : undefined;
  // The Workflow has the limit that applies. The team may have been edited since.
  const limit = workflow === undefined ? team.spec.lifecycle?.budgetLimit : budgetLimitOf(workflow);
  return {
    name,
    reference: referenceTo(stored, choice),
    team,
    workflow: workflow ?? absentWorkflow(workflowName(name)),
    live,
    // The controller's status is what kubectl shows, and the only source when the Workflow is gone. It is
    // not projected from the Workflow, which may be ahead of it: the phase would then go backwards.
    status: status ?? project(undefined, undefined, team),
    ...(limit !== undefined && { limit }),
    rehearsal: false,
    interrupted: false,
    createdAt: creationTimestamp,
    locations: locations(team),
  };
}

/**
 * The totals of the last step, if the controller has verified them. A user who may patch the Workflow
 * could have replaced them.
 */
function verifiedTotals(status: AgentTeamStatus, workflow: Workflow): TeamLive | undefined {
  const totals = totalsOf(workflow);
  const refused = status.conditions?.some(({ type }) => type === 'FiguresRefused') ?? false;
  if (totals === undefined || refused) return undefined;
  return roundToCents(totals.usd) === status.estimatedCost ? totals : undefined;
}

/** The managed fields are longer than the team itself, and of no interest to a person. */
function withoutManagedFields(team: AgentTeam): AgentTeam {
  const { managedFields: _fields, ...metadata } = team.metadata as AgentTeam['metadata'] & {
    readonly managedFields?: unknown;
  };
  return { ...team, metadata };
}

/** `q3-report -n cowork`: the arguments that select this team in every command. */
export function referenceTo(
  { metadata }: AgentTeam,
  { context, kubeconfig }: ClusterChoice,
): string {
  return [
    metadata.name,
    `-n ${metadata.namespace ?? 'default'}`,
    ...(context === undefined ? [] : [`--context ${shellWord(context)}`]),
    ...(kubeconfig === undefined ? [] : [`--kubeconfig ${shellWord(kubeconfig)}`]),
  ].join(' ');
}

function locations({ metadata, spec, status }: AgentTeam): readonly Location[] {
  const { name, namespace = 'default' } = metadata;
  const { output } = spec.workspace ?? {};
  return [
    ...(output === undefined
      ? []
      : [{ title: 'Output', value: `claim ${namespace}/${output.pvc ?? outputClaimName(name)}` }]),
    ...(spec.repository === undefined ? [] : [{ title: 'Repository', value: spec.repository.url }]),
    ...(spec.repository === undefined || status?.consolidatedBranch === undefined
      ? []
      : [fetchCommand(spec.repository.url, status.consolidatedBranch)]),
    { title: 'Workflow', value: `${namespace}/${workflowName(name)}` },
  ];
}
