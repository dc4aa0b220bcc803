import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Workflow } from '@agentteam/argo';
import { LEAD, OUTPUTS, REPOSITORY, STEPS, type TeamLive } from '@agentteam/contract';
import { LedgerReader } from '@agentteam/ledger';
import { outputOf, project, stepsOf, totalsOf } from '@agentteam/status';
import {
  type NativeTeam,
  readGatewayAddress,
  readLive,
  volumeDirectories,
} from '@agentteam/volume';
import { Failure } from '../../failure.ts';
import { fetchPlaces, getIt, readResultBranches } from './result-branches.ts';
import { isHeld } from './run-lock.ts';
import { type RunRecord, referenceTo, TEAM_DIRECTORY } from './runs-directory.ts';
import type { HostedTeam, Place } from '../team-host.ts';

/** A run of this machine, read from its files. Reading it again costs only what is new. */
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
    const branches = await this.#branchPlaces(workflow);
    const limit = team.spec.lifecycle.budgetLimit;
    return {
      name: run,
      reference: this.reference,
      team,
      workflow,
      live,
      status: project(workflow, live, team),
      ...(limit !== undefined && { limit }),
      rehearsal: rehearsal !== undefined,
      interrupted: !workflow.status?.finishedAt && !(await isHeld(this.directory)),
      createdAt,
      places: [
        ...this.#places(workflow),
        ...branches,
        ...(await metricsPages(this.directory, workflow)),
      ],
    };
  }

  /** @throws Failure if the run was never started. */
  async workflow(): Promise<Workflow> {
    const path = join(this.directory, 'workflow.json');
    try {
      return JSON.parse(await readFile(path, 'utf8')) as Workflow;
    } catch (cause) {
      throw new Failure(`${this.record.run} has no readable Workflow`, {
        wayOut: `agentteam delete ${this.reference}   removes what is left of it`,
        cause,
      });
    }
  }

  native(workflow: Workflow): NativeTeam {
    const { teams, tasks } = this.volumes;
    return { team: workflow.metadata.name ?? '', teams, tasks };
  }

  /** All that was spent so far; of a run that has ended or is interrupted, with replies that were lost. */
  async ledger(workflow?: Workflow): Promise<LedgerReader> {
    await this.#ledger.refresh();
    const { status } = workflow ?? (await this.workflow());
    const over = status?.finishedAt || !(await isHeld(this.directory));
    if (over) this.#ledger.giveUpUnderWay();
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
      ...(limit === undefined ? {} : { limit }),
    });
  }

  /** What the last step of a coding team leaves. */
  get resultRepository(): string {
    return join(this.volumes.repository, REPOSITORY.result);
  }

  /**
   * Where the branches are, once they are there: in the repository that the last step leaves, until
   * the result is pushed. Those of the agents are theirs to write, and no place to run git in.
   */
  #repository(workflow: Workflow): string | undefined {
    const { repository } = this.record.team.spec;
    if (repository === undefined || !workflow.status?.finishedAt) return undefined;
    const delivered = outputOf(stepsOf(workflow).get(STEPS.deliver), OUTPUTS.branch);
    return delivered === undefined ? this.resultRepository : repository.url;
  }

  /** How to get the result, where it was not pushed or the place that it was pushed to is known. */
  async #branchPlaces(workflow: Workflow): Promise<readonly Place[]> {
    const repository = this.#repository(workflow);
    if (repository === undefined) return [];
    const pushed = outputOf(stepsOf(workflow).get(STEPS.deliver), OUTPUTS.branch);
    if (pushed !== undefined) return [getIt(repository, pushed)];
    const branches = await readResultBranches(repository);
    return branches === undefined ? [] : fetchPlaces(repository, branches);
  }

  /** A rehearsed pull request leads nowhere: this is the file that has its text. */
  #pullRequest(workflow: Workflow): string | undefined {
    if (this.record.rehearsal === undefined) return undefined;
    const url = outputOf(stepsOf(workflow).get(STEPS.deliver), OUTPUTS.pullRequestUrl) ?? '';
    const [, project, number] = /^https:\/\/github\.invalid\/(.+)\/pull\/(\d+)$/.exec(url) ?? [];
    if (project === undefined) return undefined;
    return join(this.directory, 'rehearsal', 'hosting', project, `${number}.json`);
  }

  #places(workflow: Workflow): readonly Place[] {
    const { output } = this.record;
    const repository = this.#repository(workflow);
    const text = this.#pullRequest(workflow);
    return [
      ...(output === undefined ? [] : [{ title: 'Output', location: output }]),
      ...(repository === undefined ? [] : [{ title: 'Repository', location: repository }]),
      { title: 'Run', location: this.directory },
      ...(text === undefined ? [] : [{ title: 'Pull request text', location: text }]),
    ];
  }
}

/** Name of the volume between an agent and its gateway. */
export const GATEWAY_VOLUME = 'gateway';

/** Where the gateways of the agents that are at work serve their metrics. */
async function metricsPages(directory: string, workflow: Workflow): Promise<readonly Place[]> {
  const running = [...stepsOf(workflow).values()].flatMap(({ name, attempts }) => {
    const pod = attempts.at(-1);
    return pod?.phase === 'Running' ? [{ name, id: pod.id }] : [];
  });
  const pages = await Promise.all(
    running.map(async ({ name, id }) => {
      const volume = join(directory, 'pods', id, 'volumes', GATEWAY_VOLUME);
      const address = await readGatewayAddress(volume);
      return { title: `Metrics of ${name}`, location: address && `${address.statusUrl}/metrics` };
    }),
  );
  return pages.flatMap(({ title, location }) =>
    location === undefined ? [] : [{ title, location }],
  );
}
