import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { ENV, EXIT, type ExitCode, PATHS } from '@agentteam/contract';
import { PricesError } from '@agentteam/ledger';
import { ProxySettingError } from '@agentteam/notify/proxies';
import { writeGatewayFailure } from '@agentteam/volume';
import { mounted } from '../step/mounted.ts';
import { complain } from '../step/say.ts';
import { ConfigError, statusAddress } from './config.ts';
import { http } from './node-http.ts';
import { ReachError } from './outside/reach.ts';
import { ProviderRefusedError } from './provider/provider.ts';

/** Errors that another attempt cannot mend: somebody has to change a setting. */
const SETTINGS = [ConfigError, PricesError, ProxySettingError, ReachError];

/**
 * Stays for a gateway that could not start, and says why to its agent's runner, which leaves with
 * it. A sidecar that ended instead would be started again and again, and its pod would wait for it
 * until the team's time is over, without a word to anybody.
 * @param stopped resolves when the container is told to end.
 */
export async function reportFailure(
  env: NodeJS.ProcessEnv,
  error: Error,
  stopped: () => Promise<void>,
): Promise<ExitCode> {
  const isSetting = SETTINGS.some((kind) => error instanceof kind);
  const isRefused = error instanceof ProviderRefusedError;
  const exitCode = isRefused ? error.exitCode : isSetting ? EXIT.invalid : EXIT.failed;
  complain(`agentteam-runner gateway: ${isSetting || isRefused ? error.message : error.stack}`);
  const message = isRefused ? error.message : `the gateway cannot start: ${error.message}`;
  const directory = await mounted(env[ENV.root] ?? '', PATHS.gateway);
  const server = http.createServer((request, response) => {
    response.writeHead(request.url === '/healthz' ? 200 : 503).end();
  });
  const { port, host } = statusAddress(env);
  server.listen(port, host);
  await once(server, 'listening');
  const statusUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await mkdir(directory, { recursive: true });
  await writeGatewayFailure(directory, { message, exitCode, statusUrl });
  await stopped();
  server.closeAllConnections();
  server.close();
  return EXIT.ok;
}
