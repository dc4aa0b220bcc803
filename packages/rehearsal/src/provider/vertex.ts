import { ANTHROPIC_FORMAT, type WireFormat } from './wire-format.ts';

/** https://cloud.google.com/apis/design/errors */
const STATUSES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
};

/** Vertex AI: replies are Anthropic's, and errors are Google's. */
export const VERTEX_FORMAT: WireFormat = {
  ...ANTHROPIC_FORMAT,
  error: ({ status, message }) => ({
    headers: {},
    body: { error: { code: status, message, status: STATUSES[status] ?? 'UNKNOWN' } },
  }),
};
