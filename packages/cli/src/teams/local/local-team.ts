import { join } from 'node:path';
import type { Workflow } from '@agentteam/argo';
import { LEAD, OUTPUTS, REPOSITORY, STEPS, type TeamLive } from '@agentteam/contract';
import { readResultBranches } from '@agentteam/detail';
import { LedgerReader } from '@agentteam/ledger';
import { runDirectory } from '@agentteam/local';
import { outputOf, project, stepsOf, stepTitle, totalsOf } from '@agentteam/status';
import {
  type NativeTeam,
  readGatewayAddress,
  readLive,
  volumeDirectories,
} from '@agentteam/volume';
import { Failure } from '../../failure.ts';
import type { HostedTeam, Location } from '../team-host.ts';
import { withEarlyAnswers } from './early-answers.ts';
import { readPlainFile } from './read-plain-file.ts';
import { branchLocations, fetchCommand } from './result-branches.ts';
import { holderOf, isHeld, isSuspended } from './run-lock.ts';
import type { RunRecord } from './run-record.ts';
import { referenceTo, TEAM_DIRECTORY } from './runs-directory.ts';

/** A run on this machine, read from its files. Reading it again reads only the new ledger entries. */
export class LocalTeam {
  readonly record: RunRecord;
  readonly directory: string;
  readonly reference: string;
  readonly volumes: ReturnType<typeof volumeDirectories>;
  readonly #ledger: LedgerReader;

  constructor(runs: string, record: RunRecord) {
    this.record = record;
    this.directory = join(runs, record.run);
    this.reference = referenceTo(runs, record.run);
    this.volumes = volumeDirectories(join(this.directory, TEAM_DIRECTORY));
    this.#ledger = new LedgerReader(this.volumes.ledger);
  }

  async read(): Promise<HostedTeam> {
    const { run, team, rehearsal, createdAt } = this.record;
    const workflow = await this.workflow();
    const live = totalsOf(workflow) ?? (await this.#live(workflow));
    const repository = await this.#repository(workflow);
    const limit = team.spec.lifecycle.budgetLimit;
    const holder = await holderOf(this.directory);
    const interrupted = !workflow.status?.finishedAt && holder === undefined;
    const status = project(workflow, live, team);
    return {
      name: run,
      reference: this.reference,
      team,
      workflow,
      live,
      status: workflow.status?.finishedAt ? status : withEarlyAnswers(status, team, this.directory),
      ...(limit !== undefined && { limit }),
      rehearsal: rehearsal !== undefined,
      interrupted,
      ...(holder !== undefined && isSuspended(holder) && { suspended: holder }),
      createdAt,
      locations: [
        ...this.#locations(workflow, repository),
        ...(await this.#branchLocations(workflow, repository)),
        // After an interruption, no gateway serves the addresses that it left behind.
        ...(interrupted ? [] : await metricsPages(this.directory, workflow)),
      ],
    };
  }

  /** @throws Failure when the Workflow cannot be read. */
  async workflow(): Promise<Workflow> {
    const { workflow: path } = runDirectory(this.directory);
    try {
      return JSON.parse((await readPlainFile(path)) ?? '') as Workflow;
    } catch (cause) {
      throw new Failure(`the Workflow of ${this.record.run} cannot be read`, {
        hint: `To delete the run, run: agentteam delete ${this.reference}`,
        cause,
      });
    }
  }

  native(workflow: Workflow): NativeTeam {
    const { teams, tasks } = this.volumes;
    return { team: workflow.metadata.name ?? '', teams, tasks };
  }

  /**
   * The ledger of the run. When no engine is running, replies in progress count as lost and are charged.
   */
  async ledger(workflow?: Workflow): Promise<LedgerReader> {
    await this.#ledger.refresh();
    const { status } = workflow ?? (await this.workflow());
    const isStopped = status?.finishedAt || !(await isHeld(this.directory));
    if (isStopped) this.#ledger.settleOpen();
    return this.#ledger;
  }

  async #live(workflow: Workflow): Promise<TeamLive> {
    const { spec } = this.record.team;
    const limit = spec.lifecycle.budgetLimit;
    return readLive({
      native: this.native(workflow),
      state: this.volumes.state,
      control: this.volumes.control,
      ledger: (await this.ledger(workflow)).totals,
      members: [
        { name: LEAD, role: 'lead' },
        ...spec.teammates.map(({ name }) => ({ name, role: 'teammate' as const })),
      ],
      ...(limit !== undefined && { limit }),
    });
  }

  /** The repository that the last step of a coding team creates. */
  get resultRepository(): string {
    return join(this.volumes.repository, REPOSITORY.result);
  }

  /**
   * The repository that has the result once the team has ended: the remote one if the result was
   * pushed, otherwise the one that the last step creates. Agents can write to their own repositories,
   * so running git in those would not be safe.
   */
  async #repository(workflow: Workflow): Promise<string | undefined> {
    const { repository } = this.record.team.spec;
    if (repository === undefined || !workflow.status?.finishedAt) return undefined;
    const delivered = outputOf(stepsOf(workflow).get(STEPS.deliver), OUTPUTS.branch);
    if (delivered !== undefined) return repository.url;
    // If setup failed, there is none, or it has nothing but what was cloned.
    const branches = await readResultBranches(this.resultRepository);
    const isEmpty = branches?.result === undefined && (branches?.agents ?? []).length === 0;
    return isEmpty ? undefined : this.resultRepository;
  }

