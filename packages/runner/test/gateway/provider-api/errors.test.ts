import { describe, expect, test } from '@jest/globals';
import { classify } from '../../../src/gateway/provider/classify.ts';
import { errorOf } from '../../../src/gateway/provider/error-of.ts';

const NOW = Date.parse('2026-11-29T12:00:00Z');

interface Case {
  readonly status: number;
  /** The name of an error of AWS, which is in a header. */
  readonly aws?: string;
  readonly body: object;
}

function reply({ status, aws, body }: Case) {
  const headers = aws === undefined ? {} : { 'x-amzn-errortype': aws };
  return { status, headers, body: Buffer.from(JSON.stringify(body)) };
}

const aws = (status: number, name: string, message: string): Case => ({
  status,
  aws: `${name}:http://internal.amazon.com/coral/com.amazon.bedrock/`,
  body: { message },
});
const google = (code: number, status: string, message: string): Case => ({
  status: code,
  body: { error: { code, message, status } },
});
const azure = (status: number, code: string, message: string): Case => ({
  status,
  body: { error: { code, message } },
});

describe('errors of the clouds', () => {
  test.each<[Case, object]>([
    [aws(429, 'ThrottlingException', 'Too many tokens, please wait.'), { reason: 'rate-limit' }],
    [aws(429, 'ThrottlingException', 'Too many tokens per day'), { reason: 'usage-limit' }],
    [aws(400, 'ServiceQuotaExceededException', 'Quota'), { reason: 'usage-limit' }],
    [aws(429, 'ModelNotReadyException', 'Warming up'), { reason: 'overloaded' }],
    [aws(424, 'ModelErrorException', 'The model failed'), { reason: 'server-error' }],
    [aws(503, 'ServiceUnavailableException', 'Busy'), { reason: 'server-error' }],
    [aws(408, 'ModelTimeoutException', 'Too slow'), { kind: 'retry' }],
    [aws(403, 'AccessDeniedException', 'User is not authorized'), { kind: 'no-access' }],
    [
      aws(400, 'ValidationException', 'The provided model identifier is invalid.'),
      { kind: 'no-access' },
    ],
    [
      aws(
        400,
        'ValidationException',
        "Invocation of model ID x with on-demand throughput isn't supported.",
      ),
      { kind: 'no-access' },
    ],
    [
      aws(403, 'UnrecognizedClientException', 'The security token is invalid.'),
      { kind: 'credential' },
    ],
    [aws(403, 'ExpiredTokenException', 'The token is expired'), { kind: 'credential' }],
    [aws(403, 'InvalidSignatureException', 'Signature not yet current'), { kind: 'credential' }],
    [aws(400, 'IncompleteSignatureException', 'x'), { kind: 'credential' }],
    [
      aws(400, 'ValidationException', 'messages: at least one message is required'),
      { kind: 'request' },
    ],
    [google(429, 'RESOURCE_EXHAUSTED', 'Resource exhausted.'), { reason: 'rate-limit' }],
    [google(401, 'UNAUTHENTICATED', 'Request had invalid credentials.'), { kind: 'credential' }],
    [
      google(403, 'PERMISSION_DENIED', "Permission 'aiplatform.endpoints.predict' denied"),
      { kind: 'no-access' },
    ],
    [
      google(
        404,
        'NOT_FOUND',
        'Publisher Model `projects/p/locations/us-east5/publishers/anthropic/models/claude-x` was not found.',
      ),
      { kind: 'no-access' },
    ],
    [google(503, 'UNAVAILABLE', 'Try again.'), { reason: 'server-error' }],
    [
      { status: 529, body: { error: { type: 'overloaded_error', message: 'x' } } },
      { reason: 'overloaded' },
    ],
    [azure(429, 'RateLimitReached', 'Retry after 10 seconds.'), { reason: 'rate-limit' }],
    [azure(401, '401', 'Access denied due to invalid subscription key.'), { kind: 'credential' }],
    [azure(404, 'DeploymentNotFound', 'The API deployment does not exist.'), { kind: 'request' }],
  ])('%j', (given, expected) => {
    expect(classify(reply(given), NOW)).toMatchObject(expected);
  });

  test.each<[Case, object]>([
    [aws(403, 'AccessDeniedException', 'No.'), { type: 'AccessDeniedException', message: 'No.' }],
    [
      { status: 400, body: { __type: 'com.amazon#ValidationException', Message: 'No.' } },
      { type: 'ValidationException', message: 'No.' },
    ],
    [
      { status: 400, body: [google(400, 'INVALID_ARGUMENT', 'No.').body] },
      { type: 'INVALID_ARGUMENT', message: 'No.' },
    ],
    [azure(404, 'DeploymentNotFound', 'No.'), { type: 'DeploymentNotFound', message: 'No.' }],
    [
      { status: 502, body: {} },
      { type: '', message: '' },
    ],
  ])('the name and message of %j', (given, expected) => {
    expect(errorOf(reply(given))).toEqual(expected);
  });
});
