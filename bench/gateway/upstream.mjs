// A Messages API on loopback, controlled by the header `user-agent: events=N&every=MS&bytes=B`: the gateway passes
// this header on. Each event contains its send time, so that a client in another process can measure the delay.
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const event = (type, data) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
const now = () => performance.timeOrigin + performance.now();

const server = createServer(async (request, response) => {
  // As the API, which cannot answer a request before it has read it.
  for await (const _ of request);
  const query = new URLSearchParams(request.headers['user-agent']);
  const [events, every, bytes] = ['events', 'every', 'bytes'].map((name) =>
    Number(query.get(name)),
  );
  const text = 'x'.repeat(bytes);
  const usage = { input_tokens: 10, output_tokens: 10 };
  const message = {
    type: 'message',
    role: 'assistant',
    model: 'claude-opus-5-5',
    content: [],
    usage,
  };
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(event('message_start', { message }));
  for (let index = 0; index < events; index += 1) {
    if (every > 0) await sleep(every);
    const delta = { type: 'text_delta', text, at: now() };
    const more = response.write(event('content_block_delta', { index: 0, delta }));
    if (!more) await new Promise((resolve) => response.once('drain', resolve));
  }
  response.write(event('message_delta', { delta: { stop_reason: 'end_turn' }, usage }));
  response.end(event('message_stop', {}));
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit());