  async #branchLocations(
    workflow: Workflow,
    repository: string | undefined,
  ): Promise<readonly Location[]> {
    if (repository === undefined) return [];
    const pushed = outputOf(stepsOf(workflow).get(STEPS.deliver), OUTPUTS.branch);
    if (pushed !== undefined) return [fetchCommand(repository, pushed)];
    const branches = await readResultBranches(repository);
    return branches === undefined ? [] : branchLocations(repository, branches);
  }

  /** The file with the text of a rehearsed pull request, whose URL leads nowhere. */
  #pullRequest(workflow: Workflow): string | undefined {
    if (this.record.rehearsal === undefined) return undefined;
    const url = outputOf(stepsOf(workflow).get(STEPS.deliver), OUTPUTS.pullRequestUrl) ?? '';
    const [, project, number] = /^https:\/\/github\.invalid\/(.+)\/pull\/(\d+)$/.exec(url) ?? [];
    if (project === undefined) return undefined;
    return join(this.directory, 'rehearsal', 'hosting', project, `${number}.json`);
  }

  #locations(workflow: Workflow, repository: string | undefined): readonly Location[] {
    const { output } = this.record;
    const text = this.#pullRequest(workflow);
    return [
      ...(output === undefined ? [] : [{ title: 'Output', value: output }]),
      ...(repository === undefined ? [] : [{ title: 'Repository', value: repository }]),
      { title: 'Run', value: this.directory },
      ...(text === undefined ? [] : [{ title: 'Pull request text', value: text }]),
    ];
  }
}

/** Name of the volume that an agent and its gateway share. */
export const GATEWAY_VOLUME = 'gateway';

/** The URLs of the metrics that the gateways of running agents serve. */
async function metricsPages(directory: string, workflow: Workflow): Promise<readonly Location[]> {
  const running = [...stepsOf(workflow).values()].flatMap(({ name, attempts }) => {
    const pod = attempts.at(-1);
    return pod?.phase === 'Running' ? [{ name, id: pod.id }] : [];
  });
  const pages = await Promise.all(
    running.map(async ({ name, id }) => {
      const volume = join(runDirectory(directory).pods, id, 'volumes', GATEWAY_VOLUME);
      const address = await readGatewayAddress(volume);
      return {
        title: `Metrics of ${stepTitle(name)}`,
        value: address && `${address.statusUrl}/metrics`,
      };
    }),
  );
  return pages.flatMap(({ title, value }) => (value === undefined ? [] : [{ title, value }]));
}
