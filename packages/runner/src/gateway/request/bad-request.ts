/** A request that the gateway refuses to send. The message says why, and what to do. */
export class BadRequestError extends Error {
  override readonly name: string = 'BadRequestError';
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}
