// A minimal proxy in Node that only forwards bytes, as a baseline. Its argument is the upstream port.
import { Agent, createServer, request } from 'node:http';

const port = Number(process.argv[2]);
const agent = new Agent({ keepAlive: true });
const server = createServer((from, to) => {
  const { method, url: path, headers } = from;
  from.pipe(
    request({ port, method, path, headers, agent }, (reply) => {
      to.writeHead(reply.statusCode, reply.headers);
      reply.pipe(to);
    }),
  );
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit());
