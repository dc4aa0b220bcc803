import { EventStreamCodec } from '@smithy/eventstream-codec';
import type { WireFormat } from './wire-format.ts';

const CODEC = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
);
const text = (value: string) => ({ type: 'string', value }) as const;
const CHUNK = {
  ':event-type': text('chunk'),
  ':content-type': text('application/json'),
  ':message-type': text('event'),
};

/** https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html */
const ERRORS: Readonly<Record<number, string>> = {
  400: 'ValidationException',
  401: 'UnrecognizedClientException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  408: 'ModelTimeoutException',
  424: 'ModelErrorException',
  429: 'ThrottlingException',
  500: 'InternalServerException',
  503: 'ServiceUnavailableException',
};

/** Amazon Bedrock: streams are binary messages with events in base64, and errors are named in a header. */
export const BEDROCK_FORMAT: WireFormat = {
  contentType: 'application/vnd.amazon.eventstream',
  event: (event) => {
    if (event.type === 'ping') return '';
    const bytes = Buffer.from(JSON.stringify(event)).toString('base64');
    const body = Buffer.from(JSON.stringify({ bytes, p: 'abcdefgh' }));
    return CODEC.encode({ headers: CHUNK, body });
  },
  error: ({ status, type, message }) => ({
    headers: {
      'x-amzn-errortype': type.endsWith('Exception') ? type : (ERRORS[status] ?? 'Error'),
    },
    body: { message },
  }),
};
