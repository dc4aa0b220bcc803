import { type Context, note } from '../context.ts';

const REDRAW_MS = 200;
/** How often a line is written where nothing can be redrawn. */
const LINE_MS = 10_000;
const CLEAR_LINE = '\r\u001b[2K';

/** Shows how much of a transfer has arrived, on standard error. */
export class TransferProgress {
  readonly #context: Context;
  readonly #total: number;
  readonly #redraws: boolean;
  #bytes = 0;
  #last: number = Date.now();

  /** @param total bytes of all files. */
  constructor(context: Context, total: number) {
    this.#context = context;
    this.#total = total;
    this.#redraws = context.err.isTTY === true && context.env['TERM'] !== 'dumb';
  }

  add(bytes: number): void {
    this.#bytes = Math.min(this.#bytes + bytes, this.#total);
    const now = Date.now();
    if (now - this.#last < (this.#redraws ? REDRAW_MS : LINE_MS)) return;
    this.#last = now;
    const percent = Math.floor((this.#bytes / Math.max(1, this.#total)) * 100);
    const text = `Fetching: ${sizeOf(this.#bytes)} of ${sizeOf(this.#total)} (${percent} %)`;
    if (this.#redraws) this.#context.err.write(`${CLEAR_LINE}${text}`);
    else note(this.#context, text);
  }

  /** Removes the line that is redrawn. */
  end(): void {
    if (this.#redraws) this.#context.err.write(CLEAR_LINE);
  }
}

const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB'];

/** `12.3 MB`, in powers of 1000. */
export function sizeOf(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power]}`;
}
