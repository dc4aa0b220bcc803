import { setTimeout as delay } from 'node:timers/promises';
import type {
  DetailSource,
  FilesDetail,
  TranscriptOptions,
  TranscriptPage,
  VolumeReading,
} from '@agentteam/detail';
import { teamExitCode } from '@agentteam/status';
import type { Connection } from '../../../cluster/connection/connection.ts';
import { Failure } from '../../../failure.ts';
import type { HostedTeam } from '../../team-host.ts';
import { allClaims } from '../cluster-outputs.ts';
import { missingRights } from '../volume/rights.ts';
import { TeamVolume } from '../volume/team-volume.ts';
import { copyFiles } from './copy-files.ts';
import { GatewayReader } from './gateway-reader.ts';
import type { ViewLimits } from './view-limits.ts';

/** Milliseconds between two readings while somebody looks, and after a failure. */
const INTERVAL_MS = 3_000;
const AFTER_FAILURE_MS = 15_000;
/** Nobody has looked for this long: the connection to the pod is closed. */
const IDLE_MS = 15_000;
/** How long rights are taken as known. */
const RIGHTS_MS = 60_000;
const POD_STARTS_WITHIN_MS = 120_000;
const COPY_WITHIN_MS = 300_000;
const WHAT =
  "The files of the team's volume (timeline, transcripts, tasks, mail, costs over time, results)";
const OFFER =
  "This starts a pod with your rights, for about 20 seconds. The pod mounts the team's volumes read-only.";

/** What the page gets of a team's volume. */
export type Looked = Pick<DetailSource, 'reading' | 'files'>;

/**
 * The files of a team on a cluster, for one person who looks at the team. While agents run, they are read through
 * one of their pods, every few seconds and only while somebody looks. Otherwise a pod of their own reads them once,
 * if the person asks for it.
 */
