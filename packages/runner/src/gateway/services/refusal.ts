import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Answers in place of a service. Each client shows another part of an answer: npm the field `error` of a JSON
 * body, Go the text of a body, pip and Maven the reason in the status line.
 */
export function answerForService(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  message: string,
): void {
  const sentence = `agentteam gateway: ${message}`;
  const asJson = /json/i.test(request.headers.accept ?? '');
  const body = asJson ? JSON.stringify({ error: sentence }) : `${sentence}\n`;
  response.writeHead(status, sentence.replace(/[^ -~]/g, '?'), {
    'content-type': asJson ? 'application/json' : 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
