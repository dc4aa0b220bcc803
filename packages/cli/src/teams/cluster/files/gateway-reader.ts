import { CONTAINERS, type ResultsRequest, RUNNER } from '@agentteam/contract';
import type {
  TranscriptOptions,
  TranscriptPage,
  VolumeReading,
  VolumeSource,
} from '@agentteam/detail';
import { applyDelta, type Delta } from '@agentteam/detail/delta';
import pLimit from 'p-limit';
import type { Connection } from '../../../cluster/connection/connection.ts';
import { ConnectionLostError, ExecSession } from '../../../cluster/connection/exec-session.ts';
import { Failure } from '../../../failure.ts';
import { askSession, parseAnswer } from '../volume/ask-session.ts';
import { missingToExec } from '../volume/rights.ts';
import { ANSWER_BYTES, parsePage } from './answers.ts';

/** Pods that are tried. Where the first ones refuse, the others usually do so as well. */
const MOST_TRIED = 3;
const ANSWER_WITHIN_MS = 20_000;
/** Bytes of all changes since the last complete reading. A pod that adds without end is read anew. */
const MOST_CHANGED_BYTES = 67_108_864; // 64 Mi
/** The reader must not take the memory of the gateway that it runs beside. */
const MEMORY = 'NODE_OPTIONS=--max-semi-space-size=1 --max-old-space-size=160';
const COMMAND = ['env', MEMORY, RUNNER, 'results', 'share'];

/**
 * Reads the volume of a running team with the caller's rights, by a program in the container of a gateway, which
 * mounts the volume and runs no code of an agent. The program is kept for the next question.
 */
export class GatewayReader {
  readonly #connection: Connection;
  readonly #oneAtATime = pLimit(1);
  #open: { readonly pod: string; readonly session: ExecSession } | undefined;
  #reading: VolumeReading | undefined;
  #changedBytes = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Reads what has changed since the last call.
   * @param pods of running agents.
   * @throws Failure with a sentence that says why the volume cannot be read.
   */
  async follow(pods: readonly string[], source: VolumeSource): Promise<VolumeReading> {
    const { workflow, head, output } = source;
    const members = source.members.map((member) => ({ ...member, attempts: [] }));
    const asked = { workflow, members, head: pickHead(head), ...(output && { output }) };
    const content = await this.#ask(pods, { kind: 'follow', source: asked });
    if (content.length > 0) {
      const delta = parseAnswer(content) as Delta;
      this.#reading = applyDelta(this.#reading, delta) as VolumeReading;
      this.#changedBytes = delta.kind === 'value' ? 0 : this.#changedBytes + content.length;
    }
    const reading = this.#reading;
    if (reading === undefined) throw new Failure('the pod has answered with nothing');
    if (this.#changedBytes > MOST_CHANGED_BYTES) this.close();
    return reading;
  }

  /** @throws Failure as {@link follow} does. */
  async transcript(
    pods: readonly string[],
    agent: string,
    { from = '', limit = 0 }: TranscriptOptions,
  ): Promise<TranscriptPage> {
    const content = await this.#ask(pods, { kind: 'transcript', agent, from, limit });
    return parsePage(content);
  }

  close(): void {
    this.#open?.session.close();
    this.#open = undefined;
    this.#reading = undefined;
    this.#changedBytes = 0;
  }

  #ask(pods: readonly string[], request: ResultsRequest): Promise<Buffer> {
    return this.#oneAtATime(async () => {
      if (this.#open !== undefined && pods.includes(this.#open.pod)) {
        try {
          return await this.#askOpen(this.#open.session, request);
        } catch (error) {
          if (!(error instanceof ConnectionLostError)) throw error;
          // The pod may have ended. Another one can answer.
        }
      }
      this.close();
      return this.#askNew(pods, request);
    });
  }

  async #askNew(pods: readonly string[], request: ResultsRequest): Promise<Buffer> {
    let failure: unknown = new Failure('no agent of the team is running');
    for (const pod of shuffled(pods).slice(0, MOST_TRIED)) {
      try {
        const place = { pod, container: CONTAINERS.gateway, command: COMMAND };
        const session = await ExecSession.open(this.#connection, place);
        this.#open = { pod, session };
        return await this.#askOpen(session, request);
      } catch (error) {
        this.close();
        failure = error;
        if (isForbidden(error)) break;
      }
    }
    throw await this.#explained(failure);
  }

  async #askOpen(session: ExecSession, request: ResultsRequest): Promise<Buffer> {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    return askSession(session, request, signal, ANSWER_BYTES).catch((error: unknown) => {
      if (!signal.aborted) throw error;
      throw new ConnectionLostError(`no answer for ${ANSWER_WITHIN_MS / 1000} seconds`);
    });
  }

  async #explained(error: unknown): Promise<unknown> {
    if (!(error instanceof ConnectionLostError)) return error;
    const missing = await missingToExec(this.#connection).catch(() => []);
    const { namespace } = this.#connection;
    if (missing.length > 0) return new Failure(`you may not ${missing.join(', ')} in ${namespace}`);
    if (/^usage: agentteam-runner/i.test(error.message)) {
      return new Failure('an earlier release has started the team', { cause: error });
    }
    return new Failure(`a pod of the team cannot be asked: ${error.message}`, { cause: error });
  }
}

function pickHead({ limit, endedAt, interrupted }: VolumeSource['head']): VolumeSource['head'] {
  return {
    interrupted,
    ...(limit !== undefined && { limit }),
    ...(endedAt !== undefined && { endedAt }),
  };
}

/** So that the readers of several people are not all in the same pod. */
function shuffled(pods: readonly string[]): readonly string[] {
  const first = Math.floor(Math.random() * pods.length);
  return [...pods.slice(first), ...pods.slice(0, first)];
}

function isForbidden(error: unknown): boolean {
  return error instanceof ConnectionLostError && /response: 40[13]$/.test(error.message);
}
