import { AGENT_TEAM, type AgentTeam, type AgentTeamStatus, GROUP, VERSION } from '@agentteam/api';
import type { Workflow } from '@agentteam/argo';
import { budgetLimitOf, outputClaimName, workflowName } from '@agentteam/compiler';
import type { TeamLive } from '@agentteam/contract';
import { project, roundToCents, totalsOf } from '@agentteam/status';
import type { ClusterChoice } from '../../kube/connection.ts';
import type { Resource } from '../../kube/custom-objects.ts';
import { absentWorkflow } from '../../kube/workflow.ts';
import { shellWord } from '../../terminal/shell-word.ts';
import { getIt } from '../result-branches.ts';
import type { HostedTeam, Place } from '../team-host.ts';

export const TEAMS: Resource = { group: GROUP, version: VERSION, plural: AGENT_TEAM.plural };

/**
 * A team of a cluster as verbs see it.
 * @param workflow absent: not made yet, or not asked for.
 */
export function hostedTeam(
  stored: AgentTeam,
  workflow: Workflow | undefined,
  choice: ClusterChoice,
): HostedTeam {
  const { status, ...team } = withoutManagedFields(stored);
  const { name, creationTimestamp = '' } = team.metadata;
  const live = status && workflow ? believedTotals(status, workflow) : undefined;
  // A retry with more money has told the Workflow, and left the team as it is written.
  const limit = workflow === undefined ? team.spec.lifecycle?.budgetLimit : budgetLimitOf(workflow);
  return {
    name,
    reference: referenceTo(stored, choice),
    team,
    workflow: workflow ?? absentWorkflow(workflowName(name)),
    live,
    // The controller's word is what kubectl shows, and the only one on a Workflow that is gone. Before
    // its first, the Workflow may be ahead of it: a team that was said to run would be pending then.
    status: status ?? project(undefined, undefined, team),
    ...(limit !== undefined && { limit }),
    rehearsal: false,
    interrupted: false,
    createdAt: creationTimestamp,
    places: places(team),
  };
}

/**
 * The last step's totals, where the controller has found them proven: whoever may patch the Workflow
 * could have written others since.
 */
function believedTotals(status: AgentTeamStatus, workflow: Workflow): TeamLive | undefined {
  const totals = totalsOf(workflow);
  const refused = status.conditions?.some(({ type }) => type === 'FiguresRefused') ?? false;
  if (totals === undefined || refused) return undefined;
  return roundToCents(totals.usd) === status.estimatedCost ? totals : undefined;
}

/** Bookkeeping of the API server, longer than the team itself. */
function withoutManagedFields(team: AgentTeam): AgentTeam {
  const { managedFields: _fields, ...metadata } = team.metadata as AgentTeam['metadata'] & {
    readonly managedFields?: unknown;
  };
  return { ...team, metadata };
}

/** `q3-report -n cowork`: what names this team to every verb, wherever it is typed. */
function referenceTo({ metadata }: AgentTeam, { context, kubeconfig }: ClusterChoice): string {
  return [
    metadata.name,
    `-n ${metadata.namespace ?? 'default'}`,
    ...(context === undefined ? [] : [`--context ${shellWord(context)}`]),
    ...(kubeconfig === undefined ? [] : [`--kubeconfig ${shellWord(kubeconfig)}`]),
  ].join(' ');
}

function places({ metadata, spec, status }: AgentTeam): readonly Place[] {
  const { name, namespace = 'default' } = metadata;
  const { output } = spec.workspace ?? {};
  return [
    ...(output === undefined
      ? []
      : [
          {
            title: 'Output',
            location: `claim ${namespace}/${output.pvc ?? outputClaimName(name)}`,
          },
        ]),
    ...(spec.repository === undefined
      ? []
      : [{ title: 'Repository', location: spec.repository.url }]),
    ...(spec.repository === undefined || status?.consolidatedBranch === undefined
      ? []
      : [getIt(spec.repository.url, status.consolidatedBranch)]),
    { title: 'Workflow', location: `${namespace}/${workflowName(name)}` },
  ];
}
