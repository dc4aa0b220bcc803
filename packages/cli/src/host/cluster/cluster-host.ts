import type { AgentTeam } from '@agentteam/api';
import type { Workflow } from '@agentteam/argo';
import { workflowName } from '@agentteam/compiler';
import { teamExitCode } from '@agentteam/status';
import { type CostFigures, costsOfLive, costsOfStatus } from '../../cost/agent-cost.ts';
import { Failure } from '../../failure.ts';
import { type ClusterChoice, type Connection, connect } from '../../kube/connection.ts';
import { CustomObjects } from '../../kube/custom-objects.ts';
import { httpStatus } from '../../kube/errors.ts';
import { follow } from '../../kube/follow.ts';
import { whoAmI } from '../../kube/who-am-i.ts';
import { unpacked, WORKFLOWS } from '../../kube/workflow.ts';
import type { Correspondence } from '../../mail/message.ts';
import type {
  DecisionOptions,
  HostedTeam,
  LogLine,
  LogOptions,
  OnlyCopy,
  TeamHost,
} from '../team-host.ts';
import { answerGate } from './answer-gate.ts';
import { followPodLogs, readPodLogs } from './cluster-logs.ts';
import { hostedTeam, TEAMS } from './cluster-team.ts';
import { liveFigures } from './live-figures.ts';
import { podMail } from './pod-mail.ts';

export function openCluster(choice: ClusterChoice): TeamHost {
  return new ClusterHost(choice);
}

/** The teams of one namespace of a cluster, by its API server alone. */
export class ClusterHost implements TeamHost {
  readonly connection: Connection;
  readonly teams: CustomObjects<AgentTeam>;
  readonly workflows: CustomObjects<Workflow>;
  readonly #choice: ClusterChoice;

  /** @throws Failure for a kubeconfig or context that is not there. */
  constructor(choice: ClusterChoice) {
    this.#choice = choice;
    this.connection = connect(choice);
    this.teams = new CustomObjects(this.connection, TEAMS);
    this.workflows = new CustomObjects(this.connection, WORKFLOWS);
  }

  /** Without their Workflows: a table shows nothing of them. */
  async list(everywhere = false): Promise<readonly HostedTeam[]> {
    const teams = await this.teams.list(everywhere);
    return teams
      .map((team) => hostedTeam(team, undefined, this.#choice))
      .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
  }

  async get(name: string): Promise<HostedTeam> {
    return this.#withWorkflow(await this.team(name));
  }

  async *follow(name: string, signal: AbortSignal): AsyncIterable<HostedTeam> {
    await this.team(name);
    for await (const team of follow(this.connection, this.teams, name, signal)) {
      if (team === undefined) throw new Failure(`${name} was deleted`);
      const hosted = await this.#withWorkflow(team);
      yield hosted;
      if (teamExitCode(hosted.status) !== undefined) return;
    }
  }

  async *logs(name: string, options: LogOptions): AsyncIterable<LogLine> {
    yield* options.follow
      ? followPodLogs(this.connection, this.follow(name, options.signal), options)
      : readPodLogs(this.connection, await this.get(name), options);
  }

  async messages(name: string, signal: AbortSignal): Promise<Correspondence> {
    return podMail(this.connection, await this.get(name), signal);
  }

  async cost(name: string): Promise<CostFigures> {
    const hosted = await this.get(name);
    const live = await liveFigures(this.connection, hosted);
    if (live !== undefined) return { rows: costsOfLive(hosted.team, live) };
    return {
      rows: costsOfStatus(hosted.team, hosted.status),
      note: '! From the status alone, to the cent: no gateway of the team could be asked for its tokens. That takes the rights to get pods/proxy and the Secret agentteam-figures.',
    };
  }

  async decide(name: string, event: string, options: DecisionOptions): Promise<string | undefined> {
    const who = await whoAmI(this.connection);
    const read = async () => {
      const team = await this.team(name);
      // Who may answer gates need not be let see Workflows.
      const workflow = await this.#ownWorkflow(team).catch((error: Error) => {
        if (httpStatus(error.cause) !== 403) throw error;
        return undefined;
      });
      return { team, workflow };
    };
    return answerGate(this.teams, read, event, options, who);
  }

  async stop(name: string): Promise<void> {
    const { workflow, status, reference } = await this.get(name);
    if (teamExitCode(status) !== undefined) throw new Failure(`${name} has ended already`);
    if (workflow.metadata.resourceVersion === undefined) {
      throw new Failure(`${name} has not started: there is nothing to stop`, {
        wayOut: `agentteam delete ${reference}   removes it.`,
      });
    }
    // Argo looks at no stop of a Workflow that `argo suspend` has suspended.
    await this.workflows.patch(workflow.metadata.name ?? '', {
      spec: { shutdown: 'Stop', suspend: null },
    });
  }

  async onlyCopy(name: string): Promise<OnlyCopy | undefined> {
    const { spec, status } = await this.team(name);
    const isHere = spec.repository !== undefined && status?.consolidatedBranch === undefined;
    if (!isHere || status?.startedAt === undefined) return undefined;
    return {
      words: `the work of ${name} was not pushed: it lies on the volume of its Workflow alone`,
      keep: 'docs/repositories.md says how to get it from there',
    };
  }

  async delete(
    name: string,
    wait: boolean,
    signal: AbortSignal,
  ): Promise<{ readonly gone: boolean }> {
    await this.team(name);
    await this.teams.delete(name);
    if (!wait) return { gone: (await this.teams.read(name)) === undefined };
    for await (const team of follow(this.connection, this.teams, name, signal)) {
      if (team === undefined) return { gone: true };
    }
    return { gone: false };
  }

  get none(): string {
    return `No teams in namespace ${this.connection.namespace}. agentteam submit team.yaml makes one; -A shows all namespaces.`;
  }

  /** @throws Failure for a name that is not known, with those that are. */
  async team(name: string): Promise<AgentTeam> {
    const team = await this.teams.read(name);
    if (team !== undefined) return team;
    const { namespace } = this.connection;
    const known = (await this.list()).map((one) => one.name);
    throw new Failure(`there is no team ${name} in namespace ${namespace}`, {
      wayOut:
        known.length === 0
          ? 'There is none at all in it; -n names another namespace, agentteam list -A shows all.'
          : `Teams in it: ${known.join(', ')}; -n names another namespace.`,
    });
  }

  async #withWorkflow(team: AgentTeam): Promise<HostedTeam> {
    return hostedTeam(team, await this.#ownWorkflow(team), this.#choice);
  }

  async #ownWorkflow({ metadata }: AgentTeam): Promise<Workflow | undefined> {
    const workflow = await this.workflows.read(workflowName(metadata.name));
    // One of the same name may be somebody else's.
    const own = workflow?.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid);
    return own && workflow ? unpacked(workflow) : undefined;
  }
}
