/** Bytes of requests that are in memory at a time: of all peers, and of one of them. */
const ALL_BYTES = 67_108_864; // 64 Mi
const PEER_BYTES = 16_777_216; // 16 Mi
/** What a request counts at least, because answering a small one takes memory, too. */
const LEAST_BYTES = 262_144; // 256 Ki

interface Waiting {
  readonly bytes: number;
  readonly grant: () => void;
}

/**
 * Shares the memory for requests among peers, which take turns: anybody who can reach the webhooks can send large
 * requests, and must keep neither those of the API server waiting nor the controller from working.
 */
export class BodyShares {
  #free = ALL_BYTES;
  readonly #used = new Map<string, number>();
  /** The peer whose turn it is comes first. */
  readonly #waiting = new Map<string, Waiting[]>();

  /**
   * Waits until there is room for a request.
   * @param signal aborts when the request is gone.
   * @returns what to call when the request has been answered.
   */
  async take(peer: string, length: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const bytes = Math.max(length, LEAST_BYTES);
    const granted = Promise.withResolvers<void>();
    const waiting: Waiting = { bytes, grant: granted.resolve };
    this.#waiting.set(peer, [...(this.#waiting.get(peer) ?? []), waiting]);
    const abort = (): void => {
      this.#remove(peer, waiting);
      granted.reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    this.#grant();
    try {
      await granted.promise;
    } finally {
      signal.removeEventListener('abort', abort);
    }
    return () => {
      this.#change(peer, -bytes);
      this.#grant();
    };
  }

  #grant(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const [peer, waiting] = next;
      this.#remove(peer, waiting);
      this.#change(peer, waiting.bytes);
      waiting.grant();
    }
  }

  /** The request whose turn it is; undefined while there is no room for it. */
  #next(): readonly [peer: string, waiting: Waiting] | undefined {
    for (const [peer, [first]] of this.#waiting) {
      const used = this.#used.get(peer) ?? 0;
      if (first === undefined || used + first.bytes > PEER_BYTES) continue;
      return first.bytes > this.#free ? undefined : [peer, first];
    }
    return undefined;
  }

  /** Removes a request from those that wait. It is the next peer's turn. */
  #remove(peer: string, waiting: Waiting): void {
    const others = (this.#waiting.get(peer) ?? []).filter((one) => one !== waiting);
    this.#waiting.delete(peer);
    if (others.length > 0) this.#waiting.set(peer, others);
  }

  #change(peer: string, bytes: number): void {
    this.#free -= bytes;
    const used = (this.#used.get(peer) ?? 0) + bytes;
    if (used === 0) this.#used.delete(peer);
    else this.#used.set(peer, used);
  }
}
