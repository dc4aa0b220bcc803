/** By then whatever a team leaves behind is gone, or needs somebody's hand. */
const REMEMBERED_MS = 3_600_000;

/**
 * Teams that went a while ago: of one that is made again under its name something may be there still.
 * Known to this process alone. One that has just begun knows of none, and asks for nothing: a burst of
 * new teams is not to wait for what few of them need.
 */
export class DepartedTeams {
  /** By key, ms since the epoch; the oldest first. */
  readonly #goneAt = new Map<string, number>();

  note(key: string, now: number): void {
    this.#goneAt.delete(key);
    this.#goneAt.set(key, now);
    for (const [other, at] of this.#goneAt) {
      if (now - at < REMEMBERED_MS) break;
      this.#goneAt.delete(other);
    }
  }

  has(key: string): boolean {
    return this.#goneAt.has(key);
  }
}
