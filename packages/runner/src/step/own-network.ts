import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { ENV, FILES, PATHS } from '@agentteam/contract';

/**
 * In a network namespace of the agent's own, opens the one port that leads out of it: to the gateway's
 * socket, which is mounted here. Elsewhere there is nothing to do.
 * @returns the environment with the port's URL in it.
 */
export async function openGatewayPort(env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  if (env[ENV.gatewaySocket] !== 'true') return env;
  const path = `${PATHS.gateway}/${FILES.socket}`;
  const server = createServer({ allowHalfOpen: true }, (inside) => {
    join(inside, connect({ path, allowHalfOpen: true }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  const { port } = server.address() as AddressInfo;
  return { ...env, [ENV.gatewayUrl]: `http://127.0.0.1:${port}` };
}

/** Each end passes on what the other says, and ends with it. */
function join(inside: Socket, outside: Socket): void {
  inside.pipe(outside).pipe(inside);
  for (const [one, other] of [
    [inside, outside],
    [outside, inside],
  ] as const) {
    one.on('error', () => one.destroy());
    one.once('close', () => other.destroy());
  }
}

/** Programs on loopback are in the agent's own network: no proxy could reach them. */
const OWN = 'localhost,127.0.0.1,::1';

/** Where programs find authorities that a company adds to the public ones. */
const AUTHORITIES = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'];

/**
 * What programs in the agent's container have to know of its network: a company's authorities, and the
 * proxy where there is no other way out.
 */
export function networkEnvironment(env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const proxy = env[ENV.gatewayUrl];
  const authorities = AUTHORITIES.flatMap((name) => {
    const file = env[name];
    return file === undefined ? [] : [[name, file]];
  });
  return {
    ...Object.fromEntries(authorities),
    ...(proxy === undefined ? {} : proxyVariables(proxy)),
  };
}

function proxyVariables(proxy: string): Readonly<Record<string, string>> {
  return {
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    NO_PROXY: OWN,
    // Programs differ in which spelling they read.
    http_proxy: proxy,
    https_proxy: proxy,
    no_proxy: OWN,
    // Node's own fetch reads them only when it is told to.
    NODE_USE_ENV_PROXY: '1',
  };
}
