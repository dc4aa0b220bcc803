import {
  AGENT_TEAM_RUN,
  AGENT_TEAM_TEMPLATE,
  type AgentTeamRun,
  type AgentTeamTemplate,
  API_VERSION,
  GROUP,
  VERSION,
} from '@agentteam/api';
import {
  checkRun,
  compile,
  formatProblems,
  PARAMETER_NAMES,
  type Problem,
  runSpecOf,
  teamOfRun,
} from '@agentteam/compiler';
import { CLI_EXIT } from '../../exit.ts';
import { Failure, usageError } from '../../failure.ts';
import type { ClusterTeams } from '../../teams/cluster/cluster-teams.ts';
import { type ApplyOptions, CustomObjects } from '../connection/custom-objects.ts';
import { follow } from '../connection/follow.ts';
import type { Owner } from './submission.ts';

export interface RunRequest {
  readonly template: string;
  /** Name of the run and of its team. */
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Object with which the run and its team are deleted. */
  readonly owner?: Owner;
}

/** The runs in the namespace. */
function runsOf({ connection }: ClusterTeams): CustomObjects<AgentTeamRun> {
  const resource = { group: GROUP, version: VERSION, plural: AGENT_TEAM_RUN.plural };
  return new CustomObjects(connection, resource);
}

/** Generates a name for a run: the template's name with a random suffix. */
export function generateRunName(template: string): string {
  const suffix = Math.random().toString(36).slice(2, 7).padEnd(5, '0');
  return `${template.slice(0, 57)}-${suffix}`;
}

/**
 * Starts a run of a template of the namespace.
 * @throws Failure when the template does not exist, or the run would not be a valid team.
 */
export async function submitRun(
  cluster: ClusterTeams,
  { template: from, name, parameters, owner }: RunRequest,
  { send, ...options }: ApplyOptions & { readonly send: boolean },
): Promise<AgentTeamRun> {
  const unknown = Object.keys(parameters).find((one) => !PARAMETER_NAMES.includes(one));
  if (unknown !== undefined) {
    throw usageError(
      `-p ${unknown}: unknown parameter`,
      `The parameters are: ${PARAMETER_NAMES.join(', ')}`,
    );
  }
  const { namespace } = cluster.connection;
  const run: AgentTeamRun = {
    apiVersion: API_VERSION,
    kind: AGENT_TEAM_RUN.kind,
    metadata: { name, namespace },
    spec: runSpecOf(from, parameters),
  };
  const problems = problemsOf(run, await templateOf(cluster, from));
  if (problems.length > 0) {
    const details = formatProblems(problems, { file: `agentteamrun/${name}` });
    throw new Failure(`this run of ${from} would not be a valid team\n\n${details}`, {
      exitCode: CLI_EXIT.usage,
    });
  }
  const runs = runsOf(cluster);
  if ((await runs.read(name)) !== undefined) {
    throw new Failure(`a run named ${name} already exists`, {
      hint: `Use --name to choose another name. To see the existing run, run: agentteam get ${name} -n ${namespace}`,
    });
  }
  if (!send) return run;
  const metadata = { ...run.metadata, ...(owner !== undefined && { ownerReferences: [owner] }) };
  return runs.apply(name, { ...run, metadata }, options);
}

/**
 * Waits until the controller has created the team of a run.
 * @returns false when the signal aborts first.
 * @throws Failure with the controller's reason when it cannot create the team.
 */
export async function waitForTeam(
  cluster: ClusterTeams,
  name: string,
  signal: AbortSignal,
): Promise<boolean> {
  for await (const run of follow(cluster.connection, runsOf(cluster), name, signal)) {
    if (run === undefined) throw new Failure(`${name} was deleted`);
    const { team, phase, message = '' } = run.status ?? {};
    if (team !== undefined) return true;
    if (phase === 'Failed') throw new Failure(`${name} did not start: ${message}`);
  }
  return false;
}

async function templateOf(cluster: ClusterTeams, name: string): Promise<AgentTeamTemplate> {
  const { connection } = cluster;
  const resource = { group: GROUP, version: VERSION, plural: AGENT_TEAM_TEMPLATE.plural };
  const templates = new CustomObjects<AgentTeamTemplate>(connection, resource);
  const template = await templates.read(name);
  if (template !== undefined) return template;
  const names = (await templates.list()).map(({ metadata }) => metadata.name);
  throw new Failure(`there is no template ${name} in namespace ${connection.namespace}`, {
    hint:
      names.length === 0
        ? 'The namespace has no templates.'
        : `The templates are: ${names.join(', ')}`,
  });
}

function problemsOf(run: AgentTeamRun, template: AgentTeamTemplate): readonly Problem[] {
  const own = checkRun(run).problems;
  if (own.length > 0) return own;
  const { team, problems } = teamOfRun(template, run);
  return team === undefined
    ? problems
    : compile(team, { controller: { admission: true } }).problems;
}
