import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { ENV, FILES, PATHS } from '@agentteam/contract';

/**
 * Path of a request that the gateway leaves unanswered for as long as it runs. The agent's runner
 * sends one, and learns from its end that the gateway has ended.
 */
export const HOLD_PATH = '/agentteam/hold';

/** Sender of the mail in which gateways warn the lead about the budget. */
export const GATEWAY_SENDER = 'gateway';

/**
 * Opens a port on loopback that forwards to the gateway's socket. In a sandbox with its own network
 * namespace, this is the only way out. Elsewhere, nothing is opened.
 * @returns the environment, with the port's URL added.
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

/** Connects two sockets: each forwards the other's data, and closes with it. */
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

/** Programs on loopback are in the sandbox's own network, where no proxy could reach them. */
const LOOPBACK = 'localhost,127.0.0.1,::1';

/** Variables that name files with a company's own certificate authorities. */
const AUTHORITIES = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'];

/**
 * Environment variables that programs in the agent's container need to use its network: certificate
 * authorities and, in a sandbox, the gateway as their proxy.
 */
export function networkEnvironment(env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const proxy = env[ENV.gatewayUrl];
  const authorities = AUTHORITIES.flatMap((name) => {
    const file = env[name];
    return file === undefined ? [] : [[name, file]];
  });
  return {
    ...Object.fromEntries(authorities),
    ...(proxy !== undefined && proxyVariables(proxy)),
  };
}

function proxyVariables(proxy: string): Readonly<Record<string, string>> {
  return {
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    NO_PROXY: LOOPBACK,
    // Some programs only read the lower-case names.
    http_proxy: proxy,
    https_proxy: proxy,
    no_proxy: LOOPBACK,
    // Makes Node's own fetch read these variables.
    NODE_USE_ENV_PROXY: '1',
  };
}
