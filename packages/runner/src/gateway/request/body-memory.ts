/** Bytes of request bodies that the gateway holds: twice the API's limit for one request. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Limits the memory that request bodies take. Requests that do not fit wait in order. */
export class BodyMemory {
  #free = MAX_BYTES;
  readonly #waiting: { readonly bytes: number; readonly enter: () => void }[] = [];

  /** @returns a function that releases the memory. */
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
