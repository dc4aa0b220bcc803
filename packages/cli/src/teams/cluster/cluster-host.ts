import type { TeamPause } from '@agentteam/contract';
import { type Correspondence, readDetail, type TeamDetail } from '@agentteam/detail';
import { teamExitCode } from '@agentteam/status';
import { whoAmI } from '../../cluster/connection/connection.ts';
import { httpStatus } from '../../cluster/connection/errors.ts';
import { follow } from '../../cluster/connection/follow.ts';
import type { Context } from '../../context.ts';
import { Failure, usageError } from '../../failure.ts';
import { type CostFigures, costsOfLive, costsOfStatus } from '../../output/cost/agent-cost.ts';
import type {
  AnswerOptions,
  AnswerResult,
  DecisionOptions,
  HostedTeam,
  LogLine,
  LogOptions,
  OnlyCopy,
  Outputs,
  Pausing,
  RetryOptions,
  TeamHost,
  TellOptions,
  TellResult,
  VolumeAccess,
} from '../team-host.ts';
import { answerGate } from './answer-gate.ts';
import { answerQuestion } from './answer-question.ts';
import { clusterDetail, clusterDetailSource } from './cluster-detail.ts';
import { followPodLogs, readPodLogs } from './cluster-logs.ts';
import { clusterOutputs, resultClaims } from './cluster-outputs.ts';
import { ClusterTeams } from './cluster-teams.ts';
import { ClusterView } from './files/cluster-view.ts';
import { type ViewLimits, ViewRegistry } from './files/view-limits.ts';
import { liveFigures } from './live-figures.ts';
import { unpushedWork } from './only-copy.ts';
import { pauseTeam, resumeTeam } from './pause-team.ts';
import { podMail } from './pod-mail.ts';
import { interruptInPod, tellInPod } from './pod-people.ts';
import { TeamVolume } from './volume/team-volume.ts';
import { withFigures } from './with-figures.ts';

/** How long `get --detail` waits for a pod that reads the team's files. */
const FIRST_READING_MS = 20_000;

/** Operations on the teams in one namespace of a cluster. */
export class ClusterHost extends ClusterTeams implements TeamHost {
  override async *follow(
    name: string,
    signal: AbortSignal,
    figures = false,
  ): AsyncIterable<HostedTeam> {
    if (!figures) return yield* super.follow(name, signal);
    const states = (inner: AbortSignal): AsyncIterable<HostedTeam> => super.follow(name, inner);
    yield* withFigures(states, (team) => liveFigures(this.connection, team), signal);
  }

  async *logs(name: string, options: LogOptions): AsyncIterable<LogLine> {
    yield* options.follow
      ? followPodLogs(this.connection, super.follow(name, options.signal), options)
      : readPodLogs(this.connection, await this.get(name), options);
  }

  async messages(name: string, signal: AbortSignal): Promise<Correspondence> {
    return podMail(this.connection, await this.get(name), signal);
  }

  view(name: string, limits: ViewLimits): ClusterView {
    return new ClusterView(this.connection, () => this.get(name), limits);
  }

  async detail(name: string, access: VolumeAccess, fromVolume: boolean): Promise<TeamDetail> {
    if (fromVolume) return clusterDetail(this.connection, await this.get(name), access);
    const view = this.view(name, new ViewRegistry().limits());
    try {
      const source = await view.detail(access.signal, FIRST_READING_MS);
      if (source.reading !== undefined) return await readDetail(source);
    } finally {
      view.close();
    }
    const source = await clusterDetailSource(this.connection, await this.get(name), access.signal);
    return readDetail(source);
  }

  async outputs(name: string, access: VolumeAccess): Promise<Outputs> {
    const hosted = await this.get(name);
    const volume = new TeamVolume(this.connection, hosted, resultClaims(hosted), access);
    return clusterOutputs(hosted, volume);
  }

  async tell(name: string, options: TellOptions, signal: AbortSignal): Promise<TellResult> {
    refuseName(options.by);
    const by = (await whoAmI(this.connection)) ?? 'unknown';
    return tellInPod(this.connection, await this.get(name), { ...options, by }, signal);
  }

  async answer(name: string, options: AnswerOptions, signal: AbortSignal): Promise<AnswerResult> {
    refuseName(options.by);
    const who = await whoAmI(this.connection);
    // A person who may answer questions may lack the permission to read Workflows.
    const read = async () => {
      const team = await this.team(name);
      return { name, team, status: team.status ?? {} };
    };
    return answerQuestion(this.teams, read, options, who, signal);
  }

  async interrupt(name: string, agent: string, signal: AbortSignal): Promise<void> {
    const by = (await whoAmI(this.connection)) ?? 'unknown';
    return interruptInPod(this.connection, await this.get(name), { agent, by }, signal);
  }

  async cost(name: string): Promise<CostFigures> {
    const hosted = await this.get(name);
    const live = await liveFigures(this.connection, hosted);
    if (live !== undefined) {
      const { credentials } = live;
      return { rows: costsOfLive(hosted.team, live), ...(credentials && { credentials }) };
    }
    return {
      rows: costsOfStatus(hosted.team, hosted.status),
      note: '! These costs come from the status and are rounded to the cent, because no gateway of the team could be queried. To see tokens you need permission to get pods/proxy and the Secret agentteam-figures.',
    };
  }

  async decide(name: string, event: string, options: DecisionOptions): Promise<string | undefined> {
    const who = await whoAmI(this.connection);
    const read = async () => {
      const team = await this.team(name);
      // A person who may answer gates may lack the permission to read Workflows.
      const workflow = await this.ownWorkflow(team).catch((error: Error) => {
        if (httpStatus(error.cause) !== 403) throw error;
        return undefined;
      });
      return { team, workflow };
    };
    return answerGate(this.teams, read, event, options, who);
  }

  async pause(name: string, by?: string): Promise<Pausing> {
    refuseName(by);
    const who = (await whoAmI(this.connection)) ?? 'unknown';
    return pauseTeam(this.teams, await this.get(name), who);
  }

  async resume(name: string): Promise<TeamPause> {
    return resumeTeam(this.teams, this.workflows, await this.get(name));
  }

  async stop(name: string): Promise<void> {
    const { workflow, status, reference } = await this.get(name);
    if (teamExitCode(status) !== undefined) throw new Failure(`${name} has already ended`);
    if (workflow.metadata.resourceVersion === undefined) {
      throw new Failure(`${name} has not started, so there is nothing to stop`, {
        hint: `To delete it, run: agentteam delete ${reference}`,
      });
    }
    // Argo ignores the shutdown of a Workflow that `argo suspend` has suspended.
    await this.workflows.patch(workflow.metadata.name ?? '', {
      spec: { shutdown: 'Stop', suspend: null },
    });
  }

  async retry(context: Context, name: string, options: RetryOptions): Promise<undefined> {
    const { retryTeam } = await import('./retry.ts');
    await retryTeam(this, name, this.choice, context, options);
  }

  async onlyCopy(name: string): Promise<OnlyCopy | undefined> {
    return unpushedWork(await this.team(name), this.choice);
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

  get startCommand(): string {
    return `agentteam submit team.yaml -n ${this.connection.namespace}`;
  }

  get emptyMessage(): string {
    return `There are no teams in namespace ${this.connection.namespace}. To run one, use ${this.startCommand}; -A lists all namespaces.`;
  }
}

function refuseName(by: string | undefined): void {
  if (by === undefined) return;
  throw usageError(
    '--by applies only to runs on this machine',
    'In a cluster your identity comes from your kubeconfig.',
  );
}