export class TeamFiles {
  readonly #connection: Connection;
  readonly #limits: ViewLimits;
  #reader: GatewayReader | undefined;
  #pods: readonly string[] = [];
  #reading: { readonly all: VolumeReading; readonly at: string } | undefined;
  #refreshing: Promise<void> | undefined;
  #nextAt = 0;
  #failure: string | undefined;
  #copying: { progress: string } | undefined;
  #copyFailure: string | undefined;
  #rights: { readonly until: number; readonly missing: readonly string[] } | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(connection: Connection, limits: ViewLimits) {
    this.#connection = connection;
    this.#limits = limits;
  }

  /**
   * Gives what was read last, and reads again if it is time.
   * @param waitMs milliseconds to wait for the first reading.
   */
  async look(hosted: HostedTeam, source: DetailSource, waitMs: number): Promise<Looked> {
    this.#stayOpen();
    this.#pods = podsOf(hosted);
    if (this.#pods.length === 0) {
      this.#close();
      return this.#withoutPods(source);
    }
    if (this.#refreshing === undefined && Date.now() >= this.#nextAt) {
      this.#refreshing = this.#refresh(source).finally(() => {
        this.#refreshing = undefined;
      });
    }
    if (this.#reading === undefined && this.#failure === undefined) {
      await Promise.race([this.#refreshing, delay(waitMs, undefined, { ref: false })]);
    }
    if (this.#failure !== undefined) {
      return this.#otherwise(source, `${WHAT} cannot be read: ${this.#failure}.`);
    }
    if (this.#reading !== undefined) return { reading: this.#reading.all };
    return { files: { complete: false, progress: 'Reading the files of the team.' } };
  }

  async transcript(agent: string, options: TranscriptOptions): Promise<TranscriptPage> {
    this.#stayOpen();
    await this.#refreshing;
    if (this.#reader !== undefined && this.#pods.length > 0 && this.#failure === undefined) {
      return this.#reader.transcript(this.#pods, agent, options);
    }
    const { from = '' } = options;
    const copy = this.#limits.kept.get(this)?.transcripts.get(agent);
    return copy?.page(from) ?? { entries: [], next: from, more: false };
  }

  /** Has a pod of its own read the files. What it has read, and its failure, are seen at the next look. */
  copy(hosted: HostedTeam, source: DetailSource): void {
    if (this.#copying !== undefined) return;
    const { pods, running } = this.#limits;
    const copying = { progress: 'Waiting for another reading to end.' };
    this.#copying = copying;
    this.#copyFailure = undefined;
    const run = pods(() => this.#copy(hosted, source, copying))
      .catch((error: unknown) => {
        this.#copyFailure = clauseOf(error);
      })
      .finally(() => {
        this.#copying = undefined;
        running.delete(run);
      });
    running.add(run);
  }

  close(): void {
    this.#close();
    clearTimeout(this.#idle);
    this.#reading = undefined;
    this.#limits.kept.drop(this);
  }

  async #copy(
    hosted: HostedTeam,
    source: DetailSource,
    copying: { progress: string },
  ): Promise<void> {
    const signal = AbortSignal.any([this.#limits.signal, AbortSignal.timeout(COPY_WITHIN_MS)]);
    const onNote = (text: string): void => {
      copying.progress = text;
    };
    onNote('Starting the pod.');
    const access = { startWithinMs: POD_STARTS_WITHIN_MS, signal, onNote };
    const volume = new TeamVolume(this.#connection, hosted, allClaims(hosted), access);
    try {
      this.#limits.kept.put(this, await copyFiles(volume, source, onNote));
    } finally {
      await volume.close();
    }
  }

  async #refresh(source: DetailSource): Promise<void> {
    const { followed } = this.#limits;
    if (this.#reader === undefined) {
      if (followed.count >= followed.most) {
        this.#failed(new Failure('you look at too many teams at a time'));
        return;
      }
      followed.count += 1;
      this.#reader = new GatewayReader(this.#connection);
    }
    try {
      const all = await this.#reader.follow(this.#pods, source);
      this.#reading = { all, at: new Date().toISOString() };
      this.#failure = undefined;
      this.#nextAt = Date.now() + INTERVAL_MS;
    } catch (error) {
      this.#close();
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#failure = clauseOf(error);
    this.#nextAt = Date.now() + AFTER_FAILURE_MS;
  }

  #withoutPods(source: DetailSource): Promise<Looked> {
    this.#failure = undefined;
    const { startedAt, endedAt } = source.head;
    // There is nothing to read before the first pod.
    if (startedAt === undefined) return Promise.resolve({});
    const why = endedAt === undefined ? 'no agent of the team is running' : 'the team has ended';
    return this.#otherwise(source, `${WHAT} are read only when you ask for it, because ${why}.`);
  }

  /** Shows what was read earlier, says why there is nothing newer, and offers to read it. */
  async #otherwise(source: DetailSource, why: string): Promise<Looked> {
    const { endedAt } = source.head;
    const kept = this.#limits.kept.get(this);
    const copy = kept?.endedAt === endedAt ? kept : undefined;
    if (kept !== copy) this.#limits.kept.drop(this);
    const complete = copy !== undefined && endedAt !== undefined;
    const shown = copy ? { all: copy.reading, at: copy.readAt } : this.#reading;
    const about: Pick<FilesDetail, 'complete' | 'readAt'> = {
      complete,
      ...(shown && { readAt: shown.at }),
    };
    const reading = shown && { reading: shown.all };
    if (this.#copying !== undefined) {
      return { ...reading, files: { ...about, progress: this.#copying.progress } };
    }
    if (complete) return { ...reading, files: about };
    const missing = await this.#missingRights();
    const { namespace } = this.#connection;
    const may = `you may not ${missing.join(', ')} in ${namespace}`;
    const sentences = [
      why,
      ...(this.#copyFailure === undefined ? [] : [`The reading failed: ${this.#copyFailure}.`]),
      ...(missing.length === 0 ? [] : [`A pod of its own could read them, but ${may}.`]),
    ];
    const offer = missing.length === 0 ? { offer: OFFER } : {};
    return { ...reading, files: { ...about, reason: sentences.join(' '), ...offer } };
  }

  async #missingRights(): Promise<readonly string[]> {
    if (this.#rights === undefined || this.#rights.until < Date.now()) {
      const missing = await missingRights(this.#connection);
      this.#rights = { until: Date.now() + RIGHTS_MS, missing };
    }
    return this.#rights.missing;
  }

  #stayOpen(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      this.#close();
      this.#reading = undefined;
    }, IDLE_MS);
    this.#idle.unref();
  }

  #close(): void {
    if (this.#reader === undefined) return;
    this.#reader.close();
    this.#reader = undefined;
    this.#limits.followed.count -= 1;
    this.#nextAt = 0;
  }
}

/** What went wrong, without a full stop. */
function clauseOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/\.+$/, '');
}

/** The pods of running agents, whose gateways mount the volume. */
function podsOf({ status }: HostedTeam): readonly string[] {
  if (teamExitCode(status) !== undefined) return [];
  return [status.lead, ...(status.teammates ?? [])].flatMap((member) =>
    member?.phase === 'Running' && member.podName ? [member.podName] : [],
  );
}
