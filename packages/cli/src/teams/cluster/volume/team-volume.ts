import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type ResultsRequest, RUNNER } from '@agentteam/contract';
import { CoreV1Api } from '@kubernetes/client-node';
import type { Connection } from '../../../cluster/connection/connection.ts';
import { ConnectionLostError, ExecSession } from '../../../cluster/connection/exec-session.ts';
import { Failure } from '../../../failure.ts';
import type { HostedTeam, VolumeAccess } from '../../team-host.ts';
import { askSession } from './ask-session.ts';
import { demandRights } from './rights.ts';
import { startPod } from './start-pod.ts';
import { CONTAINER, type VolumeClaims, volumePod } from './volume-pod.ts';

/** Attempts at one request, with pauses of 0.5 s, 1 s, 2 s and so on. */
const ATTEMPTS = 7;
const FIRST_PAUSE_MS = 500;

/**
 * The volumes of a team, read through a short-lived pod with the caller's rights. The pod is created at the first
 * request. A connection that breaks off is opened again, and a pod that is gone is created again, so that a long
 * transfer survives both.
 */
export class TeamVolume {
  readonly #connection: Connection;
  readonly #hosted: HostedTeam;
  readonly #claims: VolumeClaims;
  readonly #access: VolumeAccess;
  #pod: string | undefined;
  #session: ExecSession | undefined;

  constructor(
    connection: Connection,
    hosted: HostedTeam,
    claims: VolumeClaims,
    access: VolumeAccess,
  ) {
    this.#connection = connection;
    this.#hosted = hosted;
    this.#claims = claims;
    this.#access = access;
  }

  /**
   * Sends a request and reads its answer.
   * @param mostBytes of the answer; see {@link askSession}.
   * @throws Failure if the pod cannot be started or reached, or refuses the request.
   */
  async ask(request: ResultsRequest, mostBytes?: number): Promise<Buffer> {
    const { signal, onNote } = this.#access;
    for (let attempt = 1; ; attempt += 1) {
      signal.throwIfAborted();
      try {
        return await this.#askOnce(request, mostBytes);
      } catch (error) {
        if (!(error instanceof ConnectionLostError)) throw error;
        this.#session?.close();
        this.#session = undefined;
        signal.throwIfAborted();
        if (attempt === ATTEMPTS) {
          throw new Failure(`the pod ${this.#pod} cannot be reached: ${error.message}`, {
            hint: 'Run the command again: it continues what was interrupted.',
            cause: error,
          });
        }
        if (attempt === 1) onNote(`The connection was interrupted (${error.message}); continuing.`);
        const pause = FIRST_PAUSE_MS * 2 ** (attempt - 1);
        await delay(pause, undefined, { signal }).catch(() => {});
      }
    }
  }

  /** Deletes the pod. It does so after an interruption as well. */
  async close(): Promise<void> {
    this.#session?.close();
    const name = this.#pod;
    if (name === undefined) return;
    const { config, namespace } = this.#connection;
    const core = config.makeApiClient(CoreV1Api);
    // A pod that cannot be deleted ends by itself, and belongs to the team.
    await core.deleteNamespacedPod({ namespace, name }).catch(() => {});
    this.#pod = undefined;
  }

  async #askOnce(request: ResultsRequest, mostBytes?: number): Promise<Buffer> {
    this.#session ??= await this.#open();
    const session = this.#session;
    return askSession(session, request, this.#access.signal, mostBytes);
  }

  async #open(): Promise<ExecSession> {
    const pod = (await this.#running()) ?? (await this.#start());
    const command = [RUNNER, 'results', 'serve'];
    return ExecSession.open(this.#connection, { pod, container: CONTAINER, command });
  }

  /** The pod if it still runs. */
  async #running(): Promise<string | undefined> {
    const name = this.#pod;
    if (name === undefined) return undefined;
    const { config, namespace } = this.#connection;
    const core = config.makeApiClient(CoreV1Api);
    const pod = await core.readNamespacedPod({ namespace, name }).catch((error: unknown) => {
      if ((error as { readonly code?: unknown }).code === 404) return undefined;
      throw new ConnectionLostError('the API server does not answer', { cause: error });
    });
    const isUsable = pod?.status?.phase === 'Running' && !pod.metadata?.deletionTimestamp;
    if (isUsable) return name;
    await this.close();
    return undefined;
  }

  async #start(): Promise<string> {
    const { image } = this.#access;
    const { metadata } = this.#hosted.team as { readonly metadata: { name: string; uid?: string } };
    await demandRights(this.#connection);
    // A team's name may have dots, and be longer than a pod's host name.
    const team = metadata.name.slice(0, 40).replaceAll('.', '-');
    const name = `results-${team}-${randomBytes(4).toString('hex')}`;
    // Set before the pod exists, so that it is deleted even if the answer is lost.
    this.#pod = name;
    const pod = volumePod({
      name,
      owner: { name: metadata.name, uid: metadata.uid ?? '' },
      workflow: this.#hosted.workflow,
      ...(image !== undefined && { image }),
      claims: this.#claims,
    });
    await startPod(this.#connection, pod, this.#access);
    return name;
  }
}
