import type { AgentTeam } from '@agentteam/api';
import type { Workflow } from '@agentteam/argo';
import { workflowName } from '@agentteam/compiler';
import { teamExitCode } from '@agentteam/status';
import {
  type ClusterChoice,
  type Connection,
  connect,
} from '../../cluster/connection/connection.ts';
import { CustomObjects } from '../../cluster/connection/custom-objects.ts';
import { follow } from '../../cluster/connection/follow.ts';
import { unpacked, WORKFLOWS } from '../../cluster/connection/workflow.ts';
import { Failure } from '../../failure.ts';
import type { HostedTeam } from '../team-host.ts';
import { hostedTeam, TEAMS } from './cluster-team.ts';

export interface TeamsPage {
  readonly teams: readonly HostedTeam[];
  /** Whether there are more teams, which are not listed. */
  readonly isCut: boolean;
}

/** Teams that are named to a person who has asked for another one. */
const MOST_NAMED = 50;

/** The teams and Workflows in one namespace of a cluster. All access goes through its API server. */
export class ClusterTeams {
  readonly connection: Connection;
  readonly teams: CustomObjects<AgentTeam>;
  readonly workflows: CustomObjects<Workflow>;
  protected readonly choice: ClusterChoice;

  /**
   * @param connection absent to read the kubeconfig.
   * @throws Failure when the kubeconfig or the context does not exist.
   */
  constructor(choice: ClusterChoice, connection: Connection = connect(choice)) {
    this.choice = choice;
    this.connection = connection;
    this.teams = new CustomObjects(this.connection, TEAMS);
    this.workflows = new CustomObjects(this.connection, WORKFLOWS);
  }

  /** Reads no Workflows, because a list shows nothing from them. */
  async list(everywhere = false): Promise<readonly HostedTeam[]> {
    const teams = await this.teams.list(everywhere);
    return teams
      .map((team) => hostedTeam(team, undefined, this.choice))
      .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
  }

  /** Lists the teams page by page, for a reader that keeps little of each. */
  async *pages(everywhere = false): AsyncIterable<TeamsPage> {
    for await (const { items, isCut } of this.teams.pages(everywhere)) {
      yield { teams: items.map((team) => hostedTeam(team, undefined, this.choice)), isCut };
    }
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

  /** @throws Failure for an unknown name, listing the known names. */
  async team(name: string): Promise<AgentTeam> {
    const team = await this.teams.read(name);
    if (team !== undefined) return team;
    const { namespace } = this.connection;
    const known: string[] = [];
    let isAll = true;
    for await (const { teams, isCut } of this.pages()) {
      known.push(...teams.map((one) => one.name));
      isAll = !isCut && known.length <= MOST_NAMED;
      if (!isAll) break;
    }
    const shown = known.slice(0, MOST_NAMED).join(', ');
    throw new Failure(`there is no team ${name} in namespace ${namespace}`, {
      hint:
        known.length === 0
          ? 'The namespace has no teams. Use -n for another namespace; agentteam list -A lists all.'
          : `Teams in the namespace: ${shown}${isAll ? '' : ' and others'}. Use -n for another namespace.`,
    });
  }

  async #withWorkflow(team: AgentTeam): Promise<HostedTeam> {
    return hostedTeam(team, await this.ownWorkflow(team), this.choice);
  }

  /** The Workflow of a team; undefined when it does not exist yet or was deleted. */
  async ownWorkflow({ metadata }: AgentTeam): Promise<Workflow | undefined> {
    const workflow = await this.workflows.read(workflowName(metadata.name));
    // A Workflow with this name may belong to another object.
    const own = workflow?.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid);
    return own && workflow ? unpacked(workflow) : undefined;
  }
}
