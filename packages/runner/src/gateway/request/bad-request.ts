/** A request that the gateway does not send on: what is wrong with it, and what to do. */
export class BadRequestError extends Error {
  override readonly name: string = 'BadRequestError';
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}
