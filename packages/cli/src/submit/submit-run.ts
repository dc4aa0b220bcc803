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
import { CLI_EXIT } from '../exit.ts';
import { Failure, usageError } from '../failure.ts';
import type { ClusterHost } from '../host/cluster/cluster-host.ts';
import { type ApplyOptions, CustomObjects } from '../kube/custom-objects.ts';
import { follow } from '../kube/follow.ts';
import type { Owner } from './owner.ts';

export interface RunRequest {
  readonly template: string;
  /** Of the run, and so of its team. */
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** What the run, and its team with it, is deleted along with. */
  readonly owner?: Owner;
}

/** Runs of the host's namespace. */
export function runsOf({ connection }: ClusterHost): CustomObjects<AgentTeamRun> {
  const resource = { group: GROUP, version: VERSION, plural: AGENT_TEAM_RUN.plural };
  return new CustomObjects(connection, resource);
}

/** A name for a run that was given none: a template has many. */
export function runName(template: string): string {
  const suffix = Math.random().toString(36).slice(2, 7).padEnd(5, '0');
  return `${template.slice(0, 57)}-${suffix}`;
}

/**
 * Makes a run of a template that is in the cluster.
 * @throws Failure where there is no such template, or the run would come to no valid team.
 */
export async function submitRun(
  host: ClusterHost,
  { template: from, name, parameters, owner }: RunRequest,
  { send, ...options }: ApplyOptions & { readonly send: boolean },
): Promise<AgentTeamRun> {
  const unknown = Object.keys(parameters).find((one) => !PARAMETER_NAMES.includes(one));
  if (unknown !== undefined) {
    throw usageError(`-p ${unknown}: there is no such parameter`, known(PARAMETER_NAMES));
  }
  const { namespace } = host.connection;
  const run: AgentTeamRun = {
    apiVersion: API_VERSION,
    kind: AGENT_TEAM_RUN.kind,
    metadata: { name, namespace },
    spec: runSpecOf(from, parameters),
  };
  const problems = problemsOf(run, await templateOf(host, from));
  if (problems.length > 0) {
    const details = formatProblems(problems, { file: `agentteamrun/${name}` });
    throw new Failure(`this run of ${from} would be no valid team\n\n${details}`, {
      exitCode: CLI_EXIT.usage,
    });
  }
  const runs = runsOf(host);
  if ((await runs.read(name)) !== undefined) {
    throw new Failure(`there is a run ${name} already`, {
      wayOut: `--name gives this one another; agentteam get ${name} -n ${namespace}   shows that one.`,
    });
  }
  if (!send) return run;
  const metadata = { ...run.metadata, ...(owner !== undefined && { ownerReferences: [owner] }) };
  return runs.apply(name, { ...run, metadata }, options);
}

/**
 * Waits until the run has its team.
 * @returns false where the signal was first.
 * @throws Failure where the controller made none, with its reason.
 */
export async function awaitTeam(
  host: ClusterHost,
  name: string,
  signal: AbortSignal,
): Promise<boolean> {
  for await (const run of follow(host.connection, runsOf(host), name, signal)) {
    if (run === undefined) throw new Failure(`${name} was deleted`);
    const { team, phase, message = '' } = run.status ?? {};
    if (team !== undefined) return true;
    if (phase === 'Failed') throw new Failure(`${name} did not start: ${message}`);
  }
  return false;
}

async function templateOf(host: ClusterHost, name: string): Promise<AgentTeamTemplate> {
  const resource = { group: GROUP, version: VERSION, plural: AGENT_TEAM_TEMPLATE.plural };
  const templates = new CustomObjects<AgentTeamTemplate>(host.connection, resource);
  const template = await templates.read(name);
  if (template !== undefined) return template;
  const names = (await templates.list()).map(({ metadata }) => metadata.name);
  throw new Failure(`there is no template ${name} in namespace ${host.connection.namespace}`, {
    wayOut: names.length === 0 ? 'There is none at all in it.' : known(names),
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

function known(names: readonly string[]): string {
  return `There are: ${names.join(', ')}`;
}
