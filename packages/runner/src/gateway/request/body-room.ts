/** Bytes of requests that the gateway holds at once: twice the API's own limit on one. */
const MOST = 64 * 1024 * 1024;

/** Bounds the memory that requests take: those for which there is no room wait in order. */
export class BodyRoom {
  #free = MOST;
  readonly #waiting: { readonly bytes: number; readonly enter: () => void }[] = [];

  /** @returns what gives the room back, once. */
  async take(bytes: number): Promise<() => void> {
    if (this.#waiting.length > 0 || bytes > this.#free) {
      await new Promise<void>((enter) => this.#waiting.push({ bytes, enter }));
    } else {
      this.#free -= bytes;
    }
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#free += bytes;
      this.#admit();
    };
  }

  #admit(): void {
    for (;;) {
      const next = this.#waiting[0];
      if (next === undefined || next.bytes > this.#free) return;
      this.#waiting.shift();
      this.#free -= next.bytes;
      next.enter();
    }
  }
}
