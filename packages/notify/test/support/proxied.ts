import { createServer } from 'node:https';
import { serveProxy } from '../../../runner/test/support/forward-proxy.ts';
import { deliverOnce } from '../../src/deliver.ts';
import { readProxies } from '../../src/proxies.ts';
import { serveNames } from './name-server.ts';
import { NOTIFICATION } from './notification.ts';

/**
 * Runs in a network namespace of its own, with a name server that resolves a name to a public address
 * first and to a private one afterwards, a proxy, and a receiver behind it. It makes two calls, and prints
 * as JSON their results and what the proxy and the receiver got. `KEY` and `CERT` are the receiver's;
 * `NODE_EXTRA_CA_CERTS` names its certificate authority.
 */
const NAME = 'hooks.example.com';
const { KEY: key = '', CERT: cert = '' } = process.env;

let asked = 0;
await serveNames(() => (asked++ === 0 ? '203.0.113.7' : '10.0.0.7'));
const hosts: string[] = [];
createServer({ key, cert }, (request, response) => {
  hosts.push(request.headers.host ?? '');
  response.writeHead(204).end();
}).listen(443, '127.0.0.1');
const proxy = await serveProxy(() => 443);

const call = () =>
  deliverOnce(
    { kind: 'webhook', url: `https://${NAME}/hook` },
    {
      allowPrivate: false,
      proxies: readProxies({ https_proxy: `http://127.0.0.1:${proxy.port}` }),
    },
    NOTIFICATION,
    AbortSignal.timeout(20_000),
  ).then(
    () => 'taken',
    (error: Error) => error.message,
  );

const results = [await call(), await call()];
process.stdout.write(JSON.stringify({ results, asked: proxy.asked, hosts }));
process.exit(0);
