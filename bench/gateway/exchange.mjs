import { request } from 'node:http';

/** A request of the CLI's size: tools and system prompt are about 90 KB. */
const BODY = JSON.stringify({
  model: 'claude-opus-5-5',
  max_tokens: 1000,
  system: 'x'.repeat(90_000),
});
const LENGTH = Buffer.byteLength(BODY);

/**
 * Sends a request, and reads its reply to the end.
 * @param script what the API does: see `upstream.mjs`.
 * @returns milliseconds to the first byte, the delay of each event, and the number of bytes.
 */
export function exchange({ url, token, agent }, script) {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const headers = { 'x-api-key': token, 'content-length': LENGTH, 'user-agent': script };
    const options = { method: 'POST', agent, headers };
    const call = request(`${url}/v1/messages`, options, (response) => {
      let first;
      let bytes = 0;
      const delays = [];
      response.on('data', (chunk) => {
        const at = performance.timeOrigin + performance.now();
        first ??= performance.now() - started;
        bytes += chunk.length;
        for (const [, sent] of chunk.toString('latin1').matchAll(/"at":([0-9.]+)/g)) {
          delays.push(at - Number(sent));
        }
      });
      response.on('end', () => resolve({ first, delays, bytes }));
      response.on('error', reject);
    });
    call.on('error', reject);
    call.end(BODY);
  });
}
