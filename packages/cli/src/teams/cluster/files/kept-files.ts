import { gunzipSync, gzipSync } from 'node:zlib';
import type { TranscriptPage, VolumeReading } from '@agentteam/detail';

/** Bytes that are kept for all people together. What was not looked at for longest goes first. */
const MOST_BYTES = 100_663_296; // 96 Mi

/** What was read once of a team's volume. */
export interface TeamCopy {
  readonly reading: VolumeReading;
  /** Bytes of the reading as JSON, and of the transcripts. */
  readonly bytes: number;
  /** By agent. */
  readonly transcripts: ReadonlyMap<string, TranscriptCopy>;
  /** ISO 8601. */
  readonly readAt: string;
  /** When the team had ended; absent for one that was running. */
  readonly endedAt: string | undefined;
}

/** Keeps what was read for people who look at teams, within one limit for all of them. */
export class KeptFiles {
  readonly #copies = new Map<object, TeamCopy>();

  /** @param owner the view for which the copy was made. */
  put(owner: object, copy: TeamCopy): void {
    this.#copies.delete(owner);
    this.#copies.set(owner, copy);
    let bytes = [...this.#copies.values()].reduce((sum, one) => sum + one.bytes, 0);
    for (const [other, one] of this.#copies) {
      if (bytes <= MOST_BYTES || other === owner) break;
      bytes -= one.bytes;
      this.#copies.delete(other);
    }
  }

  get(owner: object): TeamCopy | undefined {
    const copy = this.#copies.get(owner);
    if (copy === undefined) return undefined;
    this.#copies.delete(owner);
    this.#copies.set(owner, copy);
    return copy;
  }

  drop(owner: object): void {
    this.#copies.delete(owner);
  }
}

/** The pages of one transcript, compressed. */
export class TranscriptCopy {
  /** By where they begin. */
  readonly #pages = new Map<string, Buffer>();
  bytes = 0;

  add(from: string, page: TranscriptPage): void {
    const packed = gzipSync(JSON.stringify(page), { level: 1 });
    this.#pages.set(from, packed);
    this.bytes += packed.length;
  }

  /** @returns an empty page for a position at which no page begins. */
  page(from: string): TranscriptPage {
    const packed = this.#pages.get(from);
    if (packed === undefined) return { entries: [], next: from, more: false };
    return JSON.parse(gunzipSync(packed).toString('utf8'));
  }
}
